"""Tone: kind, sentiment, urgency and its reasons, on posts that people have read before.

On the exam (83 posts by the hand that wrote the rules, not looked at while tuning) the kind is
right in 95 %, the sign of the sentiment in 96 %, and no urgency reason is wrong or missing. By the
rules before them it was 54 %, 45 %, and 14 % wrong. Real posts are harder: of 100 support tweets
that nobody tuned on, judged by eye, the kind is right in about 81 % and the sign in about 80 %. The
floors leave room for a rule that helps elsewhere.
"""

import time
from collections.abc import Sequence

import pytest

from routing.model import Kind
from routing.reading.phrasebook import Found, Phrasebook
from routing.reading.tone import Tone, ToneReader
from tests.routing.tone_examples import EXAM, EXAMPLES, TUNING, Example


@pytest.fixture(scope="module")
def tone() -> ToneReader:
    return ToneReader()


def reasons(tone: Tone) -> set[str]:
    return {reason.split(" (")[0] for reason in tone.urgency_reasons}


def share(right: Sequence[bool]) -> float:
    return sum(right) / len(right)


@pytest.mark.parametrize("examples", [TUNING, EXAM], ids=["tuning", "exam"])
def test_posts_are_read_as_a_person_reads_them(
    tone: ToneReader, examples: tuple[Example, ...]
) -> None:
    read = [(example, tone.read(example.text, example.language)) for example in examples]

    assert share([str(found.kind) in example.kinds for example, found in read]) >= 0.9
    assert (
        share([found.sentiment * example.sign > 0 for example, found in read if example.sign])
        >= 0.9
    )
    told = [(reason, example) for example, found in read for reason in reasons(found)]
    assert share([reason in example.reasons for reason, example in told]) >= 0.95
    wanted = [(reason, found) for example, found in read for reason in example.reasons]
    assert share([reason in reasons(found) for reason, found in wanted]) >= 0.9


def test_the_examples_have_every_kind_reason_and_language() -> None:
    for part in (TUNING, EXAM):
        assert {kind for example in part for kind in example.kinds} == {str(kind) for kind in Kind}
        assert len({reason for example in part for reason in example.reasons}) >= 4
        assert {example.language for example in part} == {"en", "de", "fr", "es", "it", "nl"}
    assert len(EXAMPLES) >= 150


@pytest.mark.parametrize(
    "text",
    [
        "Fire sale at the mall",
        "my Fire Stick shows nothing new",
        "you are killing it",
        "a dead battery, and no spare",
        "I'm moving to a new flat",
        "I am burned out after work",
        "where is the emergency exit of the stadium",
    ],
)
def test_what_only_looks_urgent_is_not(tone: ToneReader, text: str) -> None:
    assert tone.read(text, "en").urgency == 0


@pytest.mark.parametrize(
    ("text", "language", "kind", "glad"),
    [
        ("great, third outage this week, thanks a lot", "en", Kind.COMPLAINT, False),
        ("Thanks for nothing", "en", Kind.COMPLAINT, False),
        ("my card is not working", "en", Kind.COMPLAINT, False),
        ("not bad at all", "en", Kind.PRAISE, True),
        ("no complaints, really", "en", Kind.PRAISE, True),
        ("Not happy at all", "en", Kind.COMPLAINT, False),
        ("loooove it", "en", Kind.PRAISE, True),
        ("thanks for fixing the outage", "en", Kind.PRAISE, True),
        ("gar nicht übel, danke", "de", Kind.PRAISE, True),
        ("pas mal du tout", "fr", Kind.PRAISE, True),
    ],
)
def test_irony_negation_and_stretched_words(
    tone: ToneReader, text: str, language: str, kind: Kind, glad: bool
) -> None:
    found = tone.read(text, language)

    assert found.kind is kind
    assert (found.sentiment > 0) is glad


def test_words_of_another_language_do_not_count(tone: ToneReader) -> None:
    assert tone.read("can you comment on this fatal plot", "en").sentiment > -0.6
    assert tone.read("el servicio es fatal", "es").kind is Kind.COMPLAINT
    assert tone.read("el servicio es fatal", "unknown").kind is Kind.COMPLAINT


@pytest.mark.parametrize(
    "piece",
    [
        "not ",
        "not work ",
        "the whole ",
        "a",
        "'",
        "c'",
        "? ",
        "😡",
        "no ",
        "is it just me ",
        "l'a'",
    ],
)
def test_the_time_for_one_post_is_bounded(tone: ToneReader, piece: str) -> None:
    text = (piece * 2_000)[:2_000]
    began = time.process_time()

    tone.read(text, "unknown")

    assert time.process_time() - began < 0.25


def test_phrases_are_found_by_their_words() -> None:
    book = Phrasebook(
        {
            "bad": {"en": "charged/billed twice\ndisappoint*\nnot really? work*\nthe _ street"},
            "good": {"en": "not disappointed"},
        }
    )

    def find(text: str) -> list[Found]:
        return book.find(text.split())

    assert find("you charged twice") == [Found("bad", "en", 1, 3)]
    assert find("billed twice") == [Found("bad", "en", 0, 2)]
    assert find("disappointing") == [Found("bad", "en", 0, 1)]
    assert find("not really working") == [Found("bad", "en", 0, 3)]
    assert find("not working") == [Found("bad", "en", 0, 2)]
    assert find("the whole street") == [Found("bad", "en", 0, 3)]
    assert find("the . street") == []
    assert find("charged") == []
    assert find("not disappointed") == [Found("good", "en", 0, 2)]
