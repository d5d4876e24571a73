"""The ladder: which step is due when, one after the other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from routing.company import Escalation, StepAction
from routing.escalation import next_step
from routing.model import AssignmentState
from tests.builders import an_assignment

LADDER = Escalation.model_validate(
    {
        "due": "1h",
        "due_urgent": "15m",
        "ladder": [
            {"after": "0m", "do": "remind"},
            {"after": "30m", "do": "next_expert"},
            {"after": "90m", "do": "manager"},
        ],
    }
)
OPEN = an_assignment()


@pytest.mark.parametrize(
    ("taken", "minutes", "action"),
    [
        (0, -1, None),
        (0, 0, StepAction.REMIND),
        (1, 29, None),
        (1, 30, StepAction.NEXT_EXPERT),
        (2, 30, None),
        (2, 90, StepAction.MANAGER),
        (3, 1000, None),
        # After an outage the steps come one by one, the reminder first.
        (0, 1000, StepAction.REMIND),
        (1, 1000, StepAction.NEXT_EXPERT),
    ],
)
def test_the_step_that_is_due(taken: int, minutes: int, action: StepAction | None) -> None:
    assignment = replace(OPEN, steps_taken=taken)

    step = next_step(assignment, LADDER, OPEN.due_at + timedelta(minutes=minutes))

    assert (step.do if step else None) == action


@pytest.mark.parametrize("state", AssignmentState)
def test_only_open_assignments_are_escalated(state: AssignmentState) -> None:
    assignment = replace(OPEN, state=state)

    step = next_step(assignment, LADDER, OPEN.due_at + timedelta(days=1))

    assert (step is not None) is assignment.is_open


def test_without_a_ladder_nothing_happens() -> None:
    nothing = Escalation(ladder=())

    assert next_step(OPEN, nothing, OPEN.due_at + timedelta(days=9)) is None


def test_urgent_posts_are_due_sooner() -> None:
    assert [LADDER.due_in(urgency) for urgency in range(4)] == [
        timedelta(hours=1),
        timedelta(hours=1),
        timedelta(minutes=15),
        timedelta(minutes=15),
    ]
