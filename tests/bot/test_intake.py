import csv
import io
import json
import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.intake import LINE_LIMIT, BadLine, read_posts
from routing.model import Author, Post

SUPPORT_TWEETS = Path("../shared/data/support_tweets.jsonl")


def read(content: bytes | str, name: str = "") -> list[Post | BadLine]:
    data = content.encode() if isinstance(content, str) else content
    return list(read_posts(io.BytesIO(data), name))


def the_post(**fields: Any) -> Post:
    [outcome] = read(json.dumps({"text": "hello", **fields}))
    assert isinstance(outcome, Post), outcome
    return outcome


def the_bad_line(content: bytes | str, name: str = "posts.jsonl") -> BadLine:
    [outcome] = read(content, name)
    assert isinstance(outcome, BadLine), outcome
    return outcome


class Generated(io.RawIOBase):
    """A stream of made-up content that is never in memory as a whole."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def test_everything_a_line_can_say() -> None:
    post = the_post(
        id="1",
        platform="x",
        author={"handle": "@sam", "name": "Sam", "followers": 12, "id": 99, "mood": "grim"},
        url="https://x.com/sam/status/1",
        posted_at="2026-11-20T10:00:00+01:00",
        in_reply_to=7,
        repost_of="8",
        quotes="9",
        language="de-AT",
        unknown={"keys": ["are", "ignored"]},
    )
    assert post == Post(
        platform="x",
        id="1",
        text="hello",
        author=Author("sam", "Sam", 12, "99"),
        url="https://x.com/sam/status/1",
        posted_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        in_reply_to="7",
        repost_of="8",
        quotes="9",
        language="de",
    )


def test_only_text_is_required() -> None:
    post = the_post()
    assert (post.platform, post.author, post.posted_at) == ("file", Author(), None)
    assert post.id


def test_without_an_id_the_content_gives_one_that_stays() -> None:
    assert the_post(author="a").key == the_post(author="a").key
    keys = {
        the_post().key,
        the_post(author="a").key,
        the_post(author="b").key,
        the_post(posted_at="2026-11-20").key,
        the_post(in_reply_to="1").key,
        the_post(platform="mail").key,
        the_post(text="hello!").key,
    }
    assert len(keys) == 7
    assert the_post(unknown=1).key == the_post().key


def test_ids_may_be_numbers() -> None:
    assert the_post(id=1234567890123456789).id == "1234567890123456789"
    assert the_post(id=7.0).id == "7"
    assert the_post(id=0).id == "0"


@pytest.mark.parametrize("id_", [None, "", " ", [], {}, True, float("nan"), float("inf")])
def test_an_id_that_is_none_is_made_up(id_: object) -> None:
    assert the_post(id=id_).id == the_post().id


@pytest.mark.parametrize("id_", ["two\nlines", "x" * 90_000, "\x1b[31m"])
def test_an_id_that_would_break_a_log_line_or_a_button_is_replaced(id_: str) -> None:
    post = the_post(id=id_)
    assert post.key.isprintable()
    assert len(post.key) < 200
    assert post.id == the_post(id=id_, text="other").id
    assert the_post(in_reply_to=id_).in_reply_to == post.id


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("@sam", Author("sam")),
        ("sam", Author("sam")),
        ("@@sam", Author("@@sam")),
        (42, Author("42")),
        ({"handle": "@sam"}, Author("sam")),
        ({"name": "Sam"}, Author(name="Sam")),
        ({"handle": "a", "followers": "1200"}, Author("a", followers=1200)),
        ({"handle": "a", "followers": -1}, Author("a")),
        ({"handle": "a", "followers": "many"}, Author("a")),
        ({"handle": "a", "followers": 10**30}, Author("a")),
        ({"handle": "a", "followers": True}, Author("a")),
        (None, Author()),
        ([], Author()),
    ],
)
def test_authors(author: object, expected: Author) -> None:
    assert the_post(author=author).author == expected


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-11-20T10:00:00", 10),
        ("2026-11-20 10:00", 10),
        ("2026-11-20T10:00:00Z", 10),
        ("2026-11-20T10:00:00.123+02:00", 8),
        ("2026-11-20", 0),
    ],
)
def test_times(written: str, hour: int) -> None:
    posted_at = the_post(posted_at=written).posted_at
    assert posted_at is not None
    assert posted_at.tzinfo is UTC
    assert posted_at.hour == hour


def test_no_time_is_no_time() -> None:
    assert the_post(posted_at=None).posted_at is None
    assert the_post(posted_at="").posted_at is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "en"), ("EN_gb", "en"), ("und", ""), ("english", ""), (5, ""), (None, "")],
)
def test_languages(language: object, expected: str) -> None:
    assert the_post(language=language).language == expected


@pytest.mark.parametrize("posted_at", ["yesterday", 1763600000, "0001-01-01T00:00:00+14:00", []])
def test_a_time_nobody_can_read_makes_the_line_bad(posted_at: object) -> None:
    bad = the_bad_line(json.dumps({"text": "a", "posted_at": posted_at}))
    assert "posted_at" in bad.reason
    assert "ISO 8601" in bad.reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json, secret words", "not JSON"),
        ('{"text": "secret words"', "not JSON"),
        ('["secret words"]', "not an object"),
        ('"secret words"', "not an object"),
        ("null", "not an object"),
        ('{"message": "secret words"}', "no `text`"),
        ('{"text": null}', "no `text`"),
        ('{"text": 5}', "not a string"),
        ('{"text": ["secret words"]}', "not a string"),
        ('{"text": " "}', "empty"),
        (b'{"text": "secret words \xff"}', "UTF-8"),
        ("[" * 50_000, "nested"),
        ('{"text": "a", "x": ' + "[" * 40_000 + "]" * 40_000 + "}", "nested"),
    ],
)
def test_bad_lines_say_what_is_wrong_but_not_what_they_say(line: bytes | str, reason: str) -> None:
    bad = the_bad_line(line)
    assert bad.number == 1
    assert reason in bad.reason
    assert "secret" not in bad.reason


def test_a_bad_line_does_not_stop_the_rest() -> None:
    outcomes = read('{"text": "a"}\n\n  \nnonsense\r\n{"text": "b"}')
    assert [getattr(outcome, "text", None) for outcome in outcomes] == ["a", None, "b"]
    assert isinstance(outcomes[1], BadLine)
    assert outcomes[1].number == 4


def test_surrogates_nul_nan_and_huge_numbers_are_fine() -> None:
    line = (
        r'{"text": "a\ud800b\u0000c", "platform": "p\u0000", "id": "\udfff", "url": "\ud800",'
        r' "author": {"handle": "\u0000", "followers": NaN}, "n": Infinity, "m": 1e999, "k": '
        + "9" * 9_000
        + "}"
    )
    [post] = read(line)
    assert isinstance(post, Post)
    assert post.text == "a�b�c"
    for value in (post.key, post.url, post.author.handle, post.language):
        value.encode()
        assert "\0" not in value


def test_a_huge_number_as_an_id() -> None:
    [post] = read('{"text": "a", "id": ' + "9" * 9_000 + "}")
    assert isinstance(post, Post)
    assert len(post.id) < 200


def test_a_byte_order_mark_is_no_part_of_the_post() -> None:
    assert read(b'\xef\xbb\xbf{"text": "a", "id": 1}') == [Post("file", "1", "a")]
    assert read(b"\xef\xbb\xbf\n") == []


@pytest.mark.parametrize("newline", [b"", b"\n", b"\r\n"])
def test_the_longest_line_there_may_be(newline: bytes) -> None:
    frame = len(b'{"text": ""}')
    longest = b'{"text": "' + b"a" * (LINE_LIMIT - frame) + b'"}'
    assert len(longest) == LINE_LIMIT
    [post] = read(longest + newline)
    assert isinstance(post, Post)
    outcomes = read(b'{"text": "' + b"a" * (LINE_LIMIT - frame + 1) + b'"}' + newline)
    assert [type(outcome) for outcome in outcomes] == [BadLine]


def test_what_follows_a_line_that_is_too_long_is_read() -> None:
    outcomes = read(b"x" * 1_000_000 + b'\n{"text": "a"}\n', "a.jsonl")
    assert [outcome.number for outcome in outcomes if isinstance(outcome, BadLine)] == [1]
    assert "100,000 bytes" in str(outcomes[0])
    assert isinstance(outcomes[1], Post)


def peak_of(pieces: Iterator[bytes], name: str) -> tuple[int, int]:
    """Return how many lines came, and the most memory that was in use."""
    stream = io.BufferedReader(Generated(pieces))
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_posts(stream, name))
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_memory_does_not_grow_with_the_file(kind: str) -> None:
    lines: Iterator[bytes]
    if kind == "jsonl":
        lines = (b'{"text": "post number %d", "author": "a"}\n' % n for n in range(30_000))
    else:
        rows = (b'%d,"post\nnumber %d"\n' % (n, n) for n in range(30_000))
        lines = (line for part in ([b"id,text\n"], rows) for line in part)
    count, peak = peak_of(lines, f"posts.{kind}")
    assert count == 30_000
    assert peak < 1_500_000


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.csv", ""])
@pytest.mark.parametrize("piece", [b"x" * 65_536, b'"' + b"x" * 65_535])
def test_a_line_without_an_end_is_not_taken_into_memory(name: str, piece: bytes) -> None:
    count, peak = peak_of((piece for _ in range(800)), name)
    assert count == 1
    assert peak < 1_500_000


def test_a_quote_nobody_closes_is_not_taken_into_memory() -> None:
    lines = (line for part in ([b'text\n"open\n'], (b"x" * 99 + b"\n",) * 20_000) for line in part)
    count, peak = peak_of(lines, "posts.csv")
    assert count == 20_001
    assert peak < 1_500_000


def test_csv() -> None:
    outcomes = read(
        "id,platform,author,text,posted_at,colour\n"
        '1,x,@sam,"Hello, ""you""\nover there",2026-11-20T10:00:00Z,red\n'
        "\n"
        "2,,,short,,\n",
        "posts.csv",
    )
    assert outcomes == [
        Post(
            platform="x",
            id="1",
            text='Hello, "you"\nover there',
            author=Author("sam"),
            posted_at=datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        ),
        Post(platform="file", id="2", text="short"),
    ]


@pytest.mark.parametrize("column", ["author", "handle", "author.handle", " Author.Handle "])
def test_csv_columns_for_the_handle(column: str) -> None:
    [post] = read(f"text,{column},author.name,author.followers\na,@sam,Sam,7\n", "posts.csv")
    assert isinstance(post, Post)
    assert post.author == Author("sam", "Sam", 7)


def test_csv_bad_lines_have_the_number_where_the_record_starts() -> None:
    outcomes = read(
        b"id,text\n"
        b'1,"two\nlines"\n'
        b"2,one, two, three\n"
        b"3,\xff\n"
        b"4,\n"
        b"5," + b"x" * 200_000 + b"\n"
        b'6,"wrong" quotes\n'
        b"7,fine\n",
        "posts.csv",
    )
    assert [outcome.number for outcome in outcomes if isinstance(outcome, BadLine)] == [
        4,
        5,
        6,
        7,
        8,
    ]
    assert [outcome.id for outcome in outcomes if isinstance(outcome, Post)] == ["1", "7"]


def test_csv_goes_on_after_a_quote_nobody_closed() -> None:
    rows = [b'%d,"open' % n if n in (3, 700) else b"%d,text" % n for n in range(1_000)]
    outcomes = read(b"id,text\n" + b"\n".join(rows), "posts.csv")
    assert [outcome.number for outcome in outcomes if isinstance(outcome, BadLine)] == [5, 702]
    assert len(outcomes) == 1_000


def test_csv_as_spreadsheets_write_it() -> None:
    data = b'\xef\xbb\xbfid;text\r\n1;Hallo, Welt\r\n2;"a\r\nb"\r\n'
    assert read(data) == read(data, "posts.csv")
    assert read(data) == [Post("file", "1", "Hallo, Welt"), Post("file", "2", "a\nb")]


@pytest.mark.parametrize("header", ["id,message\n1,a\n2,b", '{"text": "a"}\n', '"text\n'])
def test_csv_without_a_text_column_says_so_once(header: str) -> None:
    bad = the_bad_line(header, "posts.csv")
    assert bad.number == 1
    assert "`text`" in bad.reason


def test_an_empty_file_has_no_posts() -> None:
    for name in ("", "a.csv", "a.jsonl"):
        assert read("", name) == []
        assert read("\n \n", name if name != "a.csv" else "") == []


def test_the_format_is_told_apart() -> None:
    line = '{"text": "a, text, b"}\n'
    assert isinstance(read(line)[0], Post)
    assert isinstance(read("\n\n" + line)[0], Post)
    assert read("text\nhello\n")[0] == read("text\nhello\n", "a.CSV")[0]
    assert isinstance(read("author,words\na,b\n")[0], BadLine)
    [bad, post] = read(b"text\n" + line.encode(), "a.jsonl")
    assert isinstance(bad, BadLine)
    assert isinstance(post, Post)


def test_lines_are_read_one_at_a_time() -> None:
    asked: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(5):
            asked.append(number)
            yield b'{"text": "a"}\n'

    posts = read_posts(io.BufferedReader(Generated(pieces())), "a.jsonl")
    assert asked == []
    next(posts)
    assert len(asked) < 5


def numbers(outcomes: Iterable[Post | BadLine]) -> list[int]:
    return [outcome.number for outcome in outcomes if isinstance(outcome, BadLine)]


@given(st.binary(max_size=400))
@example(b'\xef\xbb\xbf{"text":"a"}\r\n{')
@example(b"\xef\xbb\xbf")
@example(b"\x0c\n\x1c\n")
def test_any_bytes_as_json_lines(data: bytes) -> None:
    outcomes = read(data, "a.jsonl")
    lines = [line.removeprefix(b"\xef\xbb\xbf").strip() for line in data.split(b"\n")]
    expected = [number for number, line in enumerate(lines, 1) if line]
    assert len(outcomes) == len(expected)
    assert set(numbers(outcomes)) <= set(expected)


CELLS = st.lists(st.sampled_from([b"a", b'"', b",", b";", b"\n", b"\r", b"\xff", b"\0", b" "]))


@given(CELLS.map(b"".join), st.sampled_from([b"", b"text\n", b"id,text\n", b"\xef\xbb\xbftext;\n"]))
def test_any_bytes_as_csv(data: bytes, header: bytes) -> None:
    outcomes = read(header + data, "a.csv")
    found = numbers(outcomes)
    assert found == sorted(set(found))
    assert all(1 <= number <= (header + data).count(b"\n") + 1 for number in found)
    assert len(outcomes) <= (header + data).count(b"\n") + 1


@given(st.binary(max_size=200))
def test_any_bytes_without_a_name(data: bytes) -> None:
    for outcome in read(data):
        assert isinstance(outcome, Post | BadLine)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FIELDS = ("id", "platform", "author", "url", "in_reply_to", "language", "repost_of", "quotes")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_value_of_an_optional_field(fields: dict[str, Any]) -> None:
    post = the_post(**fields)
    assert post.key.isprintable()
    json.dumps([post.key, post.url, post.author.handle, post.author.name]).encode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_survives_csv_as_it_is(text: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([["id", "text"], ["1", text], ["2", "end"]])
    outcomes = read(buffer.getvalue(), "a.csv")
    assert len(outcomes) == 2
    if text.strip():
        assert isinstance(outcomes[0], Post)
        assert outcomes[0].text == text.replace("\r\n", "\n")


def test_real_posts() -> None:
    if not SUPPORT_TWEETS.exists():
        pytest.skip(f"needs {SUPPORT_TWEETS}, which isn't here")
    with SUPPORT_TWEETS.open("rb") as stream:
        outcomes = list(read_posts(stream, SUPPORT_TWEETS.name))
    posts = [outcome for outcome in outcomes if isinstance(outcome, Post)]
    assert len(posts) == len(outcomes) == 1_400
    assert len({post.key for post in posts}) == 1_400
    assert all(post.platform == "x" and post.posted_at and post.author.handle for post in posts)
