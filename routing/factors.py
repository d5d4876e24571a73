"""The reasons for and against dialling an expert. To add one, write a function and name it below.

Each takes the case and returns a Factor: 1 is best, 0 is a veto, and a reason in words that
appears on the card by itself. The product of all scores ranks the experts, so that a veto needs no
rule of its own and each factor can be read as “how much of the score is left”.

The reasons are verb phrases: “level 2 on Roaming abroad” and “on duty until 17:00” go on after
“Ada is”, all others after “Ada”. The same few sentences are made for hundreds of experts a post, so
they are remembered.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from routing.availability import duty
from routing.company import Expert, Roster, StandingLevel
from routing.languages import language_name, language_names
from routing.model import UNKNOWN_LANGUAGE, Factor, Reading, Situation, TopicScore

LEVEL_SCORES = {1: 0.7, 2: 0.85, 3: 1.0}


class Case(NamedTuple):
    """One expert, considered for one topic of one post."""

    expert: Expert
    topic: TopicScore
    topic_name: str
    reading: Reading
    roster: Roster
    situation: Situation
    now: datetime


_NOT_ASKED = Factor("declined", 1, "hasn't been asked before")


def declined(case: Case) -> Factor:
    """Nobody is asked twice for the same post."""
    if case.expert.id in case.situation.declined:
        said = case.situation.declined[case.expert.id]
        return Factor("declined", 0, said or "has been asked before")
    return _NOT_ASKED


_IN_TRAINING = Factor("standing", 0, "isn't on board yet (standing: in_training)")
_COACHED = Factor("standing", 0.9, "answers with a coach")
_DIRECT = Factor("standing", 1, "answers directly")


def standing(case: Case) -> Factor:
    """Only people who are on board are dialled."""
    level, until = case.expert.standing.level, case.expert.standing.until
    if level is StandingLevel.IN_TRAINING:
        return _IN_TRAINING
    # The day is the expert's own: a standing that holds until today holds until their midnight.
    if until is not None and case.now.astimezone(case.roster.zone_of(case.expert)).date() > until:
        return _expired(until)
    return _COACHED if level is StandingLevel.COACHED else _DIRECT


@lru_cache(maxsize=256)
def _expired(until: date) -> Factor:
    return Factor("standing", 0, f"isn't on board any more (standing held until {until})")


def language(case: Case) -> Factor:
    """Answer in the language of the question."""
    return _language(case.reading.language, case.roster.languages_of(case.expert))


@lru_cache(maxsize=4096)
def _language(wanted: str, spoken: tuple[str, ...]) -> Factor:
    if wanted == UNKNOWN_LANGUAGE:
        return Factor("language", 1, "may answer, as the post's language isn't known")
    if not spoken:
        return Factor("language", 1, "may answer in any language (none is set)")
    if wanted in spoken:
        return Factor("language", 1, f"answers in {language_name(wanted)}")
    only = language_names(spoken)
    return Factor("language", 0, f"answers in {only}, not in {language_name(wanted)}")


_REACHABLE = Factor("reachable", 1, "")


def reachable(case: Case) -> Factor:
    """Nobody can be dialled without an address on a connected chat platform."""
    surfaces = case.situation.surfaces
    if surfaces is None or any(case.expert.address(surface) for surface in surfaces):
        return _REACHABLE
    names = " or ".join(surface.capitalize() for surface in sorted(surfaces)) or "chat"
    return Factor("reachable", 0, f"has no {names} address in the roster")


def workload(case: Case) -> Factor:
    """Full hands are a veto; the fewer open posts, the better."""
    has = case.situation.open_assignments.get(case.expert.id, 0)
    return _workload(has, case.expert.capacity)


@lru_cache(maxsize=1024)
def _workload(has: int, capacity: int) -> Factor:
    if capacity == 0:
        return Factor("workload", 0, "takes no posts (capacity: 0)")
    score = 1 - 0.4 * has / capacity if has < capacity else 0
    return Factor("workload", score, f"has {has} of at most {capacity} posts open")


def on_duty(case: Case) -> Factor:
    """Nobody is dialled in their evening, on leave or on a public holiday."""
    on, reason = duty(case.expert, case.roster, case.now)
    return Factor("on_duty", 1 if on else 0, reason)


def topic(case: Case) -> Factor:
    """How sure the reading is of the topic."""
    return _topic(case.topic_name, case.topic.score)


@lru_cache(maxsize=64)
def _topic(name: str, score: float) -> Factor:
    return Factor("topic", score, f"would answer on {name} ({score:.2f})")


def level(case: Case) -> Factor:
    """How well the expert knows the topic."""
    return _level(case.expert.topics[case.topic.id], case.topic_name)


@lru_cache(maxsize=1024)
def _level(has: int, name: str) -> Factor:
    return Factor("level", LEVEL_SCORES[has], f"level {has} on {name}")


_FIRST_ANSWER = Factor("continuity", 1, "")
_SAME_PERSON = Factor("continuity", 1, "answered this author before")
_SOMEBODY_ELSE = Factor("continuity", 0.75, "hasn't answered this author before, a colleague has")


def continuity(case: Case) -> Factor:
    """Who answered this author before goes on with it."""
    before = case.situation.answered_before
    if not before:
        return _FIRST_ANSWER
    return _SAME_PERSON if before == case.expert.id else _SOMEBODY_ELSE


def fairness(case: Case) -> Factor:
    """Among equals, who got the fewest posts lately."""
    return _fairness(case.situation.recent_assignments.get(case.expert.id, 0))


@lru_cache(maxsize=1024)
def _fairness(recent: int) -> Factor:
    posts = "post" if recent == 1 else "posts"
    return Factor("fairness", 1 / (1 + 0.05 * recent), f"got {recent} {posts} in the last 7 days")


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
