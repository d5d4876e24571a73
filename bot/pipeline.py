"""The way of a post: ingest, route, deliver, escalate. The database is the queue between them.

Each step reads, decides and writes back in one transaction, so that stopping anywhere loses
nothing and repeats nothing. Only delivering meets the outside; see `deliver_one`.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import PurePath

from bot.dialling import DIRECT_DIAL, Dialler
from bot.ports import (
    Delivery,
    DeliveryError,
    Event,
    Messenger,
    SettingsError,
    Source,
    SourceError,
    SourceState,
    Store,
    StoreError,
    Telemetry,
    Transaction,
)
from routing.assignment import Move, Moved, move
from routing.company import StepAction
from routing.escalation import next_step
from routing.model import Assigned, Post, Situation, Unrouted

FETCH_LEASE = timedelta(minutes=2)
"""Longer than any fetch; a worker that dies in one is followed after this."""
PERMANENT_SOURCE_WAIT = timedelta(minutes=15)
"""A source that a person must put right is tried again at this pace, and told of each time."""
DELIVERY_LEASE = timedelta(seconds=30)
"""Longer than all calls of one delivery (3.5 s in Slack); then another worker takes it over."""
FIRST_RETRY = timedelta(seconds=8)
"""Time for a platform to finish a call that we gave up on, before we look whether it took."""
LONGEST_RETRY = timedelta(minutes=5)


@dataclass(frozen=True)
class Watched:
    """A source with the name its place is kept under, and how often it is read."""

    name: str
    source: Source
    every: timedelta
    may_train: bool = False
    """Whether it lets models be trained on its posts."""


class Delivered(Enum):
    """What came of trying to show a card."""

    NOTHING_DUE = "nothing due"
    YES = "yes"
    LATER = "later"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class Pipeline:
    """The steps, joined to a store, messengers and a dialler."""

    store: Store
    messengers: Mapping[str, Messenger]
    dialler: Dialler
    _accepted: set[str] = field(default_factory=set)
    """The sources that have taken our token since this process started."""

    @property
    def telemetry(self) -> Telemetry:
        """Return where events are told."""
        return self.dialler.telemetry

    def ingest(self, watched: Watched, now: datetime) -> bool:
        """Read a source once if it is due; return whether it was, and has more at once.

        Raises SettingsError when the first thing a source says is that the token is wrong: whoever
        starts it should be told there and then. Later on that is trouble like any other.
        """
        name = watched.name
        with self.store.transaction() as tx:
            state = tx.claim_source(name, now, FETCH_LEASE)
        if state is None:
            return False
        try:
            page = watched.source.fetch(state.cursor)
        except SourceError as error:
            self._keep_problem(watched, state, error, now)
            if error.refused and name not in self._accepted:
                raise SettingsError(f"{name}: {error}") from None
            return False
        except Exception as error:  # noqa: BLE001 - a source may be a company's own module
            told = SourceError(f"It failed unexpectedly ({_described(error)})", permanent=True)
            self._keep_problem(watched, state, told, now)
            return False
        self._accepted.add(name)
        next_fetch_at = now if page.more else now + watched.every
        problem = " ".join(page.problems)
        with self.store.transaction() as tx:
            added = tx.add_posts(page.posts, now, name, may_train=watched.may_train)
            cursor = state.cursor if page.cursor is None else page.cursor
            tx.keep_source(name, SourceState(cursor, next_fetch_at, problem))
        if page.posts:
            self.telemetry.note("fetched", source=name, posts=len(page.posts), new=added)
        for sentence in page.problems:
            self.telemetry.trouble("source problem", source=name, reason=sentence)
        return page.more

    def route(self, limit: int, now: datetime) -> int:
        """Decide about up to `limit` new posts; return how many there were."""
        try:
            return self._route_batch(limit, now)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad post must not hold up the rest
            self.telemetry.trouble("batch failed", error=_described(error))
        return self._route_one_by_one(limit, now)

    def deliver_one(self, now: datetime, post_key: str | None = None) -> Delivered:
        """Show one card that is due; return what came of it.

        The claim is committed before the platform is called. Whoever is killed in between leaves
        a claim that runs out; the next one sees that there was an attempt, and looks whether the
        card arrived before sending it.
        """
        with self.store.transaction() as tx:
            surfaces = frozenset(self.messengers)
            delivery = tx.claim_delivery(now, DELIVERY_LEASE, surfaces, post_key)
        if delivery is None:
            return Delivered.NOTHING_DUE
        messenger = self.messengers[delivery.address.surface]
        try:
            receipt = delivery.receipt
            if receipt is None and delivery.attempts:
                receipt = messenger.find(delivery)
                # What was found may show an older version of the card.
                delivery = replace(delivery, receipt=receipt)
            if receipt is None:
                receipt = messenger.send(delivery)
            else:
                messenger.update(delivery)
        except DeliveryError as error:
            self._delivery_failed(delivery, error, now)
            return Delivered.GIVEN_UP if error.permanent else Delivered.LATER
        except Exception as error:  # noqa: BLE001 - recorded with the card; the others go on
            told = DeliveryError(
                f"It failed unexpectedly ({_described(error)})",
                permanent=False,
                retry_after=LONGEST_RETRY,
            )
            self.telemetry.trouble("delivery broken", delivery=delivery.id)
            self._delivery_failed(delivery, told, now)
            return Delivered.GIVEN_UP
        with self.store.transaction() as tx:
            tx.delivered(delivery, receipt, now)
        self.telemetry.note("delivered", delivery=delivery.id, version=delivery.version)
        return Delivered.YES

    def show_changes(self, post_key: str, clock: Callable[[], datetime]) -> None:
        """Show at once what an action changed; what fails now, the worker tries again."""
        while self.deliver_one(clock(), post_key) is Delivered.YES:
            pass

    def escalate(self, now: datetime, limit: int = 100) -> int:
        """Take the next step of the ladder for assignments that are overdue; return how many."""
        escalation = self.dialler.roster.escalation
        with self.store.transaction() as tx:
            waits = [step.after for step in escalation.ladder]
            overdue = tx.overdue(now, waits, limit)
        return sum(self._escalate_one(post_key, number, now) for post_key, number in overdue)

    # -- parts of the steps -----------------------------------------------------------------

    def _keep_problem(
        self, watched: Watched, state: SourceState, error: SourceError, now: datetime
    ) -> None:
        wait = PERMANENT_SOURCE_WAIT if error.permanent else watched.every
        wait = error.retry_after or wait
        with self.store.transaction() as tx:
            tx.keep_source(watched.name, SourceState(state.cursor, now + wait, str(error)))
        told = self.telemetry.trouble if error.permanent else self.telemetry.note
        told("source failed", source=watched.name, reason=str(error), retry_in=str(wait))

    def _route_batch(self, limit: int, now: datetime) -> int:
        with self.store.transaction() as tx:
            posts = tx.take_new_posts(limit)
            readings = list(self.dialler.reader.read(posts))
            if not posts:
                return 0
            tx.lock_routing()
            open_now, recent = tx.workloads(now)
            for post, reading in readings:
                decision = self.dialler.route(
                    tx, post, reading, self._situation(tx, post, open_now, recent, now), now
                )
                if isinstance(decision, Assigned):
                    for counts in (open_now, recent):
                        counts[decision.expert] = counts.get(decision.expert, 0) + 1
            return len(posts)

    def _situation(
        self,
        tx: Transaction,
        post: Post,
        open_now: dict[str, int],
        recent: dict[str, int],
        now: datetime,
    ) -> Situation:
        return Situation(
            open_assignments=open_now,
            recent_assignments=recent,
            answered_before=tx.answered_before(post.author_key),
            duplicate_of=tx.duplicate_of(post, now),
            surfaces=self.dialler.surfaces,
        )

    def _route_one_by_one(self, limit: int, now: datetime) -> int:
        """Route each post by itself; one that fails is set aside and a person is asked."""
        for count in range(limit):
            key = ""
            try:
                with self.store.transaction() as tx:
                    taken = tx.take_new_posts(1)
                    if not taken:
                        return count
                    (post,) = taken
                    key = post.key
                    reading = self.dialler.reader.read_one(post)
                    tx.lock_routing()
                    situation = self._situation(tx, post, *tx.workloads(now), now)
                    self.dialler.route(tx, post, reading, situation, now)
            except StoreError:
                raise
            except Exception as error:
                if not key:
                    raise
                self._set_aside(key, _described(error), now)
        return limit

    def _set_aside(self, key: str, error: str, now: datetime) -> None:
        reason = f"Reading or deciding failed ({error}); please look at it yourself."
        self.telemetry.trouble("post failed", post=key, error=error)
        with self.store.transaction() as tx:
            post = tx.post(key)
            # Its row was free for a moment: another worker may have routed it meanwhile.
            if post is not None and not tx.assignments(key) and tx.decision(key) is None:
                tx.save_decision(Unrouted(key, (reason,)), now)
                tx.fail_post(key, reason)
                tx.record(Event(key, 0, now, DIRECT_DIAL, "failed", reason))
                self.dialler.show(tx, post, now)

    def _delivery_failed(self, delivery: Delivery, error: DeliveryError, now: datetime) -> None:
        # The desk has nobody to take its place, so it is tried again until somebody mends it.
        permanent = error.permanent and delivery.number > 0
        wait = LONGEST_RETRY if error.permanent else _backoff(delivery.attempts)
        retry_at = None if permanent else now + (error.retry_after or wait)
        told = self.telemetry.trouble if error.permanent else self.telemetry.note
        told("delivery failed", delivery=delivery.id, reason=str(error))
        with self.store.transaction() as tx:
            tx.assignments(
                delivery.post_key
            )  # the post before its deliveries, as actions lock them
            tx.delivery_failed(delivery.id, str(error), retry_at)
            if permanent and delivery.number and delivery.receipt is None:
                self._next_expert(tx, delivery, str(error), now)

    def _next_expert(self, tx: Transaction, delivery: Delivery, reason: str, now: datetime) -> None:
        """Somebody who can't be reached is like somebody who passed: decide again."""
        post = tx.post(delivery.post_key)
        for assignment in tx.assignments(delivery.post_key):
            if post is None or assignment.number != delivery.number:
                continue
            result = move(assignment, Move.ESCALATE, now, f"can't be reached ({reason})")
            if isinstance(result, Moved):
                tx.update_assignment(result.assignment)
                tx.record(Event(post.key, delivery.number, now, DIRECT_DIAL, "unreachable", reason))
                self.dialler.route_again(tx, post, now)

    def _escalate_one(self, post_key: str, number: int, now: datetime) -> bool:
        escalation = self.dialler.roster.escalation
        with self.store.transaction() as tx:
            post = tx.post(post_key)
            found = [a for a in tx.assignments(post_key) if a.number == number]
            step = next_step(found[0], escalation, now) if found else None
            if post is None or step is None:
                return False
            assignment = replace(found[0], steps_taken=found[0].steps_taken + 1)
            tx.update_assignment(assignment)
            tx.record(Event(post_key, number, now, DIRECT_DIAL, step.do))
            self.telemetry.note("escalated", post=post_key, step=str(step.do))
            if step.do is StepAction.REMIND:
                self.dialler.remind(tx, post, assignment, now)
            elif step.do is StepAction.MANAGER:
                self.dialler.call_desk(tx, post, assignment, now)
            else:
                result = move(assignment, Move.ESCALATE, now, "didn't answer in time")
                tx.update_assignment(result.assignment)
                self.dialler.route_again(tx, post, now)
            return True


def _backoff(attempts: int) -> timedelta:
    return min(FIRST_RETRY * (1 << min(attempts, 12)), LONGEST_RETRY)


def _described(error: Exception) -> str:
    """Return what went wrong and where; not the message, which may quote a post."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {PurePath(where.filename).name}:{where.lineno}"
