"""Which step of the ladder an overdue assignment is on at `now`."""

from datetime import datetime

from routing.company import Escalation, Step
from routing.model import Assignment


def next_step(assignment: Assignment, escalation: Escalation, now: datetime) -> Step | None:
    """Return the next step that is due, or None: not overdue, closed, or no step left.

    After an outage several steps may be due; they are taken one after the other, so that nobody
    loses a post without the reminder that the ladder promises.
    """
    if not assignment.is_open or assignment.steps_taken >= len(escalation.ladder):
        return None
    step = escalation.ladder[assignment.steps_taken]
    return step if now >= assignment.due_at + step.after else None
