"""A local server that answers as X's API does where the product reads it.

It has a clock of its own (`now`), keeps accounts and posts, and behaves as the documentation of
the API says: fields come only when they are asked for, pages have tokens which are good for the
same request alone, newest posts come first, recent search reaches back seven days. What X refuses
it refuses, and `answer_next` has it answer anything else.
"""

import base64
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

TOKEN = "AAAAAAAAAAAAAAAAAAAAAtest"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SEARCH_WINDOW = timedelta(days=7)
_EPOCH = datetime.fromtimestamp(1288834974.657, UTC)
_PROBLEMS = "https://api.x.com/2/problems/"
_TWEET_FIELDS = {
    "author_id",
    "conversation_id",
    "created_at",
    "edit_history_tweet_ids",
    "id",
    "in_reply_to_user_id",
    "lang",
    "note_tweet",
    "referenced_tweets",
    "text",
}
_EXPANSIONS = {"author_id", "referenced_tweets.id"}
_USER_FIELDS = {"id", "name", "public_metrics", "username"}
_PARAMETERS = {
    "expansions",
    "max_results",
    "next_token",
    "pagination_token",
    "query",
    "since_id",
    "tweet.fields",
    "until_id",
    "user.fields",
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """Something to be answered instead; `hang` keeps the line open and says nothing."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


class RefusedError(Exception):
    """A request that X refuses."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.answer = Answer(status, json.dumps(body).encode())


def problem(status: int, title: str, detail: str, kind: str = "about:blank") -> Answer:
    """Return a refusal in the form X gives it."""
    body = {"title": title, "type": kind, "status": status, "detail": detail}
    return Answer(status, json.dumps(body).encode())


UNAUTHORIZED = problem(401, "Unauthorized", "Unauthorized")
NO_CREDITS = problem(
    402,
    "CreditsDepleted",
    "Your enrolled account [1] does not have any credits to fulfill this request.",
    _PROBLEMS + "credits",
)
FORBIDDEN = problem(
    403,
    "Client Forbidden",
    "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens "
    "from a Twitter developer App that is attached to a Project.",
    _PROBLEMS + "client-forbidden",
)
UNAVAILABLE = problem(503, "Service Unavailable", "Service Unavailable")
HANG = Answer(hang=True)


def rate_limited(now: datetime, resets_in: timedelta) -> Answer:
    """Return the answer when the limit is reached."""
    answer = problem(429, "Too Many Requests", "Too Many Requests")
    reset = str(int((now + resets_in).timestamp()))
    limits = {
        "x-rate-limit-limit": "450",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": reset,
    }
    return Answer(answer.status, answer.body, limits)


class XServer:
    """The server; use it in a `with` block.

    `requests` has the path and parameters of each; `takes` is how many seconds an answer takes;
    with `forgets_tokens` the tokens of pages are good for nothing.
    """

    def __init__(self) -> None:
        self.now = NOW
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.forgets_tokens = False
        self.takes = 0.0
        self._users: dict[str, Json] = {}
        self._posts: dict[int, Json] = {}
        self._next: deque[Answer] = deque()
        self._released = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def url(self) -> str:
        """Return the address to be used in place of https://api.x.com."""
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    def add_user(self, handle: str, name: str = "", followers: int = 0) -> str:
        """Add an account; return its id."""
        id_ = str(2_244_994_945 + len(self._users))
        self._users[id_] = {
            "id": id_,
            "username": handle,
            "name": name or handle,
            "public_metrics": {
                "followers_count": followers,
                "following_count": 1,
                "tweet_count": 1,
                "listed_count": 0,
            },
        }
        return id_

    def add_post(
        self,
        text: str,
        by: str = "customer",
        at: datetime | None = None,
        lang: str = "en",
        note: str = "",
        **references: str,
    ) -> str:
        """Add a post by a handle; `references` are retweeted, quoted and replied_to with an id."""
        at = at or self.now
        id_ = int((at - _EPOCH) / timedelta(milliseconds=1)) << 22
        while id_ in self._posts:
            id_ += 1
        post: Json = {
            "id": str(id_),
            "text": text,
            "edit_history_tweet_ids": [str(id_)],
            "author_id": self._user_id(by) or self.add_user(by),
            "conversation_id": references.get("replied_to", str(id_)),
            "created_at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "lang": lang,
        }
        if note:
            post["note_tweet"] = {"text": note}
        if references:
            post["referenced_tweets"] = [
                {"type": kind, "id": target} for kind, target in references.items()
            ]
        self._posts[id_] = post
        return str(id_)

    def delete_post(self, id_: str) -> None:
        """Delete a post; what refers to it keeps doing so."""
        del self._posts[int(id_)]

    def delete_user(self, handle: str) -> None:
        """Delete an account; for a while its posts are still found."""
        del self._users[self._user_id(handle)]

    def answer_next(self, *answers: Answer) -> None:
        """Answer the next requests with these."""
        self._next.extend(answers)

    def respond(self, target: str, authorization: str) -> Answer:
        """Return the answer to a GET of `target`."""
        path, query = urlsplit(target).path, urlsplit(target).query
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        self.requests.append((path, parameters))
        self._released.wait(self.takes)
        if self._next:
            answer = self._next.popleft()
            if answer.hang:
                self._released.wait()
            return answer
        if authorization != f"Bearer {TOKEN}":
            return UNAUTHORIZED
        try:
            body = self._body(path, parameters)
        except RefusedError as refused:
            return refused.answer
        limits = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "449"}
        return Answer(200, json.dumps(body).encode(), limits)

    def _body(self, path: str, parameters: Mapping[str, str]) -> Json:
        if match := re.fullmatch("/2/users/by/username/([A-Za-z0-9_]{1,15})", path):
            return self._look_up(match[1])
        for name in parameters:
            if name not in _PARAMETERS:
                raise _bad(name, parameters[name], f"The query parameter [{name}] is not one of …")
        if match := re.fullmatch("/2/users/([0-9]{1,19})/mentions", path):
            if match[1] not in self._users:
                return {"errors": [_not_found("user", "id", match[1])]}
            return self._page("mentions:" + match[1], parameters, self._mentions(match[1]))
        if path == "/2/tweets/search/recent":
            query = parameters.get("query", "")
            if not 1 <= len(query) <= 512:
                raise _bad("query", query, "Rules must be between 1 and 512 characters")
            return self._page("search:" + query, parameters, self._search(query))
        raise RefusedError(404, {"title": "Not Found", "status": 404, "type": "about:blank"})

    def _look_up(self, handle: str) -> Json:
        user = self._users.get(self._user_id(handle))
        if user is None:
            return {"errors": [_not_found("user", "username", handle)]}
        return {"data": {name: user[name] for name in ("id", "name", "username")}}

    def _user_id(self, handle: str) -> str:
        for id_, user in self._users.items():
            if user["username"].lower() == handle.lower():
                return id_
        return ""

    def _mentions(self, user_id: str) -> Callable[[Json], bool]:
        handle = self._users[user_id]["username"].lower()
        return lambda post: f"@{handle}" in post["text"].lower()

    def _search(self, query: str) -> Callable[[Json], bool]:
        """Return whether a post has all words of the query; operators aren't known."""
        words = query.lower().split()
        start = self.now - SEARCH_WINDOW
        return lambda post: (
            datetime.fromisoformat(post["created_at"]) >= start
            and all(word in post["text"].lower() for word in words)
        )

    def _page(
        self, what: str, parameters: Mapping[str, str], wanted: Callable[[Json], bool]
    ) -> Json:
        searching = what.startswith("search:")
        _listed(parameters, "tweet.fields", _TWEET_FIELDS)
        _listed(parameters, "user.fields", _USER_FIELDS)
        _listed(parameters, "expansions", _EXPANSIONS)
        limit = _between(parameters, "max_results", 10 if searching else 5, 100)
        since = _between(parameters, "since_id", 0, 2**63 - 1)
        until = _between(parameters, "until_id", 2**63 - 1, 2**63 - 1, lowest=0)
        reach = int((self.now - SEARCH_WINDOW - _EPOCH) / timedelta(milliseconds=1)) << 22
        for name, id_ in (("since_id", since), ("until_id", until)):
            if searching and name in parameters and id_ < reach:
                raise _bad(
                    name,
                    str(id_),
                    f"'{name}' must be a tweet id created after "
                    f"{(self.now - SEARCH_WINDOW):%Y-%m-%dT%H:%MZ}. "
                    f"Please use a '{name}' that is larger than {reach}",
                )
        name = "next_token" if searching else "pagination_token"
        below = self._below(name, parameters.get(name), [what, since]) or until
        found = sorted(
            (id_ for id_, post in self._posts.items() if since < id_ < below and wanted(post)),
            reverse=True,
        )
        page = found[:limit]
        answer: Json = {"meta": {"result_count": len(page)}}
        if page:
            answer["data"] = [self._shown(self._posts[id_], parameters) for id_ in page]
            answer["meta"].update(newest_id=str(page[0]), oldest_id=str(page[-1]))
            answer.update(self._includes([self._posts[id_] for id_ in page], parameters))
        if len(found) > limit:
            token = json.dumps([what, since, page[-1]]).encode()
            answer["meta"]["next_token"] = base64.b32hexencode(token).decode().strip("=").lower()
        return answer

    def _below(self, name: str, token: str | None, request: list[object]) -> int:
        if token is None:
            return 0
        padded = token.upper() + "=" * (-len(token) % 8)
        try:
            *of, below = json.loads(base64.b32hexdecode(padded))
        except ValueError:
            of, below = [], 0
        if of != request or self.forgets_tokens:
            raise _bad(name, token, f"The `{name}` query parameter value [{token}] is not valid")
        return int(below)

    def _shown(self, post: Json, parameters: Mapping[str, str]) -> Json:
        fields = _listed(parameters, "tweet.fields", _TWEET_FIELDS)
        fields |= {"id", "text", "edit_history_tweet_ids"}
        if "author_id" in _listed(parameters, "expansions", _EXPANSIONS):
            fields.add("author_id")
        return {name: value for name, value in post.items() if name in fields}

    def _includes(self, posts: list[Json], parameters: Mapping[str, str]) -> Json:
        expansions = _listed(parameters, "expansions", _EXPANSIONS)
        includes: Json = {}
        errors: list[Json] = []
        if "referenced_tweets.id" in expansions:
            for id_ in dict.fromkeys(_referenced(posts)):
                if int(id_) in self._posts:
                    original = self._posts[int(id_)]
                    includes.setdefault("tweets", []).append(self._shown(original, parameters))
                else:
                    errors.append(_not_found("tweet", "referenced_tweets.id", id_))
        if "author_id" in expansions:
            fields = _listed(parameters, "user.fields", _USER_FIELDS) | {"id", "name", "username"}
            for id_ in dict.fromkeys(post["author_id"] for post in posts):
                if id_ in self._users:
                    user = {name: self._users[id_][name] for name in sorted(fields)}
                    includes.setdefault("users", []).append(user)
                else:
                    errors.append(_not_found("user", "author_id", id_))
        return {name: part for name, part in (("includes", includes), ("errors", errors)) if part}


def _referenced(posts: list[Json]) -> Iterator[str]:
    for post in posts:
        for reference in post.get("referenced_tweets", []):
            yield reference["id"]


def _listed(parameters: Mapping[str, str], name: str, known: set[str]) -> set[str]:
    listed = {part for part in parameters.get(name, "").split(",") if part}
    if listed - known:
        raise _bad(name, parameters[name], f"The `{name}` query parameter value is not one of …")
    return listed


def _between(
    parameters: Mapping[str, str], name: str, default: int, highest: int, lowest: int | None = None
) -> int:
    text = parameters.get(name, str(default))
    lowest = default if lowest is None else lowest
    if not text.isdigit() or not lowest <= int(text) <= highest:
        raise _bad(
            name,
            text,
            f"The `{name}` query parameter value [{text}] is not between {lowest} and {highest}",
        )
    return int(text)


def _bad(name: str, value: str, message: str) -> RefusedError:
    return RefusedError(
        400,
        {
            "errors": [{"parameters": {name: [value]}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": _PROBLEMS + "invalid-request",
        },
    )


def _not_found(resource: str, parameter: str, value: str) -> Json:
    return {
        "value": value,
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": _PROBLEMS + "resource-not-found",
    }


def _handler(server: XServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = server.respond(self.path, self.headers.get("Authorization", ""))
            if answer.hang:
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(server.now, usegmt=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
