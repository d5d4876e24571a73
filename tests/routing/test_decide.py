"""Decisions as a whole: who, why, why not the others, and when nobody."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from routing.company import Expert, Roster
from routing.decide import EQUAL, MAX_RULED_OUT, decide
from routing.model import (
    Assigned,
    Author,
    Decision,
    Ignored,
    Kind,
    Post,
    Reading,
    RuledOut,
    Situation,
    Unrouted,
)
from routing.reading.pipeline import Reader
from tests.builders import FRIDAY, a_post, a_reading, a_roster, a_topic, an_expert

ADA = an_expert("ada", topics={"roaming": 3})
BEA = an_expert("bea", topics={"roaming": 2})


def decided(
    *experts: Expert,
    post: Post | None = None,
    reading: Reading | None = None,
    situation: Situation | None = None,
    **roster: Any,
) -> Decision:
    return decide(
        post or a_post(),
        reading or a_reading(),
        a_roster(*experts, **roster),
        situation or Situation(),
        FRIDAY,
    )


def assigned(*experts: Expert, **case: Any) -> Assigned:
    decision = decided(*experts, **case)
    assert isinstance(decision, Assigned)
    return decision


def unrouted(*experts: Expert, **case: Any) -> Unrouted:
    decision = decided(*experts, **case)
    assert isinstance(decision, Unrouted)
    return decision


def test_the_best_expert_is_dialled_and_everything_is_said() -> None:
    decision = assigned(ADA, BEA, an_expert("cem", standing="in_training"))

    assert (decision.key, decision.expert, decision.topic) == ("x:1", "ada", "roaming")
    assert decision.confidence == 0.9
    assert decision.reasons == (
        "It is about Roaming (0.90), told by “roaming”.",
        (
            "Ada is level 3 on Roaming, on duty (no hours are set), "
            "has 0 of at most 3 posts open and answers directly."
        ),
        "Ada answers in English, got 0 posts in the last 7 days.",
        "Read as a question in English.",
    )
    assert (decision.runner_up, decision.runner_up_reason) == ("bea", "level 2 on Roaming")
    assert decision.ruled_out == (RuledOut("cem", "isn't on board yet (standing: in_training)"),)


def test_urgency_and_continuity_are_said() -> None:
    decision = assigned(
        ADA,
        reading=a_reading(urgency=3, urgency_reasons=("safety (“fire”)", "wants to leave (“bye”)")),
        situation=Situation(answered_before="ada"),
    )

    assert decision.urgency == 3
    assert decision.reasons[2:] == (
        "Ada answers in English, answered this author before, got 0 posts in the last 7 days.",
        "Read as a question in English.",
        "Urgency 3 of 3: safety (“fire”); wants to leave (“bye”).",
    )


def test_what_set_the_second_apart_is_said_largest_first() -> None:
    decision = assigned(
        ADA,
        an_expert("bea", topics={"roaming": 1}),
        situation=Situation(open_assignments={"bea": 1}, recent_assignments={"ada": 1, "bea": 9}),
    )

    assert decision.runner_up_reason == "level 1 on Roaming; got 9 posts in the last 7 days"


def test_a_tie_goes_by_id_whatever_the_order_of_the_file() -> None:
    twins = [an_expert(name) for name in ("zoe", "ada", "mia")]

    for experts in (twins, twins[::-1]):
        decision = assigned(*experts)
        assert (decision.expert, decision.runner_up) == ("ada", "mia")
        assert decision.runner_up_reason == EQUAL


def test_who_answered_before_goes_on_before_a_colleague_who_knows_as_much() -> None:
    decision = assigned(an_expert("ada"), BEA, situation=Situation(answered_before="bea"))

    assert decision.expert == "bea"
    assert decision.runner_up_reason == "hasn't answered this author before, a colleague has"


@pytest.mark.parametrize(
    ("ada", "situation", "reason"),
    [
        ({}, Situation(declined={"ada": "passed on it"}), "passed on it"),
        ({"standing": "in_training"}, Situation(), "isn't on board yet (standing: in_training)"),
        ({"languages": ["de"]}, Situation(), "answers in German, not in English"),
        ({"slack": ""}, Situation(surfaces=frozenset({"slack"})), "has no Slack address"),
        ({}, Situation(open_assignments={"ada": 3}), "has 3 of at most 3 posts open"),
        ({"hours": "Sat 09:00-17:00"}, Situation(), "off duty, back Sat at 09:00 (UTC)"),
        ({"leave": [{"from": "2026-11-20", "to": "2026-11-22"}]}, Situation(), "on leave, back Mo"),
    ],
)
def test_each_veto_rules_the_better_expert_out(
    ada: dict[str, Any], situation: Situation, reason: str
) -> None:
    best = an_expert("ada", **({"topics": {"roaming": 3}} | ada))

    decision = assigned(best, BEA, situation=situation)

    assert decision.expert == "bea"
    assert decision.runner_up == ""
    assert decision.runner_up_reason == "everybody else who answers on it is ruled out"
    (ruled_out,) = decision.ruled_out
    assert ruled_out.expert == "ada"
    assert ruled_out.reason.startswith(reason)


def test_of_several_topics_the_expert_s_best_one_counts() -> None:
    both = an_expert("ada", topics={"roaming": 1, "billing": 3})

    decision = assigned(both, BEA, reading=a_reading(("roaming", 0.92), ("billing", 0.9)))

    assert (decision.expert, decision.topic, decision.confidence) == ("ada", "billing", 0.9)
    assert decision.reasons[0] == "It is about Billing (0.90), told by “billing”."
    assert decision.runner_up_reason == "level 2 on Roaming"


def test_a_topic_below_the_confidence_does_not_count() -> None:
    billing = an_expert("ada", topics={"billing": 3})

    decision = assigned(billing, BEA, reading=a_reading(("roaming", 0.8), ("billing", 0.69)))

    assert decision.expert == "bea"


def test_what_is_needed_is_the_reading_s_and_what_may_be_none_of_ours_counts_less() -> None:
    billing = an_expert("ada", topics={"billing": 3})
    both = (("roaming", 0.9), ("billing", 0.8))

    def chosen(**reading: float) -> str:
        return assigned(billing, BEA, reading=a_reading(*both, **reading)).expert

    assert chosen(needed=0.75) == "ada"
    assert chosen(needed=0.85) == "bea"
    assert chosen(needed=0.75, known=0.9) == "bea", "0.8 times 0.9 is below 0.75"


def test_hundreds_on_a_topic_are_not_all_weighed_and_the_best_still_win() -> None:
    many = [an_expert(f"e{n:03}", topics={"roaming": 1 + n % 3}) for n in range(400)]
    busy = {expert.id: 1 for expert in many if expert.id not in ("e302", "e305", "e001")}

    decision = assigned(*many, situation=Situation(open_assignments=busy))

    assert (decision.expert, decision.runner_up) == ("e302", "e305"), "level 3 and nothing open"


def test_what_came_in_for_its_question_alone_says_so() -> None:
    decision = assigned(ADA, reading=a_reading(brand=()))

    assert "It doesn't name Kestrel Mobile; it is taken because it asks something." in (
        decision.reasons
    )


def test_a_topic_of_another_expert_helps_when_the_first_one_has_nobody() -> None:
    decision = assigned(
        an_expert("ada", topics={"billing": 1}),
        an_expert("bea", standing="in_training"),
        reading=a_reading(("roaming", 0.95), ("billing", 0.9)),
    )

    assert (decision.expert, decision.topic) == ("ada", "billing")


def test_nobody_left() -> None:
    decision = unrouted(an_expert("ada", capacity=0), an_expert("bea", standing="in_training"))

    assert decision.reasons == (
        "It is about Roaming (0.90), told by “roaming”.",
        "Nobody who answers on Roaming can be dialled now.",
        "Read as a question in English.",
    )
    assert (decision.topic, decision.confidence) == ("roaming", 0.9)
    assert {ruled.expert for ruled in decision.ruled_out} == {"ada", "bea"}
    assert set(decision.nearest) == {"ada", "bea"}


def test_nobody_at_all_answers_on_it() -> None:
    decision = unrouted(ADA, reading=a_reading(("billing", 0.9)))

    assert decision.reasons[1] == "No expert in the roster answers on Billing yet."
    assert decision.nearest == ()


def test_two_topics_and_nobody() -> None:
    decision = unrouted(
        an_expert("ada", capacity=0), reading=a_reading(("roaming", 0.9), ("billing", 0.8))
    )

    assert decision.reasons[1] == "Nobody who answers on Roaming or Billing can be dialled now."


def test_an_unsure_reading_goes_to_a_person_with_the_nearest_experts() -> None:
    unsure = a_reading(("roaming", 0.4), ("billing", 0.3), confident=False)

    decision = unrouted(ADA, BEA, an_expert("cem", standing="in_training"), reading=unsure)

    assert decision.reasons[0] == (
        "Not sure enough what it is about: Roaming (0.40) is nearest, then Billing (0.30); "
        "0.70 is needed to dial somebody."
    )
    assert decision.nearest == ("ada", "bea")
    assert decision.ruled_out[0].expert == "cem"


def test_a_post_that_no_topic_comes_near() -> None:
    decision = unrouted(ADA, reading=replace(a_reading(), topics=(), confident=False))

    assert decision.reasons[0] == (
        "It isn't clear what it is about: no topic comes near what it says."
    )
    assert (decision.topic, decision.nearest) == ("", ())


def test_a_long_list_of_ruled_out_experts_is_cut_and_counted() -> None:
    many = [an_expert(f"e{n}", standing="in_training") for n in range(MAX_RULED_OUT + 2)]

    assert len(assigned(ADA, *many).ruled_out) == MAX_RULED_OUT
    assert assigned(ADA, *many).reasons[-1] == "2 more were ruled out."
    assert assigned(ADA, *many[1:]).reasons[-1] == "1 more was ruled out."
    assert assigned(ADA, *many[2:]).reasons[-1] == "Read as a question in English."


NOT_NAMED: dict[str, Any] = {"brand": ()}
IGNORED: list[tuple[Post, Reading, Situation, str]] = [
    (a_post(repost_of="7"), a_reading(), Situation(), "It only passes on another post (x:7)."),
    (
        a_post(author=Author("kestrelHELP")),
        a_reading(),
        Situation(),
        "It is our own post (@kestrelHELP).",
    ),
    (
        a_post(),
        a_reading(),
        Situation(duplicate_of="x:0"),
        "The same author said the same before (x:0).",
    ),
    (a_post(" \n "), a_reading(), Situation(), "It has no words."),
    (
        a_post("@OspreyTel you are the worst"),
        a_reading(**NOT_NAMED, handles=("OspreyTel",)),
        Situation(),
        "It speaks to or of @OspreyTel and doesn't name Kestrel Mobile.",
    ),
    (
        a_post("lovely day"),
        a_reading(**NOT_NAMED, kind=Kind.PRAISE),
        Situation(),
        "It doesn't name Kestrel Mobile and asks nothing (read as praise).",
    ),
]


@pytest.mark.parametrize(("post", "reading", "situation", "reason"), IGNORED)
def test_what_is_not_for_us(
    post: Post, reading: Reading, situation: Situation, reason: str
) -> None:
    decision = decided(ADA, post=post, reading=reading, situation=situation)

    assert decision == Ignored("x:1", (reason,))


def test_a_question_to_nobody_in_particular_is_looked_at() -> None:
    assert isinstance(decided(ADA, reading=a_reading(**NOT_NAMED)), Assigned)


def test_a_namesake_on_another_platform_is_not_us() -> None:
    post = a_post(platform="mastodon", author=Author("KestrelHelp"))

    assert isinstance(decided(ADA, post=post), Assigned)


def test_a_company_that_has_not_said_who_it_is_ignores_nothing_for_it() -> None:
    reading = a_reading(**NOT_NAMED, handles=("somebody",), kind=Kind.OTHER)

    assert isinstance(decided(ADA, reading=reading, company={"languages": ["en"]}), Assigned)


def test_a_restricted_topic_still_says_who_is_responsible_but_never_drafts() -> None:
    press = a_topic("roaming", restricted="the press office")

    decision = assigned(ADA, topics=(press, a_topic("billing")))

    assert decision.guidance.reply_mode == "nobody"
    assert decision.guidance.draft == ""


def test_the_same_question_gets_the_same_answer() -> None:
    experts = [an_expert(f"e{n}", topics={"roaming": n % 3 + 1}) for n in range(20)]

    assert len({repr(decided(*experts)) for _ in range(5)}) == 1


# The sample posts: what a community manager would expect of each, at FRIDAY.
EXPECTED: dict[str, str] = {
    "001": "jonas.brandt",
    "002": "jonas.brandt",
    "003": "jonas.brandt",
    "004": "ignored",
    "005": "ignored",
    "006": "jonas.brandt",
    "007": "lena.vogt",
    "008": "lena.vogt",
    "009": "camille.durand",
    "010": "javier.ruiz",
    "011": "javier.ruiz",
    "012": "javier.ruiz",
    "013": "nadia.benali",
    "014": "marek.nowak",
    "015": "marek.nowak",
    "016": "greta.lindqvist",
    "017": "ignored",
    "018": "unrouted",
    "019": "claire.dawson",
    "020": "unrouted",
    "021": "unrouted",
    "022": "unrouted",
    "023": "javier.ruiz",
    "024": "amir.haddad",
    "025": "nadia.benali",
    "026": "victor.klein",
    "027": "oliver.hughes",
    "028": "sofia.moretti",
    "ada_privacy@chaos.example": "ruth.adeyemi",
    "fibrefred.example": "hugo.lefevre",
    "031": "unrouted",
    "032": "elodie.marchand",
    "033": "unrouted",
    "034": "greta.lindqvist",
    "035": "marek.nowak",
}


def the_sample_posts() -> list[Post]:
    posts = []
    path = Path(__file__).parents[2] / "examples" / "posts.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        fields["author"] = Author(**fields["author"])
        fields["posted_at"] = datetime.fromisoformat(fields["posted_at"])
        posts.append(Post(**fields))
    return posts


def test_the_sample_posts_go_to_whom_a_community_manager_would_send_them(
    kestrel: Roster, reader: Reader
) -> None:
    went = {}
    for post, reading in reader.read(the_sample_posts()):
        decision = decide(post, reading, kestrel, Situation(), FRIDAY)
        name = post.id[-3:] if post.platform == "x" else post.author.handle
        went[name] = decision.expert if isinstance(decision, Assigned) else decision.outcome
        assert all(reason.endswith((".", "!")) for reason in decision.reasons)

    assert went == EXPECTED


def test_the_sample_s_safety_post_is_the_most_urgent(kestrel: Roster, reader: Reader) -> None:
    urgency = {post.id[-3:]: reading.urgency for post, reading in reader.read(the_sample_posts())}

    assert urgency["013"] == 3
    assert urgency["002"] >= 2
    assert urgency["018"] == 0
