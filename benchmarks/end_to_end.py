"""`direct-dial read` as people run it: a process that reads a file and writes a file."""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.banking77 import Examples
from benchmarks.ours import DirectDial
from benchmarks.report import EndToEnd

NO_TORCH = "raise ImportError('kept out of this measurement')\n"
"""Stands where torch would be found, in child processes too: spaCy loads torch wherever it is
installed, which costs seconds and hundreds of megabytes that users without it don't spend."""
PAUSE = 0.02
"""Seconds between two looks at the memory; a shorter peak may be missed."""


def measure(
    ours: DirectDial, examples: Examples, texts: Sequence[str], sizes: tuple[int, int], runs: int
) -> EndToEnd:
    """Return medians of `runs` runs for each of two sizes; `texts` come over and over."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hidden").mkdir()
        if not ours.tier.needs_torch:
            (folder / "hidden" / "torch.py").write_text(NO_TORCH)
        ours.write_roster(examples, folder / "experts.yaml")
        _load(folder)
        load_seconds = statistics.median(_load(folder) for _ in range(runs))
        taken, peak = [], 0
        for size in sizes:
            posts = folder / f"{size}.jsonl"
            _write_posts(texts, size, posts)
            found = [_run(folder, posts, size) for _ in range(runs)]
            taken.append(statistics.median(seconds for seconds, _ in found))
            peak = max(peak, *(memory for _, memory in found))
    return EndToEnd(ours.name, sizes, (taken[0], taken[1]), peak, load_seconds)


def _write_posts(texts: Sequence[str], size: int, path: Path) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for number, text in enumerate(itertools.islice(itertools.cycle(texts), size)):
            lines.write(json.dumps({"platform": "x", "id": str(number + 1), "text": text}) + "\n")


def _run(folder: Path, posts: Path, size: int) -> tuple[float, int]:
    """Return seconds and the largest memory in bytes; RuntimeError when lines are missing."""
    program = str(Path(sys.executable).parent / "direct-dial")
    command = [program, "read", "--roster", str(folder / "experts.yaml"), str(posts)]
    environment = _environment(folder)
    answers = posts.with_suffix(".out")
    with answers.open("wb") as out:
        before = time.perf_counter()
        process = psutil.Popen(command, stdout=out, cwd=folder, env=environment)
        watch = _Memory(process)
        watch.start()
        code = process.wait()
        seconds = time.perf_counter() - before
        watch.join()
    with answers.open("rb") as lines:
        written = sum(1 for _ in lines)
    if code or written != size:
        raise RuntimeError(f"direct-dial read ended with {code} after {written} of {size} lines")
    return seconds, watch.peak


def _load(folder: Path) -> float:
    """Return the seconds from roster to ready in a new process, with the pipeline it saved."""
    program = (
        "import pathlib, sys, time; from bot.roster_file import load_roster; "
        "from routing.reading.pipeline import Reader; "
        "roster = load_roster(pathlib.Path('experts.yaml')); before = time.perf_counter(); "
        "Reader(roster, cache=pathlib.Path('cache')); print(time.perf_counter() - before)"
    )
    run = [sys.executable, "-c", program]
    environment = _environment(folder)
    ran = subprocess.run(  # noqa: S603 - our own program
        run, cwd=folder, env=environment, check=True, capture_output=True
    )
    return float(ran.stdout)


def _environment(folder: Path) -> dict[str, str]:
    environment = dict(os.environ)  # noqa: TID251 - handed on, with one more folder to import from
    path = [str(folder / "hidden"), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(each for each in path if each)
    return environment


def _proportional(process: psutil.Process) -> int:
    """Return a process's memory, what it shares with its copies divided among them, if told."""
    memory = process.memory_full_info()
    return int(getattr(memory, "pss", memory.rss))


class _Memory(threading.Thread):
    """Watches how much memory a process and its children hold together."""

    def __init__(self, process: psutil.Popen) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(process.pid)
        self.peak = 0

    def run(self) -> None:
        try:
            while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
                self.peak = max(self.peak, self._held())
                time.sleep(PAUSE)
        except psutil.NoSuchProcess:
            pass

    def _held(self) -> int:
        total = 0
        for each in (self._process, *self._process.children(recursive=True)):
            try:
                total += _proportional(each)
            except psutil.NoSuchProcess:
                continue
        return total
