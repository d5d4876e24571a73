"""Lines of JSON Lines or CSV → posts, one at a time, however large the file.

Only `text` is required. A line that can't be used becomes a `BadLine`, which says what is wrong
and what would be right but never repeats what the line says, and reading goes on after it.
"""

import csv
import json
import math
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from routing.model import NO_PLATFORM, Author, Post, storable

LINE_LIMIT = 100_000
"""Bytes of a line, or of a CSV record with all its lines. The longest posts there are (X, 25,000
characters) stay far below it."""

_CHUNK = 65_536
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_ID = 128
_LONGEST_PLATFORM = 64
_MOST_FOLLOWERS = 10_000_000_000
"""More than there are people: whatever stands there, it doesn't count followers."""
_DIGITS_OF_A_NUMBER = 4_000
"""Python refuses to turn more than 4,300 digits into an int."""
_SECOND_CHANCES = 100
"""How often CSV is read again from the line after a quote that nobody closed. Bounded, because a
file full of such quotes would otherwise take time quadratic in its size."""
_JSON_NAMES = (".jsonl", ".ndjson", ".json")
_DELIMITERS = (",", ";", "\t")
"""Spreadsheets write `;` where the comma is the decimal sign."""
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis"})

_TOO_LONG = f"longer than {LINE_LIMIT:,} bytes; one post is one line, and shorter than that"
_NOT_UTF_8 = "not UTF-8; save the file with the encoding UTF-8"
_NEVER_CLOSED = (
    f"longer than {LINE_LIMIT:,} bytes; a quote that is opened at the start of a field has to be "
    "closed at its end"
)
_QUOTES = (
    "the quotes don't match; a text with quotes, commas or line breaks stands in double quotes, "
    "and a double quote inside it is written twice"
)
_NO_HEADER = (
    "the first line has to name the columns, at least `text`, such as id,platform,author,text"
)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no post: its number, counted from 1, and what is wrong with it."""

    number: int
    reason: str


class Line(NamedTuple):
    """One line of a stream. Of a line that is too long only the size is known."""

    content: bytes
    """Without the line break; empty when the line is too long."""
    size: int
    """How many bytes of the stream it took, the line break included."""
    whole: bool
    """Whether it ended in a line break; False only at the end of the stream."""
    too_long: bool = False


Unread = tuple[int, Line] | Post | BadLine
"""A line with its number, or what a CSV record says: that depends on those before."""


def take_line(stream: BinaryIO) -> Line:
    """Read one line without ever holding more than `LINE_LIMIT` of it; size 0 at the end."""
    piece = stream.readline(LINE_LIMIT + 2)
    size = len(piece)
    content = piece.removesuffix(b"\n").removesuffix(b"\r")
    if len(content) <= LINE_LIMIT:
        return Line(content, size, piece.endswith(b"\n"))
    while piece and not piece.endswith(b"\n"):
        piece = stream.readline(_CHUNK)
        size += len(piece)
    return Line(b"", size, piece.endswith(b"\n"), too_long=True)


def read_posts(stream: BinaryIO, name: str = "") -> Iterator[Post | BadLine]:
    """Yield a post or a bad line for every line of `stream` that isn't blank, in their order.

    `name` tells the format by its ending; without one, the first line that isn't blank does: CSV
    has a column `text` there, everything else is taken for JSON Lines.
    """
    return posts_of(unread_posts(stream, name))


def unread_posts(stream: BinaryIO, name: str = "") -> Iterator[Unread]:
    """Yield the same with JSON Lines not read yet, so that another process can."""
    lines = _Lines(stream)
    yield from _read_csv(lines) if _is_csv(lines, name.lower()) else lines


def posts_of(unread: Iterable[Unread]) -> Iterator[Post | BadLine]:
    """Yield what the lines say; blank ones say nothing."""
    for item in unread:
        outcome = post_from_line(item[1], item[0]) if isinstance(item, tuple) else item
        if outcome is not None:
            yield outcome


def post_from_line(line: Line, number: int) -> Post | BadLine | None:
    """Return what one line of JSON Lines says; None when it is blank."""
    if line.too_long:
        return BadLine(number, _TOO_LONG)
    content = line.content.removeprefix(_BYTE_ORDER_MARK)
    if not content.strip():
        return None
    try:
        return _post(_object(content), number)
    except _UnfitError as error:
        return BadLine(number, str(error))


class _UnfitError(Exception):
    """A line or record that can't be used; the message is the reason."""


def _object(content: bytes) -> dict[str, object]:
    try:
        data = _JSON.decode(content.decode())
    except UnicodeDecodeError:
        raise _UnfitError(_NOT_UTF_8) from None
    except json.JSONDecodeError as error:
        raise _UnfitError(
            f"not JSON ({error.msg}, at character {error.colno}); "
            'a line is one object such as {"text": "…"}'
        ) from None
    except RecursionError:
        raise _UnfitError("nested too deeply; a post is one object with plain values") from None
    if not isinstance(data, dict):
        raise _UnfitError('JSON, but not an object; a line is one such as {"text": "…"}')
    return data


class _Lines:
    """The lines of a stream with their numbers; lines that were taken can be put back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._number = 0
        self._put_back: deque[tuple[int, Line]] = deque()

    def __iter__(self) -> Iterator[tuple[int, Line]]:
        return self

    def __next__(self) -> tuple[int, Line]:
        if self._put_back:
            return self._put_back.popleft()
        line = take_line(self._stream)
        if not line.size:
            raise StopIteration
        self._number += 1
        return self._number, line

    def put_back(self, lines: Sequence[tuple[int, Line]]) -> None:
        """Have these lines come again, before all others."""
        self._put_back.extendleft(reversed(lines))


def _is_csv(lines: _Lines, name: str) -> bool:
    if name.endswith((".csv", *_JSON_NAMES)):
        return name.endswith(".csv")
    for number, line in lines:
        content = line.content.removeprefix(_BYTE_ORDER_MARK).strip()
        if line.too_long or content:
            lines.put_back([(number, line)])
            return not content.startswith(b"{") and "text" in _columns(line, _delimiter(line))
    return False


def _delimiter(header: Line) -> str:
    for delimiter in _DELIMITERS:
        if "text" in _columns(header, delimiter):
            return delimiter
    return _DELIMITERS[0]


def _columns(header: Line, delimiter: str) -> list[str]:
    text = header.content.removeprefix(_BYTE_ORDER_MARK).decode(errors="replace")
    try:
        return _names(next(csv.reader([text], delimiter=delimiter, strict=True), []))
    except csv.Error:
        return []


def _names(row: Sequence[str]) -> list[str]:
    return [column.strip().lower() for column in row]


class _RecordLines:
    """Hands csv.reader the lines of one record, and remembers them.

    Refuses a record without an end: csv.reader would take the rest of the file into memory.
    """

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._size = 0
        self.taken: list[tuple[int, Line]] = []

    def start(self) -> None:
        """Forget the last record; the next line starts another."""
        self.taken.clear()
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        self.taken.append((number, line))
        self._size += line.size
        if line.too_long:
            raise _UnfitError(_TOO_LONG)
        if self._size > LINE_LIMIT + 2:
            raise _UnfitError(_NEVER_CLOSED)
        content = line.content.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line.content
        try:
            return content.decode() + "\n"
        except UnicodeDecodeError:
            raise _UnfitError(_NOT_UTF_8) from None


def _read_csv(lines: _Lines) -> Iterator[Post | BadLine]:
    columns: list[str] | None = None
    for number, row in _records(lines):
        if columns is None:
            columns = [] if isinstance(row, BadLine) else _names(row)
            if "text" not in columns:
                yield BadLine(number, _NO_HEADER)
                return
        elif isinstance(row, BadLine):
            yield row
        else:
            yield _post_from_row(columns, row, number)


def _records(lines: _Lines) -> Iterator[tuple[int, list[str] | BadLine]]:
    """Yield the records of CSV, each with the number of the line where it starts."""
    first = next(lines, None)
    if first is None:
        return
    lines.put_back([first])
    feed = _RecordLines(lines)
    reader = csv.reader(feed, delimiter=_delimiter(first[1]), strict=True)
    chances = _SECOND_CHANCES
    while True:
        feed.start()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, _UnfitError) as error:
            number, *_ = feed.taken[0]
            if len(feed.taken) > 1 and chances:
                chances -= 1
                lines.put_back(feed.taken[1:])
            reason = str(error) if isinstance(error, _UnfitError) else _QUOTES
            yield number, BadLine(number, reason)
        else:
            if any(cell.strip() for cell in row) or len(row) > 1:
                yield feed.taken[0][0], row


def _post_from_row(columns: Sequence[str], row: Sequence[str], number: int) -> Post | BadLine:
    if any(cell.strip() for cell in row[len(columns) :]):
        return BadLine(
            number,
            f"{len(row)} fields where the first line names {len(columns)} columns; "
            "a text with commas stands in double quotes",
        )
    cells: dict[str, str] = {}
    for column, cell in zip(columns, row, strict=False):
        cells.setdefault(column, cell)
    author = {
        "handle": cells.get("author.handle") or cells.get("handle") or cells.get("author"),
        "name": cells.get("author.name"),
        "followers": cells.get("author.followers"),
        "id": cells.get("author.id"),
    }
    return _post({**cells, "author": author}, number)


def _post(data: Mapping[str, object], number: int) -> Post | BadLine:
    text = data.get("text")
    if text is None:
        return BadLine(number, "there is no `text`; put the words of the post there")
    if not isinstance(text, str):
        return BadLine(number, "`text` is not a string; put the words of the post there, in quotes")
    if not text.strip():
        return BadLine(number, "`text` is empty; put the words of the post there")
    try:
        posted_at = _moment(data.get("posted_at"))
    except (TypeError, ValueError, OverflowError):
        return BadLine(
            number,
            "`posted_at` is not a time; write it as ISO 8601 does, such as "
            "2026-11-21T09:00:00+01:00, or leave it out",
        )
    platform = _platform(data.get("platform"))
    author = _author(data.get("author"))
    url = _words(data.get("url"))
    in_reply_to, repost_of, quotes = (
        _id(data.get(name)) for name in ("in_reply_to", "repost_of", "quotes")
    )
    when = posted_at.isoformat() if posted_at else ""
    content = (platform, author.handle, author.id, when, url, in_reply_to, repost_of, quotes, text)
    return Post(
        platform=platform,
        # Without an id of its own one made of the content: the same file gives the same keys.
        id=_id(data.get("id")) or _digest(json.dumps(content)),
        text=text,
        author=author,
        url=url,
        posted_at=posted_at,
        in_reply_to=in_reply_to,
        repost_of=repost_of,
        quotes=quotes,
        language=_language(data.get("language")),
    )


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=10).hexdigest()


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS_OF_A_NUMBER else digits


_JSON = json.JSONDecoder(parse_int=_whole_number)


def _words(value: object) -> str:
    """Return a string or a number as text; everything else is as if it weren't there."""
    if isinstance(value, str):
        return storable(value).strip()
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        value = int(value) if value.is_integer() else value
    return str(value) if isinstance(value, int | float) else ""


def _id(value: object) -> str:
    """Return an id that fits a log line, a button and a database key; else a digest of it."""
    words = _words(value)
    return words if len(words) <= _LONGEST_ID and words.isprintable() else _digest(words)


def _platform(value: object) -> str:
    words = "".join(letter for letter in _words(value) if letter.isprintable())
    return words[:_LONGEST_PLATFORM].strip() or NO_PLATFORM


def _author(value: object) -> Author:
    if not isinstance(value, Mapping):
        return Author(handle=_words(value))
    return Author(
        handle=_words(value.get("handle")),
        name=_words(value.get("name")),
        followers=_count(value.get("followers")),
        id=_words(value.get("id")),
    )


def _count(value: object) -> int | None:
    words = _words(value)
    if not (words.isascii() and words.isdigit() and len(words) <= len(str(_MOST_FOLLOWERS))):
        return None
    return int(words) if int(words) < _MOST_FOLLOWERS else None


def _language(value: object) -> str:
    """Return the code of two or three letters, without country or script."""
    code = re.split("[-_]", _words(value).lower())[0]
    return code if re.fullmatch("[a-z]{2,3}", code) and code not in _NO_LANGUAGE else ""


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError("not a string")
    if not value.strip():
        return None
    moment = datetime.fromisoformat(value.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
