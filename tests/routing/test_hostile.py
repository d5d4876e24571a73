"""Whatever is posted: reading, deciding and guiding never fail, and what comes out can be sent.

“Sent” means: encodable as UTF-8 and without NUL, which PostgreSQL and the chat platforms refuse.
"""

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.company import Roster
from routing.decide import decide
from routing.lookup import lookup
from routing.model import Author, Decision, Post, Situation, storable
from routing.policy import check
from routing.policy.rule import Draft
from routing.reading.pipeline import Reader
from tests.builders import FRIDAY

ANY_TEXT = st.text(st.characters(), max_size=300)  # lone surrogates and NUL included
NASTY = st.lists(
    st.sampled_from(
        [
            "\x00", "\ud800", "\udfff", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff",
            "\u2028",
            "👩‍👩‍👧", "é", "e\u0301", "ﷺ", "<!channel>", "<@U123>", "&amp;", "&#0;", "&#xD800;",
            "https://", "[a](b)", "@KestrelHelp ", "RT @x: ", "#", "roaming ", "my bill",
            "{author}", "{0}", "%s", "\r\n", "\\", "'", '"', "🧨" * 9, "١٢٣", "ⅫⅫ", "ß", "İ", "ǅ",
        ]
    ),
    max_size=40,
).map("".join)  # fmt: skip
WORDS = ANY_TEXT | NASTY


def strings(value: Any) -> list[str]:
    """Return every string within a decision."""
    if isinstance(value, str):
        return [value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [s for f in dataclasses.fields(value) for s in strings(getattr(value, f.name))]
    if isinstance(value, list | tuple):
        return [text for item in value for text in strings(item)]
    return []


class Way:
    """The way of a post from reading to the decision; short to print when a test fails."""

    def __init__(self, roster: Roster, reader: Reader) -> None:
        self.roster, self.reader = roster, reader

    def go(self, post: Post) -> Decision:
        reading = self.reader.read_one(post)
        decision = decide(post, reading, self.roster, Situation(), FRIDAY)
        for text in (*strings(post), *strings(reading), *strings(decision)):
            assert "\x00" not in text
            text.encode("utf-8")
        assert reading.urgency in range(4)
        assert -1 <= reading.sentiment <= 1
        return decision


@pytest.fixture(scope="session")
def way(kestrel: Roster, reader: Reader) -> Way:
    return Way(kestrel, reader)


@settings(max_examples=80, deadline=None)
@given(
    text=WORDS,
    handle=WORDS,
    name=WORDS,
    post_id=WORDS.filter(lambda text: 0 < len(text) <= 400),
    language=st.sampled_from(["", "en", "und", "zh-Hant", "\ud800", "xx" * 40]) | ANY_TEXT,
    reply=WORDS,
)
def test_no_post_breaks_the_way_to_a_decision(
    way: Way, text: str, handle: str, name: str, post_id: str, language: str, reply: str
) -> None:
    post = Post(
        platform="x",
        id=post_id,
        text=text,
        author=Author(handle=handle, name=name),
        language=language,
        in_reply_to=reply,
        url=reply,
    )

    assert way.go(post).key == post.key


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "A",
        "@KestrelHelp ",
        "@a",
        "#Aa",
        "&amp;",
        "my bill ",
        "\U0001f9e8",
        "\u0301",
        "\ud800",
        "https://x ",
        "not work ",
        "in one hour ",
    ],
)
def test_a_post_of_100_kb_is_read_like_any_other(way: Way, piece: str) -> None:
    text = (piece * (100_000 // len(piece) + 1))[:100_000]

    assert way.go(Post(platform="x", id="1", text=text)).key == "x:1"


@settings(max_examples=50, deadline=None)
@given(WORDS)
def test_no_query_breaks_the_lookup(way: Way, query: str) -> None:
    assert len(lookup(query, way.roster, way.reader, FRIDAY).matches) <= 10


@given(WORDS)
def test_no_draft_breaks_the_policy(text: str) -> None:
    assert all(text[f.start : f.end] for f in check(Draft(text, ("kestrel.example",))))


@given(WORDS)
def test_what_is_storable_stays_as_it_is(text: str) -> None:
    kept = storable(text)

    assert storable(kept) == kept
    assert "\x00" not in kept
    kept.encode("utf-8")
    if "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert kept == text


def test_a_post_of_markup_alone_is_handed_on_as_it_was_written(way: Way) -> None:
    post = Post(platform="x", id="1", text="<!channel> @KestrelHelp *your* `refund` <http://a|b>")

    way.go(post)

    assert post.text == "<!channel> @KestrelHelp *your* `refund` <http://a|b>"
