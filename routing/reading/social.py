"""Social text as it is written → text that words can be found in.

Only for reading: what people see is always the post as it was written.
"""

import html
import re

MAX_READ = 2_000
"""Characters that are read of a post; the longest of ordinary platforms is 500 to 3,000, and what
a post is about is said early. Keeps the time for one hostile post of 100 kB bounded."""

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# The @ stands first in the pattern, so that everything else is skipped as fast as memory is read.
_HANDLE = re.compile(r"@(?<![\w@]@)(\w{1,60})")
_HASHTAG = re.compile(r"#(\w+)")
# One small letter in front, as in eSIM or iPhone, belongs to the word.
_CAMEL = re.compile(r"(?<=[a-z0-9äöüß]{2})(?=[A-ZÄÖÜ])|(?<=[A-Z])(?=[A-Z][a-z])")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_INVISIBLE = [
    0x00AD,
    0x034F,
    0x061C,
    0x180E,
    0xFEFF,
    *range(0x200B, 0x2010),  # zero width and direction marks
    *range(0x202A, 0x202F),  # direction overrides
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *(n for n in range(0x20) if chr(n) not in "\t\n\r"),
]
_INSTEAD = dict.fromkeys(map(chr, _INVISIBLE), "") | {
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "…": "...",
}  # fmt: skip
_ODD = re.compile("[" + "".join(map(re.escape, _INSTEAD)) + "]")


def tidy(text: str) -> str:
    """Return one line to read: entities, curly quotes, stretched words, hashtags and so on.

    Handles stay (without them nobody knows whom a post speaks to); links become nothing. Each step
    is only taken where a quick look says that there is something to do.
    """
    text = html.unescape(text[:MAX_READ])
    if not (text.isascii() and text.isprintable()):
        text = _ODD.sub(lambda odd: _INSTEAD[odd[0]], text)
    if "//" in text or "." in text:
        text = _URL.sub(" ", text)
    if "#" in text:
        text = _HASHTAG.sub(lambda tag: _CAMEL.sub(" ", tag[1]).replace("_", " "), text)
    text = _STRETCHED.sub(r"\1\1", text)
    return " ".join(text.split())


def without_handles(text: str) -> str:
    """Return what a post says, without whom it says it to."""
    if "@" in text:
        text = _HANDLE.sub(" ", text)
    return " ".join(text.split())


def handles(text: str) -> tuple[str, ...]:
    """Return every handle in the text, without the @, in order."""
    return tuple(_HANDLE.findall(text)) if "@" in text else ()


def fingerprint(text: str) -> str:
    """Return what stays the same when a post is sent again: words alone, in lower case."""
    return " ".join(re.findall(r"\w+", tidy(text).lower()))
