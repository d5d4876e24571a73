"""A person moves a post to somebody else: who may be chosen, and the decision that comes of it."""

from dataclasses import dataclass
from datetime import datetime

from routing.company import Expert, Roster
from routing.factors import Case, on_duty, reachable, standing
from routing.guidance import guide
from routing.model import Assigned, Post, Reading, Situation, TopicScore


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The expert can't be chosen, and why."""

    reason: str


def override(
    post: Post,
    reading: Reading,
    expert_id: str,
    by: str,
    why: str,
    roster: Roster,
    situation: Situation,
    now: datetime,
) -> Assigned | NotAllowed:
    """Return the decision of a manager (`by`) that `expert_id` answers, with their reason.

    A manager overrules topic, language, hours and workload. Standing holds even then: dialling
    somebody who isn't on board is worse than not dialling. And nobody can be dialled who has no
    address where we are.
    """
    expert = roster.expert_by_id.get(expert_id)
    if expert is None:
        return NotAllowed("There is no such expert in the roster any more; choose another.")
    topic = _topic_for(reading, expert)
    named = roster.topic_by_id[topic.id]
    case = Case(expert, topic, named.title, reading, roster, situation, now)
    for needed in (standing(case), reachable(case)):
        if needed.score == 0:
            return NotAllowed(
                f"{expert.name} {needed.reason} and can't be dialled. Choose another."
            )
    reasons = [f"{roster.name_of(by)} chose {expert.name}: {why}"]
    if on_duty(case).score == 0:
        reasons.append(f"{expert.name} is {on_duty(case).reason}.")
    if expert.topics.get(topic.id) is None:
        reasons.append(f"{expert.name} doesn't have {named.title} in the roster.")
    return Assigned(
        key=post.key,
        expert=expert.id,
        topic=topic.id,
        confidence=reading.sure_of(topic),
        reasons=tuple(reasons),
        guidance=guide(post, reading, expert, named, roster),
        runner_up_reason="Chosen by a person",
        urgency=reading.urgency,
    )


def _topic_for(reading: Reading, expert: Expert) -> TopicScore:
    for topic in reading.topics:
        if topic.id in expert.topics:
            return topic
    return reading.topics[0] if reading.topics else TopicScore(next(iter(expert.topics)), 0.0)
