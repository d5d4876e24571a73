"""The reasons for and against dialling an expert. To add one, write a function and name it below.

Each takes the case and returns a Factor: 1 is best, 0 is a veto, and a reason in words that
appears on the card by itself. The product of all scores ranks the experts, so that a veto needs no
rule of its own and each factor can be read as “how much of the score is left”.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from routing.availability import duty
from routing.company import Expert, Roster, StandingLevel
from routing.model import UNKNOWN_LANGUAGE, Factor, Reading, Situation, TopicScore

LEVEL_SCORES = {1: 0.7, 2: 0.85, 3: 1.0}
LEVEL_NAMES = {1: "knows it", 2: "knows it well", 3: "the authority"}


class Case(NamedTuple):
    """One expert, considered for one topic of one post."""

    expert: Expert
    topic: TopicScore
    topic_name: str
    reading: Reading
    roster: Roster
    situation: Situation
    now: datetime


def declined(case: Case) -> Factor:
    """Nobody is asked twice for the same post."""
    said = case.situation.declined.get(case.expert.id)
    return Factor("declined", 0, said) if said else Factor("declined", 1, "not asked before")


def standing(case: Case) -> Factor:
    """Only people who are on board are dialled."""
    level, until = case.expert.standing.level, case.expert.standing.until
    if level is StandingLevel.IN_TRAINING:
        return Factor("standing", 0, "not on board yet (standing: in_training)")
    # The day is the expert's own: a standing that holds until today holds until their midnight.
    if until is not None and case.now.astimezone(case.roster.zone_of(case.expert)).date() > until:
        return Factor("standing", 0, f"standing expired on {until.isoformat()}")
    if level is StandingLevel.COACHED:
        return Factor("standing", 0.9, "answers with a coach")
    return Factor("standing", 1, "on board, answers directly")


def language(case: Case) -> Factor:
    """An answer comes in the language of the question."""
    spoken = case.roster.languages_of(case.expert)
    wanted = case.reading.language
    if wanted == UNKNOWN_LANGUAGE:
        return Factor("language", 1, "the post's language isn't known")
    if not spoken:
        return Factor("language", 1, "no languages are set")
    if wanted in spoken:
        return Factor("language", 1, f"answers in {wanted}")
    return Factor("language", 0, f"doesn't answer in {wanted} (only {', '.join(spoken)})")


def reachable(case: Case) -> Factor:
    """An expert without an address on a connected chat platform can't be dialled."""
    surfaces = case.situation.surfaces
    if surfaces is None:
        return Factor("reachable", 1, "")
    for surface in sorted(surfaces):
        if case.expert.address(surface):
            return Factor("reachable", 1, "")
    names = " or ".join(sorted(surfaces)) or "any chat"
    return Factor("reachable", 0, f"has no {names} address in the roster")


def workload(case: Case) -> Factor:
    """Full hands are a veto; the fewer open posts, the better."""
    has = case.situation.open_assignments.get(case.expert.id, 0)
    capacity = case.expert.capacity
    if has >= capacity:
        return Factor("workload", 0, f"has {has} open of at most {capacity}")
    return Factor("workload", 1 - 0.4 * has / capacity, f"{has} open of at most {capacity}")


def on_duty(case: Case) -> Factor:
    """Nobody is dialled in their evening, on leave or on a public holiday."""
    on, reason = duty(case.expert, case.roster, case.now)
    return Factor("on_duty", 1 if on else 0, reason)


def topic(case: Case) -> Factor:
    """How sure the reading is of the topic."""
    return Factor("topic", case.topic.score, f"{case.topic_name} ({case.topic.score:.2f})")


def level(case: Case) -> Factor:
    """How well the expert knows the topic."""
    has = case.expert.topics[case.topic.id]
    return Factor("level", LEVEL_SCORES[has], f"level {has} on {case.topic_name}")


def continuity(case: Case) -> Factor:
    """Who answered this author before goes on with it."""
    before = case.situation.answered_before
    if not before:
        return Factor("continuity", 1, "")
    if before == case.expert.id:
        return Factor("continuity", 1, "answered this author before")
    return Factor("continuity", 0.75, "somebody else answered this author before")


def fairness(case: Case) -> Factor:
    """Among equals, who got the fewest posts lately."""
    recent = case.situation.recent_assignments.get(case.expert.id, 0)
    posts = "post" if recent == 1 else "posts"
    return Factor("fairness", 1 / (1 + 0.05 * recent), f"{recent} {posts} in the last 7 days")


FACTORS: tuple[Callable[[Case], Factor], ...] = (
    # Vetoes first and the cheap ones before the dear: weighing stops at the first veto.
    declined,
    standing,
    language,
    reachable,
    workload,
    on_duty,
    topic,
    level,
    continuity,
    fairness,
)


def weigh(case: Case) -> tuple[float, tuple[Factor, ...]]:
    """Return the product of all factors, and the factors; with a veto they end at the veto."""
    score, factors = 1.0, []
    for factor in FACTORS:
        weighed = factor(case)
        factors.append(weighed)
        score *= weighed.score
        if score == 0:
            break
    return score, tuple(factors)
