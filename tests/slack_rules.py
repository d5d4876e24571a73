"""What Slack refuses, as sentences: the models of slack_sdk, and what is known besides."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
MESSAGE_CHARACTERS = 13_200
RICH_TEXT_PARTS = {
    "rich_text_section",
    "rich_text_list",
    "rich_text_quote",
    "rich_text_preformatted",
}
UNESCAPED = re.compile(r"<[!@#]|<https?:|<mailto:")


def objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in a payload, from the outside in."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from objects(value)
    elif isinstance(part, list):
        for value in part:
            yield from objects(value)


def texts(blocks: Any) -> list[str]:
    """Every text that people see, from top to bottom."""
    return [part["text"] for part in objects(blocks) if isinstance(part.get("text"), str)]


def message_problems(text: str, blocks: list[dict[str, Any]]) -> list[str]:
    """What is wrong with a message; nothing, when Slack would take it."""
    found = []
    if not text.strip() and not blocks:
        found.append("no text and no blocks")
    if len(text) > 40_000:
        found.append("text is too long")
    if UNESCAPED.search(text):
        found.append("the notification text has markup that rings or links")
    if len(blocks) > MESSAGE_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    if len(json.dumps(blocks, ensure_ascii=False)) > MESSAGE_CHARACTERS:
        found.append("msg_blocks_too_long")
    return found + _unsendable([text, blocks]) + block_problems(blocks)


def view_problems(view: dict[str, Any]) -> list[str]:
    """What is wrong with a modal."""
    found = block_problems(view.get("blocks", []), inputs=True)
    try:
        View(**view).validate_json()
    except (SlackObjectFormationError, TypeError) as error:
        found.append(str(error))
    for name in ("title", "submit", "close"):
        if len((view.get(name) or {}).get("text", "")) > 24:
            found.append(f"{name} is too long")
    if len(view.get("private_metadata", "")) > 3000:
        found.append("private_metadata is too long")
    if len(view.get("callback_id", "")) > 255:
        found.append("callback_id is too long")
    if len(view.get("blocks", [])) > VIEW_BLOCKS or len(json.dumps(view)) > VIEW_BYTES:
        found.append("the view is too big")
    names = {block["block_id"] for block in view.get("blocks", []) if block["type"] == "input"}
    if names and not view.get("submit"):
        found.append("inputs without submit")
    return found + _unsendable(view)


def option_problems(options: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the options of a searchable list."""
    found = ["more than 100 options"] if len(options) > 100 else []
    for option in options:
        try:
            Option(**option).validate_json()
        except (SlackObjectFormationError, TypeError) as error:
            found.append(str(error))
        if len((option.get("description") or {}).get("text", "")) > 75:
            found.append("description is too long")
    return found + _text_problems(options) + _unsendable(options)


def block_problems(blocks: list[dict[str, Any]], *, inputs: bool = False) -> list[str]:
    """What is wrong with blocks."""
    found = []
    for number, block in enumerate(blocks):
        try:
            parsed = Block.parse(block)
            if parsed is None:
                found.append(f"block {number} is of no known type")
            else:
                parsed.validate_json()
        except (SlackObjectFormationError, TypeError) as error:
            found.append(f"block {number}: {error}")
        if block.get("type") == "input" and not inputs:
            found.append("an input in a message")
        if block.get("type") == "actions":
            found += _button_problems(block)
        if block.get("type") == "rich_text":
            found += _rich_text_problems(block)
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    found += [f"block_id {name} twice" for name, times in ids.items() if times > 1]
    return found + _text_problems(blocks)


def _text_problems(part: Any) -> list[str]:
    found = []
    for item in objects(part):
        if item.get("type") not in {"plain_text", "mrkdwn", "text"}:
            continue
        if not str(item.get("text", "")).strip():
            found.append("an empty text")
        if len(item.get("text", "")) > 3000:
            found.append("a text of more than 3000 characters")
        if item["type"] == "mrkdwn" and UNESCAPED.search(item["text"]):
            found.append("markup in mrkdwn that rings or links")
    return found


def _button_problems(block: dict[str, Any]) -> list[str]:
    found = ["an empty row of buttons"] if not block["elements"] else []
    ids = Counter(element["action_id"] for element in block["elements"])
    found += [f"action_id {name} twice in a block" for name, times in ids.items() if times > 1]
    for element in block["elements"]:
        if element.get("style", "primary") not in {"primary", "danger"}:
            found.append(f"style {element['style']}")
        if "url" in element and not _is_address(element["url"]):
            found.append("invalid url")
    return found


def _rich_text_problems(block: dict[str, Any]) -> list[str]:
    found = ["rich_text without elements"] if not block["elements"] else []
    for part in block["elements"]:
        if part["type"] not in RICH_TEXT_PARTS:
            found.append(f"{part['type']} in rich_text")
        if not part["elements"]:
            found.append(f"{part['type']} without elements")
    return found


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        url.isascii()
        and parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and not re.search(r"[\s<>\"\\^`{|}]", url)
    )


def _unsendable(part: Any) -> list[str]:
    try:
        written = json.dumps(part, ensure_ascii=False).encode()
    except (UnicodeEncodeError, ValueError) as error:
        return [f"not sendable: {error}"]
    return ["a NUL"] if b"\\u0000" in written else []
