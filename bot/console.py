"""A messenger for the terminal: to see what experts would see, without a single token."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress import Progress
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.cards import Card, Field, Section
from bot.learning import Report
from bot.ports import Delivery, Receipt
from routing.reading.calibration import needed
from routing.reading.comparison import TRAININGS, Automatic, Change, Comparison
from routing.reading.examples import Finding
from routing.reading.topics import Forecast
from routing.roster import RosterFile

WIDTH = 96
"""Characters: a card stays readable on a wide terminal."""
LONGEST_QUOTE = 3_000
"""Characters, as in Slack: a post of 100 kB would push everything else off the screen."""
LONGEST_LINE = 1_000
"""Characters of anything else."""
MOST_FINDINGS = 20
"""Who has more to put right looks again after these."""
MOST_LINES = 3
"""Line numbers beside one finding."""


def render(card: Card, width: int = WIDTH) -> RenderableType:
    """Return a card as a panel. `Text` never interprets what strangers wrote as markup."""
    parts: list[RenderableType] = []
    if card.status:
        parts.append(Text(_plain(card.status), style="bold"))
    if card.quote:
        parts.append(Text(_plain(card.quote.by), style="cyan"))
        quoted = Text(_plain(card.quote.text, lines=True), style="italic")
        parts.append(Panel(quoted, border_style="dim"))
    if card.fields:
        parts.append(_fields(card.fields))
    parts += [_section(section) for section in card.sections]
    for link in card.links:
        parts.append(Text(f"{_plain(link.label)}: {_plain(link.url)}", style="blue"))
    if card.buttons:
        labels = "  ".join(f"[ {_plain(button.label)} ]" for button in card.buttons)
        parts += [Rule(style="dim"), Text(labels, style="bold green")]
        for value in dict.fromkeys(button.value for button in card.buttons):
            does = ", ".join(button.action for button in card.buttons if button.value == value)
            parts.append(Text(f"{_plain(value)}: {does}", style="dim"))
    if card.footer:
        parts.append(Text(_plain(card.footer), style="dim"))
    return Panel(
        Group(*parts),
        title=Text(_plain(card.title), style="bold"),
        title_align="left",
        width=width,
    )


def line(card: Card) -> Text:
    """Return a compact card as one line."""
    return Text.assemble((_plain(card.title), "bold"), "  ", (_plain(card.status), "dim"))


class ConsoleMessenger:
    """A Messenger (see ports) that prints, and remembers what it printed while it lives."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._printed: dict[str, Receipt] = {}

    def send(self, delivery: Delivery) -> Receipt:
        """Print the card and whom it is for."""
        self._print(delivery, f"to {delivery.address.id}")
        receipt = Receipt(delivery.address.id, str(len(self._printed) + 1))
        self._printed[delivery.id] = receipt
        return receipt

    def update(self, delivery: Delivery) -> None:
        """Print the card again, as a terminal can't change what stands above."""
        self._print(delivery, f"changed for {delivery.address.id}")

    def find(self, delivery: Delivery) -> Receipt | None:
        """Look whether it was printed."""
        return self._printed.get(delivery.id)

    def _print(self, delivery: Delivery, to: str) -> None:
        if delivery.card.compact:
            self.console.print(Text.assemble((f"{_plain(to)}: ", "dim"), line(delivery.card)))
        else:
            self.console.print(Text(_plain(to), style="dim"))
            self.console.print(render(delivery.card))


def findings(found: Sequence[Finding], file: RosterFile) -> RenderableType:
    """Return what could be better about the examples, the line numbers beside it."""
    if not found:
        return Text("The examples are fine: each reads like its own topic, and there are enough.")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in found[:MOST_FINDINGS]:
        lines = list(dict.fromkeys(str(file.line(place.path)) for place in finding.places))
        shown = lines[:MOST_LINES] + (["…"] if len(lines) > MOST_LINES else [])
        table.add_row("\n".join(shown), Text(_plain(finding.sentence)))
    head = f"What could be better about the examples (line numbers of {file.name}):\n"
    parts: list[RenderableType] = [Text(_plain(head, lines=True), style="bold"), table]
    if len(found) > MOST_FINDINGS:
        parts.append(Text(f"\n… and {len(found) - MOST_FINDINGS} more."))
    return Group(*parts)


def promise(most_wrong: float, forecast: Forecast) -> Text:
    """Return what a roster's promise means for the posts to come."""
    held = f"Of {forecast.examples} examples that were held out"
    if forecast.needed is None:
        return Text(
            f"No post is routed by itself for what it is about: {forecast.examples} examples are "
            f"too few to promise that at most {most_wrong:.0%} of routes are wrong; it takes "
            f"{needed(most_wrong)} that are sure and right, or a higher misroute_target. Posts "
            "with a phrase of a topic are still routed, all others go to a person."
        )
    to_a_person = 1 - forecast.automatic / max(forecast.examples, 1)
    return Text(
        f"Routed by itself is what is surer than {forecast.needed:.2f}. {held}, "
        f"{to_a_person:.0%} would go to a person, and {forecast.wrong} of the "
        f"{forecast.automatic} routed to a wrong topic; at most {most_wrong:.0%} is promised."
    )


def report(told: Report) -> RenderableType:
    """Return what `learn` found out: topic by topic, what to note, and the conclusion."""
    parts: list[RenderableType] = []
    if told.comparison is not None:
        parts += [_changes(told.comparison, dict(told.new)), *_totals(told.comparison), Text()]
    parts += [Text(_plain(note)) for note in told.notes]
    for topic, phrase, count in told.proposals:
        posts = f"{count} posts people said were about {topic}, and nowhere else"
        do = "add it to the topic's phrases if it settles it"
        parts.append(Text(_plain(f"Words that came up in {posts}: “{phrase}”; {do}.")))
    parts.append(Text(_plain(told.conclusion), style="bold"))
    return Group(*parts)


@contextmanager
def trainings() -> Iterator[Callable[[int], None]]:
    """Show how far a comparison is, where somebody is looking; yields what it has to tell."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Training and comparing", total=TRAININGS)
        yield lambda done: progress.update(task, completed=done)


def _changes(comparison: Comparison, new: Mapping[str, int]) -> RenderableType:
    table = Table(title="Read right, by models that hadn't seen the example", title_justify="left")
    table.add_column("Topic", overflow="fold")
    for heading in ("New", "Examples", "Before", "After", ""):
        table.add_column(heading, justify="right")
    same = 0
    for change in sorted(comparison.changes, key=_by_change):
        if change.before == change.after:
            same += 1
            continue
        more = str(new.get(change.topic, ""))
        row = (more, str(change.examples), str(change.before), str(change.after))
        table.add_row(Text(_plain(change.topic)), *row, _step(change.after - change.before))
    if not table.rows:
        return Text("No topic is read better or worse by models that hadn't seen the example.")
    if same:
        rest = "1 other topic" if same == 1 else f"{same} other topics"
        table.caption, table.caption_justify = f"{rest}: as before", "left"
    return table


def _by_change(change: Change) -> tuple[int, str]:
    return change.before - change.after, change.topic


def _step(step: int) -> Text:
    return Text(f"+{step}", style="green") if step > 0 else Text(f"−{-step}", style="red")


def _totals(comparison: Comparison) -> list[RenderableType]:
    count = sum(change.examples for change in comparison.changes)
    said = [
        (
            f"Of {count} examples, each topic counting the same: "
            f"{comparison.accuracy_before:.1%} right before, {comparison.accuracy_after:.1%} after."
        ),
        (
            "Routed without asking a person: "
            f"{_routed(comparison.before)} before, {_routed(comparison.after)} after."
        ),
    ]
    strangers = comparison.strangers
    if strangers.posts:
        said.append(
            f"Of {strangers.posts} posts that are none of ours would be routed: "
            f"{strangers.before} before, {strangers.after} after."
        )
    return [Text(line) for line in said]


def _routed(automatic: Automatic) -> str:
    return f"{automatic.routed} ({automatic.wrong} to a wrong topic)"


def _fields(fields: tuple[Field, ...]) -> Text:
    text = Text()
    for number, field in enumerate(fields):
        text.append("   " if number else "")
        text.append(f"{_plain(field.label)}: ", style="dim").append(_plain(field.value))
    return text


def _section(section: Section) -> Text:
    text = Text(_plain(section.heading), style="bold yellow")
    for entry in section.lines:
        text.append(f"\n  • {_plain(entry)}", style="default not bold")
    return text


def _plain(text: str, *, lines: bool = False) -> str:
    """Return text that can't move the cursor, ring, or turn the direction of what follows."""
    longest = LONGEST_QUOTE if lines else LONGEST_LINE
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    kept = (c if c.isprintable() or (lines and c == "\n") or c == "\u200d" else " " for c in text)
    return "".join(kept).encode("utf-8", "replace").decode()
