"""Cards as Block Kit: within Slack's limits, whatever strangers wrote, and good to read."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import Action, Button, Card, Field, Form, Input, Link, Quote, Section
from bot.slack.render import (
    BLOCKS,
    MESSAGE,
    NOTIFICATION,
    render,
    render_form,
    render_notice,
    render_options,
)
from routing.company import Expert
from tests.card_samples import HOSTILE_TEXTS, cards, form, hostile_card
from tests.slack_rules import (
    block_problems,
    message_problems,
    objects,
    option_problems,
    texts,
    view_problems,
)

BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
RINGS_OR_LINKS = re.compile(r"<[!@#]|<https?:")

TRICKS = st.sampled_from(
    [
        *(text for text in HOSTILE_TEXTS.values() if len(text) < 1000),
        "<!channel>",
        "<https://evil.example|https://bank.example>",
        "@here",
        "https://[",
        "http://a b/ c",
        "`" * 3,
    ]
)
ANY_TEXT = st.one_of(
    TRICKS,
    st.text(alphabet=st.characters(exclude_categories=()), max_size=300),
    st.builds(lambda text, times: text * times, st.text(max_size=20), st.integers(0, 500)),
    st.lists(TRICKS, max_size=4).map("".join),
)
ANY_CARD = st.builds(
    Card,
    title=ANY_TEXT,
    summary=ANY_TEXT,
    status=ANY_TEXT,
    quote=st.none() | st.builds(Quote, ANY_TEXT, ANY_TEXT),
    fields=st.lists(st.builds(Field, ANY_TEXT, ANY_TEXT), max_size=12).map(tuple),
    sections=st.lists(
        st.builds(Section, ANY_TEXT, st.lists(ANY_TEXT, max_size=3).map(tuple)), max_size=55
    ).map(tuple),
    links=st.lists(st.builds(Link, ANY_TEXT, ANY_TEXT), max_size=30).map(tuple),
    buttons=st.lists(
        st.builds(Button, st.sampled_from(list(Action)), ANY_TEXT, ANY_TEXT), max_size=30
    ).map(tuple),
    footer=ANY_TEXT,
    compact=st.booleans(),
)


def assert_sendable(text: str, blocks: list[dict[str, Any]]) -> None:
    assert not message_problems(text, blocks)
    assert text.strip()
    assert len(text) <= NOTIFICATION
    assert len(blocks) <= BLOCKS
    assert len(json.dumps(blocks, ensure_ascii=False)) <= MESSAGE
    whole = json.dumps([text, blocks], ensure_ascii=False)
    whole.encode()
    assert "\x00" not in whole
    assert not any(BIDI_CONTROLS.search(words) for words in texts(blocks))
    assert not RINGS_OR_LINKS.search(text)


def assert_no_markup(blocks: Any) -> None:
    """Nothing of a card is ever read as markup, so nothing in it has to be escaped."""
    for part in objects(blocks):
        assert part.get("type") not in {"mrkdwn", "link", "user", "channel", "broadcast", "emoji"}
        if part.get("type") == "plain_text":
            assert part["emoji"] is False


@pytest.mark.parametrize("kind", cards())
def test_every_kind_of_card_keeps_slacks_limits(kind: str) -> None:
    text, blocks = render(cards()[kind])
    assert_sendable(text, blocks)
    assert_no_markup(blocks)


@settings(max_examples=200, deadline=None)
@given(ANY_CARD)
def test_any_card_keeps_slacks_limits(card: Card) -> None:
    text, blocks = render(card)
    assert_sendable(text, blocks)
    assert_no_markup(blocks)


@settings(max_examples=60, deadline=None)
@given(title=ANY_TEXT, intro=ANY_TEXT, label=ANY_TEXT, hint=ANY_TEXT, value=ANY_TEXT)
def test_any_form_keeps_slacks_limits(
    title: str, intro: str, label: str, hint: str, value: str
) -> None:
    inputs = (Input("expert", "expert", label, hint), Input("reason", "text", label, hint))
    view = render_form(Form(Action.REASSIGN, value, title, intro, inputs, title))
    assert not view_problems(view)
    assert_no_markup(view)


@settings(max_examples=30, deadline=None)
@given(name=ANY_TEXT.filter(bool), title=ANY_TEXT)
def test_any_experts_are_options(name: str, title: str) -> None:
    expert = Expert.model_construct(id="ada", name=name, title=title)
    assert not option_problems(render_options([expert, expert]))


def test_a_list_has_no_more_experts_than_slack_takes() -> None:
    expert = Expert(id="ada", name="Ada", topics={"roaming": 3})
    options = render_options([expert] * 120)
    assert not option_problems(options)
    assert len(options) == 100


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT)
def test_any_sentence_is_a_notice(text: str) -> None:
    notice, blocks = render_notice(text)
    assert_sendable(notice, blocks)


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_strangers_words_are_shown_as_they_stand(name: str) -> None:
    text = HOSTILE_TEXTS[name]
    if len(text) > 1000 or name in {"blank", "empty", "zero width"}:
        return
    shown = "\n".join(texts(render(Card("t", "s", quote=Quote("@a", text)))[1]))
    for word in re.findall(r"[\w<>@!|*_~`&;.:/-]+", text.encode("utf-8", "ignore").decode()):
        assert word.replace("\x85", "") in shown


def test_a_quote_stands_alone() -> None:
    """A stranger's words can't look like ours: they are in a quote of their own."""
    text = "Nice.\n\nTopic: Bills\nApproved by the company."
    blocks = render(Card("t", "s", quote=Quote("@a", text), fields=(Field("Topic", "Roaming"),)))[1]
    quotes = [part for part in objects(blocks) if part.get("type") == "rich_text_quote"]
    assert [quote["elements"] for quote in quotes] == [[{"type": "text", "text": text}]]


def test_blank_texts_never_become_empty_ones() -> None:
    blank = hostile_card(HOSTILE_TEXTS["zero width"])
    text, blocks = render(blank)
    assert text == "Direct Dial"
    assert "(no text)" in texts(blocks)
    assert not block_problems(blocks)


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    card = replace(cards()["expert, offered"], quote=Quote("@a", "word " * 20_000))
    blocks = render(card)[1]
    quote = next(part for part in objects(blocks) if part.get("type") == "rich_text_quote")
    shown = quote["elements"][0]["text"]
    assert shown.endswith("word…")
    assert len(shown) > 2500
    assert "Take it" in texts(blocks)


def test_a_card_that_is_too_long_as_a_whole_keeps_its_buttons() -> None:
    sections = tuple(Section(f"Heading {n}", ("words " * 400,) * 3) for n in range(20))
    card = replace(cards()["expert, offered"], sections=sections)
    seen = texts(render(card)[1])
    for label in ("Take it", "Answered", "Pass", "Not for us", "Open the post"):
        assert label in seen


def test_the_notification_is_one_escaped_line() -> None:
    text, _ = render(Card("t", "a <!channel>\n& <https://evil.example|bank>"))
    assert text == "a &lt;!channel&gt; &amp; &lt;https://evil.example|bank&gt;"


def test_buttons_bring_back_action_and_value() -> None:
    blocks = render(cards()["expert, offered"])[1]
    buttons = [part for part in objects(blocks) if part.get("type") == "button" if "value" in part]
    assert [(b["action_id"], b["value"], b["text"]["text"]) for b in buttons] == [
        (action, "x:1992837465102938475/1", label)
        for action, label in (
            ("accept", "Take it"),
            ("resolve", "Answered"),
            ("decline", "Pass"),
            ("dismiss", "Not for us"),
        )
    ]
    assert buttons[0]["style"] == "primary"
    assert all("style" not in button for button in buttons[1:])


def test_buttons_with_the_same_action_stay_apart() -> None:
    buttons = (Button(Action.REASSIGN, "Ada", "1"), Button(Action.REASSIGN, "Bo", "2"))
    blocks = render(Card("t", "s", buttons=buttons))[1]
    ids = [part["action_id"] for part in objects(blocks) if "action_id" in part]
    assert ids == ["reassign", "reassign:2"]


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://x.com/maja/status/1?a=b&c=%20#d", "https://x.com/maja/status/1?a=b&c=%20#d"),
        ("https://x.com/größe\u202e|x y", "https://x.com/gr%C3%B6%C3%9Fe%7Cx%20y"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("https://exa mple.com", ""),
        ("https://[", ""),
        ("slack://user?id=U1", ""),
        ("https://x.com/" + "a" * 3000, ""),
        ("", ""),
    ],
)
def test_links_are_addresses_or_left_out(url: str, taken: str) -> None:
    blocks = render(Card("t", "s", links=(Link("Open", url),)))[1]
    assert [part["url"] for part in objects(blocks) if "url" in part] == ([taken] if taken else [])


def test_the_order_on_a_phone_is_most_needed_first() -> None:
    seen = texts(render(cards()["expert, accepted"])[1])
    order = ["Roaming abroad: a post for you", "You have it since 14:05."]
    order += ["Maja K. (@maja_k) on X, 13:53", "Answer by: ", "Why you", "How to answer"]
    order += ["Open the post", "Answered"]
    places = [seen.index(words) for words in order]
    assert places == sorted(places)


def test_a_compact_card_is_low() -> None:
    """The desk's channel gets one for each post: no header, reasons in small print, one row."""
    compact = render(cards()["desk, offered"])[1]
    assert [block["type"] for block in compact] == ["rich_text", "rich_text", "context", "actions"]
    whole = render(cards()["desk, unrouted"])[1]
    assert whole[0]["type"] == "header"


def test_the_form_is_a_dialogue() -> None:
    view = render_form(form())
    assert not view_problems(view)
    assert (view["callback_id"], view["private_metadata"]) == ("reassign", form().value)
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert [(b["block_id"], b["element"]["type"]) for b in inputs] == [
        ("expert", "external_select"),
        ("reason", "plain_text_input"),
    ]
    assert inputs[0]["element"]["min_query_length"] == 0
    assert inputs[0]["hint"]["text"] == "Nearest: Ada Lindqvist, Bo Tanaka"
