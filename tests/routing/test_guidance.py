"""What an expert sees beside a post: how it may be answered, and a draft that keeps the policy."""

from typing import Any

import pytest

from routing.company import Expert, Topic
from routing.guidance import guide
from routing.model import Author, Guidance, Post, ReplyMode, Severity
from tests.builders import a_post, a_reading, a_roster, a_topic, an_expert

DRAFTED = a_topic(
    facts=["The EU costs the same as at home."],
    drafts={"en": "Hi {author}, which country?", "de": "Hallo {author}, welches Land?"},
)


def guided(
    topic: Topic = DRAFTED,
    expert: Expert | None = None,
    post: Post | None = None,
    language: str = "en",
    **roster: Any,
) -> Guidance:
    expert = expert or an_expert()
    return guide(
        post or a_post(),
        a_reading(language=language),
        expert,
        topic,
        a_roster(expert, topics=(topic, a_topic("billing")), **roster),
    )


def test_on_x_a_person_answers_from_their_own_account_in_x_s_composer() -> None:
    guidance = guided()

    assert guidance.reply_mode is ReplyMode.OWN_ACCOUNT
    assert guidance.rule == (
        "Answer as yourself from your own account, in X's own composer. Nothing is sent for you."
    )


def test_elsewhere_on_the_page_of_the_post() -> None:
    guidance = guided(post=a_post(platform="mastodon"))

    assert guidance.reply_mode is ReplyMode.OWN_ACCOUNT
    assert "on the page of the post" in guidance.rule


def test_where_the_brand_answers() -> None:
    guidance = guided(policy={"reply_from": "brand"})

    assert guidance.reply_mode is ReplyMode.BRAND_ACCOUNT
    assert guidance.rule == (
        "Answers come from the account of Kestrel Mobile: "
        "write it here in the thread, a community manager sends it."
    )


@pytest.mark.parametrize(
    ("coach", "who"), [("cem", "Cem Kaya"), ("ada", "Ada"), ("", "your coach")]
)
def test_a_coached_expert_shows_the_answer_first(coach: str, who: str) -> None:
    expert = an_expert(standing={"level": "coached", "coach": coach})

    guidance = guided(
        expert=expert,
        managers=[{"id": "cem", "name": "Cem Kaya"}],
        policy={"reply_from": "brand"},
    )

    assert guidance.reply_mode is ReplyMode.WITH_COACH
    assert guidance.rule == f"Show your answer to {who} before you send it."


def test_a_restricted_topic_has_no_draft_and_no_facts_whoever_asks() -> None:
    press = a_topic(
        restricted="the press office", facts=["secret"], drafts={"en": "Hi {author}, no comment."}
    )

    guidance = guided(press, an_expert(standing={"level": "coached", "coach": "ada"}))

    assert guidance.reply_mode is ReplyMode.NOBODY
    assert guidance.rule == "Roaming is a restricted topic: only the press office may answer."
    assert (guidance.draft, guidance.facts) == ("", ())
    assert guidance.draft_note == "No draft: the press office decides what is said."


def test_the_draft_is_in_the_language_of_the_post() -> None:
    assert guided().draft == "Hi @sam, which country?"
    assert guided(language="de").draft == "Hallo @sam, welches Land?"
    assert guided().draft_note == "from the roster; say it in your own words"


def test_no_draft_in_the_language_of_the_post() -> None:
    guidance = guided(language="fr")

    assert guidance.draft == ""
    assert guidance.draft_note == (
        "No draft in the post's language (French); there is one in German and English."
    )


def test_no_draft_when_the_language_is_not_known() -> None:
    guidance = guided(language="unknown")

    assert guidance.draft == ""
    assert guidance.draft_note == (
        "No draft, as the post's language isn't known; there is one in German and English."
    )


def test_no_draft_at_all() -> None:
    assert guided(a_topic()).draft_note == (
        "No draft: the roster has no wording for Roaming yet. Use your own words."
    )


def test_a_post_by_nobody_in_particular() -> None:
    assert guided(post=a_post(author=Author())).draft == "Hi, which country?"


def test_a_handle_that_looks_like_a_placeholder_is_a_handle() -> None:
    post = a_post(author=Author("{author}"))

    assert guided(post=post).draft == "Hi @{author}, which country?"


def test_policy_notes_and_facts_are_handed_on() -> None:
    guidance = guided(policy={"do": ["Be kind."], "dont": "Don't argue."})

    assert (guidance.do, guidance.dont) == (("Be kind.",), ("Don't argue.",))
    assert guidance.facts == ("The EU costs the same as at home.",)


def test_the_draft_is_checked() -> None:
    topic = a_topic(drafts={"en": "Hi {author}, we'll refund you: https://elsewhere.test"})

    findings = guided(topic, policy={"links": ["kestrel.example"]}).findings

    assert [(f.clause, f.severity) for f in findings] == [
        ("no-promises", Severity.BLOCK),
        ("listed-links", Severity.ADVICE),
    ]
    assert guided().findings == ()
