"""From a decision to an assignment and the cards that show it, within one transaction.

Every way a post can come to somebody ends here: a new post, one that was passed on, one that was
escalated, one that a manager moved. So there is one place that keeps “dialled once”.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot import cards
from bot.cards import Card
from bot.ports import Address, Delivery, Event, Telemetry, Transaction
from routing.assignment import offer
from routing.company import Roster
from routing.decide import decide
from routing.model import (
    Assigned,
    Assignment,
    AssignmentState,
    Decision,
    Ignored,
    Post,
    Reading,
    Situation,
    Unrouted,
)

if TYPE_CHECKING:
    from routing.reading.pipeline import Reader

DIRECT_DIAL = "direct-dial"
"""Who acts when no person does."""
REMINDER, LATE = "reminder", "late"
"""What the last part of a delivery's id begins with, when it rings about the same once more."""


@dataclass(frozen=True)
class Dialler:
    """What dialling needs to know beside the database: the roster, and who can be reached."""

    roster: Roster
    reader: "Reader"
    surfaces: frozenset[str]
    telemetry: Telemetry

    def route(
        self, tx: Transaction, post: Post, reading: Reading, situation: Situation, now: datetime
    ) -> Decision:
        """Decide about a post and keep what follows from it."""
        decision = decide(post, reading, self.roster, situation, now)
        self.keep(tx, post, decision, now)
        return decision

    def route_again(self, tx: Transaction, post: Post, now: datetime) -> Decision:
        """Decide again, without everyone who was asked before."""
        tx.lock_routing()
        workloads = tx.workloads(now)
        situation = Situation(
            open_assignments=workloads.open,
            recent_assignments=workloads.recent,
            answered_before=tx.answered_before(post.author_key),
            declined={
                assignment.expert: assignment.because or "was asked before"
                for assignment in tx.assignments(post.key)
            },
            surfaces=self.surfaces,
        )
        return self.route(tx, post, self.reader.read_one(post), situation, now)

    def keep(
        self, tx: Transaction, post: Post, decision: Decision, now: datetime, by: str = DIRECT_DIAL
    ) -> None:
        """Keep a decision, offer the post, and have the cards shown."""
        number = 0
        if isinstance(decision, Assigned):
            number = len(tx.assignments(post.key)) + 1
            due_in = self.roster.escalation.due_in(decision.urgency)
            tx.add_assignment(offer(post.key, number, decision.expert, decision.topic, now, due_in))
        tx.save_decision(decision, now, number)
        detail = decision.expert if isinstance(decision, Assigned) else " ".join(decision.reasons)
        tx.record(Event(post.key, number, now, by, decision.outcome, detail))
        self.telemetry.note(
            "decided",
            post=post.key,
            outcome=decision.outcome,
            expert=decision.expert if isinstance(decision, Assigned) else "",
            topic=getattr(decision, "topic", ""),
            confidence=getattr(decision, "confidence", 0.0),
        )
        if not isinstance(decision, Ignored) or tx.deliveries(post.key):
            self.show(tx, post, now)
        if isinstance(decision, Unrouted) and self._desk() is None:
            self.telemetry.trouble("nobody to ask: set company.desk in the roster", post=post.key)

    def show(self, tx: Transaction, post: Post, now: datetime) -> None:
        """Have every card about a post show how things stand; new ones are sent, old ones changed.

        The desk's card and one for each assignment; reminders that were sent follow along.
        """
        assignments = {a.number: a for a in tx.assignments(post.key)}
        shown = {delivery.id: delivery for delivery in tx.deliveries(post.key)}
        wanted = {delivery.id: (delivery.number, delivery.address) for delivery in shown.values()}
        for assignment in assignments.values():
            # None: the roster has changed, or a manager chose somebody who can't be reached here.
            if address := self._address(assignment.expert):
                wanted.setdefault(f"{assignment.id}/expert", (assignment.number, address))
        if desk := self._desk():
            wanted.setdefault(f"{post.key}/desk", (0, desk))
        desk_card = self._desk_card(tx, post, now)
        for delivery_id, (number, address) in wanted.items():
            card = self._expert_card(tx, post, assignments[number], now) if number else desk_card
            card = _as(delivery_id, card)
            if delivery_id not in shown or shown[delivery_id].card != card:
                tx.put_delivery(Delivery(delivery_id, post.key, number, address, card), now)

    def remind(self, tx: Transaction, post: Post, assignment: Assignment, now: datetime) -> None:
        """Ring the expert once more."""
        if address := self._address(assignment.expert):
            delivery_id = f"{assignment.id}/{REMINDER}{assignment.steps_taken}"
            card = _as(delivery_id, self._expert_card(tx, post, assignment, now))
            tx.put_delivery(Delivery(delivery_id, post.key, assignment.number, address, card), now)

    def call_desk(self, tx: Transaction, post: Post, assignment: Assignment, now: datetime) -> None:
        """Ring the community managers about a post that nobody answers."""
        if desk := self._desk():
            delivery_id = f"{assignment.id}/{LATE}{assignment.steps_taken}"
            card = _as(delivery_id, self._desk_card(tx, post, now))
            tx.put_delivery(Delivery(delivery_id, post.key, 0, desk, card), now)

    def _expert_card(
        self, tx: Transaction, post: Post, assignment: Assignment, now: datetime
    ) -> Card:
        decision = tx.decision(post.key, assignment.number)
        if not isinstance(decision, Assigned):
            raise TypeError(f"{assignment.id} has no decision")
        return cards.expert_card(post, decision, assignment, self.roster, now)

    def _desk_card(self, tx: Transaction, post: Post, now: datetime) -> Card:
        decision = tx.decision(post.key)
        if decision is None:
            raise TypeError(f"{post.key} has no decision")
        current = current_assignment(tx.assignments(post.key), decision)
        return cards.desk_card(post, decision, current, self.roster, now)

    def _address(self, expert_id: str) -> Address | None:
        expert = self.roster.expert_by_id.get(expert_id)
        for surface in sorted(self.surfaces):
            if expert is not None and (there := expert.address(surface)):
                return Address(surface, there)
        return None

    def _desk(self) -> Address | None:
        """Return the desk channel, or else the first manager who can be reached."""
        for surface in sorted(self.surfaces):
            desk = {"console": "desk", "slack": self.roster.company.desk.slack}.get(surface, "")
            for there in (desk, *(manager.address(surface) for manager in self.roster.managers)):
                if there:
                    return Address(surface, there)
        return None


def _as(delivery_id: str, card: Card) -> Card:
    """Return a card as this delivery shows it."""
    kind = delivery_id.rpartition("/")[2]
    if kind.startswith(REMINDER):
        return cards.reminder_card(card)
    return cards.late_card(card) if kind.startswith(LATE) else card


def current_assignment(assignments: list[Assignment], decision: Decision) -> Assignment | None:
    """Return the assignment that counts, or None when a person has to choose."""
    if not isinstance(decision, Assigned) or not assignments:
        return None
    return assignments[-1]


def is_done(assignments: list[Assignment]) -> bool:
    """Whether the post has been answered."""
    return any(a.state is AssignmentState.RESOLVED for a in assignments)
