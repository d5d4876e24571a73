"""What every source promises, whatever it reads."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Protocol

import pytest

from bot.ports import Page, Source, SourceError
from bot.roster_file import OWN_SOURCES, module_of
from bot.sources import jsonl, x
from routing.model import Post
from tests.fakes import FakeSource
from tests.x_server import NOW, TOKEN, UNAVAILABLE, XServer


class Place(Protocol):
    """Somewhere posts are written, and the source that reads them there."""

    source: Source

    def write(self, text: str, at: datetime) -> None: ...

    def break_down(self) -> None:
        """Make the next fetch fail."""
        ...


class Memory:
    def __init__(self) -> None:
        self._fake = FakeSource(page_size=10)
        self.source: Source = self._fake
        self._written = 0

    def write(self, text: str, at: datetime) -> None:
        self._written += 1
        self._fake.add(Post("fake", str(self._written), text, posted_at=at))

    def break_down(self) -> None:
        self._fake.fail_next(SourceError("It is down.", permanent=False))


class File:
    def __init__(self, path: Path, *, follow: bool) -> None:
        self._path = path
        self._path.touch()
        self.source = jsonl.open_source(jsonl.Settings(path=path, follow=follow), {})

    def write(self, text: str, at: datetime) -> None:
        with self._path.open("a") as file:
            file.write(f'{{"text": "{text}", "posted_at": "{at.isoformat()}"}}\n')

    def break_down(self) -> None:
        self._path.unlink()


class OnX:
    def __init__(self, server: XServer, **settings: str) -> None:
        self._server = server
        server.add_user("kestrel")
        self.source = x.open_source(
            x.Settings.model_validate({**settings, "max_results": 10}),
            {"X_BEARER_TOKEN": TOKEN, "X_API_URL": server.url},
        )
        greetings = {"mentions_of": "@kestrel", "search": "kite"}
        self._greetings = cycle(greetings[name] for name in settings)

    def write(self, text: str, at: datetime) -> None:
        self._server.add_post(f"{next(self._greetings)} {text}", at=at)

    def break_down(self) -> None:
        self._server.answer_next(UNAVAILABLE)


PLACES = ("fake", "jsonl", "jsonl replayed", "x mentions", "x search", "x both")


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    mentions, search = {"mentions_of": "kestrel"}, {"search": "kite"}
    with XServer() as server:
        match request.param:
            case "fake":
                yield Memory()
            case "jsonl":
                yield File(tmp_path / "posts.jsonl", follow=True)
            case "jsonl replayed":
                yield File(tmp_path / "posts.jsonl", follow=False)
            case "x mentions":
                yield OnX(server, **mentions)
            case "x search":
                yield OnX(server, **search)
            case _:
                yield OnX(server, **mentions, **search)


def write(place: Place, first: int, last: int) -> list[str]:
    texts = [f"post {number:04}" for number in range(first, last)]
    for number, text in zip(range(first, last), texts, strict=True):
        place.write(text, NOW - timedelta(days=1) + timedelta(seconds=number))
    return texts


def read_all(source: Source, cursor: str | None) -> tuple[list[Page], str | None]:
    """Fetch until there is no more."""
    pages = []
    while True:
        page = source.fetch(cursor)
        pages.append(page)
        cursor = page.cursor or cursor
        if not page.more:
            return pages, cursor


def texts_of(pages: list[Page]) -> list[str]:
    return [post.text[post.text.index("post") :] for page in pages for post in page.posts]


def test_nothing_there_is_an_empty_page(place: Place) -> None:
    page = place.source.fetch(None)
    assert page.posts == ()
    assert not page.more
    assert place.source.fetch(page.cursor).posts == ()


def test_none_starts_at_the_beginning(place: Place) -> None:
    texts = write(place, 0, 3)
    assert texts_of([place.source.fetch(None)]) == texts


def test_the_same_cursor_gives_the_same(place: Place) -> None:
    write(place, 0, 7)
    first = place.source.fetch(None)
    assert place.source.fetch(None) == first
    write(place, 7, 9)
    assert place.source.fetch(first.cursor) == place.source.fetch(first.cursor)


@pytest.mark.parametrize("count", [1, 9, 10, 11, 35, 130])
def test_going_on_loses_nothing_and_gives_nothing_twice(place: Place, count: int) -> None:
    texts = write(place, 0, count)
    pages, cursor = read_all(place.source, None)
    more = write(place, count, count + 5)
    pages += read_all(place.source, cursor)[0]
    seen = texts_of(pages)
    assert sorted(seen) == sorted(texts + more)
    assert seen[-5:] == more


def test_what_comes_while_a_backlog_is_read_is_not_lost(place: Place) -> None:
    texts = write(place, 0, 120)
    page = place.source.fetch(None)
    texts += write(place, 120, 145)
    pages, cursor = [page], page.cursor
    if page.more:
        rest, cursor = read_all(place.source, page.cursor)
        pages += rest
    pages += read_all(place.source, cursor)[0]
    seen = [post.key for page in pages for post in page.posts]
    assert sorted(texts_of(pages)) == sorted(texts)
    assert len(seen) == len(set(seen))


def test_a_page_is_oldest_first(place: Place) -> None:
    write(place, 0, 33)
    for page in read_all(place.source, None)[0]:
        times = [post.posted_at for post in page.posts if post.posted_at]
        assert len(times) == len(page.posts)
        assert times == sorted(times)
        assert all(time.utcoffset() == UTC.utcoffset(None) for time in times)


def test_errors_are_source_errors_that_say_something(place: Place) -> None:
    write(place, 0, 2)
    cursor = place.source.fetch(None).cursor
    place.break_down()
    with pytest.raises(SourceError) as caught:
        place.source.fetch(cursor)
    assert str(caught.value)
    assert caught.value.permanent is False


def test_nothing_in_it_writes(place: Place) -> None:
    public = {name for name in dir(place.source) if not name.startswith("_")}
    assert public - {"add", "fail_next"} == {"fetch"}


@pytest.mark.parametrize("name", OWN_SOURCES)
def test_each_says_whether_its_posts_may_train_a_model(name: str) -> None:
    assert vars(module_of(name))["MAY_TRAIN"] is (name != "x")
