"""Reading: language, names, topics with their evidence, kind, urgency."""

import re

import pytest
from spacy.tokens import Doc

from routing.company import Roster
from routing.model import Kind, Post, Reading
from routing.reading.background import BACKGROUND
from routing.reading.language import said_by_platform
from routing.reading.pipeline import Reader
from routing.reading.social import (
    MAX_READ,
    fingerprint,
    handles,
    tidy,
    without_handles,
)
from tests.builders import a_post, a_roster, a_topic, an_expert

FOLDS = 3


def texts(*given: str) -> list[Post]:
    return [a_post(text, id=str(number + 1)) for number, text in enumerate(given)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How much is roaming in Turkey this summer?", "en"),
        ("Warum ist meine Rechnung diesen Monat so hoch?", "de"),
        ("Pourquoi ma facture a-t-elle doublé ce mois-ci ?", "fr"),
        ("¿Por qué me habéis cobrado dos veces este mes?", "es"),
        ("Ciao, la mia eSIM non si attiva, cosa devo fare?", "it"),
        ("@KestrelHelp @KestrelMobile Wann gibt es bei uns endlich 5G?", "de"),
        ("WO BLEIBT MEIN PAKET", "de"),
        ("lol", "unknown"),
        ("ok", "unknown"),
        ("RT", "unknown"),
        ("Oohhh...ok", "unknown"),
        ("5G", "unknown"),
        ("👍👍👍", "unknown"),
        ("@KestrelHelp", "unknown"),
        ("https://kestrel.example/only-a-link", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_language_is_told_or_said_to_be_unknown(
    reader: Reader, text: str, language: str
) -> None:
    assert reader.read_one(a_post(text)).language == language


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("pt_BR", "pt"),
        ("DE", "de"),
        ("in", "id"),
        ("iw", "he"),
        ("nb", "no"),
        ("qu", "qu"),
        ("und", ""),
        ("zxx", ""),
        ("qme", ""),
        ("qht", ""),
        ("", ""),
        ("English", ""),
        ("\ud800", ""),
    ],
)
def test_what_a_platform_says_about_the_language(code: str, language: str) -> None:
    assert said_by_platform(code) == language


def test_the_platform_is_believed_unless_it_knows_nothing(reader: Reader) -> None:
    assert reader.read_one(a_post("Is roaming dear in Turkey?", language="de")).language == "de"
    assert reader.read_one(a_post("Is roaming dear in Turkey?", language="und")).language == "en"


def test_left_out_examples_of_the_sample_roster_find_their_topic(kestrel: Roster) -> None:
    right, confident, confidently_wrong, count = 0, 0, 0, 0
    for fold in range(FOLDS):
        taught = [
            topic.model_copy(
                update={
                    "examples": tuple(
                        text for n, text in enumerate(topic.examples) if n % FOLDS != fold
                    )
                }
            )
            for topic in kestrel.topics
        ]
        reader = Reader(kestrel.model_copy(update={"topics": tuple(taught)}))
        left_out = [
            (topic.id, text)
            for topic in kestrel.topics
            for n, text in enumerate(topic.examples)
            if n % FOLDS == fold
        ]
        readings = reader.read(texts(*(text for _, text in left_out)))
        for (topic_id, _), (_, reading) in zip(left_out, readings, strict=True):
            found = bool(reading.topics) and reading.topics[0].id == topic_id
            count += 1
            right += found
            confident += reading.confident
            confidently_wrong += reading.confident and not found

    assert count == sum(len(topic.examples) for topic in kestrel.topics)
    assert right / count >= 0.85
    assert confidently_wrong / confident <= 0.05


UNKNOWN = (
    "the ferry to the island only sails twice a day in winter",
    "my grandmother's apple cake needs two hours in the oven",
    "which paint is best for a wooden garden bench",
    "the orchestra played Mahler and nobody coughed",
    "Der Bäcker an der Ecke macht im Januar zu",
    "our hamster escaped and now lives behind the piano",
)


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_none_of_the_topics_is_not_read_with_confidence(reader: Reader, text: str) -> None:
    assert text not in BACKGROUND
    assert not reader.read_one(a_post(text)).confident


@pytest.mark.parametrize("text", ["", "  ", "?!", "12345", "@KestrelHelp", "🦅🦅", "\u200b\u202e"])
def test_what_says_nothing_has_no_topic(reader: Reader, text: str) -> None:
    reading = reader.read_one(a_post(text))

    assert reading.topics == ()
    assert not reading.confident


def test_evidence_is_words_of_the_post_and_scores_fall(kestrel: Roster, reader: Reader) -> None:
    every = [text for topic in kestrel.topics for text in topic.examples]
    for post, reading in reader.read(texts(*every)):
        scores = [topic.score for topic in reading.topics]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)
        for topic in reading.topics:
            for item in topic.evidence:
                assert item.words.lower() in tidy(post.text).lower()


def test_a_phrase_settles_it_however_it_is_written(reader: Reader) -> None:
    for text in (
        "my PAC CODE is missing",
        "my pac code is missing",
        "my #PacCode is missing",
        "my  pac\u00a0code is missing",
    ):
        topic = reader.read_one(a_post(text)).topics[0]
        assert (topic.id, topic.evidence[0].how) == ("porting", "phrase")
        assert topic.score >= 0.9
        assert topic.evidence[0].words.lower() == "pac code"


def test_a_phrase_with_a_curly_quote_is_found() -> None:
    roster = a_roster(
        an_expert(), topics=(a_topic(phrases=["à l’étranger"]), a_topic("billing", examples=["x"]))
    )

    for text in ("téléphoner à l'étranger", "téléphoner à l’étranger"):
        assert Reader(roster).read_one(a_post(text)).topics[0].id == "roaming"


def test_the_longest_phrase_of_a_topic_is_the_evidence() -> None:
    roster = a_roster(
        an_expert(), topics=(a_topic(phrases=["bill", "my bill"]), a_topic("billing"))
    )

    topic = Reader(roster).read_one(a_post("what is on my bill")).topics[0]

    assert [item.words for item in topic.evidence if item.how == "phrase"] == ["my bill"]


def test_a_topic_without_examples_can_still_be_told_by_its_name() -> None:
    roster = a_roster(an_expert(), topics=(a_topic(name="Roaming abroad"), a_topic("billing")))

    reading = Reader(roster).read_one(a_post("roaming abroad"))

    assert reading.topics[0].id == "roaming"


def test_names_of_ours_and_of_others(reader: Reader) -> None:
    reading = reader.read_one(a_post("@OspreyTel worse than Kestrel? @kestrelhelp Finchnet too"))

    assert set(reading.brand) == {"Kestrel", "@kestrelhelp"}
    assert reading.competitors == ("Finchnet",)
    assert reading.handles == ("OspreyTel", "kestrelhelp")


def test_a_word_within_a_word_is_not_our_name(reader: Reader) -> None:
    assert reader.read_one(a_post("kestrels and kestrelling")).brand == ()


def test_the_same_post_is_read_the_same_alone_and_among_others(
    kestrel: Roster, reader: Reader
) -> None:
    posts = texts(*(text for topic in kestrel.topics for text in topic.examples[:2]))

    together = [reading for _, reading in reader.read(posts)]

    assert [reader.read_one(post) for post in posts] == together
    assert [reading for _, reading in Reader(kestrel).read(posts)] == together


def test_posts_come_back_in_order_with_their_readings(reader: Reader) -> None:
    posts = texts(*(f"roaming {number}" for number in range(300)))

    pairs = list(reader.read(iter(posts)))

    assert [post for post, _ in pairs] == posts
    assert all(isinstance(reading, Reading) for _, reading in pairs)


def test_the_pipeline_is_spacy_s(reader: Reader) -> None:
    assert reader.nlp.pipe_names == [
        "direct_dial_language",
        "direct_dial_matching",
        "direct_dial_topics",
        "direct_dial_tone",
    ]
    doc = reader.nlp("is there an outage?")
    assert isinstance(doc, Doc)
    assert doc._.topics[0].id == "outage"
    assert (analysis := reader.nlp.analyze_pipes())
    assert analysis["problems"]["direct_dial_topics"] == []


def test_the_confidence_of_the_roster_is_the_reader_s() -> None:
    topics = (a_topic(examples=["roaming abroad"]), a_topic("billing", examples=["my bill"]))
    post = a_post("the bill for two days abroad")

    def read(confidence: float) -> Reading:
        roster = a_roster(an_expert(), topics=topics, policy={"confidence": confidence})
        return Reader(roster).read_one(post)

    reading = read(0.5)
    sure = reading.topics[0].score * reading.known
    assert 0.1 < sure < 0.98
    assert read(sure - 0.01).confident
    assert not read(sure + 0.01).confident


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How do I move my eSIM?", Kind.QUESTION),
        ("can you help me with my bill", Kind.QUESTION),
        ("I need help with my router", Kind.QUESTION),
        ("Wie lange dauert das", Kind.QUESTION),
        ("¿Cuándo llega el 5G a Cádiz?", Kind.QUESTION),
        ("worst network ever, I hate it", Kind.COMPLAINT),
        ("I never received the parcel", Kind.COMPLAINT),
        ("won't let me log in", Kind.COMPLAINT),
        ("you suck", Kind.COMPLAINT),
        ("on hold for two hours", Kind.COMPLAINT),
        ("Internet geht schon wieder nicht", Kind.COMPLAINT),
        ("ma box ne marche plus", Kind.COMPLAINT),
        ("thank you so much, brilliant service", Kind.PRAISE),
        ("Merci beaucoup, équipe géniale 😍", Kind.PRAISE),
        ("I am at the station", Kind.OTHER),
    ],
)
def test_what_a_post_wants(reader: Reader, text: str, kind: Kind) -> None:
    assert reader.read_one(a_post(text)).kind is kind


@pytest.mark.parametrize(
    ("text", "urgency", "reason"),
    [
        ("my phone is smoking", 3, "safety (“smoking”)"),
        ("999 calls don't work here", 3, "safety (“999 calls”)"),
        ("the whole village is without signal", 2, "affects many (“whole village”)"),
        ("I want to cancel my contract", 1, "wants to leave (“cancel my contract”)"),
        ("I need it today, where is it?", 1, "has a deadline (“need it today”)"),
        ("WORST SERVICE EVER, I hate you", 1, "angry capitals (“WORST SERVICE EVER”)"),
        ("ich kündige", 1, "wants to leave (“kündige”)"),
        ("how much is roaming?", 0, ""),
        ("a brand new phone on my fire stick", 0, ""),
        ("not everyone lives in London", 0, ""),
        ("thank you, see you tonight, this was urgent", 0, ""),
    ],
)
def test_urgency_and_what_tells_it(reader: Reader, text: str, urgency: int, reason: str) -> None:
    reading = reader.read_one(a_post(text))

    assert reading.urgency == urgency
    assert reading.urgency_reasons == ((reason,) if reason else ())


def test_sentiment_has_the_right_sign(reader: Reader) -> None:
    for glad, sad in (
        ("I love it, great work", "I hate it, terrible work"),
        ("danke, super 😍", "Katastrophe, unverschämt 😡"),
    ):
        assert reader.read_one(a_post(glad)).sentiment > 0
        assert reader.read_one(a_post(sad)).sentiment < 0


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("so &amp; so", "so & so"),
        ("we’re “here”…", 'we\'re "here"...'),
        ("sooooo slow", "soo slow"),
        ("#KestrelDown in #Leeds_UK", "Kestrel Down in Leeds UK"),
        ("my #eSIM and #iPhone", "my eSIM and iPhone"),
        ("see https://kestrel.example/x?y=1 now", "see now"),
        ("no\u200bthing\u202e hid\u00adden", "nothing hidden"),
        ("a\n\n b\t\x00c", "a b c"),
    ],
)
def test_social_text_is_tidied_for_reading(text: str, read: str) -> None:
    assert tidy(text) == read


def test_only_the_beginning_of_an_endless_post_is_read() -> None:
    assert len(tidy("ab " * 50_000)) <= MAX_READ


def test_handles() -> None:
    assert handles("hi @a, @b_c and mail@example.com") == ("a", "b_c")
    assert without_handles("@a hello @b there") == "hello there"


def test_what_stays_the_same_when_a_post_is_sent_again() -> None:
    once = fingerprint("My bill is WRONG!! https://t.example/a1 😡")

    assert once == fingerprint("my bill is wrong https://t.example/b2")
    assert once != fingerprint("my bill is right")
    assert re.fullmatch(r"[\w ]+", once)
