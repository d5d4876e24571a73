"""What an act says of a post's topic, what it leaves open, and whose posts may train a model."""

from dataclasses import replace
from datetime import timedelta

import pytest

from routing.labelling import answered, dismissed, may_train, reassigned
from routing.model import (
    NONE_OF_OURS,
    Assigned,
    Decision,
    Guidance,
    Ignored,
    Label,
    LabelKind,
    ReplyMode,
    Unrouted,
)
from tests.builders import FRIDAY, a_post, a_roster, a_topic, an_expert

KEY = "x:1"
EARLIER = FRIDAY - timedelta(hours=1)
SURE, UNSURE = 0.9, 0.3
ROSTER = a_roster(
    an_expert("ada"),
    an_expert("bo", topics={"roaming": 1, "billing": 3, "esim": 2}),
    an_expert("cy", topics={"billing": 2}),
    topics=tuple(a_topic(name) for name in ("roaming", "billing", "esim")),
    managers=({"id": "maya", "name": "Maya"}, {"id": "luis", "name": "Luis"}),
)


def to(expert: str, topic: str = "roaming", confidence: float = SURE) -> Assigned:
    guidance = Guidance(ReplyMode.OWN_ACCOUNT, "As yourself.")
    return Assigned(KEY, expert, topic, confidence, (), guidance)


def unsure(topic: str = "") -> Unrouted:
    return Unrouted(KEY, (), topic, UNSURE if topic else 0.0)


def confirmed(by: str, topic: str = "roaming") -> Label:
    return Label(KEY, topic, LabelKind.CONFIRMATION, by, FRIDAY)


def overridden(by: str, topic: str) -> Label:
    return Label(KEY, topic, LabelKind.OVERRIDE, by, FRIDAY)


def before(label: Label) -> Label:
    return replace(label, at=EARLIER)


def answer(decision: Decision | None, by: str, known: Label | None = None) -> Label | None:
    return answered(known, decision, by, FRIDAY, ROSTER)


def reassign(was: Decision, now: Assigned, known: Label | None = None) -> Label | None:
    return reassigned(known, was, now, "maya", FRIDAY, ROSTER)


def test_an_answer_confirms_the_topic_the_expert_was_asked_for() -> None:
    assert answer(to("ada"), "ada") == confirmed("ada")
    assert answer(to("bo", "billing"), "bo") == confirmed("bo", "billing")
    assert answer(to("cy", "billing", UNSURE), "cy") == confirmed("cy", "billing")


@pytest.mark.parametrize(
    ("decision", "by"),
    [
        (to("ada"), "bo"),
        (to("ada"), "maya"),
        (to("cy", "roaming"), "cy"),
        (to("bo", "roaming", UNSURE), "bo"),
        (to("gone"), "gone"),
        (unsure("roaming"), "ada"),
        (None, "ada"),
    ],
    ids=[
        "another expert's",
        "a manager tidies up",
        "not a topic of theirs",
        "one of several, and nobody was sure",
        "not in the roster any more",
        "nobody was asked",
        "no decision",
    ],
)
def test_an_answer_that_leaves_the_topic_open_says_nothing(
    decision: Decision | None, by: str
) -> None:
    assert answer(decision, by) is None
    known = before(overridden("maya", "billing"))
    assert answer(decision, by, known) == known


def test_not_for_us_is_none_of_ours_whoever_says_it() -> None:
    for by in ("ada", "maya"):
        label = dismissed(None, KEY, by, FRIDAY, ROSTER)
        assert label == overridden(by, NONE_OF_OURS)


def test_the_manager_beats_the_expert_and_the_later_word_counts() -> None:
    expert, manager = before(confirmed("ada")), before(overridden("maya", "billing"))
    assert dismissed(expert, KEY, "bo", FRIDAY, ROSTER) == overridden("bo", NONE_OF_OURS)
    assert dismissed(expert, KEY, "maya", FRIDAY, ROSTER) == overridden("maya", NONE_OF_OURS)
    assert dismissed(manager, KEY, "luis", FRIDAY, ROSTER) == overridden("luis", NONE_OF_OURS)
    assert dismissed(manager, KEY, "ada", FRIDAY, ROSTER) == manager
    assert answer(to("ada"), "ada", manager) == manager


def test_moving_to_somebody_else_on_the_same_topic_says_nothing() -> None:
    assert reassign(to("ada"), to("bo")) is None
    assert reassign(to("bo"), to("ada")) is None


def test_moving_to_another_topic_says_which_when_it_is_clear() -> None:
    assert reassign(to("ada"), to("cy", "billing", UNSURE)) == overridden("maya", "billing")
    assert reassign(to("ada"), to("bo", "billing")) == overridden("maya", "billing")
    assert reassign(to("ada"), to("bo", "billing", UNSURE)) is None, "one of several"


def test_somebody_chosen_for_other_reasons_says_nothing() -> None:
    assert reassign(to("ada"), to("cy", "roaming")) is None, "cy was there, perhaps"


def test_an_unclear_post_is_what_its_expert_answers_on() -> None:
    assert reassign(unsure(), to("ada", "roaming", 0.0)) == overridden("maya", "roaming")
    assert reassign(unsure(), to("bo", "roaming", 0.0)) is None
    guess = unsure("billing")
    assert reassign(guess, to("bo", "billing", UNSURE)) == overridden("maya", "billing")
    assert reassign(guess, to("bo", "esim", UNSURE)) is None
    assert reassign(guess, to("ada", "billing", UNSURE)) is None


def test_moving_what_was_not_for_us_takes_that_back() -> None:
    none = before(overridden("maya", NONE_OF_OURS))
    ignored = Ignored(KEY, ("Maya marked it as not for us.",))
    assert reassign(ignored, to("ada"), none) == overridden("maya", "roaming")
    assert reassign(to("ada"), to("bo"), none) == overridden("maya", "roaming")
    assert reassign(ignored, to("bo", "esim", UNSURE), none) is None
    assert reassign(ignored, to("cy", "roaming", UNSURE), none) is None


def test_what_a_manager_said_holds_while_the_expert_answers_on_it() -> None:
    said = before(overridden("luis", "billing"))
    assert reassign(to("cy", "billing"), to("bo", "roaming"), said) == said
    assert reassign(to("cy", "billing"), to("ada"), said) == overridden("maya", "roaming")
    assert reassign(to("bo", "esim"), to("ada", "esim"), said) is None, "taken back"


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        ("x", ""),
        ("X", ""),
        (" Twitter ", ""),
        ("twitter.com", ""),
        ("file", "https://x.com/tom/status/1"),
        ("file", "https://mobile.twitter.com/tom/status/1"),
        ("feed", "HTTP://WWW.X.COM"),
        ("file", "x.com/tom/status/1"),
    ],
)
def test_what_is_on_x_trains_nothing_however_it_came_in(platform: str, url: str) -> None:
    assert not may_train(a_post(platform=platform, url=url), True)


@pytest.mark.parametrize(
    "url", ["", "https://netflix.com/x.com", "https://x.company/1", "http://["]
)
def test_other_posts_may_train_when_their_source_allows_it(url: str) -> None:
    post = a_post(platform="feed", url=url)
    assert may_train(post, True)
    assert not may_train(post, False)
