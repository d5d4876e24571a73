"""What the product needs of the world: Source, Messenger, Store, Telemetry, and their errors.

An adapter translates every foreign error into one of these; nothing else gets out of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bot.cards import Card
from routing.errors import DirectDialError
from routing.model import Assignment, Decision, Label, LabelledExample, Post


class SourceError(DirectDialError):
    """A source couldn't be read.

    `permanent`: trying again won't help until a person does something; `refused`: and that is to
    set another token. `retry_after`: how long the platform asked us to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        refused: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.refused = refused
        self.retry_after = retry_after


class DeliveryError(DirectDialError):
    """A card couldn't be shown.

    `permanent`: this address can't be reached, so somebody else has to be asked. Otherwise it is
    tried again, after `retry_after` when the platform named a time. Trying again begins with a
    look whether the card is there already, as nobody knows how far the failed try got.
    """

    def __init__(
        self, message: str, *, permanent: bool, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class StoreError(DirectDialError):
    """The database can't be used as it is; the message says what to do."""


class SettingsError(DirectDialError):
    """A setting is missing or wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one fetch brought: posts, oldest first, and where to go on."""

    posts: tuple[Post, ...]
    cursor: str | None
    """Opaque to everyone but the source; None: as before."""
    more: bool = False
    """Whether to fetch again at once."""
    problems: tuple[str, ...] = ()
    """What couldn't be used, in words, without a word of any post."""


class Source(Protocol):
    """A place posts are read from. It has no method that writes."""

    def fetch(self, cursor: str | None) -> Page:
        """Return what is new since `cursor` (None: from the beginning); raises SourceError."""
        ...


class Address(NamedTuple):
    """Where a person or a channel is reached: `slack`, `teams` or `console`, and the id there."""

    surface: str
    id: str


class Receipt(NamedTuple):
    """What the platform returned for a message, enough to change it later."""

    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A card to be shown at an address. The same id is the same message, for ever.

    `version` counts the changes of the card; `receipt` is there once it has been sent; `attempts`
    counts the tries before this one.
    """

    id: str
    post_key: str
    number: int
    """The assignment it belongs to; 0 for the desk."""
    address: Address
    card: Card
    version: int = 1
    attempts: int = 0
    receipt: Receipt | None = None


class Messenger(Protocol):
    """One chat platform."""

    def send(self, delivery: Delivery) -> Receipt:
        """Show the card; raises DeliveryError."""
        ...

    def update(self, delivery: Delivery) -> None:
        """Show the card in place of what `delivery.receipt` names; raises DeliveryError."""
        ...

    def find(self, delivery: Delivery) -> Receipt | None:
        """Look whether the delivery arrived in an earlier try; raises DeliveryError."""
        ...


class Event(NamedTuple):
    """One line of a post's history: who did what, and when."""

    post_key: str
    number: int
    at: datetime
    by: str
    """The id of a person in the roster, or `direct-dial`."""
    verb: str
    detail: str = ""


class SourceState(NamedTuple):
    """Where a source was left, and when it may be read again."""

    cursor: str | None
    next_fetch_at: datetime
    problem: str = ""
    """Why the last fetch failed, or empty."""


class Workloads(NamedTuple):
    """How many posts each expert has open, and was given in the last seven days."""

    open: dict[str, int]
    recent: dict[str, int]


class Transaction(Protocol):
    """Reads and writes that happen together or not at all."""

    def add_posts(
        self, posts: Sequence[Post], now: datetime, source: str = "", *, may_train: bool = False
    ) -> int:
        """Keep posts that aren't known yet; return how many that were.

        `source` is the name of what was watched, `may_train` whether it lets models be trained on
        its posts. A platform that forbids it is obeyed all the same (`labelling.may_train`).
        """
        ...

    def claim_source(self, source: str, now: datetime, lease: timedelta) -> SourceState | None:
        """Return where to go on reading a source, or None when it isn't due yet.

        Keeps other workers off it for `lease`, so that nobody pays twice for the same posts.
        """
        ...

    def keep_source(self, source: str, state: SourceState) -> None:
        """Keep where to go on and when."""
        ...

    def take_new_posts(self, limit: int) -> list[Post]:
        """Return posts without a decision, oldest first, that no other transaction has taken."""
        ...

    def fail_post(self, key: str, reason: str) -> None:
        """Set a post aside with the reason, so that it doesn't hold up the rest."""
        ...

    def lock_routing(self) -> None:
        """Wait until nobody else is deciding: capacity is only kept when counts are true."""
        ...

    def workloads(self, now: datetime) -> Workloads:
        """Return the counts of all experts."""
        ...

    def answered_before(self, author_key: str) -> str:
        """Return who resolved a post of this author last, or empty."""
        ...

    def duplicate_of(self, post: Post, now: datetime) -> str:
        """Return the key of an earlier post of the last day that says the same, or empty.

        The same words by the same author: two customers with the same words are two customers.
        Posts whose author nobody knows count as one author's.
        """
        ...

    def post(self, key: str) -> Post | None:
        """Return a post."""
        ...

    def save_decision(self, decision: Decision, at: datetime, number: int = 0) -> None:
        """Keep a decision and the assignment it led to; the post counts as routed from then on."""
        ...

    def decision(self, post_key: str, number: int | None = None) -> Decision | None:
        """Return the latest decision about a post, or the one that led to assignment `number`."""
        ...

    def add_assignment(self, assignment: Assignment) -> None:
        """Keep a new assignment."""
        ...

    def update_assignment(self, assignment: Assignment) -> None:
        """Keep the new state of an assignment."""
        ...

    def assignments(self, post_key: str) -> list[Assignment]:
        """Return all assignments of a post in order, locked until the transaction ends."""
        ...

    def overdue(
        self, now: datetime, waits: Sequence[timedelta], limit: int
    ) -> list[tuple[str, int]]:
        """Return post key and number of open assignments whose next step is due at `now`.

        `waits` are the ladder's: the step after `steps_taken` is due `waits[steps_taken]` after
        the due time.
        """
        ...

    def record(self, event: Event) -> None:
        """Add a line to a post's history."""
        ...

    def events(self, post_key: str) -> list[Event]:
        """Return the history of a post, oldest first."""
        ...

    def label(self, post_key: str) -> Label | None:
        """Return the label of a post that holds, if it has one."""
        ...

    def keep_label(self, label: Label) -> None:
        """Keep a label in place of the post's earlier one.

        With another topic than before, the example isn't one the model in use was trained on.
        """
        ...

    def drop_label(self, post_key: str) -> None:
        """Take back what was said of a post's topic."""
        ...

    def examples(self) -> list[LabelledExample]:
        """Return every labelled post, the earliest label first: evidence, never a training set."""
        ...

    def training_examples(self) -> list[LabelledExample]:
        """Return the labelled posts that a model may be trained on, the earliest label first.

        The only way from the store to a model. Those with `learned_at` are the ones that the model
        in use was trained on.
        """
        ...

    def use_examples(self, examples: Iterable[LabelledExample], at: datetime) -> None:
        """Have the model in use be the one that was trained on exactly these, at `at`.

        What has been deleted or labelled otherwise since they were read isn't marked.
        """
        ...

    def put_delivery(self, delivery: Delivery, now: datetime) -> None:
        """Have a card shown; for an id that is known, have the new card shown in its place."""
        ...

    def deliveries(self, post_key: str) -> list[Delivery]:
        """Return the deliveries of a post, in the order they were put."""
        ...

    def claim_delivery(
        self, now: datetime, lease: timedelta, surfaces: frozenset[str], post_key: str | None = None
    ) -> Delivery | None:
        """Return the delivery that has waited longest, and keep others off it for `lease`.

        Counts as an attempt. Whoever dies with it lets the lease run out; the next one sees the
        attempt and looks before sending.
        """
        ...

    def delivered(self, delivery: Delivery, receipt: Receipt, now: datetime) -> None:
        """Keep what the platform returned; a card that changed meanwhile is due again."""
        ...

    def delivery_failed(self, delivery_id: str, reason: str, retry_at: datetime | None) -> None:
        """Keep why it failed; without `retry_at` it is given up."""
        ...

    def busy_experts(self) -> list[str]:
        """Return the ids of everyone who has an open assignment."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how many posts and deliveries are in which state, for health and summaries."""
        ...


class Store(Protocol):
    """The database, which is also the queue."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin; commits at the end of the block, rolls back on an exception."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Telemetry(Protocol):
    """Where domain events are told: never post text, never personal data."""

    def note(self, what: str, **facts: str | float) -> None:
        """Tell of something that happened in the ordinary course."""
        ...

    def trouble(self, what: str, **facts: str | float) -> None:
        """Tell of something that a person should look at."""
        ...
