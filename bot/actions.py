"""What people do: take, pass, answer, not for us, reassign, look up.

Every surface calls these; none decides by itself. Each is idempotent: a second click, a retried
event or another person changes nothing and is told how things stand.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.cards import Action, Card, Form, expert_choices, local_time, lookup_card, reassign_form
from bot.dialling import Dialler, is_done
from bot.ports import Address, Event, Store, Transaction
from routing import labelling
from routing.assignment import AlreadyThere, Move, TooLate, move
from routing.company import Expert, Manager, Roster
from routing.lookup import lookup
from routing.model import (
    Assignment,
    AssignmentState,
    Ignored,
    Label,
    Post,
    Situation,
    storable,
)
from routing.override import NotAllowed, override


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action, and the sentence for the person who asked for it."""

    status: Literal["done", "already", "refused"]
    message: str
    post_key: str


Person = Expert | Manager

_MOVES = {
    Action.ACCEPT: (Move.ACCEPT, "", "It is yours. Thank you!"),
    Action.DECLINE: (Move.DECLINE, "passed on it", "You passed it on."),
    Action.RESOLVE: (Move.RESOLVE, "answered it", "Marked as answered. Thank you!"),
    Action.DISMISS: (Move.DISMISS, "said it is not for us", "Marked as not for us."),
}


@dataclass(frozen=True)
class Actions:
    """The actions, joined to a store and a dialler."""

    store: Store
    dialler: Dialler

    @property
    def roster(self) -> Roster:
        """Return the roster in use."""
        return self.dialler.roster

    def perform(self, action: Action, value: str, by: Address, now: datetime) -> Outcome:
        """Do what a button asks for; `value` is an assignment's id; `…/0` is the desk."""
        post_key, number = _target(value)
        person = self.roster.person_at(*by)
        if person is None:
            return Outcome("refused", _stranger(self.roster), post_key)
        with self.store.transaction() as tx:
            post = tx.post(post_key)
            if post is None:
                return Outcome("refused", "This card is out of date: the post is gone.", post_key)
            assignments = tx.assignments(post_key)
            if number == 0 and action is Action.DISMISS:
                return self._dismiss_at_desk(tx, post, assignments, person, now)
            assignment = next((a for a in assignments if a.number == number), None)
            if assignment is None:
                return Outcome("refused", "This card is out of date: nobody has it.", post_key)
            if person.id != assignment.expert and not self.roster.is_manager(person):
                whose = self.roster.name_of(assignment.expert)
                return Outcome(
                    "refused", f"It is {whose}'s. A community manager can move it.", post_key
                )
            return self._move(tx, post, assignment, action, person, now)

    def reassign_form(self, value: str, by: Address, now: datetime) -> Form | Outcome:
        """Return the dialogue for moving a post, or why this person can't have it."""
        post_key, _ = _target(value)
        person = self.roster.person_at(*by)
        if person is None or not self.roster.is_manager(person):
            return Outcome("refused", _managers_only(self.roster), post_key)
        with self.store.transaction() as tx:
            post = tx.post(post_key)
            if post is None:
                return Outcome("refused", "This card is out of date: the post is gone.", post_key)
            assignments = tx.assignments(post_key)
            if answered := _answered(assignments, self.roster, person, now):
                return Outcome("refused", answered, post_key)
            return reassign_form(post, tx.decision(post_key), len(assignments), self.roster)

    def expert_choices(self, value: str, typed: str, by: Address, limit: int) -> list[Expert]:
        """Return experts for the searchable list, best first; nobody but managers gets any."""
        if not self.roster.is_manager(self.roster.person_at(*by)):
            return []
        with self.store.transaction() as tx:
            return expert_choices(self.roster, typed, tx.decision(_target(value)[0]), limit)

    def reassign(self, value: str, expert: str, reason: str, by: Address, now: datetime) -> Outcome:
        """Move a post to an expert, with the manager's reason; the override is kept and shown.

        `value` is the dialogue's: the post, and how many experts had been asked when it was opened.
        If somebody else has moved the post since, nothing happens.
        """
        post_key, asked = _target(value)
        person = self.roster.person_at(*by)
        if person is None or not self.roster.is_manager(person):
            self.dialler.telemetry.trouble("refused", action="reassign", post=post_key)
            return Outcome("refused", _managers_only(self.roster), post_key)
        with self.store.transaction() as tx:
            post = tx.post(post_key)
            if post is None:
                return Outcome("refused", "The post is gone; nothing was changed.", post_key)
            assignments = tx.assignments(post_key)
            name = self.roster.name_of(expert)
            if assignments and assignments[-1].is_open and assignments[-1].expert == expert:
                return Outcome("already", f"{name} has it already.", post_key)
            if is_done(assignments) or len(assignments) != asked:
                told = _where_it_is(assignments, self.roster, person, now)
                return Outcome("refused", told, post_key)
            situation = Situation(surfaces=self.dialler.surfaces)
            reading, why = self.dialler.reader.read_one(post), storable(reason)
            decision = override(post, reading, expert, person.id, why, self.roster, situation, now)
            if isinstance(decision, NotAllowed):
                return Outcome("refused", decision.reason, post_key)
            known, before = tx.label(post_key), tx.decision(post_key)
            said = labelling.reassigned(known, before, decision, person.id, now, self.roster)
            _keep_label(tx, known, said)
            for current in assignments[-1:]:
                if current.is_open:
                    moved = move(current, Move.REASSIGN, now, "was moved away from them")
                    tx.update_assignment(moved.assignment)
                    tx.record(Event(post_key, current.number, now, person.id, Move.REASSIGN, why))
            self.dialler.keep(tx, post, decision, now, by=person.id)
            return Outcome("done", f"{name} has it now.", post_key)

    def lookup(self, query: str, now: datetime) -> Card:
        """Return who knows about a query."""
        return lookup_card(lookup(storable(query), self.roster, self.dialler.reader, now))

    def _move(
        self,
        tx: Transaction,
        post: Post,
        assignment: Assignment,
        action: Action,
        person: Person,
        now: datetime,
    ) -> Outcome:
        verb, because, thanks = _MOVES[action]
        result = move(assignment, verb, now, because)
        if isinstance(result, AlreadyThere):
            return Outcome("already", "That is done already; nothing changed.", post.key)
        if isinstance(result, TooLate):
            told = _where_it_is(tx.assignments(post.key), self.roster, person, now)
            return Outcome("refused", told, post.key)
        tx.update_assignment(result.assignment)
        tx.record(Event(post.key, assignment.number, now, person.id, verb))
        self._label(tx, assignment, verb, person, now)
        self.dialler.telemetry.note(str(verb), post=post.key, by=person.id)
        if verb is Move.DECLINE:
            self.dialler.route_again(tx, post, now)
        else:
            self.dialler.show(tx, post, now)
        return Outcome("done", thanks, post.key)

    def _label(
        self, tx: Transaction, assignment: Assignment, verb: Move, person: Person, now: datetime
    ) -> None:
        """Keep what a button says of the post's topic."""
        key, known = assignment.post_key, tx.label(assignment.post_key)
        if verb is Move.RESOLVE:
            decision = tx.decision(key, assignment.number)
            said = labelling.answered(known, decision, person.id, now, self.roster)
        elif verb is Move.DISMISS:
            said = labelling.dismissed(known, key, person.id, now, self.roster)
        else:
            return
        _keep_label(tx, known, said)

    def _dismiss_at_desk(
        self,
        tx: Transaction,
        post: Post,
        assignments: list[Assignment],
        person: Person,
        now: datetime,
    ) -> Outcome:
        """Close a post that nobody has: a manager says that it isn't for us."""
        if not self.roster.is_manager(person):
            return Outcome("refused", _managers_only(self.roster), post.key)
        if isinstance(tx.decision(post.key), Ignored):
            return Outcome("already", "That is done already; nothing changed.", post.key)
        if assignments and (assignments[-1].is_open or is_done(assignments)):
            told = _where_it_is(assignments, self.roster, person, now)
            return Outcome("refused", told, post.key)
        known = tx.label(post.key)
        said = labelling.dismissed(known, post.key, person.id, now, self.roster)
        _keep_label(tx, known, said)
        decision = Ignored(post.key, (f"{person.name} marked it as not for us.",))
        self.dialler.keep(tx, post, decision, now, by=person.id)
        return Outcome("done", "Marked as not for us.", post.key)


def _keep_label(tx: Transaction, known: Label | None, said: Label | None) -> None:
    """Keep what holds of a post's topic after an action, with the action or not at all."""
    if said is not None and said != known:
        tx.keep_label(said)
    elif said is None and known is not None:
        tx.drop_label(known.post_key)


def _target(value: str) -> tuple[str, int]:
    """Split a button's value, `platform:id/2`, into the post's key and the assignment's number.

    0 is the desk. Ids of posts may have a slash themselves (a feed's are addresses), hence from
    the right; a value that isn't ours names a post that isn't there.
    """
    post_key, _, number = value.rpartition("/")
    return (post_key, int(number)) if number.isascii() and number.isdigit() else (value, 0)


def _stranger(roster: Roster) -> str:
    return f"You aren't in the roster yet. {_ask(roster)} to add you to experts.yaml."


def _managers_only(roster: Roster) -> str:
    return f"Only community managers can do this. {_ask(roster)}."


def _ask(roster: Roster) -> str:
    names = " or ".join(manager.name for manager in roster.managers[:3])
    return f"Ask {names}" if names else "Ask whoever looks after experts.yaml"


def _answered(assignments: list[Assignment], roster: Roster, person: Person, now: datetime) -> str:
    return _where_it_is(assignments, roster, person, now) if is_done(assignments) else ""


def _where_it_is(
    assignments: list[Assignment], roster: Roster, person: Person, now: datetime
) -> str:
    """Say who has a post, for somebody who comes too late."""
    if not assignments:
        return "Nothing changed: this is out of date. Open it again."
    last = assignments[-1]
    name = "You" if person.id == last.expert else roster.name_of(last.expert)
    have, were = ("have", "were") if name == "You" else ("has", "was")
    at = local_time(last.changed_at, roster.zone_of(person), now)
    return {
        AssignmentState.OFFERED: f"Nothing changed: {name} {were} asked at {at}.",
        AssignmentState.ACCEPTED: f"Nothing changed: {name} {have} had it since {at}.",
        AssignmentState.RESOLVED: f"Nothing changed: {name} answered it at {at}.",
        AssignmentState.DECLINED: f"Nothing changed: {name} passed on it at {at}.",
        AssignmentState.REASSIGNED: f"Nothing changed: it was moved at {at}.",
        AssignmentState.ESCALATED: f"Nothing changed: time was up at {at}.",
        AssignmentState.DISMISSED: f"Nothing changed: it was marked as not for us at {at}.",
    }[last.state]
