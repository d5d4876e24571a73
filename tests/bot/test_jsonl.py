import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.intake import LINE_LIMIT
from bot.ports import Page, SourceError
from bot.sources.jsonl import PAGE_SIZE, SECRETS, JsonLines, Settings, open_source


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.touch()
    return path


def source(path: Path, *, follow: bool = True) -> JsonLines:
    return JsonLines(Settings(path=path, follow=follow))


def append(path: Path, content: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def line(text: str) -> str:
    return json.dumps({"text": text}) + "\n"


def texts(*pages: Page) -> list[str]:
    return [post.text for page in pages for post in page.posts]


def test_the_uniform_entry(path: Path) -> None:
    append(path, line("a"))
    assert SECRETS == ()
    assert texts(open_source(Settings.model_validate({"path": str(path)}), {}).fetch(None)) == ["a"]


def test_settings_refuse_what_they_do_not_know(path: Path) -> None:
    with pytest.raises(ValidationError, match="folow"):
        Settings.model_validate({"path": path, "folow": True})
    with pytest.raises(ValidationError, match="JSON Lines"):
        Settings(path=Path("posts.csv"))
    with pytest.raises(ValidationError, match="name of a file"):
        Settings(path=Path("a\0b"))
    with pytest.raises(ValidationError, match="frozen"):
        Settings(path=path).follow = False


def test_half_a_line_waits(path: Path) -> None:
    append(path, line("a") + '{"text": ')
    first = source(path).fetch(None)
    assert texts(first) == ["a"]
    assert not first.more
    again = source(path).fetch(first.cursor)
    assert again == Page((), first.cursor)
    append(path, '"b"}\n')
    assert texts(source(path).fetch(first.cursor)) == ["b"]


def test_half_a_character_waits(path: Path) -> None:
    content = '{"text": "ü"}\n'.encode()
    append(path, content[:11])
    page = source(path).fetch(None)
    assert page.posts == ()
    append(path, content[11:])
    assert texts(source(path).fetch(page.cursor)) == ["ü"]


def test_replayed_a_last_line_without_an_end_counts(path: Path) -> None:
    append(path, line("a") + '{"text": "b"}')
    page = source(path, follow=False).fetch(None)
    assert texts(page) == ["a", "b"]
    assert source(path, follow=False).fetch(page.cursor).posts == ()


def test_pages_are_bounded_and_say_that_there_is_more(path: Path) -> None:
    append(path, "".join(line(str(n)) for n in range(2 * PAGE_SIZE)))
    first = source(path).fetch(None)
    second = source(path).fetch(first.cursor)
    assert (len(first.posts), first.more) == (PAGE_SIZE, True)
    assert (len(second.posts), second.more) == (PAGE_SIZE, False)
    assert texts(first, second) == [str(n) for n in range(2 * PAGE_SIZE)]


def test_bad_lines_are_told_by_number_and_stop_nothing(path: Path) -> None:
    append(path, line("a") + "\nsecret words\n" + line("b"))
    page = source(path).fetch(None)
    assert texts(page) == ["a", "b"]
    [problem] = page.problems
    assert problem.startswith(f"{path}:3: not JSON")
    assert "secret" not in problem
    append(path, "more secret words\n")
    [problem] = source(path).fetch(page.cursor).problems
    assert problem.startswith(f"{path}:5: ")


def test_many_bad_lines_are_counted(path: Path) -> None:
    append(path, "nonsense\n" * 2 * PAGE_SIZE)
    page = source(path).fetch(None)
    assert len(page.problems) < 30
    assert page.problems[-1] == f"… and {PAGE_SIZE - 20} more bad lines"
    assert page.more


def test_a_line_that_is_too_long_is_told_once_while_it_grows(path: Path) -> None:
    append(path, line("a") + "x" * (LINE_LIMIT + 10))
    page = source(path).fetch(None)
    assert texts(page) == ["a"]
    assert [problem.partition(": ")[0] for problem in page.problems] == [f"{path}:2"]
    for more in ("x" * 10, "x" * 2 * LINE_LIMIT, "", "{}"):
        append(path, more)
        page = source(path).fetch(page.cursor)
        assert (page.posts, page.problems) == ((), ())
    append(path, "\n" + line("b") + "bad\n")
    page = source(path).fetch(page.cursor)
    assert texts(page) == ["b"]
    assert [problem.partition(": ")[0] for problem in page.problems] == [f"{path}:4"]


def test_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "later.jsonl"
    with pytest.raises(SourceError, match=r"later\.jsonl isn't there") as caught:
        source(path).fetch(None)
    assert not caught.value.permanent
    append(path, line("a"))
    assert texts(source(path).fetch(None)) == ["a"]


def test_what_is_no_file_is_refused_for_good(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a file") as caught:
        source(tmp_path).fetch(None)
    assert caught.value.permanent
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="not a file") as caught:
        source(tmp_path / "pipe").fetch(None)
    assert caught.value.permanent
    append(tmp_path / "file", "")
    with pytest.raises(SourceError, match="can't be read") as caught:
        source(tmp_path / "file" / "posts.jsonl").fetch(None)
    assert caught.value.permanent


def test_a_file_that_was_cut_short_is_read_from_its_start(path: Path) -> None:
    append(path, line("a") + line("b"))
    cursor = source(path).fetch(None).cursor
    path.write_text(line("c"))
    page = source(path).fetch(cursor)
    assert texts(page) == ["c"]
    assert "replaced" in page.problems[0]
    assert source(path).fetch(page.cursor) == Page((), page.cursor)


def test_a_file_that_was_replaced_by_a_longer_one_is_read_from_its_start(path: Path) -> None:
    append(path, line("a"))
    cursor = source(path).fetch(None).cursor
    path.unlink()
    append(path, line("b") + line("c"))
    assert texts(source(path).fetch(cursor)) == ["b", "c"]


def test_a_file_that_begins_the_same_but_goes_on_differently_is_noticed(path: Path) -> None:
    start = "".join(line(str(n)) for n in range(200))
    append(path, start + line("a"))
    cursor = source(path).fetch(None).cursor
    path.write_text(start + line("b"))
    assert len(source(path).fetch(cursor).posts) == 201


def test_a_file_that_was_saved_anew_with_more_lines_goes_on(path: Path) -> None:
    append(path, line("a"))
    cursor = source(path).fetch(None).cursor
    path.with_suffix(".new").write_text(line("a") + line("b"))
    path.with_suffix(".new").rename(path)
    assert texts(source(path).fetch(cursor)) == ["b"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "7", '{"offset": -1}', '{"since": 1}'])
def test_a_cursor_of_somebody_else_starts_anew(path: Path, cursor: str) -> None:
    append(path, line("a"))
    page = source(path).fetch(cursor)
    assert texts(page) == ["a"]
    assert page.problems


def test_a_cursor_beyond_the_end_starts_anew(path: Path) -> None:
    append(path, line("a") * 3)
    cursor = source(path).fetch(None).cursor
    path.write_text("")
    page = source(path).fetch(cursor)
    assert (page.posts, len(page.problems)) == ((), 1)


def test_a_large_file_is_gone_through_in_pages_in_a_time_that_does_not_grow(path: Path) -> None:
    append(path, "".join(line(str(n)) for n in range(20 * PAGE_SIZE)))
    cursor, times = None, []
    for _ in range(20):
        start = time.perf_counter()
        page = source(path).fetch(cursor)
        times.append(time.perf_counter() - start)
        cursor = page.cursor
        assert len(page.posts) == PAGE_SIZE
    assert not page.more
    assert min(times[-5:]) < 5 * min(times[:5])


PIECES = st.lists(
    st.sampled_from([b'{"text": "a"}', b"\n", b"\r\n", b"bad", b'{"text"', b"\xff", b" "])
)


@given(PIECES, PIECES)
def test_however_the_file_grows_every_line_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, before: list[bytes], after: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("growing") / "posts.jsonl"
    append(path, b"".join(before))
    first = source(path).fetch(None)
    append(path, b"".join(after))
    second = source(path).fetch(first.cursor)
    whole = source(path).fetch(None)
    assert first.posts + second.posts == whole.posts
    assert first.problems + second.problems == whole.problems
    assert second.cursor == whole.cursor
