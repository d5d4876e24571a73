"""A small company with a store and a messenger in memory, for tests of pipeline and actions."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from bot.actions import Actions
from bot.cards import Card
from bot.dialling import Dialler
from bot.pipeline import Delivered, Pipeline
from bot.ports import Address, Store
from routing.company import Roster
from routing.model import Assignment, Author, Decision, Label, Post
from routing.reading.pipeline import Reader
from routing.roster import load
from tests.fakes import FakeMessenger
from tests.memory_store import MemoryStore

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANNA, BEN, CEM, MAYA, DESK = (
    Address("slack", there) for there in ("UANNA", "UBEN", "UCEM", "UMAYA", "CDESK")
)

ROSTER = """
company:
  name: Kestrel
  handles: {x: [KestrelHelp]}
  desk: {slack: CDESK}
topics:
  - id: roaming
    name: Roaming
    examples: [Why is roaming so expensive in Spain, roaming charges on holiday]
    phrases: [roaming]
  - id: billing
    name: Billing
    examples: [my bill is wrong, I was charged twice this month]
    phrases: [bill]
experts:
  - {id: anna, name: Anna Keller, topics: {roaming: 3}, slack: UANNA, standing: direct, capacity: 2}
  - {id: ben, name: Ben Ortiz, topics: {roaming: 2, billing: 3}, slack: UBEN, standing: direct}
  - {id: cem, name: Cem Aydın, topics: {billing: 2}, slack: UCEM, standing: direct}
  - {id: pat, name: Pat Paper, topics: {billing: 1}, standing: direct}
  - {id: tia, name: Tia Trainee, topics: {roaming: 3}, slack: UTIA, standing: in_training}
managers:
  - {id: maya, name: Maya Lind, slack: UMAYA}
escalation:
  due: 60m
  ladder:
    - {after: 0m, do: remind}
    - {after: 30m, do: next_expert}
    - {after: 60m, do: manager}
"""


@cache
def roster() -> Roster:
    return load(ROSTER)[0]


@cache
def reader() -> Reader:
    return Reader(roster())


@dataclass
class Notes:
    """A Telemetry that remembers."""

    notes: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def note(self, what: str, **facts: str | float) -> None:
        self.notes.append(f"{what} {facts}")

    def trouble(self, what: str, **facts: str | float) -> None:
        self.troubles.append(f"{what} {facts}")


@dataclass
class Office:
    roster: Roster = field(default_factory=roster)
    store: Store = field(default_factory=MemoryStore)
    slack: FakeMessenger = field(default_factory=FakeMessenger)
    notes: Notes = field(default_factory=Notes)

    def __post_init__(self) -> None:
        dialler = Dialler(self.roster, reader(), frozenset({"slack"}), self.notes)
        self.pipeline = Pipeline(self.store, {"slack": self.slack}, dialler)
        self.actions = Actions(self.store, dialler)

    def receive(self, *posts: Post, now: datetime = NOW) -> None:
        """Take posts in, decide about them, and show the cards."""
        with self.store.transaction() as tx:
            tx.add_posts(posts, now)
        while self.pipeline.route(50, now):
            pass
        self.show(now)

    def show(self, now: datetime = NOW) -> None:
        while self.pipeline.deliver_one(now) in (Delivered.YES, Delivered.GIVEN_UP):
            pass

    def cards(self, address: Address) -> list[Card]:
        return [shown.card for shown in self.slack.at(address)]

    def decision(self, key: str = "x:1") -> Decision | None:
        with self.store.transaction() as tx:
            return tx.decision(key)

    def assignments(self, key: str = "x:1") -> list[Assignment]:
        with self.store.transaction() as tx:
            return tx.assignments(key)

    def label(self, key: str = "x:1") -> Label | None:
        with self.store.transaction() as tx:
            return tx.label(key)

    def history(self, key: str = "x:1") -> list[tuple[str, str]]:
        with self.store.transaction() as tx:
            return [(event.by, event.verb) for event in tx.events(key)]


def about_roaming(number: int = 1, handle: str = "tom") -> Post:
    text = f"@KestrelHelp why is roaming so dear in country {number}?"
    return Post("x", str(number), text, Author(handle, "Tom"), f"https://x.com/i/status/{number}")


def unclear(number: int = 1) -> Post:
    return Post("x", str(number), "@KestrelHelp zzyzx qwrt?", Author("sue"))
