"""Trying a roster on posts without a database: read, route, look up, and print."""

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cards import short
from bot.intake import BadLine
from routing.company import Roster
from routing.decide import decide
from routing.lookup import Found
from routing.model import Assigned, Decision, Ignored, Post, Reading, Situation, Unrouted
from routing.reading import personal
from routing.reading.pipeline import BATCH, Reader
from routing.reading.social import fingerprint

ROWS = 100
"""Rows of a table for people."""
REMEMBERED = 10_000
"""Posts that a later one may be a duplicate of; bounded, as a run may have millions."""


class Lines:
    """Posts of a stream, with the bad lines told and counted on the way."""

    def __init__(
        self, lines: Iterable[Post | BadLine], complain: Console, batch_size: int = BATCH
    ) -> None:
        self._lines = lines
        self._complain = complain
        self.batch_size = batch_size
        self.bad = 0

    def __iter__(self) -> Iterator[Post]:
        for line in self._lines:
            if isinstance(line, BadLine):
                self.bad += 1
                self._complain.print(Text(f"line {line.number}: {line.reason}"), soft_wrap=True)
            else:
                yield line


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


def reading_row(
    post: Post, reading: Reading, *, with_text: bool, with_personal_data: bool = False
) -> dict[str, Any]:
    """Return what `direct-dial read` prints for a post."""
    row: dict[str, Any] = {"key": post.key}
    if with_text:
        row["text"] = post.text
    if with_personal_data:
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
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


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
