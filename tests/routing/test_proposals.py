"""Words that may be worth a phrase: on one topic and nowhere else, and never about a person."""

from routing.model import LabelledExample
from routing.reading.proposals import Proposal, propose
from tests.builders import a_labelled, a_roster, a_topic

WORDS = "fee tax debt mistake sum name date sort post line page item year half week"
BILLS = [f"{word} on my bill" for word in WORDS.split()]
ROSTER = a_roster(
    topics=(
        a_topic("roaming", phrases=["travel pass"]),
        a_topic("billing", examples=BILLS),
    )
)


def on(topic: str, *texts: str, may_train: bool = True) -> list[LabelledExample]:
    return [a_labelled(text, topic, may_train=may_train) for text in texts]


def phrases(*examples: LabelledExample) -> list[str]:
    return [proposal.phrase for proposal in propose(examples, ROSTER)]


def test_words_that_three_posts_on_a_topic_share_and_nothing_else_has() -> None:
    said = ("How much is a day pass?", "the day pass isn't active", "Bought a Day Pass, no data")
    assert propose(on("roaming", *said), ROSTER) == (Proposal("roaming", "day pass", 3),)
    assert propose(on("roaming", *said[:2]), ROSTER) == ()
    assert propose(on("roaming", *said, may_train=False), ROSTER) != (), "a person decides"


def test_words_that_come_up_elsewhere_are_not_proposed() -> None:
    said = on("roaming", "is abroad dear", "calls abroad", "abroad again")
    assert phrases(*said) == ["abroad"]
    assert phrases(*said, *on("billing", "billed abroad")) == []
    assert phrases(*said, *on("", "she works abroad")) == []


def test_people_and_names_and_what_is_a_phrase_already_are_never_proposed() -> None:
    same = (
        "@jane_roamer Kestrel 0171 1234567 https://travel.example/zone jane@mail.example 4G "
        "Osprey travel pass Ada"
    )
    assert phrases(*on("roaming", f"{same} one", f"{same} two", f"{same} three")) == []


def test_the_same_words_again_count_once() -> None:
    assert phrases(*on("roaming", "abroad!", "Abroad", "abroad?", "is it abroad")) == []


def test_luck_is_no_reason() -> None:
    alone = a_roster()
    said = on("roaming", "calls abroad", "abroad again", "is abroad dear")
    assert propose(said, alone) == (), "with all posts on one topic every word is on it alone"


def test_few_are_proposed_for_each_topic() -> None:
    words = ["zebra", "yacht", "xylophone", "walrus", "violin"]
    said = [f"{word} {n}a" for word in words for n in ("tea", "sea", "bee")]
    assert len(phrases(*on("roaming", *said))) <= 3
