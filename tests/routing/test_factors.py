"""Each factor alone: what is a veto, what counts how much, and the words for it."""

from collections.abc import Callable
from typing import Any

import pytest

from routing.company import Expert
from routing.factors import (
    FACTORS,
    Case,
    continuity,
    declined,
    fairness,
    language,
    level,
    on_duty,
    reachable,
    standing,
    topic,
    weigh,
    workload,
)
from routing.model import Factor, Reading, Situation, TopicScore
from tests.builders import FRIDAY, a_reading, a_roster, an_expert


def a_case(
    expert: Expert | None = None,
    reading: Reading | None = None,
    situation: Situation | None = None,
    **roster: Any,
) -> Case:
    expert = expert or an_expert()
    return Case(
        expert,
        TopicScore("roaming", 0.8),
        "Roaming",
        reading or a_reading(),
        a_roster(expert, **roster),
        situation or Situation(),
        FRIDAY,
    )


def test_whoever_declined_is_not_asked_again() -> None:
    said = Situation(declined={"ada": "passed on it", "bea": ""})

    assert declined(a_case(situation=said)) == Factor("declined", 0, "passed on it")
    assert declined(a_case(an_expert("bea"), situation=said)) == Factor(
        "declined", 0, "has been asked before"
    )
    assert declined(a_case(an_expert("cem"), situation=said)).score == 1


@pytest.mark.parametrize(
    ("level", "score", "reason"),
    [
        ("in_training", 0, "isn't on board yet (standing: in_training)"),
        ("coached", 0.9, "answers with a coach"),
        ("direct", 1, "answers directly"),
    ],
)
def test_standing(level: str, score: float, reason: str) -> None:
    assert standing(a_case(an_expert(standing=level))) == Factor("standing", score, reason)


def test_nobody_is_on_board_unless_the_roster_says_so() -> None:
    expert = Expert(id="ada", name="Ada", topics={"roaming": 1})

    assert standing(a_case(expert)).score == 0


def test_standing_holds_until_midnight_of_its_last_day_where_the_expert_is() -> None:
    def until(day: str, zone: str) -> Factor:
        expert = an_expert(standing={"level": "direct", "until": day}, time_zone=zone)
        return standing(a_case(expert))

    assert until("2026-11-20", "Europe/Berlin").score == 1
    assert until("2026-11-19", "Europe/Berlin") == Factor(
        "standing", 0, "isn't on board any more (standing held until 2026-11-19)"
    )
    assert until("2026-11-20", "Pacific/Kiritimati").score == 0  # it is the 21st there
    assert until("2026-11-19", "Pacific/Pago_Pago").score == 1  # it is still the 19th there


@pytest.mark.parametrize(
    ("spoken", "wanted", "score", "reason"),
    [
        (["en", "de"], "de", 1, "answers in German"),
        (["en"], "de", 0, "answers in English, not in German"),
        (["en", "fr", "sv"], "de", 0, "answers in English, French and Swedish, not in German"),
        (["en"], "unknown", 1, "may answer, as the post's language isn't known"),
        (["en"], "yo", 0, "answers in English, not in “yo”"),
    ],
)
def test_language(spoken: list[str], wanted: str, score: float, reason: str) -> None:
    case = a_case(an_expert(languages=spoken), a_reading(language=wanted))

    assert language(case) == Factor("language", score, reason)


def test_the_company_s_languages_count_for_whoever_names_none() -> None:
    german = a_reading(language="de")

    assert language(a_case(reading=german)).score == 0
    assert language(a_case(reading=german, company={"languages": ["de"]})).score == 1
    assert language(a_case(reading=german, company={})).score == 1


def test_an_expert_without_an_address_cannot_be_dialled() -> None:
    expert = an_expert(slack="", teams="ada@kestrel.example")

    def on(*surfaces: str) -> Factor:
        return reachable(a_case(expert, situation=Situation(surfaces=frozenset(surfaces))))

    assert on("slack") == Factor("reachable", 0, "has no Slack address in the roster")
    assert on("slack", "teams").score == 1
    assert on("console").score == 1
    assert on() == Factor("reachable", 0, "has no chat address in the roster")
    assert reachable(a_case(an_expert(slack=""))).score == 1  # a dry run reaches nobody anyway


@pytest.mark.parametrize(
    ("has", "capacity", "score", "reason"),
    [
        (0, 3, 1, "has 0 of at most 3 posts open"),
        (1, 2, 0.8, "has 1 of at most 2 posts open"),
        (3, 3, 0, "has 3 of at most 3 posts open"),
        (4, 3, 0, "has 4 of at most 3 posts open"),
        (0, 0, 0, "takes no posts (capacity: 0)"),
    ],
)
def test_workload(has: int, capacity: int, score: float, reason: str) -> None:
    case = a_case(an_expert(capacity=capacity), situation=Situation(open_assignments={"ada": has}))

    assert workload(case) == Factor("workload", score, reason)


def test_nobody_is_dialled_off_duty() -> None:
    assert on_duty(a_case(an_expert(hours="Sat-Sun 09:00-17:00"))).score == 0
    assert on_duty(a_case(an_expert(hours="Fri 09:00-17:00"))).score == 1


def test_topic_and_level() -> None:
    assert topic(a_case()) == Factor("topic", 0.8, "would answer on Roaming (0.80)")
    scores = [level(a_case(an_expert(topics={"roaming": n}))) for n in (1, 2, 3)]
    assert [factor.reason for factor in scores] == [f"level {n} on Roaming" for n in (1, 2, 3)]
    assert 0 < scores[0].score < scores[1].score < scores[2].score == 1


def test_continuity() -> None:
    before = Situation(answered_before="ada")

    assert continuity(a_case(situation=before)) == Factor(
        "continuity", 1, "answered this author before"
    )
    assert continuity(a_case(an_expert("bea"), situation=before)).score == 0.75
    assert continuity(a_case()) == Factor("continuity", 1, "")


def test_fairness() -> None:
    def got(posts: int) -> Factor:
        return fairness(a_case(situation=Situation(recent_assignments={"ada": posts})))

    assert got(0).score == 1
    assert got(1).reason == "got 1 post in the last 7 days"
    assert got(2).reason == "got 2 posts in the last 7 days"
    assert got(9).score < got(1).score < 1


def test_weighing_stops_at_the_first_veto() -> None:
    everything = weigh(a_case())
    vetoed = weigh(a_case(an_expert(standing="in_training", capacity=0)))

    assert [factor.name for factor in everything[1]] == [factor.__name__ for factor in FACTORS]
    assert everything[0] == pytest.approx(0.8 * 0.85)
    assert vetoed[0] == 0
    assert [factor.name for factor in vetoed[1]] == ["declined", "standing"]


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.__name__)
def test_a_factor_is_named_as_its_function_and_scores_from_0_to_1(
    factor: Callable[[Case], Factor],
) -> None:
    weighed = factor(a_case())

    assert weighed.name == factor.__name__
    assert 0 <= weighed.score <= 1
