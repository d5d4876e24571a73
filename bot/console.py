"""A messenger for the terminal: to see what experts would see, without a single token."""

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from bot.cards import Card, Field, Section
from bot.ports import Delivery, Receipt

WIDTH = 96
"""Characters: a card stays readable on a wide terminal."""
LONGEST_QUOTE = 3_000
"""Characters, as in Slack: a post of 100 kB would push everything else off the screen."""
LONGEST_LINE = 1_000
"""Characters of anything else."""


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
