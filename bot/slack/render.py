"""Cards as Slack's Block Kit. Pure, and knows no SDK.

Nothing in a card is ever given to Slack as markup: blocks are `plain_text` and `rich_text`, whose
text Slack shows as it stands. So `<!channel>` can't ring, a link can't hide where it goes, and
`*bold*` breaks no layout, without a list of characters to keep up to date. Only the notification
text is read as markup; it is escaped, and the messenger sends it with `mrkdwn` off.

Limits are counted in the strictest way Slack may count: UTF-16 units, & < > as entities. What is
too long is cut with an ellipsis; a card is never refused for its length.
"""

import json
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any
from urllib.parse import quote, urlsplit

from bot.cards import Button, Card, Field, Form, Input, Link, Quote, Section
from routing.company import Expert
from routing.model import storable

Block = dict[str, Any]

# https://docs.slack.dev/reference/block-kit/blocks and …/block-elements, …/views
BLOCKS = 50
BLOCKS_IN_VIEW = 100
HEADER = 150
SECTION_TEXT = 3000
FIELDS = 10
FIELD = 2000
CONTEXT_ELEMENTS = 10
CONTEXT_TEXT = 2000
ACTIONS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
URL = 3000
VIEW_TITLE = 24
PRIVATE_METADATA = 3000
LABEL = 2000
PLACEHOLDER = 150
INPUT_TEXT = 3000
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150

MESSAGE = 12_000
"""All blocks as JSON. Undocumented: `msg_blocks_too_long` comes from about 13,200 characters on,
whatever the limits of the single blocks say (github.com/slackapi/bolt-js/issues/2509, 2867)."""
NOTIFICATION = 300
"""Slack takes 40,000 characters; a locked phone shows two lines."""

OPEN_LINK = "open_link"
"""The action id of buttons that only open a page; Slack reports them, so they are acknowledged."""

_LINE_ENDS = dict.fromkeys(map(ord, "\r\x85\u2028\u2029"), "\n")
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
# Embeddings, overrides and isolates could make a stranger's words run into ours, or read as
# something else than what is there. Right-to-left scripts don't need them: letters carry their
# direction, and a quote is a paragraph of its own. The marks U+200E and U+200F stay.
_BIDI_CONTROLS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_UNSEEN = _CONTROLS | _BIDI_CONTROLS | _LINE_ENDS
_HOST = re.compile(r"[A-Za-z0-9._~:@%\[\]-]+")
_INVISIBLE = {"Cc", "Cf", "Zl", "Zp", "Zs"}


def render(card: Card) -> tuple[str, list[Block]]:
    """Return the notification text, and the blocks from top to bottom."""
    for limit in (SECTION_TEXT, 1500, 700, 300, 80):
        blocks = _blocks(card, limit)
        if _size(blocks) <= MESSAGE:
            break
    while _size(blocks) > MESSAGE:
        blocks.remove(max(blocks, key=_size))
    return notification(card.summary or card.title), blocks


def render_notice(text: str) -> tuple[str, list[Block]]:
    """Return a sentence for one person as notification text and blocks."""
    return notification(text), [_section(text, SECTION_TEXT)]


def render_form(form: Form) -> Block:
    """Return a modal view: `callback_id` is the action, `private_metadata` the value.

    Each input's name is its `block_id`, which is where Slack shows what is wrong with it; its kind
    is the `action_id`.
    """
    blocks = [_section(form.intro, SECTION_TEXT)] if _shows(form.intro) else []
    blocks += [_input(field) for field in form.inputs]
    return {
        "type": "modal",
        "callback_id": form.action.value,
        "private_metadata": storable(form.value)[:PRIVATE_METADATA],
        "title": _plain(form.title, VIEW_TITLE),
        "submit": _plain(form.submit, VIEW_TITLE),
        "close": _plain("Cancel", VIEW_TITLE),
        "blocks": blocks[:BLOCKS_IN_VIEW],
    }


def render_options(experts: Iterable[Expert]) -> list[Block]:
    """Return experts as the options of a searchable list."""
    options = []
    for expert in list(experts)[:OPTIONS]:
        option = {"text": _plain(expert.name, OPTION_TEXT), "value": expert.id[:OPTION_VALUE]}
        if _shows(expert.title):
            option["description"] = _plain(expert.title, OPTION_TEXT)
        options.append(option)
    return options


def notification(text: str) -> str:
    """Return text for a message's `text`: one line, escaped, never empty."""
    line = _cut(_one_line(text), NOTIFICATION) if _shows(text) else "Direct Dial"
    return _escaped(line)


def _blocks(card: Card, limit: int) -> list[Block]:
    return _compact(card, limit) if card.compact else _whole(card, limit)


def _whole(card: Card, limit: int) -> list[Block]:
    top: list[Block] = [{"type": "header", "text": _plain(card.title, HEADER)}]
    if _shows(card.status):
        top.append(_section(card.status, limit))
    top += _quote(card.quote, limit) + _fields(card.fields, limit)
    bottom = _actions(_links(card.links)) + _actions(_buttons(card.buttons))
    if _shows(card.footer):
        bottom.append(_context([_block_text(card.footer, min(limit, CONTEXT_TEXT))]))
    room = BLOCKS - len(top) - len(bottom)
    return top + [_explained(section, limit) for section in card.sections[:room]] + bottom


def _compact(card: Card, limit: int) -> list[Block]:
    """Return half the height, for a channel where one follows another: reasons in small print."""
    title = [_text(_cut(_one_line(card.title), HEADER) if _shows(card.title) else "–", bold=True)]
    if _shows(card.status):
        title.append(_text("\n" + _cut(_one_line(card.status), limit - 1)))
    blocks = [{"type": "rich_text", "elements": [_line(title)]}]
    blocks += _quote(card.quote, limit) + _fields(card.fields, limit)
    small = [f"{section.heading}: {_run_on(section.lines)}" for section in card.sections]
    small += [card.footer] if _shows(card.footer) else []
    if small:
        each = min(limit, CONTEXT_TEXT)
        blocks.append(_context([_plain(line, each) for line in small[:CONTEXT_ELEMENTS]]))
    return blocks + _actions(_buttons(card.buttons) + _links(card.links))


def _quote(words: Quote | None, limit: int) -> list[Block]:
    if words is None:
        return []
    text = _clean(words.text).strip() if _shows(words.text) else "(no text)"
    parts = [{"type": "rich_text_quote", "elements": [_text(_cut(text, limit))]}]
    if _shows(words.by):
        parts.insert(0, _line([_text(_cut(_one_line(words.by), limit), bold=True)]))
    return [{"type": "rich_text", "elements": parts}]


def _fields(fields: Sequence[Field], limit: int) -> list[Block]:
    """One line for each: on a phone, Slack's own two columns take more room and wrap."""
    elements: list[Block] = []
    last = min(len(fields), FIELDS) - 1
    limit = min(limit, FIELD) - 2  # room for what is put behind
    for number, field in enumerate(fields[:FIELDS]):
        if _shows(field.label):
            elements.append(_text(f"{_cut(_one_line(field.label), limit)}: ", bold=True))
        value = _cut(_one_line(field.value), limit) if _shows(field.value) else "–"
        elements.append(_text(value if number == last else f"{value}\n"))
    return [{"type": "rich_text", "elements": [_line(elements)]}] if elements else []


def _explained(section: Section, limit: int) -> Block:
    lines = [_cut(_clean(line).strip(), limit) for line in section.lines if _shows(line)]
    heading = _cut(_one_line(section.heading), limit) if _shows(section.heading) else ""
    parts = [_line([_text(heading, bold=True)])] if heading else []
    if len(lines) == 1:
        parts.append(_line([_text(lines[0])]))
    elif lines:
        items = [_line([_text(line)]) for line in lines]
        parts.append({"type": "rich_text_list", "style": "bullet", "elements": items})
    return {"type": "rich_text", "elements": parts or [_line([_text("–")])]}


def _run_on(lines: Sequence[str]) -> str:
    """Return lines as one paragraph: sentences stay sentences, the rest is parted by semicolons."""
    last = len(lines) - 1
    return " ".join(
        line if number == last or line.endswith((".", "!", "?")) else f"{line};"
        for number, line in enumerate(lines)
    )


def _links(links: Iterable[Link]) -> list[Block]:
    """Buttons for pages. An address that Slack wouldn't take is left out: half of one is none."""
    found = [(link.label, url) for link in links if (url := _address(link.url))]
    return [
        {
            "type": "button",
            "action_id": f"{OPEN_LINK}:{number}",
            "text": _plain(label, BUTTON_TEXT),
            "url": url,
        }
        for number, (label, url) in enumerate(found)
    ]


def _buttons(buttons: Iterable[Button]) -> list[Block]:
    elements = []
    times: Counter[str] = Counter()
    for button in buttons:
        times[button.action] += 1
        again = times[button.action]
        element: Block = {
            "type": "button",
            "action_id": f"{button.action}:{again}" if again > 1 else button.action.value,
            "text": _plain(button.label, BUTTON_TEXT),
        }
        if button.value:
            # Cut, it names nothing any more, and the person who presses is told so.
            element["value"] = storable(button.value)[:BUTTON_VALUE]
        if button.style:
            element["style"] = button.style
        elements.append(element)
    return elements


def _actions(elements: list[Block]) -> list[Block]:
    return [{"type": "actions", "elements": elements[:ACTIONS]}] if elements else []


def _context(elements: list[Block]) -> Block:
    return {"type": "context", "elements": elements}


def _input(field: Input) -> Block:
    element: Block
    if field.kind == "expert":
        element = {
            "type": "external_select",
            "min_query_length": 0,
            "placeholder": _plain("Name or title", PLACEHOLDER),
        }
    else:
        element = {"type": "plain_text_input", "multiline": True, "max_length": INPUT_TEXT}
    block = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, LABEL),
        "element": element | {"action_id": field.kind},
    }
    if _shows(field.hint):
        block["hint"] = _plain(field.hint, LABEL)
    return block


def _section(text: str, limit: int) -> Block:
    return {"type": "section", "text": _block_text(text, limit)}


def _plain(text: str, limit: int) -> Block:
    return _plain_text(_one_line(text) if _shows(text) else "–", limit)


def _block_text(text: str, limit: int) -> Block:
    return _plain_text(_clean(text).strip() if _shows(text) else "–", limit)


def _plain_text(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": _cut(text, limit), "emoji": False}


def _line(elements: list[Block]) -> Block:
    return {"type": "rich_text_section", "elements": elements}


def _text(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text} | ({"style": {"bold": True}} if bold else {})


def _clean(text: str) -> str:
    return storable(text).replace("\r\n", "\n").translate(_UNSEEN)


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _shows(text: str) -> bool:
    """Whether there is anything to see: Slack refuses a message with an empty text in it."""
    return any(unicodedata.category(char) not in _INVISIBLE for char in text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _width(text: str) -> int:
    return len(_escaped(text).encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> str:
    if _width(text) <= limit:
        return text
    widths = list(accumulate(map(_width, text[:limit])))
    return text[: bisect_right(widths, limit - 1)].rstrip() + "…"


def _address(url: str) -> str:
    """Return a web address as Slack takes it, or empty: one bad link fails the whole message."""
    try:
        parts = urlsplit(_clean(url))
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
        if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
            return ""
    except ValueError:
        return ""
    safe = quote(parts._replace(netloc=host).geturl(), safe="%:/?#[]@!$&'()*+,;=~")
    return safe if _width(safe) <= URL else ""


def _size(part: Block | list[Block]) -> int:
    return len(json.dumps(part, ensure_ascii=False))
