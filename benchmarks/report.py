"""The figures of one run, and how they are told: in the terminal, as Markdown, as JSON."""

import dataclasses
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.metrics import Bin, Point, Share

NOTHING = "–"
"""What was not measured in this run."""
NOT_COUNTED = Share(0, 0, 0.0, 1.0)
FEW, ALL = "10 each", "all"
"""How many examples of each topic were learned."""


@dataclass(slots=True)
class Learned:
    """One competitor after it learned `FEW` or `ALL` examples, on the 3,080 test posts."""

    fit_seconds: float
    accuracy: float = math.nan
    ece: float = math.nan
    bins: tuple[Bin, ...] = ()
    automatic: Share = NOT_COUNTED
    """Posts whose answer was sure enough to be used without asking."""
    wrong: Share = NOT_COUNTED
    """Wrong ones among the automatic."""
    posts_per_second: float = math.nan
    against_tfidf: float = math.nan
    """Median over rounds of how many times as fast as TF-IDF in the same round."""
    seconds: list[float] = field(default_factory=list)
    """For the whole test file, one for each round."""


@dataclass(frozen=True, slots=True)
class HalfKnown:
    """What happens when every second topic is nobody's."""

    kept: str
    known: int
    unknown: int
    auroc: float
    automatic: Share
    wrong: Share
    risk_coverage: tuple[Point, ...]


@dataclass(slots=True)
class Row:
    """All figures of one competitor."""

    name: str
    ours: bool
    learned: dict[str, Learned] = field(default_factory=dict)
    half_known: list[HalfKnown] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EndToEnd:
    """`direct-dial read` as a process of its own, from lines of JSON to lines of JSON."""

    name: str
    sizes: tuple[int, int]
    seconds: tuple[float, float]
    """Medians for the two sizes, from start to end of the process."""
    peak_bytes: int
    """Largest memory of the process and its children together, what they share counted once."""
    load_seconds: float = math.nan
    """From a saved pipeline to ready, in a new process that has imported what it needs."""

    @property
    def posts_per_second(self) -> float:
        """Return the rate without start-up: what the larger file took longer."""
        spent = self.seconds[1] - self.seconds[0]
        return (self.sizes[1] - self.sizes[0]) / spent if spent > 0 else math.nan

    @property
    def with_start_up(self) -> float:
        """Return the rate of the larger file from the first moment to the last."""
        return self.sizes[1] / self.seconds[1]

    @property
    def start_up(self) -> float:
        """Return the seconds before the first post: Python, roster, learning."""
        return self.seconds[0] - self.sizes[0] / self.posts_per_second


@dataclass(frozen=True, slots=True)
class Deciding:
    """How long deciding one post takes."""

    topics_each: int
    experts: int
    posts: int
    assigned: int
    median_us: float
    p95_us: float


@dataclass(slots=True)
class Report:
    """Everything one run found."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    end_to_end: list[EndToEnd] = field(default_factory=list)
    deciding: list[Deciding] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """What was skipped, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text; a column's title may have two lines."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(report: Report) -> list[Table]:
    """Return the report's tables; one without rows is left out."""
    found = (
        _accuracy(report),
        _speed(report),
        _trust(report),
        *_unknown(report),
        _end_to_end(report),
        _deciding(report),
    )
    return [table for table in found if table.rows]


def show(report: Report, console: Console) -> None:
    """Print the tables; they fit into 80 columns."""
    for table in tables(report):
        drawn = RichTable(
            box=box.SIMPLE_HEAD,
        )  # fmt: skip
        for number, column in enumerate(table.columns):
            drawn.add_column(column, justify="right" if number else "left", no_wrap=not number)
        for row in table.rows:
            drawn.add_row(*row)
        console.print(f"\n{table.title}", style="bold", highlight=False)
        console.print(drawn, end="")
        if table.note:
            console.print(table.note, highlight=False)
    console.print()
    for line in (*report.left_out, machine_line(report)):
        console.print(line, highlight=False)


def markdown(report: Report) -> str:
    """Return the tables as they may be pasted into a README."""
    parts = []
    for table in tables(report):
        rows = [tuple(column.replace("\n", " ") for column in table.columns), *table.rows]
        lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows]
        lines.insert(1, "|---|" + "---:|" * (len(table.columns) - 1))
        parts.append(f"**{table.title}**\n\n" + "\n".join(lines))
        if table.note:
            parts.append(table.note)
    return "\n\n".join([*parts, *report.left_out, machine_line(report)]) + "\n"


def as_json(report: Report) -> str:
    """Return every figure; what was not measured is null."""
    return json.dumps(_plain(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def machine_line(report: Report) -> str:
    """Return where this was measured, and how busy it was there."""
    facts = report.machine
    line = f"Measured on {facts['cpu']}, {facts['cores']} cores, Python {facts['python']}."
    if facts["load_at_start"] > 0.3:
        line += (
            f" Other programs ran, too (load {facts['load_at_start']:.1f} at the start): "
            "speeds are lower bounds."
        )
    return line


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in dataclasses.fields(value)]
        return {name: _plain(getattr(value, name)) for name in names + _worked_out(value)}
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain({**value._asdict(), **{n: getattr(value, n) for n in _worked_out(value)}})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _worked_out(value: object) -> list[str]:
    return [name for name, kind in vars(type(value)).items() if isinstance(kind, property)]


def _accuracy(report: Report) -> Table:
    return Table(
        "How often the first topic is right, and how long learning takes",
        (
            "77 topics",
            f"accuracy\n{FEW}",
            f"accuracy\n{ALL}",
            f"ready, s\n{FEW}",
            f"ready, s\n{ALL}",
        ),
        tuple(
            (
                row.name,
                *(_percent(_of(row, many, "accuracy")) for many in (FEW, ALL)),
                *(_number(_of(row, many, "fit_seconds"), 2) for many in (FEW, ALL)),
            )
            for row in report.rows
        ),
        "Banking77, its 3,080 test posts; learned from the first 10 examples of each topic, or "
        "from all 10,003. Everybody also learned the topics' names. One thread each.",
    )


def _speed(report: Report) -> Table:
    return Table(
        "How fast posts are read",
        ("", f"posts/s\n{FEW}", f"posts/s\n{ALL}", f"× TF-IDF\n{FEW}", f"× TF-IDF\n{ALL}"),
        tuple(
            (
                row.name,
                *(_number(_of(row, many, "posts_per_second")) for many in (FEW, ALL)),
                *(_number(_of(row, many, "against_tfidf"), 2) for many in (FEW, ALL)),
            )
            for row in report.rows
        ),
        f"Median of {report.settings.get('rounds', 0)} (rounds in which everybody reads the test "
        "posts once, on one thread). Direct Dial's reading has more in it than a topic: "
        "language, kind, tone, urgency and the words that carried the topic; from the second round "
        "on it remembers words it has met.",
    )


def _trust(report: Report) -> Table:
    return Table(
        "How far a score can be trusted (all topics known, 10 examples of each)",
        ("", "ECE", "automatic", "wrong of these (95 %)"),
        tuple(
            (
                row.name,
                _number(row.learned[FEW].ece, 3),
                _percent(row.learned[FEW].automatic.value),
                _interval(row.learned[FEW].wrong),
            )
            for row in report.rows
            if FEW in row.learned
        ),
        "ECE: mean gap between score and accuracy over 15 bins of equal width (Guo et al. 2017). "
        "Automatic: posts whose answer is used without asking a person, Direct Dial's by its own "
        "word, the others' from a score of 0.7. Intervals: Wilson.",
    )


def _unknown(report: Report) -> list[Table]:
    kept = list(dict.fromkeys(half.kept for row in report.rows for half in row.half_known))
    return [
        Table(
            f"When half of the posts are on topics nobody has ({which} topics kept)",
            ("", "AUROC", "automatic", "wrong of these (95 %)"),
            tuple(
                (
                    row.name,
                    _number(half.auroc, 3),
                    _percent(half.automatic.value),
                    _interval(half.wrong),
                )
                for row in report.rows
                for half in row.half_known
                if half.kept == which
            ),
            "AUROC: how often a post on a known topic scores above one on an unknown one. At most "
            "half of the posts can be automatic and right. 10 examples of each topic."
            if which == kept[-1]
            else "",
        )
        for which in kept
    ]


def _end_to_end(report: Report) -> Table:
    return Table(
        "`direct-dial read` as a process (77 topics, 10 examples of each)",
        (
            "",
            "posts/s",
            "with\nstart-up",
            "start-up, s",
            "load saved\npipeline, s",
            "peak memory, MB",
        ),
        tuple(
            (
                each.name,
                _number(each.posts_per_second),
                _number(each.with_start_up),
                _number(each.start_up, 1),
                _number(each.load_seconds, 2),
                _number(each.peak_bytes / 1e6),
            )
            for each in report.end_to_end
        ),
        "JSON Lines in and out: the test posts over and over, "
        f"{report.end_to_end[0].sizes[1]:,} lines; posts/s is the difference to "
        f"{report.end_to_end[0].sizes[0]:,} lines. A process for each processor."
        if report.end_to_end
        else "",
    )


def _deciding(report: Report) -> Table:
    return Table(
        "Who answers: deciding one post whose reading is known",
        ("", "median, µs", "95th percentile, µs"),
        tuple(
            (
                f"{each.experts:,} experts, {each.topics_each} topics each",
                _number(each.median_us),
                _number(each.p95_us),
            )
            for each in report.deciding
        ),
    )


def _of(row: Row, many: str, figure: str) -> float:
    learned = row.learned.get(many)
    return math.nan if learned is None else float(getattr(learned, figure))


def _number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}" if math.isfinite(value) else NOTHING


def _percent(value: float) -> str:
    return f"{value:.1%}".replace("%", " %") if math.isfinite(value) else NOTHING


def _interval(found: Share) -> str:
    if not found.of:
        return NOTHING
    low, high = found.low * 100, found.high * 100
    return f"{_percent(found.value)} ({low:.1f} to {high:.1f})"
