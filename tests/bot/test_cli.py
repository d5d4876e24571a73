"""The command line as others script against it: names, keys, exit codes, one sentence a mistake."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from bot import cli
from bot.storage import migrate
from bot.storage.database import connect
from bot.storage.store import SqlStore
from routing.assignment import offer
from routing.model import Label, LabelKind, Post
from tests.office import NOW, ROSTER

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "experts.yaml"
POSTS = ROOT / "examples" / "posts.jsonl"
AT = ["--now", "2026-11-20T10:00:00+00:00"]
DECISION_KEYS = {
    "key",
    "outcome",
    "expert",
    "topic",
    "confidence",
    "reasons",
    "runner_up",
    "ruled_out",
    "reply_mode",
    "guidance",
}


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Run the command line in an empty folder that has a small experts.yaml."""
    (tmp_path / "experts.yaml").write_text(ROSTER)
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "SLACK_BOT_TOKEN", "X_BEARER_TOKEN", "DIRECT_DIAL_ROSTER"):
        monkeypatch.delenv(name, raising=False)

    def running(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["direct-dial", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capfdbinary.readouterr()
        code = ended.value.code
        return Ran(int(code or 0), captured.out.decode(), captured.err.decode())

    return running


def test_the_sample_roster_has_nothing_wrong(run: Run) -> None:
    ran = run("check", SAMPLE)
    assert ran.code == 0
    assert ran.out.count("\n") == 1
    assert "16 topics" in ran.out


def test_check_says_every_mistake_at_once(run: Run) -> None:
    Path("experts.yaml").write_text(
        ROSTER.replace("standing: direct, capacity: 2", "standng: direct, capacity: two").replace(
            "topics: {billing: 2}", "topics: {biling: 2}"
        )
    )
    ran = run("check")
    assert ran.code == 2
    assert ran.out == ""
    lines = ran.err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("experts.yaml:16:")
    assert "experts[0]." in lines[0]
    assert "did you mean “standing”?" in ran.err
    assert "did you mean “billing”?" in ran.err


def test_check_looks_into_what_is_watched(run: Run) -> None:
    Path("experts.yaml").write_text(
        ROSTER + "watch:\n  - {source: jsonl, pth: a.jsonl, evry: 2m}\n  - {source: jsnol}\n"
        "  - {source: os.path}\n  - {sorce: x}\n"
    )
    ran = run("check")
    assert ran.code == 2
    assert "watch[0].pth: unknown key “pth”; did you mean “path”?" in ran.err
    assert "watch[0]: the key “path” is missing" in ran.err
    assert "watch[1].source: there is no source “jsnol”; did you mean “jsonl”?" in ran.err
    assert "watch[2].source: there is no source “os.path”" in ran.err
    assert "watch[0].evry: unknown key “evry”; did you mean “every”?" in ran.err
    assert "watch[3].sorce: unknown key “sorce”; did you mean “source”?" in ran.err
    assert "Traceback" not in ran.err


def test_check_names_open_assignments_of_people_who_are_gone(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/dial.db"
    monkeypatch.setenv("DATABASE_URL", url)
    store = SqlStore(connect(url))
    migrate.upgrade(store.engine)
    with store.transaction() as tx:
        tx.add_posts([Post("x", "1", "hi")], NOW)
        tx.add_assignment(offer("x:1", 1, "anne", "roaming", NOW, NOW - NOW))
    store.close()
    ran = run("check")
    assert ran.code == 2
    assert "“anne” has open assignments but is gone" in ran.err
    assert "did you mean “anna”?" in ran.err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"- a\n- b\n", "not a mapping"),
        (b"topics: [\n", "YAML"),
        (b"topics: \xff\xfe\n", "UTF-8"),
        (b"\x00\x01", "YAML"),
    ],
)
def test_a_broken_roster_is_one_sentence(run: Run, content: bytes | None, says: str) -> None:
    if content is None:
        Path("experts.yaml").unlink()
    else:
        Path("experts.yaml").write_bytes(content)
    for command in (["check"], ["route", "-"], ["lookup", "roaming"]):
        ran = run(*command)
        assert ran.code == 2, command
        assert says in ran.err
        assert "Traceback" not in ran.err
        assert ran.err.startswith("experts.yaml:")


def test_the_schema_is_the_one_that_editors_are_pointed_at(run: Run) -> None:
    ran = run("schema")
    assert ran.code == 0
    assert json.loads(ran.out) == json.loads((ROOT / "experts.schema.json").read_text())
    assert "experts.schema.json" in SAMPLE.read_text().splitlines()[0]


def test_the_sample_roster_fits_the_schema(run: Run) -> None:
    schema = json.loads(run("schema").out)
    data = YAML(typ="safe", pure=True).load(SAMPLE.read_text())
    jsonschema.validate(json.loads(json.dumps(data, default=str)), schema)


def test_read_gives_a_reading_a_line(run: Run) -> None:
    ran = run("read", stdin=b'{"text": "roaming in Spain?", "id": 7, "platform": "x"}\n')
    assert ran.code == 0
    (row,) = ran.rows
    assert row["key"] == "x:7"
    assert row["language"] == "en"
    assert row["kind"] == "question"
    assert -1 <= row["sentiment"] <= 1
    assert row["urgency"] in range(4)
    assert row["confident"] is True
    assert row["topics"][0]["id"] == "roaming"
    assert row["topics"][0]["evidence"][0]["words"] == "roaming"
    scores = [topic["score"] for topic in row["topics"]]
    assert scores == sorted(scores, reverse=True)
    assert "text" not in row
    assert run("read", "--text", stdin=b'{"text": "hi"}').rows[0]["text"] == "hi"


def test_csv_is_read_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text('id,text\n1,"roaming,\nabroad"\n2,my bill\n')
    assert [row["key"] for row in run("read", "posts.csv").rows] == ["file:1", "file:2"]


def test_bad_lines_are_told_counted_and_left_out(run: Run) -> None:
    lines = b'{"text": "roaming?"}\nnot json\n{"id": 1}\n{"text": "\xff"}\n{"text": "my bill"}\n'
    ran = run("route", *AT, stdin=lines + b'{"text": "' + b"x" * 100_001 + b'"}\n')
    assert ran.code == 1
    assert len(ran.rows) == 2
    for number in (2, 3, 4, 6):
        assert f"line {number}: " in ran.err
    assert "4 bad lines left out." in ran.err


def test_route_gives_a_decision_for_every_line_in_order(run: Run) -> None:
    ran = run("route", "--roster", SAMPLE, *AT, POSTS)
    assert ran.code == 0
    wanted = [json.loads(line) for line in POSTS.read_text().splitlines()]
    assert [row["key"] for row in ran.rows] == [f"{p['platform']}:{p['id']}" for p in wanted]
    assert {row["outcome"] for row in ran.rows} == {"assigned", "unrouted", "ignored"}
    for row in ran.rows:
        assert set(row) >= DECISION_KEYS
        assert row["reasons"]
        assert (row["expert"] is not None) == (row["outcome"] == "assigned")
        if row["outcome"] == "assigned":
            assert row["guidance"]["reply_mode"] == row["reply_mode"]
    again = run("route", "--roster", SAMPLE, *AT, POSTS)
    assert again.out == ran.out


def test_route_has_a_table_for_people(run: Run) -> None:
    ran = run("route", "--format", "table", *AT, stdin=b'{"text": "roaming? [bold]\\u001b[31m"}')
    assert "Anna Keller" in ran.out
    assert "[bold]" in ran.out
    assert "\x1b[31m" not in ran.out


def test_nothing_in_nothing_out(run: Run) -> None:
    ran = run("route", stdin=b"")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


@pytest.mark.parametrize("query", ["roaming", "roamign", "how much is roaming in Spain?", "Keler"])
def test_lookup_finds_by_topic_text_and_name(run: Run, query: str) -> None:
    ran = run("lookup", query, "--json", *AT)
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["matches"][0]["expert"] == "anna"
    assert {"topic", "level", "on_duty", "duty", "standing", "slack"} <= set(found["matches"][0])
    assert "Anna Keller" in run("lookup", query, *AT).out


def test_lookup_of_nothing_known_names_what_there_is(run: Run) -> None:
    ran = run("lookup", "zzyzx", *AT)
    assert ran.code == 0
    assert "Roaming" in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["route", "missing.jsonl"], "can't be read"),
        (["route", "--now", "2026-11-20T10:00:00", "-"], "--now"),
        (["route", "--now", "soon", "-"], "--now"),
        (["work", "--once"], "direct-dial migrate"),
        (["demo", "--posts", "missing.jsonl"], "missing.jsonl"),
        (["serve"], "direct-dial migrate"),
        (["learn"], "direct-dial migrate"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(run: Run, arguments: list[str], says: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


def test_work_without_a_token_says_what_to_set(run: Run) -> None:
    assert run("migrate").code == 0
    for command in (["work", "--once"], ["serve"]):
        ran = run(*command)
        assert ran.code == 2
        assert "SLACK_BOT_TOKEN" in ran.err


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    ran = run("migrate")
    assert ran.code == 2
    assert "PORT" in ran.err


def test_an_unreachable_database_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "postgresql://dial:s3cret@127.0.0.1:1/dial?application_name=s3cret"
    monkeypatch.setenv("DATABASE_URL", address)
    for command in ("migrate", "work", "check"):
        ran = run(command)
        assert ran.code == 2
        assert "can't be reached" in ran.err
        assert "s3cret" not in ran.err
        assert ran.err.count("\n") == 1


def test_the_worker_replays_into_the_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text('{"text": "Kestrel roaming in Spain?", "id": "1"}\n')
    Path("experts.yaml").write_text(
        ROSTER + "watch:\n  - {source: jsonl, path: posts.jsonl, follow: false}\n"
    )
    run("migrate")
    first = run("work", "--once", "--console")
    assert first.code == 0
    assert "Roaming: a post for you" in first.out
    assert run("work", "--once", "--console").out == "", "nobody is dialled twice"


def test_the_demo_shows_the_main_job(run: Run) -> None:
    ran = run("demo", "--roster", SAMPLE, "--posts", POSTS)
    assert ran.code == 0
    for part in ("Reading and routing", "Why you", "Second: ", "Ruled out", "How to answer"):
        assert part in ran.out
    assert "posts by topic and expert" in ran.out
    assert "Set up Slack" in ran.out
    assert list(Path().glob("*.db")) == []


def in_a_shell(command: str) -> tuple[int, str]:
    """Run a command line as typed, and return its exit code and what it complained of."""
    program = Path(sys.executable).with_name("direct-dial")
    line = f"set -o pipefail; {command.replace('direct-dial', str(program))}"
    ran = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, check=False)
    return ran.returncode, ran.stderr.decode()


def test_head_has_enough_and_nobody_complains() -> None:
    assert in_a_shell("direct-dial route examples/posts.jsonl | head -1") == (0, "")


def test_a_full_disk_is_one_sentence() -> None:
    code, said = in_a_shell("direct-dial route examples/posts.jsonl > /dev/full")
    assert code == 2
    assert said.startswith("The output can't be written (No space left on device)")
    assert said.count("\n") == 1


def test_help_names_every_command(run: Run) -> None:
    ran = run("--help")
    assert ran.code == 0
    for command in (
        "check",
        "schema",
        "read",
        "route",
        "lookup",
        "learn",
        "demo",
        "migrate",
        "work",
        "serve",
    ):
        assert f"  {command} " in ran.out


def test_read_says_where_personal_data_stands_when_asked_and_never_what_it_is(run: Run) -> None:
    post = json.dumps(
        {"id": "1", "text": "Ring me, 0171 1234567, or mail jane@example.com"}
    ).encode()
    (row,) = run("read", "--personal-data", stdin=post).rows
    assert row["personal_data"] == [
        {"kind": "phone", "start": 9, "end": 21},
        {"kind": "email", "start": 31, "end": 47},
    ]
    assert "1234567" not in json.dumps(row)
    assert "personal_data" not in run("read", stdin=post).rows[0]


def test_a_post_without_personal_data_says_so(run: Run) -> None:
    post = b'{"text": "How much is roaming in Turkey? It was \xc2\xa312.50 on 24.12.2026."}'
    assert run("read", "--personal-data", stdin=post).rows[0]["personal_data"] == []


def test_check_gives_advice_on_the_examples_when_asked_and_that_is_no_mistake(run: Run) -> None:
    (Path("mine.yaml")).write_text(
        ROSTER.replace("my bill is wrong,", "my bill is wrong, roaming charges on holiday,")
    )
    ran = run("check", "--examples", "--roster", "mine.yaml")
    assert ran.code == 0
    assert ran.out.startswith("mine.yaml: nothing wrong")
    assert "is an example of roaming and of billing" in " ".join(ran.out.split())
    assert "very few examples" in " ".join(ran.out.split())
    assert "\n 9  “roaming charges on holiday”" in ran.out, "the line, beside it"
    assert run("check", "mine.yaml").out.count("\n") == 1


def test_good_examples_are_one_sentence(run: Run) -> None:
    example = "\n".join(f"      - where is my sim card {word}" for word in "abcdefghij")
    Path("experts.yaml").write_text(
        f"topics:\n  - id: sim\n    examples:\n{example}\n"
        "experts:\n  - {id: ada, name: Ada, topics: {sim: 1}}\n"
    )
    ran = run("check", "--examples")
    assert (ran.code, ran.out.count("\n")) == (0, 2)
    assert "The examples are fine" in ran.out


def test_a_hundred_findings_are_the_first_twenty_and_a_number(run: Run) -> None:
    examples = "\n".join(f"      - {'where is my sim ' * 3}{n}" for n in range(30) for _ in "ab")
    Path("experts.yaml").write_text(
        f"topics:\n  - id: sim\n    examples:\n{examples}\n"
        "experts:\n  - {id: ada, name: Ada, topics: {sim: 1}}\n"
    )
    ran = run("check", "--examples")
    assert ran.code == 0
    assert "… and 10 more." in ran.out


def test_learn_says_what_is_better_and_takes_it_only_without_dry_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/dial.db"
    monkeypatch.setenv("DATABASE_URL", url)
    run("migrate")
    ran = run("learn")
    assert (ran.code, ran.err) == (0, "")
    assert "there are no labels yet" in ran.out
    store = SqlStore(connect(url))
    with store.transaction() as tx:
        for n in range(6):
            tx.add_posts([Post("forum", str(n), f"kwik pass {'abcdef'[n]}?")], NOW, may_train=True)
            tx.keep_label(Label(f"forum:{n}", "roaming", LabelKind.CONFIRMATION, "anna", NOW))
    for command, used in ((["learn", "--dry-run"], 0), (["learn"], 6)):
        ran = run(*command)
        assert (ran.code, ran.err) == (0, "")
        assert "Not worse with 6 new examples" in ran.out
        with store.transaction() as tx:
            assert sum(e.learned_at is not None for e in tx.examples()) == used
    store.close()
    assert "the model in use has learned all" in " ".join(run("learn", "--dry-run").out.split())


def test_check_says_how_many_posts_a_promise_leaves_to_people(run: Run) -> None:
    promise = "policy: {misroute_target: 0.05}\n"
    Path("experts.yaml").write_text(ROSTER + promise)
    ran = run("check")
    assert ran.code == 0
    told = " ".join(ran.out.split())
    assert "too few to promise that at most 5% of routes are wrong; it takes 90" in told
    sample = (ROOT / "experts.yaml").read_text(encoding="utf-8")
    Path("experts.yaml").write_text(sample.replace("confidence: 0.7", "misroute_target: 0.05"))
    told = " ".join(run("check").out.split())
    assert "Of 253 examples that were held out, 15% would go to a person" in told


def test_what_was_learned_is_kept_for_the_next_start(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READING_CACHE", "kept")
    first = run("lookup", "my bill is wrong").out
    kept = list(Path("kept").iterdir())
    assert len(kept) == 1
    before = (kept[0] / "meta.json").stat().st_mtime_ns
    assert run("lookup", "my bill is wrong").out == first
    assert (kept[0] / "meta.json").stat().st_mtime_ns == before
