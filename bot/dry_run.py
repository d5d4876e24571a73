"""Trying a roster on posts without a database: read, route, look up, and print."""

import gc
import json
import multiprocessing
import os
import signal
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain, islice
from multiprocessing.process import BaseProcess as ParentProcess
from threading import Thread
from typing import Any, ClassVar, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cards import short
from bot.intake import BadLine, Unread, posts_of
from routing.company import Roster
from routing.decide import decide
from routing.errors import DirectDialError
from routing.lookup import Found
from routing.model import Assigned, Decision, Ignored, Post, Reading, Situation, Unrouted
from routing.reading import personal
from routing.reading.pipeline import BATCH, Reader
from routing.reading.social import fingerprint

ROWS = 100
"""Rows of a table for people."""
FEW = 1_000
"""Lines that one process has read before others have started."""
CHUNK, CHUNK_BYTES = 256, 1_000_000
"""Lines, and bytes, that go to another process at once."""
REMEMBERED = 10_000
"""Posts that a later one may be a duplicate of; bounded, as a run may have millions."""
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Lines:
    """Posts of a stream, with the bad lines told and counted on the way."""

    def __init__(
        self, unread: Iterable[Unread], complain: Console, batch_size: int = BATCH
    ) -> None:
        self.unread = unread
        self._complain = complain
        self.batch_size = batch_size
        self.bad = 0

    def __iter__(self) -> Iterator[Post]:
        for post in posts_of(self.unread):
            if isinstance(post, BadLine):
                self.tell(post)
            else:
                yield post

    def tell(self, line: BadLine) -> None:
        """Say what is wrong with a line, and count it."""
        self.bad += 1
        self._complain.print(Text(f"line {line.number}: {line.reason}"), soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """What `direct-dial read` prints beside the reading."""

    text: bool = False
    personal_data: bool = False


def read(lines: Lines, reader: Reader, shown: Shown) -> Iterator[bytes]:
    """Yield what each post is about as a line of JSON."""
    for post, reading in reader.read(lines, lines.batch_size):
        yield as_line(reading_row(post, reading, shown))


def read_in_processes(
    lines: Lines, make_reader: Callable[[], Reader], shown: Shown, jobs: int
) -> Generator[bytes, None, None]:
    """Yield the same in the same order, many lines at a time, from several processes.

    Only so many chunks are on their way at once, however long the input is. Few posts are read
    here, as they would wait longer for the processes than for their answers.
    """
    reader = make_reader()
    # What is there by now stays: not looking through it again and again saves a tenth of the time,
    # and processes that start as copies of this one go on sharing it.
    gc.freeze()
    first: list[Unread] = []
    if jobs > 1:
        unread = iter(lines.unread)
        first = list(islice(unread, FEW))
        lines.unread = chain(first, unread)
    if len(first) < FEW:
        yield from read(lines, reader, shown)
        return
    executor = _executor(jobs, reader, make_reader, shown)
    waiting: deque[Future[_Answers]] = deque()
    try:
        for chunk in _chunks(lines.unread):
            waiting.append(executor.submit(_answer, chunk))
            if len(waiting) > 2 * jobs:
                yield _told(waiting.popleft(), lines)
        while waiting:
            yield _told(waiting.popleft(), lines)
    except BrokenProcessPool:
        raise DirectDialError(
            "A process that reads posts was stopped from outside, often for want of memory; "
            "try --jobs 1"
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


def processors() -> int:
    """Return on how many processors this process may run."""
    may_use = getattr(os, "sched_getaffinity", None)  # Linux alone knows
    return len(may_use(0)) if may_use else os.cpu_count() or 1


class _Answers(NamedTuple):
    rows: bytes
    bad: list[BadLine]


class _Worker:
    """What a process that reads posts has of its own."""

    reader: ClassVar[Reader]
    shown: ClassVar[Shown]


def _executor(
    jobs: int, reader: Reader, make_reader: Callable[[], Reader], shown: Shown
) -> ProcessPoolExecutor:
    """Return processes that have the reader, as copies of this one where that is possible."""
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    return ProcessPoolExecutor(
        jobs,
        multiprocessing.get_context("fork" if can_fork else "spawn"),
        _start,
        ((lambda: reader) if can_fork else make_reader, shown),
    )


def _start(reader: Callable[[], Reader], shown: Shown) -> None:
    """Begin a process: the one that started it is told of Ctrl-C, and none outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := multiprocessing.parent_process():
        Thread(target=_end_after, args=(parent,), daemon=True).start()
    _Worker.reader, _Worker.shown = reader(), shown


def _end_after(parent: ParentProcess) -> None:
    parent.join()
    os._exit(1)


def _answer(chunk: list[Unread]) -> _Answers:
    bad: list[BadLine] = []
    posts = _good(posts_of(chunk), bad)
    rows = [
        as_line(reading_row(post, reading, _Worker.shown))
        for post, reading in _Worker.reader.read(posts)
    ]
    return _Answers(b"".join(rows), bad)


def _good(posts: Iterable[Post | BadLine], bad: list[BadLine]) -> Iterator[Post]:
    for post in posts:
        if isinstance(post, BadLine):
            bad.append(post)
        else:
            yield post


def _told(future: "Future[_Answers]", lines: Lines) -> bytes:
    answers = future.result()
    for line in answers.bad:
        lines.tell(line)
    return answers.rows


def _chunks(unread: Iterable[Unread]) -> Iterator[list[Unread]]:
    chunk: list[Unread] = []
    size = 0
    for item in unread:
        chunk.append(item)
        size += item[1].size if isinstance(item, tuple) else 0
        if len(chunk) == CHUNK or size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def route(
    posts: "Lines", reader: Reader, roster: Roster, now: datetime
) -> Iterator[tuple[Post, Reading, Decision]]:
    """Decide about each post as if nobody had anything open; no line depends on another.

    Except for duplicates: a post that says the same as an earlier one by the same author.
    """
    seen: OrderedDict[tuple[str, str], str] = OrderedDict()
    for post, reading in reader.read(posts, posts.batch_size):
        said = (post.author_key, fingerprint(post.text))
        duplicate_of = seen.get(said, "")
        seen.setdefault(said, post.key)
        if len(seen) > REMEMBERED:
            seen.popitem(last=False)
        situation = Situation(duplicate_of=duplicate_of)
        yield post, reading, decide(post, reading, roster, situation, now)


def reading_row(post: Post, reading: Reading, shown: Shown) -> dict[str, Any]:
    """Return what `direct-dial read` prints for a post."""
    row: dict[str, Any] = {"key": post.key}
    if shown.text:
        row["text"] = post.text
    if shown.personal_data:
        row["personal_data"] = [found._asdict() for found in personal.find(post.text)]
    return row | {
        "language": reading.language,
        "kind": str(reading.kind),
        "sentiment": reading.sentiment,
        "urgency": reading.urgency,
        "urgency_reasons": reading.urgency_reasons,
        "topics": [
            {
                "id": topic.id,
                "score": topic.score,
                "evidence": [evidence._asdict() for evidence in topic.evidence],
            }
            for topic in reading.topics
        ],
        "known": reading.known,
        "confident": reading.confident,
    }


def decision_row(decision: Decision) -> dict[str, Any]:
    """Return what `direct-dial route` prints for a post; every outcome has the same keys."""
    row: dict[str, Any] = {
        "key": decision.key,
        "outcome": decision.outcome,
        "expert": None,
        "topic": None,
        "confidence": None,
        "reasons": decision.reasons,
        "runner_up": None,
        "ruled_out": [],
        "reply_mode": None,
        "guidance": {},
    }
    if isinstance(decision, Ignored):
        return row
    row["topic"] = decision.topic or None
    row["confidence"] = decision.confidence
    row["ruled_out"] = [ruled._asdict() for ruled in decision.ruled_out]
    if isinstance(decision, Unrouted):
        return row | {"nearest": decision.nearest}
    guidance = asdict(decision.guidance)
    guidance["findings"] = [finding._asdict() for finding in decision.guidance.findings]
    return row | {
        "expert": decision.expert,
        "runner_up": decision.runner_up or None,
        "runner_up_reason": decision.runner_up_reason,
        "reply_mode": str(decision.guidance.reply_mode),
        "guidance": guidance,
    }


def as_line(row: dict[str, Any]) -> bytes:
    """Return a row as one line of JSON in UTF-8."""
    return _JSON.encode(row).encode() + b"\n"


def decision_tables(
    decisions: Iterable[tuple[Post, Reading, Decision]], roster: Roster
) -> Iterator[Table]:
    """Yield the decisions as tables for people: what was written, who gets it, why.

    A table of a million rows would have to be kept whole before its first line is printed.
    """
    rest = iter(decisions)
    while rows := list(islice(rest, ROWS)):
        yield _table(rows, roster)


def _table(rows: Iterable[tuple[Post, Reading, Decision]], roster: Roster) -> Table:
    table = Table(show_lines=True)
    table.add_column("Post", ratio=3)
    table.add_column("Goes to", ratio=1)
    table.add_column("Why", ratio=3)
    for post, _, decision in rows:
        handle = f"@{post.author.handle}: " if post.author.handle else ""
        table.add_row(
            Text(printable(handle + short(post.text, 280))),
            _goes_to(decision, roster),
            Text(printable(" ".join(decision.reasons))),
        )
    return table


def _goes_to(decision: Decision, roster: Roster) -> Text:
    if isinstance(decision, Assigned):
        return Text(roster.name_of(decision.expert), style="bold green")
    if isinstance(decision, Unrouted):
        return Text("a community manager", style="bold yellow")
    return Text("nobody: not for us", style="dim")


def found_list(found: Found) -> Text:
    """Return who knows about a query, for people: a block each, so that no address is cut."""
    text = Text(f"Who knows about “{printable(found.query)}”\n", style="bold")
    for number, match in enumerate(found.matches, start=1):
        who = match.name + (f", {match.title}" if match.title else "")
        reach = [f"Slack {match.slack}"] if match.slack else []
        reach += [f"Teams {match.teams}"] if match.teams else []
        text.append(f"\n{number}. {who}\n", style="bold green")
        for line in (
            f"{match.topic_name}, level {match.level} ({match.why})",
            f"{match.duty[:1].upper()}{match.duty[1:]}",
            f"Standing: {match.standing.replace('_', ' ')}",
            ", ".join(reach) or "No address in the roster",
        ):
            text.append(f"   {line}\n", style="default not bold")
    text.right_crop(1)
    return text


def printable(text: str) -> str:
    """Return text that can't move the cursor or turn the direction of what follows."""
    return "".join(c if c.isprintable() else " " for c in text)
