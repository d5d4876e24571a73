"""Every move from every state: made, made before, or too late."""

from datetime import timedelta

import pytest

from routing.assignment import LEGAL, AlreadyThere, Move, Moved, TooLate, move, offer
from routing.model import AssignmentState
from tests.builders import FRIDAY, an_assignment

S = AssignmentState
LATER = FRIDAY + timedelta(minutes=5)
LEADS_TO = {
    Move.ACCEPT: S.ACCEPTED,
    Move.DECLINE: S.DECLINED,
    Move.RESOLVE: S.RESOLVED,
    Move.DISMISS: S.DISMISSED,
    Move.REASSIGN: S.REASSIGNED,
    Move.ESCALATE: S.ESCALATED,
}
OPEN = {S.OFFERED, S.ACCEPTED}


@pytest.mark.parametrize("verb", Move)
@pytest.mark.parametrize("state", S)
def test_every_move_from_every_state(verb: Move, state: S) -> None:
    before = an_assignment(state=state)

    after = move(before, verb, LATER, "passed on it")

    if state is LEADS_TO[verb]:
        assert after == AlreadyThere(before)
    elif state in OPEN and not (verb is Move.ACCEPT and state is S.ACCEPTED):
        moved = an_assignment(state=LEADS_TO[verb], changed_at=LATER, because="passed on it")
        assert after == Moved(moved)
    else:
        assert after == TooLate(before)


def test_every_move_is_listed_and_only_open_assignments_move() -> None:
    assert set(LEGAL) == set(Move)
    assert all(allowed <= OPEN for allowed, _ in LEGAL.values())
    assert {state for state in S if an_assignment(state=state).is_open} == OPEN


def test_a_second_click_changes_nothing() -> None:
    once = move(an_assignment(), Move.ACCEPT, LATER)
    assert isinstance(once, Moved)

    again = move(once.assignment, Move.ACCEPT, LATER + timedelta(hours=1))

    assert again == AlreadyThere(once.assignment)
    assert again.assignment.changed_at == LATER


def test_an_offer_starts_open_with_its_due_time() -> None:
    offered = offer("x:1", 2, "ada", "roaming", FRIDAY, timedelta(minutes=15))

    assert offered == an_assignment(number=2, due_at=FRIDAY + timedelta(minutes=15))
    assert (offered.id, offered.is_open, offered.steps_taken) == ("x:1/2", True, 0)
