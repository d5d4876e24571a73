"""What every renderer keeps: nothing of a card gets lost, and nothing in it does harm.

A renderer joins by a line in `RENDERERS`: a function that returns what people get to see or send
back, as one text.
"""

import io
import json
import re
from collections.abc import Callable

import pytest
from rich.console import Console

from bot import console
from bot.cards import Card
from bot.slack import render as slack
from tests.card_samples import HOSTILE_TEXTS, cards, hostile_card
from tests.slack_rules import objects, texts


def in_slack(card: Card) -> str:
    """Everything seen, and every value and address, of a card in Slack."""
    text, blocks = slack.render(card)
    kept = [part[key] for part in objects(blocks) for key in ("value", "url") if key in part]
    return "\n".join([text, *texts(blocks), *kept])


def in_terminal(card: Card) -> str:
    """Everything seen of a card in a terminal that is wide enough not to break a line."""
    wide = Console(file=io.StringIO(), width=2_000, record=True)
    wide.print(console.render(card, width=1_990))
    return re.sub(r"[│╭╮╰╯─•\s]+", " ", wide.export_text())


RENDERERS: dict[str, Callable[[Card], str]] = {"slack": in_slack, "terminal": in_terminal}


@pytest.fixture(params=RENDERERS)
def renderer(request: pytest.FixtureRequest) -> Callable[[Card], str]:
    return RENDERERS[request.param]


@pytest.mark.parametrize("kind", cards())
def test_nothing_of_a_card_gets_lost(renderer: Callable[[Card], str], kind: str) -> None:
    card = cards()[kind]
    seen = renderer(card)
    flat = " ".join(seen.split())
    wanted = [card.title, card.status, card.footer]
    wanted += [word for field in card.fields for word in (field.label, field.value)]
    wanted += [word for link in card.links for word in (link.label, link.url)]
    wanted += [word for button in card.buttons for word in (button.label, button.value)]
    for section in card.sections:
        wanted += [section.heading, *(line.rstrip(".") for line in section.lines)]
    if card.quote is not None:
        wanted += [card.quote.by, card.quote.text]
    missing = [word for word in wanted if word and " ".join(word.split()) not in flat]
    assert not missing


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_hostile_texts_are_shown_and_do_no_harm(
    renderer: Callable[[Card], str], name: str, compact: bool
) -> None:
    seen = renderer(hostile_card(HOSTILE_TEXTS[name], compact=compact))
    json.dumps(seen, ensure_ascii=False).encode()
    assert len(seen) < 50_000
    assert not set(seen) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b\x07")
