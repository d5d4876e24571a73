"""Fakes of the ports, which pass the same contract tests as the real parts (tests/contracts)."""

from collections import deque
from dataclasses import dataclass, field

from bot.cards import Card
from bot.ports import Address, Delivery, DeliveryError, Page, Receipt, SourceError
from routing.model import Post


@dataclass
class Shown:
    """A card somebody sees, and how often it was changed."""

    delivery: Delivery
    receipt: Receipt
    changes: int = 0

    @property
    def card(self) -> Card:
        """What stands there now."""
        return self.delivery.card


@dataclass
class FakeMessenger:
    """A Messenger that keeps cards in memory, and fails when it is told to.

    `unreachable` are addresses nobody can be reached at. `fail` has the next send or update raise;
    with `after_showing` the card is shown first, which is how an unclear outcome looks.
    """

    unreachable: set[str] = field(default_factory=set)
    shown: list[Shown] = field(default_factory=list)
    sends: int = 0
    _failing_sends: deque[tuple[DeliveryError, bool]] = field(default_factory=deque)
    _failing_updates: deque[tuple[DeliveryError, bool]] = field(default_factory=deque)

    def fail(
        self, error: DeliveryError, *, update: bool = False, after_showing: bool = False
    ) -> None:
        """Have the next send, or update, raise."""
        failing = self._failing_updates if update else self._failing_sends
        failing.append((error, after_showing))

    def at(self, address: Address) -> list[Shown]:
        """What is to be seen at an address, oldest first."""
        return [shown for shown in self.shown if shown.delivery.address == address]

    def send(self, delivery: Delivery) -> Receipt:
        """Show the card; raises DeliveryError."""
        self.sends += 1
        if delivery.address.id in self.unreachable:
            raise DeliveryError(f"Nobody is at {delivery.address.id}.", permanent=True)
        receipt = Receipt(delivery.address.id, str(self.sends))
        failure = self._failing_sends.popleft() if self._failing_sends else None
        if failure is None or failure[1]:
            self.shown.append(Shown(delivery, receipt))
        if failure is not None:
            raise failure[0]
        return receipt

    def update(self, delivery: Delivery) -> None:
        """Show the card in place of the earlier one; raises DeliveryError."""
        there = next((shown for shown in self.shown if shown.receipt == delivery.receipt), None)
        if there is None:
            raise DeliveryError("The message is gone.", permanent=True)
        failure = self._failing_updates.popleft() if self._failing_updates else None
        if failure is None or failure[1]:
            there.delivery, there.changes = delivery, there.changes + 1
        if failure is not None:
            raise failure[0]

    def find(self, delivery: Delivery) -> Receipt | None:
        """Look whether it is there already."""
        return next((s.receipt for s in self.shown if s.delivery.id == delivery.id), None)


class FakeSource:
    """A source in memory: `add` posts to it, and have it fail with `fail_next`.

    Its cursor is the number of posts that were read. It passes the contract of every source, in
    tests/contracts/test_source.py.
    """

    def __init__(self, *posts: Post, page_size: int = 100) -> None:
        self._posts = list(posts)
        self._page_size = page_size
        self._errors: list[SourceError] = []

    def add(self, *posts: Post) -> None:
        """Have new posts, newer than all before."""
        self._posts.extend(posts)

    def fail_next(self, error: SourceError) -> None:
        """Raise an error at the next fetch that isn't to fail already."""
        self._errors.append(error)

    def fetch(self, cursor: str | None) -> Page:
        """Return the next posts."""
        if self._errors:
            raise self._errors.pop(0)
        start = int(cursor or 0)
        end = min(start + self._page_size, len(self._posts))
        return Page(tuple(self._posts[start:end]), cursor=str(end), more=end < len(self._posts))
