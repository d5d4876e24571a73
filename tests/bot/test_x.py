import json
import logging
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from bot.ports import Page, SettingsError, Source, SourceError
from bot.sources import x
from bot.sources.x_session import RATE_LIMIT_WAIT, TIMEOUT
from routing.model import Author, Post
from tests.x_server import (
    FORBIDDEN,
    HANG,
    NO_CREDITS,
    NOW,
    TOKEN,
    UNAUTHORIZED,
    UNAVAILABLE,
    Answer,
    XServer,
    problem,
    rate_limited,
)

X_DATA = Path("../shared/data/x")


@pytest.fixture
def server() -> Iterator[XServer]:
    with XServer() as server:
        server.add_user("kestrel")
        yield server


def open_x(server: XServer, **settings: Any) -> Source:
    return x.open_source(
        x.Settings.model_validate(settings or {"mentions_of": "kestrel"}),
        {"X_BEARER_TOKEN": TOKEN, "X_API_URL": server.url},
    )


def only(page: Page) -> Post:
    [post] = page.posts
    return post


def error_of(server: XServer, *answers: Answer, **settings: Any) -> SourceError:
    server.answer_next(*answers)
    with pytest.raises(SourceError) as caught:
        open_x(server, **settings).fetch(None)
    assert TOKEN not in str(caught.value)
    return caught.value


def paths(server: XServer) -> list[str]:
    return [path.removeprefix("/2/") for path, _ in server.requests]


# What a post becomes


def test_a_mention(server: XServer) -> None:
    author = server.add_user("sam", "Sam Vimes", followers=1_200)
    parent = server.add_post("unrelated")
    id_ = server.add_post("@kestrel why?", by="sam", lang="de", replied_to=parent)
    assert only(open_x(server).fetch(None)) == Post(
        platform="x",
        id=id_,
        text="@kestrel why?",
        author=Author("sam", "Sam Vimes", 1_200, author),
        url=f"https://x.com/sam/status/{id_}",
        posted_at=NOW,
        in_reply_to=parent,
        language="de",
    )


def test_what_a_post_refers_to_is_told_apart(server: XServer) -> None:
    original = server.add_post("an original, unrelated text " * 20, by="brand")
    quoting = server.add_post("@kestrel look", quoted=original)
    both = server.add_post("@kestrel and", quoted=original, replied_to=quoting)
    reposting = server.add_post("RT @brand: @kestrel an original, unrel…", retweeted=original)
    posts = {post.id: post for post in open_x(server).fetch(None).posts}
    assert posts[quoting].quotes == original
    assert (posts[quoting].in_reply_to, posts[quoting].repost_of) == ("", "")
    assert (posts[both].quotes, posts[both].in_reply_to) == (original, quoting)
    assert posts[reposting].repost_of == original
    assert posts[reposting].text == "an original, unrelated text " * 20


def test_what_it_refers_to_may_be_deleted(server: XServer) -> None:
    original = server.add_post("gone")
    server.add_post("RT: @kestrel gone", retweeted=original)
    server.delete_post(original)
    page = open_x(server).fetch(None)
    assert (only(page).text, only(page).repost_of) == ("RT: @kestrel gone", original)
    assert page.problems == ()


def test_the_author_may_be_deleted(server: XServer) -> None:
    author = server.add_user("sam")
    id_ = server.add_post("@kestrel bye", by="sam")
    server.delete_user("sam")
    post = only(open_x(server).fetch(None))
    assert post.author == Author(id=author)
    assert post.url == f"https://x.com/i/status/{id_}"


def test_long_posts_come_whole(server: XServer) -> None:
    server.add_post("@kestrel it begins…", note="@kestrel it begins and goes on")
    assert only(open_x(server).fetch(None)).text == "@kestrel it begins and goes on"


def test_text_is_as_it_was_written(server: XServer) -> None:
    server.add_post("@kestrel a &lt; b &amp;&amp; c &gt; d, written &amp;lt;")
    assert only(open_x(server).fetch(None)).text == "@kestrel a < b && c > d, written &lt;"


@pytest.mark.parametrize(
    ("lang", "language"),
    [
        ("en", "en"),
        ("und", ""),
        ("qme", ""),
        ("zxx", ""),
        ("qht", ""),
        ("qam", ""),
        ("art", ""),
        ("in", "id"),
        ("iw", "he"),
        ("zh-CN", "zh"),
        ("", ""),
    ],
)
def test_languages(server: XServer, lang: str, language: str) -> None:
    server.add_post("@kestrel hi", lang=lang)
    assert only(open_x(server).fetch(None)).language == language


def test_the_new_names_of_x_are_read_as_well(server: XServer) -> None:
    answer = {
        "data": [
            {
                "id": "12",
                "text": "RT: cut…",
                "author_id": "5",
                "note_post": {"text": ""},
                "referenced_posts": [{"type": "retweeted", "id": "11"}],
            }
        ],
        "includes": {"posts": [{"id": "11", "text": "", "note_post": {"text": "whole"}}]},
        "meta": {"result_count": 1},
    }
    server.answer_next(Answer(body=json.dumps(answer).encode()))
    post = only(open_x(server, search="any").fetch(None))
    assert (post.text, post.repost_of) == ("whole", "11")


# What is asked


def test_the_account_is_looked_up_once(server: XServer) -> None:
    source = open_x(server)
    cursor = source.fetch(None).cursor
    open_x(server).fetch(source.fetch(cursor).cursor)
    assert paths(server).count("users/by/username/kestrel") == 1


def test_another_handle_is_looked_up_and_read_from_where_it_was(server: XServer) -> None:
    server.add_post("@kestrel @other old")
    cursor = open_x(server).fetch(None).cursor
    server.add_user("other")
    server.add_post("@other new", at=NOW + timedelta(seconds=1))
    page = open_x(server, mentions_of="@other").fetch(cursor)
    assert [post.text for post in page.posts] == ["@other new"]
    assert paths(server)[-2] == "users/by/username/other"


def test_a_post_that_both_streams_have_comes_once(server: XServer) -> None:
    server.add_post("@kestrel flies")
    only(open_x(server, mentions_of="kestrel", search="flies").fetch(None))


def test_only_what_is_set_is_read(server: XServer) -> None:
    open_x(server, search="flies").fetch(None)
    assert paths(server) == ["tweets/search/recent"]


def test_pages_of_a_fetch_are_bounded_and_each_is_read_once(server: XServer) -> None:
    for number in range(130):
        server.add_post(f"@kestrel {number}", at=NOW - timedelta(minutes=number))
    source = open_x(server, mentions_of="kestrel", max_results=10)
    first = source.fetch(None)
    assert (len(first.posts), first.more) == (50, True)
    assert len(server.requests) == 1 + x.PAGES_PER_FETCH
    second = source.fetch(first.cursor)
    third = source.fetch(second.cursor)
    assert (len(third.posts), third.more) == (30, False)
    assert len(server.requests) == 1 + 13
    since = [parameters.get("since_id") for _, parameters in server.requests]
    assert set(since) == {None}
    assert source.fetch(third.cursor).posts == ()
    assert server.requests[-1][1]["since_id"] == first.posts[-1].id


def test_no_further_page_is_asked_for_when_x_is_slow(server: XServer) -> None:
    for number in range(30):
        server.add_post(f"kite {number}", at=NOW - timedelta(minutes=number))
    source = open_x(server, search="kite", max_results=10)
    server.takes = x.HURRY.total_seconds() + 0.1
    page = source.fetch(None)
    assert (len(page.posts), page.more) == (10, True)
    server.takes = 0
    assert len(source.fetch(page.cursor).posts) == 20


def test_a_busy_stream_does_not_hold_up_the_other(server: XServer) -> None:
    for number in range(200):
        server.add_post(f"@kestrel {number}", at=NOW - timedelta(minutes=number))
    server.add_post("kite")
    source = open_x(server, mentions_of="kestrel", search="kite", max_results=10)
    first = source.fetch(None)
    assert "kite" not in [post.text for post in first.posts]
    assert "kite" in [post.text for post in source.fetch(first.cursor).posts]


def test_an_error_midway_keeps_what_was_read(server: XServer) -> None:
    source = open_x(server, search="kite", max_results=10)
    one = json.dumps(
        {"data": [{"id": "9", "text": "kite"}], "meta": {"next_token": "abc", "result_count": 1}}
    )
    server.answer_next(Answer(body=one.encode()), UNAVAILABLE)
    page = source.fetch(None)
    assert [post.id for post in page.posts] == ["9"]
    assert not page.more
    assert "problem of its own" in page.problems[0]
    server.answer_next(UNAVAILABLE)
    with pytest.raises(SourceError):
        source.fetch(page.cursor)
    assert server.requests[-1][1]["next_token"] == "abc"


def test_pages_go_on_when_x_forgets_its_tokens(server: XServer) -> None:
    ids = [
        server.add_post(f"kite {number}", at=NOW - timedelta(minutes=number))
        for number in range(130)
    ]
    source = open_x(server, search="kite", max_results=10)
    first = source.fetch(None)
    server.forgets_tokens = True
    second = source.fetch(first.cursor)
    assert second.posts
    server.forgets_tokens = False
    pages = [first, second]
    while pages[-1].more:
        pages.append(source.fetch(pages[-1].cursor))
    assert sorted(post.id for page in pages for post in page.posts) == sorted(ids)
    assert [page.problems for page in pages] == [()] * len(pages)


def test_another_query_starts_its_pages_anew(server: XServer) -> None:
    for number in range(130):
        server.add_post(f"kite eagle {number}", at=NOW - timedelta(minutes=number))
    first = open_x(server, search="kite", max_results=10).fetch(None)
    assert first.more
    eagles = open_x(server, search="eagle", max_results=100)
    page = eagles.fetch(first.cursor)
    assert len(page.posts) == 130


def test_a_place_that_is_older_than_the_search_reaches(server: XServer) -> None:
    server.add_post("kite old")
    source = open_x(server, search="kite")
    cursor = source.fetch(None).cursor
    server.now += timedelta(days=8)
    new = server.add_post("kite new", at=server.now - timedelta(hours=1))
    page = source.fetch(cursor)
    assert only(page).id == new
    assert "seven days" in page.problems[0]
    again = source.fetch(page.cursor)
    assert (again.posts, again.problems) == ((), ())


def test_pages_that_were_left_for_longer_than_the_search_reaches(server: XServer) -> None:
    for number in range(130):
        server.add_post(f"kite {number}", at=NOW - timedelta(minutes=number))
    source = open_x(server, search="kite", max_results=10)
    page = source.fetch(source.fetch(source.fetch(None).cursor).cursor)
    assert not page.more
    for number in range(80):
        server.add_post(f"kite more {number}", at=NOW + timedelta(minutes=number + 1))
    server.now += timedelta(days=1)
    page = source.fetch(page.cursor)
    assert page.more
    server.now += timedelta(days=20)
    server.forgets_tokens = True
    page = source.fetch(page.cursor)
    assert (page.posts, page.more) == ((), False)
    assert page.problems
    new = server.add_post("kite at last", at=server.now)
    assert new in [post.id for post in source.fetch(page.cursor).posts]


@pytest.mark.parametrize("cursor", ["", "7", "null", '{"offset": 3}', '{"turn": "left"}'])
def test_a_cursor_of_somebody_else_starts_anew(server: XServer, cursor: str) -> None:
    server.add_post("@kestrel hi")
    page = open_x(server).fetch(cursor)
    only(page)
    assert page.problems


# What goes wrong


def test_a_refused_token(server: XServer) -> None:
    source = x.open_source(
        x.Settings(mentions_of="kestrel"),
        {"X_BEARER_TOKEN": "another", "X_API_URL": server.url},
    )
    with pytest.raises(SourceError, match="X_BEARER_TOKEN") as caught:
        source.fetch(None)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("answer", "words", "permanent"),
    [
        (UNAUTHORIZED, "X refused the token; set X_BEARER_TOKEN", True),
        (NO_CREDITS, "spending limit", True),
        (FORBIDDEN, "attached to a Project", True),
        (problem(404, "Not Found", "No such thing"), "No such thing", True),
        (problem(400, "Invalid Request", "Bad query"), "Bad query", True),
        (UNAVAILABLE, "HTTP 503", False),
        (Answer(500, b"<html>oops</html>"), "HTTP 500", False),
        (Answer(403, b"<html>no</html>"), "no reason", True),
        (Answer(401, b"[]"), "X_BEARER_TOKEN", True),
        (Answer(402, b'{"errors": null, "detail": 7}'), "spending limit", True),
        (Answer(408, b""), "HTTP 408", False),
        (Answer(200, b"<html>captive portal</html>"), "something else", False),
        (Answer(200, b""), "something else", False),
        (Answer(200, b"[]"), "something else", False),
        (Answer(200, b'"ok"'), "something else", False),
        (Answer(200, b'{"data": 5}'), "something else", False),
        (Answer(200, b"[" * 90_000), "something else", False),
        (Answer(200, b'{"data": "\xff"}'), "something else", False),
        (Answer(302, b"", {"Location": "/elsewhere"}), "Not Found", True),
        (Answer(304, b""), "something else", False),
    ],
)
@pytest.mark.parametrize("settings", [{"mentions_of": "kestrel"}, {"search": "kite"}])
def test_answers_that_are_no_use(
    server: XServer, settings: dict[str, str], answer: Answer, words: str, permanent: bool
) -> None:
    error = error_of(server, answer, **settings)
    assert words in str(error)
    assert error.permanent is permanent
    assert error.refused is (answer.status == 401)
    assert (error.retry_after is None) is not error.refused, "a new token must not have to wait"


def test_a_query_that_x_does_not_understand_is_explained(server: XServer) -> None:
    body = {
        "errors": [{"parameters": {"query": ["("]}, "message": "missing closing bracket"}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
    }
    error = error_of(server, Answer(400, json.dumps(body).encode()), search="(")
    assert "missing closing bracket" in str(error)
    assert error.permanent


@pytest.mark.parametrize(
    ("seconds", "wait"), [(312, 312), (0, 1), (-60, 1), (60 * 60 * 24 * 365, 60 * 60 * 24)]
)
def test_the_rate_limit_says_how_long_to_wait(server: XServer, seconds: int, wait: int) -> None:
    error = error_of(server, rate_limited(NOW, timedelta(seconds=seconds)))
    assert error.permanent is False
    assert error.retry_after == timedelta(seconds=wait)


@pytest.mark.parametrize("headers", [{}, {"x-rate-limit-reset": "soon"}])
def test_the_rate_limit_without_a_time(server: XServer, headers: dict[str, str]) -> None:
    error = error_of(server, Answer(429, b"{}", headers))
    assert (error.permanent, error.retry_after) == (False, RATE_LIMIT_WAIT)


def test_an_account_that_is_not_there(server: XServer) -> None:
    error = error_of(server, mentions_of="nobody")
    assert "@nobody" in str(error)
    assert error.permanent


def test_an_account_that_goes_away(server: XServer) -> None:
    source = open_x(server)
    cursor = source.fetch(None).cursor
    server.delete_user("kestrel")
    with pytest.raises(SourceError, match="Could not find user") as caught:
        source.fetch(cursor)
    assert caught.value.permanent


def test_a_post_without_text_or_id_is_told(server: XServer) -> None:
    rows = [{"id": "7"}, {"text": "a"}, {"id": "x", "text": "a"}, {"id": "8", "text": "fine"}]
    server.answer_next(Answer(body=json.dumps({"data": rows, "meta": {}}).encode()))
    page = open_x(server, search="a").fetch(None)
    assert only(page).id == "8"
    assert page.problems == ("x: 3 posts came without an id or a text; skipped",)


def test_an_empty_page_with_another_behind_it(server: XServer) -> None:
    empty = {"meta": {"result_count": 0, "next_token": "abc"}}
    last = {"data": [{"id": "8", "text": "fine"}], "meta": {"result_count": 1}}
    server.answer_next(*(Answer(body=json.dumps(body).encode()) for body in (empty, last)))
    assert only(open_x(server, search="a").fetch(None)).id == "8"


def test_a_server_that_says_nothing(server: XServer) -> None:
    start = time.perf_counter()
    error = error_of(server, HANG)
    assert time.perf_counter() - start < TIMEOUT + 1
    assert "4 seconds" in str(error)
    assert error.permanent is False


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    source = x.open_source(
        x.Settings(search="a"),
        {"X_BEARER_TOKEN": TOKEN, "X_API_URL": f"http://127.0.0.1:{port}"},
    )
    with pytest.raises(SourceError, match="can't be reached") as caught:
        source.fetch(None)
    assert caught.value.permanent is False


# Settings and secrets


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "say what to read"),
        ({"mentions_of": "not a handle"}, "not a handle"),
        ({"mentions_of": "a" * 16}, "not a handle"),
        ({"mentions_of": ""}, "not a handle"),
        ({"search": "a" * 513}, "512"),
        ({"search": " "}, "match"),
        ({"search": "a", "max_results": 101}, "100"),
        ({"search": "a", "max_results": 9}, "at least 10"),
        ({"mentions_of": "a", "max_results": 4}, "5"),
        ({"search": "a", "serach": "b"}, "serach"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        x.Settings.model_validate(settings)


def test_settings_that_are_fine() -> None:
    assert x.Settings.model_validate({"mentions_of": "@kestrel"}).mentions_of == "kestrel"
    assert x.Settings.model_validate({"mentions_of": "a", "max_results": 5}).max_results == 5
    assert x.Settings.model_validate({"search": "a" * 512}).max_results == 100


@pytest.mark.parametrize(
    ("secrets", "words"),
    [
        ({}, "X_BEARER_TOKEN is missing"),
        ({"X_BEARER_TOKEN": " "}, "X_BEARER_TOKEN is missing"),
        ({"X_BEARER_TOKEN": "a\nb"}, "X_BEARER_TOKEN has characters"),
        ({"X_BEARER_TOKEN": "ü"}, "X_BEARER_TOKEN has characters"),
        ({"X_BEARER_TOKEN": "a", "X_API_URL": "api.x.com"}, "X_API_URL"),
        ({"X_BEARER_TOKEN": "a", "X_API_URL": "https://api.x.com?a"}, "X_API_URL"),
    ],
)
def test_secrets_that_are_refused(secrets: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        x.open_source(x.Settings(search="a"), secrets)


def test_the_token_stays_out_of_sight(
    server: XServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    caplog.set_level(logging.DEBUG)
    server.add_post("@kestrel hi")
    source = open_x(server)
    only(source.fetch(None))
    server.answer_next(FORBIDDEN)
    with pytest.raises(SourceError) as caught:
        source.fetch(None)
    assert caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(source) + repr(vars(source)) + repr(caught.value)


# The server these tests talk to, against what X publishes


def data_of_x() -> Path:
    if not X_DATA.exists():
        pytest.skip(f"needs {X_DATA}, which isn't here")
    return X_DATA


NEW_NAMES = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "tweet_count": "post_count",
    "tweets": "posts",
}


def in_new_names(answer: Any) -> Any:
    """Return an answer as X gives it to a client that asks for `post.fields`."""
    if isinstance(answer, dict):
        return {NEW_NAMES.get(name, name): in_new_names(part) for name, part in answer.items()}
    return [in_new_names(part) for part in answer] if isinstance(answer, list) else answer


def answers(server: XServer) -> dict[str, dict[str, Any]]:
    """Have every kind of answer that the product reads."""
    fields = (
        "expansions=author_id,referenced_tweets.id&user.fields=username,name,public_metrics"
        "&tweet.fields=created_at,lang,in_reply_to_user_id,referenced_tweets,conversation_id,"
        "note_tweet"
    )
    deleted = server.add_post("gone")
    for number in range(12):
        server.add_post(f"@kestrel {number}", note="long", quoted=deleted)
    server.add_post("@kestrel and", quoted=server.add_post("original"))
    server.delete_post(deleted)
    user = server.add_user("other")
    targets = {
        "/2/users/by/username/{username}": "/2/users/by/username/kestrel",
        "/2/users/by/username/{username} missing": "/2/users/by/username/nobody",
        "/2/users/{id}/mentions": f"/2/users/2244994945/mentions?max_results=10&{fields}",
        "/2/users/{id}/mentions plain": "/2/users/2244994945/mentions",
        "/2/users/{id}/mentions empty": f"/2/users/{user}/mentions?{fields}",
        "/2/users/{id}/mentions missing": f"/2/users/1/mentions?{fields}",
        "/2/tweets/search/recent": f"/2/tweets/search/recent?query=kestrel&max_results=10&{fields}",
    }
    return {
        name: json.loads(server.respond(target, f"Bearer {TOKEN}").body)
        for name, target in targets.items()
    }


def unknown_names(part: Any, schema: Any, document: Any) -> Iterator[str]:
    """Yield the names in an answer that its schema doesn't have."""
    while "$ref" in schema:
        found = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    if isinstance(part, list):
        for item in part:
            yield from unknown_names(item, schema["items"], document)
    elif isinstance(part, dict) and "properties" in schema:
        for name, value in part.items():
            if name in schema["properties"]:
                yield from unknown_names(value, schema["properties"][name], document)
            else:
                yield name


def test_the_server_answers_as_the_api_is_described(server: XServer) -> None:
    document = json.loads((data_of_x() / "openapi-2.167.json").read_text())
    for name, answer in answers(server).items():
        path = name.split()[0]
        content = document["paths"][path]["get"]["responses"]["200"]["content"]
        schema = content["application/json"]["schema"]
        renamed = in_new_names(answer)
        jsonschema.validate(renamed, {**schema, "components": document["components"]})
        assert list(unknown_names(renamed, schema, document)) == [], name


def test_the_server_refuses_as_the_api_is_described(server: XServer) -> None:
    document = json.loads((data_of_x() / "openapi-2.167.json").read_text())
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    for target in ("/2/users/2244994945/mentions?max_results=4", "/2/tweets/search/recent?query="):
        answer = server.respond(target, f"Bearer {TOKEN}")
        assert answer.status == 400
        jsonschema.validate(json.loads(answer.body), schema)


def test_the_server_answers_in_the_form_of_the_examples(server: XServer) -> None:
    given = answers(server)
    for path, name in {
        "/2/users/{id}/mentions": "users_id_mentions.json",
        "/2/tweets/search/recent": "tweets_search_recent.json",
        "/2/users/by/username/{username}": "users_by_username_username.json",
    }.items():
        [example] = json.loads((data_of_x() / "example_responses" / name).read_text())
        assert example["endpoint"] == path
        assert differences(given[path], example["response"]) == []


def differences(part: Any, example: Any, where: str = "") -> list[str]:
    """Return where an answer has names or types that the example hasn't."""
    if type(part) is not type(example):
        return [f"{where}: {type(part).__name__}, not {type(example).__name__}"]
    if isinstance(part, list):
        return [line for item in part for line in differences(item, example[0], where)]
    if not isinstance(part, dict):
        return []
    found = []
    for name, value in part.items():
        # The examples of errors lack the fields of the kind of problem.
        if name not in example and not where.endswith("errors"):
            found.append(f"{where}: no {name}")
        elif name in example:
            found += differences(value, example[name], f"{where}/{name}")
    return found


def test_the_examples_of_x_become_posts(server: XServer) -> None:
    for name, settings in {
        "users_id_mentions.json": {"mentions_of": "kestrel"},
        "tweets_search_recent.json": {"search": "kite"},
    }.items():
        [example] = json.loads((data_of_x() / "example_responses" / name).read_text())
        del example["response"]["meta"]["next_token"]
        lookup = {"data": {"id": "1", "name": "Kestrel", "username": "kestrel"}}
        bodies = (
            [lookup, example["response"]] if "mentions_of" in settings else [example["response"]]
        )
        server.answer_next(*(Answer(body=json.dumps(body).encode()) for body in bodies))
        page = open_x(server, **settings).fetch(None)
        assert {post.id for post in page.posts} == {
            row["id"] for row in example["response"]["data"]
        }
        assert all(post.text and post.posted_at for post in page.posts)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/2/tweets/search/recent?query=a&max_results=9", 400),
        ("/2/tweets/search/recent?query=a&max_results=101", 400),
        ("/2/tweets/search/recent?query=" + "a" * 513, 400),
        ("/2/tweets/search/recent", 400),
        ("/2/tweets/search/recent?query=a&since_id=5", 400),
        ("/2/tweets/search/recent?query=a&next_token=abc", 400),
        ("/2/tweets/search/recent?query=a&tweet.fields=nonsense", 400),
        ("/2/users/2244994945/mentions?max_results=4", 400),
        ("/2/users/2244994945/mentions?max_results=5", 200),
        ("/2/nothing", 404),
    ],
)
def test_what_the_server_refuses(server: XServer, target: str, status: int) -> None:
    assert server.respond(target, f"Bearer {TOKEN}").status == status
    assert server.respond(target, "Bearer another").status == 401


def test_the_server_has_a_clock_of_its_own(server: XServer) -> None:
    server.now += timedelta(days=3)
    reset = server.now + timedelta(seconds=40)
    headers = {"x-rate-limit-reset": str(int(reset.timestamp()))}
    assert error_of(server, Answer(429, b"{}", headers)).retry_after == timedelta(seconds=40)
    assert format_datetime(server.now, usegmt=True).startswith("Mon, 23 Nov 2026")
