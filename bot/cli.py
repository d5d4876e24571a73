"""The command line. Others script against it: exit codes are 0 fine, 1 bad lines, 2 mistakes."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from routing.errors import DirectDialError

# Commands import what they need: --help and schema answer in a fraction of the second that spaCy
# takes to load.
if TYPE_CHECKING:
    from bot.dry_run import Lines
    from routing.company import Roster
    from routing.reading.pipeline import Reader

app = typer.Typer(
    name="direct-dial",
    help="Dials the in-house expert who should answer a public post, and says why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RosterPath = Annotated[
    Path | None,
    typer.Option("--roster", metavar="FILE", help="The roster; experts.yaml unless it is given."),
]
Posts = Annotated[
    str, typer.Argument(metavar="[POSTS|-]", help="JSON Lines or CSV; - is standard input.")
]
Now = Annotated[
    str | None,
    typer.Option("--now", metavar="ISO8601", help="Decide as if it were this time."),
]


class Format(StrEnum):
    """How `route` prints."""

    JSONL = "jsonl"
    TABLE = "table"


def main() -> None:
    """Run the command line; mistakes a person can put right are one sentence and exit 2."""
    try:
        app()
    except DirectDialError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is what a command line is for
        sys.exit(2)


@app.command()
def check(
    roster: Annotated[Path | None, typer.Argument(metavar="[experts.yaml]")] = None,
    roster_option: RosterPath = None,
    examples: Annotated[
        bool, typer.Option("--examples", help="Say what could be better about the examples.")
    ] = False,
) -> None:
    """Check experts.yaml: every mistake at once.

    With DATABASE_URL set, also open assignments that name somebody who is gone. With --examples,
    also which examples and phrases lead to the wrong topic: advice, no mistake.
    """
    from bot.roster_file import describe, load_with_lines
    from bot.settings import load_settings

    settings = load_settings()
    path = roster or roster_option or settings.direct_dial_roster
    loaded, file = load_with_lines(path)
    if settings.database_is_set:
        from bot import bootstrap

        bootstrap.check_against_store(loaded, path, settings)
    print(describe(loaded, path))  # noqa: T201
    if loaded.policy.misroute_target is not None:
        from bot import console

        forecast = _reader(loaded).forecast
        Console().print(console.promise(loaded.policy.misroute_target, forecast))
    if examples:
        from bot import console
        from routing.reading.examples import look_at

        Console().print(console.findings(look_at(loaded), file))


@app.command()
def schema() -> None:
    """Print the JSON Schema of experts.yaml, for editors."""
    from routing.roster import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))  # noqa: T201


@app.command()
def read(
    posts: Posts = "-",
    roster: RosterPath = None,
    text: Annotated[bool, typer.Option("--text", help="Repeat each post's text.")] = False,
    personal_data: Annotated[
        bool, typer.Option("--personal-data", help="Say where cards, phones, addresses … stand.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            min=1,
            max=256,
            metavar="N",
            help="Processes; all processors for a file, 1 for -.",
        ),
    ] = None,
) -> None:
    """Say what posts are about: one line of JSON each."""
    from bot import dry_run

    known, shown = _roster(roster), dry_run.Shown(text=text, personal_data=personal_data)
    # Whoever pipes posts in as they come waits for each; other processes take many at once.
    count = jobs or (1 if posts == "-" else dry_run.processors())
    with (
        _posts(posts) as lines,
        closing(dry_run.read_in_processes(lines, partial(_reader, known), shown, count)) as answers,
    ):
        for answer in answers:
            _write(answer)
    _finish(lines.bad)


@app.command()
def route(
    posts: Posts = "-",
    roster: RosterPath = None,
    now: Now = None,
    form: Annotated[Format, typer.Option("--format", help="table is for people.")] = Format.JSONL,
) -> None:
    """Say who would get posts, and why; no database.

    One decision a line, in input order. Each is made as if nobody had anything open.
    """
    from bot import dry_run

    known = _roster(roster)
    at = _time(now)
    reader = _reader(known)
    with _posts(posts) as lines:
        decisions = dry_run.route(lines, reader, known, at)
        if form is Format.TABLE:
            for table in dry_run.decision_tables(decisions, known):
                Console().print(table)
        else:
            for _, _, decision in decisions:
                _write(dry_run.as_line(dry_run.decision_row(decision)))
    _finish(lines.bad)


@app.command()
def lookup(
    query: str,
    roster: RosterPath = None,
    now: Now = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say who knows about a topic, a question or a name."""
    from bot import dry_run
    from routing.lookup import lookup as look_up
    from routing.model import storable

    known = _roster(roster)
    found = look_up(storable(query), known, _reader(known), _time(now))
    if as_json:
        _write(dry_run.as_line(asdict(found)))
    elif found.matches:
        Console().print(dry_run.found_list(found), soft_wrap=True)
    else:
        near = ", ".join(found.nearest_topics)
        Console().print(Text(f"Nobody found for “{found.query}”. There are topics such as {near}."))


@app.command()
def learn(
    roster: RosterPath = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report.")] = False,
) -> None:
    """Learn from what people did with posts, unless it makes reading worse.

    Says what gets better and worse, topic by topic, on examples that weren't trained on.
    """
    from bot import bootstrap, console, learning
    from bot.settings import load_settings
    from routing.reading.pipeline import Reader

    known = _roster(roster)
    store = bootstrap.open_store(load_settings())
    try:
        with console.trainings() as tell:
            told = learning.learn(store, known, bootstrap.now(), Reader, dry_run=dry_run, tell=tell)
    finally:
        store.close()
    Console().print(console.report(told))


@app.command()
def demo(
    roster: RosterPath = None,
    posts: Annotated[Path, typer.Option("--posts", metavar="FILE")] = Path("examples/posts.jsonl"),
) -> None:
    """Replay sample posts in the terminal, without a token."""
    from bot import demo as showing
    from bot.telemetry import LogTelemetry, set_up_logging

    set_up_logging("WARNING")
    showing.run(_roster(roster), posts, LogTelemetry(), Console())


@app.command()
def migrate() -> None:
    """Create or change the database's tables (release)."""
    from bot.settings import load_settings
    from bot.storage.database import connect, shown
    from bot.storage.migrate import upgrade

    engine = connect(load_settings().database_url.get_secret_value())
    upgrade(engine)
    where = shown(engine.url)
    engine.dispose()
    print(f"{where} is up to date.")  # noqa: T201


@app.command()
def work(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is due.")] = False,
    console: Annotated[
        bool, typer.Option("--console", help="Show cards here instead of in Slack.")
    ] = False,
) -> None:
    """Read, route, deliver, escalate until stopped (worker)."""
    from bot import bootstrap
    from bot.console import ConsoleMessenger
    from bot.roster_file import load_roster
    from bot.settings import load_settings
    from bot.telemetry import LogTelemetry, set_up_logging
    from bot.worker import Worker

    settings = load_settings()
    set_up_logging(settings.log_level)
    roster = load_roster(settings.direct_dial_roster)
    store = bootstrap.open_store(settings)
    messengers = (
        {"console": ConsoleMessenger(Console())}
        if console
        else {"slack": bootstrap.open_slack(settings)}
    )
    pipeline = bootstrap.join(store, roster, messengers, LogTelemetry(), settings.reading_cache)
    worker = Worker(pipeline, bootstrap.open_sources(roster), bootstrap.now)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    try:
        worker.run_once() if once else worker.run()
    finally:
        store.close()


@app.command()
def serve() -> None:
    """Answer Slack's buttons, /expert, health checks (web)."""
    from bot import bootstrap, web
    from bot.roster_file import load_roster
    from bot.settings import load_settings
    from bot.telemetry import LogTelemetry, set_up_logging

    settings = load_settings()
    set_up_logging(settings.log_level)
    roster = load_roster(settings.direct_dial_roster)
    store = bootstrap.open_store(settings)
    messengers = {"slack": bootstrap.open_slack(settings)}
    pipeline = bootstrap.join(store, roster, messengers, LogTelemetry(), settings.reading_cache)
    try:
        web.run(pipeline, settings)
    finally:
        store.close()


def _roster(path: Path | None) -> "Roster":
    from bot.roster_file import load_roster
    from bot.settings import load_settings

    return load_roster(path or load_settings().direct_dial_roster)


def _reader(roster: "Roster") -> "Reader":
    from bot.settings import load_settings
    from routing.reading.pipeline import Reader

    return Reader(roster, cache=load_settings().reading_cache)


def _time(said: str | None) -> datetime:
    from bot import bootstrap
    from routing.company import aware

    if said is None:
        return bootstrap.now()
    try:
        return aware(datetime.fromisoformat(said))
    except ValueError:
        raise DirectDialError(
            f"--now: “{said}” isn't a time with its zone; write it as 2026-11-20T10:00:00+01:00"
        ) from None


@contextmanager
def _posts(name: str) -> "Iterator[Lines]":
    """Open the posts of a file, or of standard input for “-”."""
    from bot.dry_run import Lines
    from bot.intake import unread_posts

    complain = Console(stderr=True)
    if name == "-":
        # Whoever pipes posts in as they come waits for each of them.
        yield Lines(unread_posts(sys.stdin.buffer), complain, batch_size=1)
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 - only opening may fail for this reason
    except OSError as error:
        raise DirectDialError(
            f"{name} can't be read ({error.strerror}); name a file of posts, or - for stdin"
        ) from None
    with stream:
        yield Lines(unread_posts(stream, name), complain)


def _write(line: bytes) -> None:
    try:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is left in the buffer would make Python complain once more at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # piped into `head`, which has enough
            raise typer.Exit from None
        raise DirectDialError(
            f"The output can't be written ({error.strerror}); make room, or send it elsewhere"
        ) from None


def _finish(bad: int) -> None:
    sys.stdout.buffer.flush()
    if bad:
        lines = "line" if bad == 1 else "lines"
        print(f"{bad} bad {lines} left out.", file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)
