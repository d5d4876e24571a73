"""What every Messenger keeps: a card is shown once, can be found again and changed.

A messenger joins by a bench in `BENCHES`, which sets it up and says what people see.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import pytest

from bot.cards import Card
from bot.ports import Address, Delivery, DeliveryError, Messenger, Receipt
from bot.slack.messenger import SlackMessenger
from tests.card_samples import cards
from tests.fakes import FakeMessenger
from tests.slack_server import SlackServer, broken, dropped


class Bench(Protocol):
    """A messenger with a world around it."""

    person: Address
    desk: Address
    nobody: Address

    @property
    def messenger(self) -> Messenger:
        """The messenger itself."""
        ...

    def titles(self, address: Address) -> list[str]:
        """The titles of the cards to be seen at an address, oldest first."""
        ...

    def fail_next(self, *, update: bool = False, after_showing: bool) -> None:
        """Have the next send (or update) fail in a passing way, before or after it has effect."""
        ...

    def forget(self, receipt: Receipt) -> None:
        """Have a message deleted by somebody."""
        ...


@dataclass
class SlackBench:
    """The real messenger against the fake Slack."""

    server: SlackServer
    messenger: SlackMessenger
    person = Address("slack", "U0ADA")
    desk = Address("slack", "C0DESK")
    nobody = Address("slack", "U0GONE")

    def titles(self, address: Address) -> list[str]:
        return [message.words.split("\n")[0] for message in self.server.messages(address.id)]

    def fail_next(self, *, update: bool = False, after_showing: bool) -> None:
        failure = dropped(processed=True) if after_showing else broken(503)
        self.server.fail("chat.update" if update else "chat.postMessage", failure)

    def forget(self, receipt: Receipt) -> None:
        messages = self.server.messages(receipt.channel)
        self.server.delete(next(m for m in messages if m.ts == receipt.message))


@dataclass
class FakeBench:
    """The fake that the pipeline's tests use."""

    messenger: FakeMessenger
    person = Address("slack", "U0ADA")
    desk = Address("slack", "C0DESK")
    nobody = Address("slack", "U0GONE")

    def titles(self, address: Address) -> list[str]:
        return [shown.card.title for shown in self.messenger.at(address)]

    def fail_next(self, *, update: bool = False, after_showing: bool) -> None:
        error = DeliveryError("The line is down.", permanent=False)
        self.messenger.fail(error, update=update, after_showing=after_showing)

    def forget(self, receipt: Receipt) -> None:
        self.messenger.shown = [s for s in self.messenger.shown if s.receipt != receipt]


@contextmanager
def slack_bench() -> Iterator[Bench]:
    with SlackServer() as server:
        server.add_user("U0ADA")
        server.add_user("U0GONE", "disabled")
        server.add_channel("C0DESK")
        yield SlackBench(server, SlackMessenger(server.bot_token, server.url))


@contextmanager
def fake_bench() -> Iterator[Bench]:
    yield FakeBench(FakeMessenger(unreachable={"U0GONE"}))


BENCHES = {"slack": slack_bench, "fake": fake_bench}


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with BENCHES[request.param]() as made:
        yield made


def delivery(to: Address, name: str = "x:1/1", card: Card | None = None) -> Delivery:
    return Delivery(name, "x:1", 1, to, card or cards()["expert, offered"])


def changed(sent: Delivery, receipt: Receipt) -> Delivery:
    return replace(sent, card=cards()["expert, accepted"], version=2, receipt=receipt)


def test_a_sent_card_is_to_be_seen(bench: Bench) -> None:
    for address in (bench.person, bench.desk):
        bench.messenger.send(delivery(address))
        assert bench.titles(address) == ["Roaming abroad: a post for you"]


def test_every_kind_of_card_is_taken(bench: Bench) -> None:
    for kind, card in cards().items():
        bench.messenger.send(delivery(bench.desk, kind, card))
    assert len(bench.titles(bench.desk)) == len(cards())


def test_what_was_sent_is_found(bench: Bench) -> None:
    first, second = delivery(bench.person, "x:1/1"), delivery(bench.person, "x:2/1")
    assert bench.messenger.find(first) is None
    receipt = bench.messenger.send(first)
    assert bench.messenger.find(first) == receipt
    assert bench.messenger.find(second) is None
    assert bench.messenger.send(second) != receipt


def test_a_changed_card_takes_the_place_of_the_old_one(bench: Bench) -> None:
    sent = delivery(bench.person)
    receipt = bench.messenger.send(sent)
    bench.messenger.update(changed(sent, receipt))
    assert len(bench.titles(bench.person)) == 1
    assert bench.messenger.find(sent) == receipt


def test_who_cannot_be_reached_is_a_permanent_error(bench: Bench) -> None:
    with pytest.raises(DeliveryError) as caught:
        bench.messenger.send(delivery(bench.nobody))
    assert caught.value.permanent
    assert is_a_sentence(str(caught.value))


def test_a_failed_send_can_be_tried_again(bench: Bench) -> None:
    sent = delivery(bench.person)
    bench.fail_next(after_showing=False)
    with pytest.raises(DeliveryError) as caught:
        bench.messenger.send(sent)
    assert not caught.value.permanent
    assert is_a_sentence(str(caught.value))
    assert bench.messenger.find(sent) is None
    bench.messenger.send(sent)
    assert len(bench.titles(bench.person)) == 1


def test_a_lost_answer_is_found_and_not_sent_twice(bench: Bench) -> None:
    sent = delivery(bench.person)
    bench.fail_next(after_showing=True)
    with pytest.raises(DeliveryError) as caught:
        bench.messenger.send(sent)
    assert not caught.value.permanent
    assert bench.messenger.find(sent) is not None
    assert len(bench.titles(bench.person)) == 1


def test_a_failed_update_can_be_tried_again(bench: Bench) -> None:
    sent = delivery(bench.person)
    receipt = bench.messenger.send(sent)
    for after_showing in (False, True):
        bench.fail_next(update=True, after_showing=after_showing)
        with pytest.raises(DeliveryError) as caught:
            bench.messenger.update(changed(sent, receipt))
        assert not caught.value.permanent
    bench.messenger.update(changed(sent, receipt))
    assert len(bench.titles(bench.person)) == 1


def test_what_is_gone_cannot_be_changed(bench: Bench) -> None:
    sent = delivery(bench.person)
    receipt = bench.messenger.send(sent)
    bench.forget(receipt)
    with pytest.raises(DeliveryError) as caught:
        bench.messenger.update(changed(sent, receipt))
    assert caught.value.permanent
    assert bench.messenger.find(sent) is None


def is_a_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and "\n" not in text and len(text) < 300
