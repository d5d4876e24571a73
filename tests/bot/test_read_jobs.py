"""Reading with several processes: the same lines in the same order, and nothing left behind."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.office import ROSTER

COMMAND = [sys.executable, "-c", "from bot.cli import main; main()", "read"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "experts.yaml").write_text(ROSTER)
    return tmp_path


def environment() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT)}


def lines(count: int) -> Iterator[str]:
    for number in range(count):
        if number % 700 == 699:
            yield "not json"
        elif number % 500 == 499:
            yield ""
        else:
            yield json.dumps({"id": number, "text": f"How much is roaming in Turkey, {number}?"})


def read(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, env=environment(), capture_output=True, check=False
    )


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.csv"])
def test_several_processes_say_what_one_says_in_the_same_order(folder: Path, name: str) -> None:
    if name.endswith("csv"):
        rows = ["id,text", *(f'{n},"roaming,\nabroad {n}"' for n in range(2_500)), '9,"open']
        (folder / name).write_text("\n".join(rows))
    else:
        (folder / name).write_text("\n".join(lines(3_000)))

    one, three = read(folder, "--jobs", "1", name), read(folder, "--jobs", "3", name)

    assert one.stdout
    assert three.stdout == one.stdout
    assert three.stderr == one.stderr
    assert three.returncode == one.returncode == 1


def test_who_pipes_one_post_in_has_its_answer_at_once(folder: Path) -> None:
    with subprocess.Popen(
        COMMAND, cwd=folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "text": "roaming?"}).encode() + b"\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], 60)
            assert ready
            assert json.loads(process.stdout.readline())["key"] == f"file:{number}"
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.fixture
def endless(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command with two more processes that has far more to read than there is time for."""
    (folder / "posts.jsonl").write_text("\n".join(lines(200_000)))
    with subprocess.Popen(
        [*COMMAND, "--jobs", "2", "posts.jsonl"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        if process.poll() is None:
            process.kill()


def workers(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(processes: list[psutil.Process], within: float) -> bool:
    return not psutil.wait_procs(processes, timeout=within)[1]


def test_ctrl_c_ends_all_without_a_traceback(endless: subprocess.Popen[bytes]) -> None:
    others = workers(endless)
    assert len(others) == 2

    os.killpg(endless.pid, signal.SIGINT)
    _, complaint = endless.communicate(timeout=20)

    assert b"Traceback" not in complaint
    assert gone(others, 10)


def test_a_reader_that_is_killed_leaves_nobody_behind(endless: subprocess.Popen[bytes]) -> None:
    others = workers(endless)
    endless.kill()
    endless.communicate(timeout=20)

    assert gone(others, 10)


def test_a_process_that_dies_is_one_sentence(endless: subprocess.Popen[bytes]) -> None:
    workers(endless)[0].kill()
    _, complaint = endless.communicate(timeout=60)

    assert b"--jobs 1" in complaint
    assert b"Traceback" not in complaint
    assert endless.returncode == 2


def test_enough_is_enough(endless: subprocess.Popen[bytes]) -> None:
    others = workers(endless)
    assert endless.stdout
    endless.stdout.close()
    time.sleep(0.1)

    assert endless.wait(30) == 0
    assert gone(others, 10)


def test_a_long_file_does_not_fill_the_memory(endless: subprocess.Popen[bytes]) -> None:
    """The output isn't taken, so what is read meanwhile would have to be kept somewhere."""
    process = psutil.Process(endless.pid)
    time.sleep(1)
    before = process.memory_info().rss
    assert endless.stdout
    for _ in range(20_000):
        endless.stdout.readline()
    assert process.memory_info().rss - before < 50_000_000
