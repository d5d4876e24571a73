"""The terminal in place of a chat."""

import io

from rich.console import Console

from bot.console import ConsoleMessenger
from bot.ports import Address, Delivery
from tests.card_samples import HOSTILE_TEXTS, cards, hostile_card


def a_messenger() -> tuple[ConsoleMessenger, io.StringIO]:
    out = io.StringIO()
    return ConsoleMessenger(Console(file=out, width=100, force_terminal=False)), out


def delivery(kind: str) -> Delivery:
    return Delivery("x:1/1/expert", "x:1", 1, Address("console", "ada"), cards()[kind])


def test_a_card_is_printed_for_whom_it_is_and_found_again() -> None:
    messenger, out = a_messenger()
    sent = delivery("expert, offered")
    assert messenger.find(sent) is None
    receipt = messenger.send(sent)
    assert messenger.find(sent) == receipt
    assert "to ada" in out.getvalue()
    assert sent.card.title in out.getvalue()
    messenger.update(delivery("expert, accepted"))
    assert "changed for ada" in out.getvalue()


def test_nothing_a_stranger_wrote_moves_the_cursor_or_becomes_markup() -> None:
    for text in HOSTILE_TEXTS.values():
        messenger, out = a_messenger()
        messenger.send(Delivery("a", "x:1", 1, Address("console", "ada"), hostile_card(text)))
        printed = out.getvalue()
        assert not [c for c in printed if not c.isprintable() and c not in "\n\u200d"]
        printed.encode()
