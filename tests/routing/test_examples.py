"""Advice on examples: found where it is known to be due, in words that say what to do."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from routing.company import Roster
from routing.reading.examples import Advice, Finding, look_at
from routing.roster import load
from tests.builders import a_roster, a_topic

BANKING77 = Path(__file__).parents[3] / "shared" / "data" / "banking77" / "train.jsonl"
SIM = (
    "How do I activate my new sim card?",
    "My sim card isn't recognised by the phone",
    "I lost my sim card and need a new one",
    "The phone asks for the PUK of my sim",
    "Can I get a nano sim for my new phone?",
    "How do I move my number to an eSIM?",
    "The eSIM QR code doesn't scan",
    "Where is the sim card I ordered?",
    "My sim was delivered damaged",
    "Sim card not working after activation",
)
BILLS = (
    "Why is my bill so high this month?",
    "I was charged twice on my bill",
    "Where can I download my invoice?",
    "There is a payment on my invoice that I don't know",
    "When is my bill due?",
    "Can I pay my bill by card?",
    "My direct debit was taken too early",
    "I want a refund of the wrong charge",
    "How do I change the date of my payment?",
    "Please explain the charges on my bill",
)


def of(**topics: object) -> Roster:
    made = (
        a_topic(name, **(said if isinstance(said, dict) else {"examples": said}))
        for name, said in topics.items()
    )
    known = dict.fromkeys(topics, 1)
    people = [{"id": "ada", "name": "Ada", "topics": known}]
    return a_roster(topics=tuple(made), experts=people)


def kinds(found: tuple[Finding, ...]) -> list[Advice]:
    return [finding.advice for finding in found]


def test_good_examples_give_no_advice() -> None:
    assert look_at(of(sim=SIM, bills=BILLS)) == ()


def test_an_example_in_the_wrong_topic_is_named_with_the_right_one_and_its_place() -> None:
    strayed = "Refund the wrong payment on my bill at once"
    (finding,) = look_at(of(sim=(*SIM, strayed), bills=BILLS))
    assert finding.advice is Advice.READS_LIKE
    assert finding.sentence == (
        f"“{strayed}” (sim) reads like bills: move it there, reword it to say what it is about, "
        "or add more like it to sim."
    )
    assert [place.path for place in finding.places] == [("topics", 0, "examples", 10)]


def test_what_a_phrase_of_its_own_settles_is_fine_where_it_is() -> None:
    strayed = "Refund the wrong payment on my bill at once"
    sim = {"examples": (*SIM, strayed), "phrases": ["at once"]}
    assert Advice.READS_LIKE not in kinds(look_at(of(sim=sim, bills=BILLS)))


def test_the_same_sentence_in_two_topics_is_the_first_thing_said() -> None:
    found = look_at(of(sim=(*SIM, "where can i download my INVOICE"), bills=BILLS, roaming=()))
    assert kinds(found)[:2] == [Advice.IN_TWO_TOPICS, Advice.NO_EXAMPLES]
    assert "is an example of sim and of bills: keep the one" in found[0].sentence
    assert {place.topic for place in found[0].places} == {0, 1}
    assert "roaming has no examples: write about ten" in found[1].sentence


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("How long until I recieve my new sim?", "How long until I receive my sim?", True),
        ("How do I get myself a virtual card?", "How do I get myself an actual card?", False),
        ("Why was my top-up reverted yesterday?", "Why was my top-up rejected yesterday?", False),
    ],
)
def test_nearly_the_same_is_a_slip_of_the_pen_not_another_word(
    here: str, there: str, same: bool
) -> None:
    found = look_at(of(sim=(*SIM, here), bills=(*BILLS, there)))
    assert (Advice.IN_TWO_TOPICS in kinds(found)) is same


def test_a_sentence_that_stands_twice_in_one_topic_teaches_nothing_the_second_time() -> None:
    (finding,) = look_at(of(sim=(*SIM, SIM[0]), bills=BILLS))
    assert finding.advice is Advice.TWICE


def test_too_few_examples_are_said_once_for_all_topics() -> None:
    found = look_at(of(sim=SIM, bills=BILLS, tv=SIM[:0], app=["the app crashes"], shop=["a", "b"]))
    few = {f.advice: f.sentence for f in found}
    assert few[Advice.NO_EXAMPLES].startswith("tv has no examples")
    assert few[Advice.VERY_FEW].startswith("app (1) and shop (2) have very few examples")
    found = look_at(of(sim=SIM[:9], bills=BILLS))
    assert [f.sentence for f in found if f.advice is Advice.FEW] == [
        "sim (9) has few examples: ten each make posts surer to be told."
    ]


def test_a_phrase_that_takes_another_topics_examples_away_is_named_with_them() -> None:
    sim = {"examples": SIM, "phrases": ["Charge"]}
    found = look_at(of(sim=sim, bills=BILLS))
    (finding,) = (f for f in found if f.advice is Advice.PHRASE_MISLEADS)
    assert "“Charge” is a phrase of sim, so whoever writes it goes there, also" in finding.sentence
    assert "“I want a refund of the wrong charge” (bills)" in finding.sentence
    assert [p.path for p in finding.places] == [
        ("topics", 0, "phrases", 0),
        ("topics", 1, "examples", 7),
    ]


def test_phrases_of_two_topics_in_one_example_may_go_either_way() -> None:
    bills = {"examples": BILLS, "phrases": ["refund"]}
    found = look_at(of(sim={"examples": SIM, "phrases": ["wrong charge"]}, bills=bills))
    assert kinds(found) == [Advice.PHRASES_MEET]


def test_topics_that_are_taken_for_each_other_overlap_and_that_is_said_once() -> None:
    mixed = [*SIM[:5], *BILLS[:5]], [*SIM[5:], *BILLS[5:]]
    found = look_at(of(one=mixed[0], other=mixed[1]))
    assert kinds(found)[0] is Advice.OVERLAP
    assert "one and other overlap: " in found[0].sentence
    assert Advice.READS_LIKE not in kinds(found)


@pytest.mark.parametrize(
    "roster",
    [of(only=SIM), of(only=()), of(one=(), other=()), of(one=["?"], other=["!"])],
    ids=["one topic", "nothing", "two without examples", "no words"],
)
def test_the_smallest_rosters_are_looked_at_too(roster: Roster) -> None:
    assert {finding.advice for finding in look_at(roster)} <= {
        Advice.NO_EXAMPLES,
        Advice.VERY_FEW,
    }


def test_places_are_lines_of_the_file() -> None:
    text = """
topics:
  - id: sim
    examples:
      - where is my sim
      - where is my sim
experts:
  - {id: ada, name: Ada, topics: {sim: 1}}
"""
    roster, file = load(text)
    twice = next(f for f in look_at(roster) if f.advice is Advice.TWICE)
    assert [file.line(place.path) for place in twice.places] == [5, 6]


@pytest.fixture(scope="module")
def banking() -> Roster:
    if not BANKING77.exists():
        pytest.skip("Banking77 isn't here (../shared/data/banking77)")
    examples: dict[str, list[str]] = defaultdict(list)
    for line in BANKING77.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        examples[row["topic"].lower().rstrip("?")].append(row["text"])
    return of(**{topic: those[:10] for topic, those in examples.items()})


def test_77_topics_of_which_some_are_known_to_overlap(banking: Roster) -> None:
    found = look_at(banking)
    overlaps = " ".join(f.sentence for f in found if f.advice is Advice.OVERLAP)
    assert "unable_to_verify_identity and verify_my_identity overlap: 2 of 10" in overlaps
    assert 20 < len(found) < 200
    assert found == look_at(banking)


def test_an_example_that_was_moved_is_found_among_770(banking: Roster) -> None:
    first, *rest = banking.topics
    strayed = "I forgot my passcode again"
    moved = first.model_copy(update={"examples": (*first.examples, strayed)})
    found = look_at(Roster.model_validate({**dict(banking), "topics": (moved, *rest)}))
    (finding,) = (f for f in found if strayed in f.sentence)
    assert "reads like passcode_forgotten" in finding.sentence
