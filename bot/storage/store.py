"""The Store on SQLAlchemy: SQLite for one machine, PostgreSQL for several workers."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from bot.cards import Card
from bot.ports import (
    Address,
    Delivery,
    Event,
    Receipt,
    SourceState,
    StoreError,
    Transaction,
    Workloads,
)
from bot.storage import tables as t
from bot.storage.database import in_words, shown
from bot.storage.labels import Labels
from routing import labelling
from routing.model import OPEN_STATES, Assignment, AssignmentState, Author, Decision, Post
from routing.reading.social import fingerprint

DUPLICATES_WITHIN = timedelta(days=1)
RECENTLY = timedelta(days=7)
_ROUTING_LOCK = 0x6469616C
"""Any number that nobody else uses for an advisory lock in this database: “dial”."""

_CARD: TypeAdapter[Card] = TypeAdapter(Card)
_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


class SqlStore:
    """A Store (see ports) on a database that has the tables of this version."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin; commits at the end of the block, rolls back on an exception."""
        try:
            with self.engine.begin() as connection:
                yield SqlTransaction(connection)
        except DBAPIError as error:
            raise in_words(error, self.engine.url) from error

    def check_version(self) -> None:
        """Raise StoreError unless the database has exactly the tables of this version."""
        where = shown(self.engine.url)
        try:
            with self.engine.connect() as connection:
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except DBAPIError as error:
            raise in_words(error, self.engine.url) from error
        if found is None:
            raise StoreError(f"The database {where} has no tables yet; run: direct-dial migrate")
        if str(found) > t.HEAD:
            raise StoreError(
                f"The database {where} is of a newer version ({found}, this program knows "
                f"{t.HEAD}); install the newer Direct Dial, or point DATABASE_URL elsewhere"
            )
        if str(found) != t.HEAD:
            raise StoreError(
                f"The database {where} is of an older version ({found}); run: direct-dial migrate"
            )

    def close(self) -> None:
        """Let go of connections."""
        self.engine.dispose()


class SqlTransaction(Labels):
    """One transaction; what the methods are for stands in `ports.Transaction`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._postgres = connection.dialect.name == "postgresql"

    # -- sources and posts ------------------------------------------------------------------

    def add_posts(
        self, posts: Sequence[Post], now: datetime, source: str = "", *, may_train: bool = False
    ) -> int:
        first: dict[str, Post] = {}
        for post in posts:
            first.setdefault(post.key, post)
        rows = [
            _post_row(post, now)
            | {"source": source, "may_train": labelling.may_train(post, may_train)}
            for post in first.values()
        ]
        if not rows:
            return 0
        insert = postgresql.insert if self._postgres else sqlite.insert
        added = self._do.execute(
            insert(t.posts).on_conflict_do_nothing(index_elements=["key"]).returning(t.posts.c.key),
            rows,
        )
        return len(added.all())

    def claim_source(self, source: str, now: datetime, lease: timedelta) -> SourceState | None:
        insert = postgresql.insert if self._postgres else sqlite.insert
        fresh = {"name": source, "cursor": None, "next_fetch_at": now, "problem": ""}
        self._do.execute(insert(t.sources).values(fresh).on_conflict_do_nothing())
        row = self._do.execute(
            select(t.sources).where(t.sources.c.name == source).with_for_update()
        ).one()
        if row.next_fetch_at > now:
            return None
        self._do.execute(
            update(t.sources).where(t.sources.c.name == source).values(next_fetch_at=now + lease)
        )
        return SourceState(row.cursor, row.next_fetch_at, row.problem)

    def keep_source(self, source: str, state: SourceState) -> None:
        self._do.execute(
            update(t.sources).where(t.sources.c.name == source).values(**state._asdict())
        )

    def take_new_posts(self, limit: int) -> list[Post]:
        rows = self._do.execute(
            select(t.posts)
            .where(t.posts.c.state == "new")
            .order_by(t.posts.c.seq)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_post(row) for row in rows]

    def fail_post(self, key: str, reason: str) -> None:
        self._do.execute(
            update(t.posts).where(t.posts.c.key == key).values(state="failed", failure=reason)
        )

    def post(self, key: str) -> Post | None:
        row = self._do.execute(select(t.posts).where(t.posts.c.key == key)).one_or_none()
        return _post(row) if row else None

    # -- what deciding has to know ----------------------------------------------------------

    def lock_routing(self) -> None:
        if self._postgres:  # SQLite has one writer at a time anyway
            self._do.execute(select(func.pg_advisory_xact_lock(_ROUTING_LOCK)))

    def workloads(self, now: datetime) -> Workloads:
        a = t.assignments.c
        is_open = a.state.in_(sorted(OPEN_STATES))
        open_now = select(a.expert, func.count()).where(is_open).group_by(a.expert)
        lately = (
            select(a.expert, func.count()).where(a.offered_at > now - RECENTLY).group_by(a.expert)
        )
        return Workloads(
            _counted(self._do.execute(open_now)),
            _counted(self._do.execute(lately)),
        )

    def answered_before(self, author_key: str) -> str:
        if not author_key:
            return ""
        a, p = t.assignments.c, t.posts.c
        query = (
            select(a.expert)
            .join_from(t.assignments, t.posts, a.post_key == p.key)
            .where(p.author_key == author_key, a.state == AssignmentState.RESOLVED)
            .order_by(a.changed_at.desc(), p.seq.desc())
            .limit(1)
        )
        return self._do.execute(query).scalar() or ""

    def duplicate_of(self, post: Post, now: datetime) -> str:
        p = t.posts.c
        mine = select(p.seq).where(p.key == post.key).scalar_subquery()
        query = (
            select(p.key)
            .where(
                p.author_key == post.author_key,
                p.fingerprint == _fingerprint(post),
                p.platform == post.platform,
                p.seq < mine,
                p.received_at > now - DUPLICATES_WITHIN,
            )
            .order_by(p.seq)
            .limit(1)
        )
        return self._do.execute(query).scalar() or ""

    # -- decisions, assignments, history ----------------------------------------------------

    def save_decision(self, decision: Decision, at: datetime, number: int = 0) -> None:
        self._do.execute(
            t.decisions.insert().values(
                post_key=decision.key,
                number=number,
                outcome=decision.outcome,
                body=_DECISION.dump_python(decision, mode="json"),
                decided_at=at,
            )
        )
        self._do.execute(
            update(t.posts).where(t.posts.c.key == decision.key).values(state="routed", failure="")
        )

    def decision(self, post_key: str, number: int | None = None) -> Decision | None:
        d = t.decisions.c
        query = select(d.body).where(d.post_key == post_key).order_by(d.id.desc()).limit(1)
        if number is not None:
            query = query.where(d.number == number)
        body = self._do.execute(query).scalar()
        return _DECISION.validate_python(body) if body is not None else None

    def add_assignment(self, assignment: Assignment) -> None:
        self._do.execute(t.assignments.insert().values(**asdict(assignment)))

    def update_assignment(self, assignment: Assignment) -> None:
        a = t.assignments.c
        self._do.execute(
            update(t.assignments)
            .where(a.post_key == assignment.post_key, a.number == assignment.number)
            .values(**asdict(assignment))
        )

    def assignments(self, post_key: str) -> list[Assignment]:
        # The post's row is the lock for all that happens to a post: also for the first assignment.
        self._do.execute(select(t.posts.c.seq).where(t.posts.c.key == post_key).with_for_update())
        a = t.assignments.c
        rows = self._do.execute(
            select(t.assignments).where(a.post_key == post_key).order_by(a.number)
        )
        return [_assignment(row) for row in rows]

    def overdue(
        self, now: datetime, waits: Sequence[timedelta], limit: int
    ) -> list[tuple[str, int]]:
        if not waits:
            return []
        a = t.assignments.c
        query = (
            select(a.post_key, a.number)
            .where(
                a.state.in_(sorted(OPEN_STATES)),
                or_(
                    *(
                        (a.steps_taken == step) & (a.due_at <= now - wait)
                        for step, wait in enumerate(waits)
                    )
                ),
            )
            .order_by(a.due_at, a.post_key)
            .limit(limit)
        )
        return [(key, number) for key, number in self._do.execute(query)]

    def record(self, event: Event) -> None:
        self._do.execute(t.events.insert().values(**event._asdict()))

    def events(self, post_key: str) -> list[Event]:
        e = t.events.c
        rows = self._do.execute(select(t.events).where(e.post_key == post_key).order_by(e.id))
        return [Event(r.post_key, r.number, r.at, r.by, r.verb, r.detail) for r in rows]

    def busy_experts(self) -> list[str]:
        a = t.assignments.c
        query = select(a.expert).where(a.state.in_(sorted(OPEN_STATES))).distinct()
        return sorted(self._do.execute(query).scalars())

    # -- deliveries -------------------------------------------------------------------------

    def put_delivery(self, delivery: Delivery, now: datetime) -> None:
        card = _CARD.dump_python(delivery.card, mode="json")
        d = t.deliveries.c
        # Only what was shown becomes due at once. What is being sent right now keeps its lease, or
        # a second worker would send it too; what was given up stays so.
        self._do.execute(
            update(t.deliveries)
            .where(d.id == delivery.id, d.state == "shown")
            .values(state="due", due_at=now)
        )
        changed = self._do.execute(
            update(t.deliveries).where(d.id == delivery.id).values(card=card, version=d.version + 1)
        )
        if changed.rowcount:
            return
        self._do.execute(
            t.deliveries.insert().values(
                id=delivery.id,
                post_key=delivery.post_key,
                number=delivery.number,
                surface=delivery.address.surface,
                address=delivery.address.id,
                card=card,
                version=1,
                shown_version=0,
                state="due",
                due_at=now,
                attempts=0,
                failure="",
            )
        )

    def deliveries(self, post_key: str) -> list[Delivery]:
        d = t.deliveries.c
        rows = self._do.execute(select(t.deliveries).where(d.post_key == post_key).order_by(d.seq))
        return [_delivery(row) for row in rows]

    def claim_delivery(
        self, now: datetime, lease: timedelta, surfaces: frozenset[str], post_key: str | None = None
    ) -> Delivery | None:
        d = t.deliveries.c
        query = (
            select(t.deliveries)
            .where(d.state == "due", d.due_at <= now, d.surface.in_(sorted(surfaces)))
            .order_by(d.due_at, d.seq)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if post_key is not None:
            query = query.where(d.post_key == post_key)
        row = self._do.execute(query).one_or_none()
        if row is None:
            return None
        self._do.execute(
            update(t.deliveries)
            .where(d.id == row.id)
            .values(due_at=now + lease, attempts=d.attempts + 1)
        )
        return _delivery(row)

    def delivered(self, delivery: Delivery, receipt: Receipt, now: datetime) -> None:
        d = t.deliveries.c
        values = {
            "channel": receipt.channel,
            "message": receipt.message,
            "shown_version": delivery.version,
            "due_at": now,
            "attempts": 0,
            "failure": "",
        }
        self._do.execute(update(t.deliveries).where(d.id == delivery.id).values(**values))
        self._do.execute(
            update(t.deliveries)
            .where(d.id == delivery.id, d.version == delivery.version)
            .values(state="shown")
        )

    def delivery_failed(self, delivery_id: str, reason: str, retry_at: datetime | None) -> None:
        d = t.deliveries.c
        values: dict[str, Any] = {"failure": reason}
        values |= {"due_at": retry_at} if retry_at else {"state": "failed"}
        self._do.execute(update(t.deliveries).where(d.id == delivery_id).values(**values))

    def counts(self) -> Mapping[str, int]:
        counted: Counter[str] = Counter()
        for name, table in (("posts", t.posts), ("deliveries", t.deliveries)):
            query = select(table.c.state, func.count()).group_by(table.c.state)
            counted.update({f"{name}_{state}": n for state, n in self._do.execute(query)})
        return counted


def _counted(rows: Iterable[Row[str, int]]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}


def _fingerprint(post: Post) -> str:
    words = fingerprint(post.text)
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()


def _post_row(post: Post, now: datetime) -> dict[str, Any]:
    return {
        "key": post.key,
        "platform": post.platform,
        "id": post.id,
        "text": post.text,
        "author": asdict(post.author),
        "author_key": post.author_key,
        "url": post.url,
        "posted_at": post.posted_at,
        "in_reply_to": post.in_reply_to,
        "repost_of": post.repost_of,
        "quotes": post.quotes,
        "language": post.language,
        "fingerprint": _fingerprint(post),
        "received_at": now,
        "state": "new",
        "failure": "",
    }


def _post(row: Any) -> Post:
    return Post(
        platform=row.platform,
        id=row.id,
        text=row.text,
        author=Author(**row.author),
        url=row.url,
        posted_at=row.posted_at,
        in_reply_to=row.in_reply_to,
        repost_of=row.repost_of,
        quotes=row.quotes,
        language=row.language,
    )


def _assignment(row: Any) -> Assignment:
    return Assignment(
        post_key=row.post_key,
        number=row.number,
        expert=row.expert,
        topic=row.topic,
        state=AssignmentState(row.state),
        offered_at=row.offered_at,
        due_at=row.due_at,
        changed_at=row.changed_at,
        steps_taken=row.steps_taken,
        because=row.because,
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        post_key=row.post_key,
        number=row.number,
        address=Address(row.surface, row.address),
        card=_CARD.validate_python(row.card),
        version=row.version,
        attempts=row.attempts,
        receipt=Receipt(row.channel, row.message) if row.message is not None else None,
    )
