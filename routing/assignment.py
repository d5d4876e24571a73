"""The moves of an assignment: which are legal, and what a person is told who comes too late.

`offered → accepted → resolved`; `offered|accepted → declined` (decide again without them);
`offered|accepted → reassigned`; `offered|accepted → dismissed` (not for us);
`offered|accepted → escalated` (the ladder took it away).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routing.model import Assignment, AssignmentState

S = AssignmentState


class Move(StrEnum):
    """What a person, or the ladder, does with an assignment."""

    ACCEPT = "accept"
    DECLINE = "decline"
    RESOLVE = "resolve"
    DISMISS = "dismiss"
    REASSIGN = "reassign"
    ESCALATE = "escalate"


LEGAL: dict[Move, tuple[frozenset[AssignmentState], AssignmentState]] = {
    Move.ACCEPT: (frozenset({S.OFFERED}), S.ACCEPTED),
    Move.DECLINE: (frozenset({S.OFFERED, S.ACCEPTED}), S.DECLINED),
    Move.RESOLVE: (frozenset({S.OFFERED, S.ACCEPTED}), S.RESOLVED),
    Move.DISMISS: (frozenset({S.OFFERED, S.ACCEPTED}), S.DISMISSED),
    Move.REASSIGN: (frozenset({S.OFFERED, S.ACCEPTED}), S.REASSIGNED),
    Move.ESCALATE: (frozenset({S.OFFERED, S.ACCEPTED}), S.ESCALATED),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """The move was made; `assignment` is how it stands now."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The move had been made before: a second click, or a retried event. Nothing changes."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class TooLate:
    """The assignment has gone another way; `assignment` says which."""

    assignment: Assignment


def move(
    assignment: Assignment, verb: Move, now: datetime, because: str = ""
) -> Moved | AlreadyThere | TooLate:
    """Return the assignment after `verb` at `now`, or why nothing changed."""
    allowed_from, to = LEGAL[verb]
    if assignment.state is to:
        return AlreadyThere(assignment)
    if assignment.state not in allowed_from:
        return TooLate(assignment)
    return Moved(replace(assignment, state=to, changed_at=now, because=because))


def offer(
    post_key: str, number: int, expert: str, topic: str, now: datetime, due_in: timedelta
) -> Assignment:
    """Return a new assignment: `expert` is asked at `now` and has `due_in`."""
    return Assignment(
        post_key=post_key,
        number=number,
        expert=expert,
        topic=topic,
        state=S.OFFERED,
        offered_at=now,
        due_at=now + due_in,
        changed_at=now,
    )
