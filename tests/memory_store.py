"""A Store in memory: passes the same contract tests as the one on SQLAlchemy.

A transaction works on a copy and puts it in place at the end; one runs at a time, as on SQLite.
"""

import copy
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.ports import Delivery, Event, Receipt, SourceState, Transaction, Workloads
from routing.labelling import may_train as may_train_on
from routing.model import Assignment, AssignmentState, Decision, Label, LabelledExample, Post
from routing.reading.social import fingerprint

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass
class _Row:
    post: Post
    received_at: datetime
    source: str = ""
    may_train: bool = False
    state: str = "new"


@dataclass
class _Sent:
    delivery: Delivery
    due_at: datetime
    state: str = "due"


@dataclass
class _Data:
    posts: dict[str, _Row] = field(default_factory=dict)
    sources: dict[str, SourceState] = field(default_factory=dict)
    decisions: list[tuple[Decision, int]] = field(default_factory=list)
    assignments: dict[tuple[str, int], Assignment] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    deliveries: dict[str, _Sent] = field(default_factory=dict)
    labels: dict[str, tuple[Label, datetime | None]] = field(default_factory=dict)


class MemoryStore:
    def __init__(self) -> None:
        self._data = _Data()
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            data = copy.deepcopy(self._data)
            yield MemoryTransaction(data)
            self._data = data

    def close(self) -> None:
        pass


class MemoryTransaction:
    def __init__(self, data: _Data) -> None:
        self._data = data

    def add_posts(
        self, posts: Sequence[Post], now: datetime, source: str = "", *, may_train: bool = False
    ) -> int:
        before = len(self._data.posts)
        for post in posts:
            row = _Row(post, now, source, may_train_on(post, may_train))
            self._data.posts.setdefault(post.key, row)
        return len(self._data.posts) - before

    def claim_source(self, source: str, now: datetime, lease: timedelta) -> SourceState | None:
        state = self._data.sources.setdefault(source, SourceState(None, now))
        if state.next_fetch_at > now:
            return None
        self._data.sources[source] = state._replace(next_fetch_at=now + lease)
        return state

    def keep_source(self, source: str, state: SourceState) -> None:
        self._data.sources[source] = state

    def take_new_posts(self, limit: int) -> list[Post]:
        return [row.post for row in self._data.posts.values() if row.state == "new"][:limit]

    def fail_post(self, key: str, reason: str) -> None:
        self._data.posts[key].state = "failed"

    def lock_routing(self) -> None:
        pass

    def workloads(self, now: datetime) -> Workloads:
        assignments = self._data.assignments.values()
        return Workloads(
            dict(Counter(a.expert for a in assignments if a.is_open)),
            dict(Counter(a.expert for a in assignments if a.offered_at > now - WEEK)),
        )

    def answered_before(self, author_key: str) -> str:
        if not author_key:
            return ""
        order = {key: n for n, key in enumerate(self._data.posts)}
        answered = [
            a
            for a in self._data.assignments.values()
            if a.state is AssignmentState.RESOLVED
            and self._data.posts[a.post_key].post.author_key == author_key
        ]
        answered.sort(key=lambda a: (a.changed_at, order[a.post_key]))
        return answered[-1].expert if answered else ""

    def duplicate_of(self, post: Post, now: datetime) -> str:
        for key, row in self._data.posts.items():
            if key == post.key:
                return ""
            if (
                row.post.author_key == post.author_key
                and row.post.platform == post.platform
                and fingerprint(row.post.text) == fingerprint(post.text)
                and row.received_at > now - DAY
            ):
                return key
        return ""

    def post(self, key: str) -> Post | None:
        row = self._data.posts.get(key)
        return row.post if row else None

    def save_decision(self, decision: Decision, at: datetime, number: int = 0) -> None:
        self._data.decisions.append((decision, number))
        self._data.posts[decision.key].state = "routed"

    def decision(self, post_key: str, number: int | None = None) -> Decision | None:
        for decision, belongs_to in reversed(self._data.decisions):
            if decision.key == post_key and number in (None, belongs_to):
                return decision
        return None

    def add_assignment(self, assignment: Assignment) -> None:
        self._data.assignments[assignment.post_key, assignment.number] = assignment

    def update_assignment(self, assignment: Assignment) -> None:
        self._data.assignments[assignment.post_key, assignment.number] = assignment

    def assignments(self, post_key: str) -> list[Assignment]:
        found = [a for a in self._data.assignments.values() if a.post_key == post_key]
        return sorted(found, key=lambda a: a.number)

    def overdue(
        self, now: datetime, waits: Sequence[timedelta], limit: int
    ) -> list[tuple[str, int]]:
        due = [
            a
            for a in self._data.assignments.values()
            if a.is_open and a.steps_taken < len(waits) and a.due_at <= now - waits[a.steps_taken]
        ]
        due.sort(key=lambda a: (a.due_at, a.post_key))
        return [(a.post_key, a.number) for a in due][:limit]

    def record(self, event: Event) -> None:
        self._data.events.append(event)

    def events(self, post_key: str) -> list[Event]:
        return [event for event in self._data.events if event.post_key == post_key]

    def label(self, post_key: str) -> Label | None:
        label, _ = self._data.labels.get(post_key, (None, None))
        return label

    def keep_label(self, label: Label) -> None:
        known, learned_at = self._data.labels.get(label.post_key, (None, None))
        same = known is not None and known.topic == label.topic
        self._data.labels[label.post_key] = (label, learned_at if same else None)

    def drop_label(self, post_key: str) -> None:
        self._data.labels.pop(post_key, None)

    def examples(self) -> list[LabelledExample]:
        order = {key: n for n, key in enumerate(self._data.posts)}
        found = sorted(self._data.labels.values(), key=lambda f: (f[0].at, order[f[0].post_key]))
        return [self._example(label, learned_at) for label, learned_at in found]

    def training_examples(self) -> list[LabelledExample]:
        return [example for example in self.examples() if example.may_train]

    def use_examples(self, examples: Iterable[LabelledExample], at: datetime) -> None:
        used = {(example.label.post_key, example.label.topic) for example in examples}
        for example in self.examples():
            label = example.label
            learned = example.may_train and (label.post_key, label.topic) in used
            self._data.labels[label.post_key] = (label, at if learned else None)

    def _example(self, label: Label, learned_at: datetime | None) -> LabelledExample:
        row = self._data.posts[label.post_key]
        post = row.post
        return LabelledExample(
            label, post.text, post.language, post.platform, row.source, row.may_train, learned_at
        )

    def put_delivery(self, delivery: Delivery, now: datetime) -> None:
        known = self._data.deliveries.get(delivery.id)
        if known is None:
            self._data.deliveries[delivery.id] = _Sent(
                replace(delivery, version=1, attempts=0, receipt=None), now
            )
            return
        if known.state == "shown":
            known.state, known.due_at = "due", now
        version = known.delivery.version + 1
        known.delivery = replace(known.delivery, card=delivery.card, version=version)

    def deliveries(self, post_key: str) -> list[Delivery]:
        return [
            sent.delivery
            for sent in self._data.deliveries.values()
            if sent.delivery.post_key == post_key
        ]

    def claim_delivery(
        self, now: datetime, lease: timedelta, surfaces: frozenset[str], post_key: str | None = None
    ) -> Delivery | None:
        due = [
            sent
            for sent in self._data.deliveries.values()
            if sent.state == "due"
            and sent.due_at <= now
            and sent.delivery.address.surface in surfaces
            and post_key in (None, sent.delivery.post_key)
        ]
        if not due:
            return None
        first = min(due, key=lambda sent: sent.due_at)
        claimed = first.delivery
        first.due_at = now + lease
        first.delivery = replace(claimed, attempts=claimed.attempts + 1)
        return claimed

    def delivered(self, delivery: Delivery, receipt: Receipt, now: datetime) -> None:
        sent = self._data.deliveries[delivery.id]
        sent.due_at = now
        sent.delivery = replace(sent.delivery, receipt=receipt, attempts=0)
        if sent.delivery.version == delivery.version:
            sent.state = "shown"

    def delivery_failed(self, delivery_id: str, reason: str, retry_at: datetime | None) -> None:
        sent = self._data.deliveries[delivery_id]
        if retry_at is None:
            sent.state = "failed"
        else:
            sent.due_at = retry_at

    def busy_experts(self) -> list[str]:
        return sorted({a.expert for a in self._data.assignments.values() if a.is_open})

    def counts(self) -> Mapping[str, int]:
        counted: Counter[str] = Counter()
        counted.update(f"posts_{row.state}" for row in self._data.posts.values())
        counted.update(f"deliveries_{sent.state}" for sent in self._data.deliveries.values())
        return counted
