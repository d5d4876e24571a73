"""X as a source, through tweepy: the mentions of an account, and what a search finds.

A fetch reads a few pages and hands their posts on oldest first. When there are more, the cursor
keeps the place, so that every post is read, and paid for, once: a mention costs $0.001, a post
that a search finds $0.005 (docs.x.com, pricing, 2026). What has piled up beyond one fetch comes
after what is newer.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Self, TypeVar

import requests
import tweepy
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.ports import Page, SettingsError, Source, SourceError
from bot.sources.x_answer import FIELDS, Answer, Lookup, posts_of
from bot.sources.x_cursor import Place, Stream, detour, place_of
from bot.sources.x_session import TIMEOUT, TOKEN, RefusedParameterError, prepare
from routing.model import Post

API_URL = "X_API_URL"
SECRETS: tuple[str, ...] = (TOKEN, API_URL)
MAY_TRAIN = False
"""X's data may not be used to train models: docs.x.com/developer-guidelines."""

PAGES_PER_FETCH = 5
"""Up to 500 posts at once."""
HURRY = timedelta(seconds=1)
"""Once X took that long in a fetch, no further page is asked for: stopping must not wait."""
QUERY_LIMIT = 512
"""Characters of a recent search: docs.x.com, search operators; more takes Enterprise access."""

T = TypeVar("T", bound=BaseModel)


def _a_handle(handle: str) -> str:
    if not re.fullmatch("[A-Za-z0-9_]{1,15}", handle):
        raise ValueError("this is not a handle of X; write it as it is on the profile: KestrelHelp")
    return handle


class Settings(BaseModel):
    """The keys of `watch:` for this source; at least one of `mentions_of` and `search`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mentions_of: Annotated[
        str,
        BeforeValidator(lambda value: value.removeprefix("@") if isinstance(value, str) else value),
        AfterValidator(_a_handle),
    ] = Field(default="", validate_default=False)
    """The handle whose mentions are read."""
    search: Annotated[str, Field(max_length=QUERY_LIMIT, pattern=r"\S")] = ""
    """A query of X's recent search, which finds posts of the last seven days.

    With `mentions_of` as well, end it in -@handle: else mentions are paid for twice.
    """
    max_results: Annotated[int, Field(ge=5, le=100)] = 100
    """Posts of one page."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if not (self.mentions_of or self.search):
            raise ValueError("say what to read: a handle as `mentions_of`, a query as `search`")
        if self.search and self.max_results < 10:
            raise ValueError("`max_results` has to be at least 10 for a search")
        return self


def open_source(settings: Settings, secrets: Mapping[str, str]) -> Source:
    """Return the source that `settings` describe; raises SettingsError."""
    token = secrets.get(TOKEN, "").strip()
    api_url = secrets.get(API_URL, "").strip().rstrip("/")
    if not token:
        raise SettingsError(
            f"{TOKEN} is missing; set it to the bearer token of your app on console.x.com"
        )
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise SettingsError(f"{TOKEN} has characters that no token has; copy it once more")
    if api_url and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", api_url):
        raise SettingsError(f"{API_URL} is not an address; write it as https://api.x.com")
    return X(settings, token=token, api_url=api_url)


class X:
    """Reads mentions and search results from X."""

    def __init__(self, settings: Settings, *, token: str, api_url: str = "") -> None:
        """Read from `api_url`, or from where tweepy does."""
        self._settings = settings
        self._spent = timedelta()
        # What tweepy is given stands in its log; the session puts the true token in.
        self._client = tweepy.Client("kept out of the log", return_type=dict)
        prepare(self._client.session, token=token, api_url=api_url, count=self._count)

    def fetch(self, cursor: str | None) -> Page:
        """Return new posts, oldest first; raises SourceError.

        Posts that were read before an error are returned, and the error is one of the problems:
        they have been paid for.
        """
        self._spent = timedelta()
        place = place_of(cursor)
        fetch = _Fetch(
            mentions=(place or Place()).mentions.turned_to(self._settings.mentions_of),
            search=(place or Place()).search.turned_to(self._settings.search),
            turn=place.turn if place else "mentions",
        )
        if place is None:
            fetch.problems.append("x: the place that was kept can't be read; starting anew")
        try:
            self._read(fetch)
        except SourceError as error:
            if not fetch.posts:
                raise
            fetch.problems.append(f"x: {error}")
            return fetch.page(more=False)
        return fetch.page(more=bool(fetch.unfinished))

    def _read(self, fetch: "_Fetch") -> None:
        """Read page after page of one stream after the other, within the budget."""
        if fetch.streams["mentions"].of and not fetch.streams["mentions"].user:
            self._look_up(fetch)
        for _ in range(PAGES_PER_FETCH):
            if not fetch.unfinished or self._spent >= HURRY:
                return
            self._read_page(fetch, fetch.unfinished[0])

    def _look_up(self, fetch: "_Fetch") -> None:
        stream = fetch.streams["mentions"]
        found = _parsed(Lookup, _asked(self._client.get_user, username=stream.of))
        if found.data is None:
            raise SourceError(
                f"X knows no account @{stream.of}, or has suspended it; "
                "put another handle into `mentions_of`",
                permanent=bool(found.errors),
            )
        fetch.streams["mentions"] = stream.but(user=found.data.id)

    def _read_page(self, fetch: "_Fetch", name: str) -> None:
        stream = fetch.streams[name]
        try:
            answer = _parsed(Answer, self._ask(name, stream))
        except RefusedParameterError as refused:
            way = detour(stream, refused.parameters)
            if way is None:
                raise
            if way.told:
                fetch.problems.append(f"x: {way.told}")
            fetch.keep(name, way.stream, finished=not way.again)
            return
        if answer.data is None and answer.meta is None:
            reason = "; ".join(error.detail or error.title for error in answer.errors)
            raise SourceError(
                f"X doesn't show the {name} of “{stream.of}”: {reason or 'it gives no reason'}",
                permanent=bool(answer.errors),
            )
        posts = posts_of(answer)
        if skipped := len(answer.data or []) - len(posts):
            fetch.problems.append(f"x: {skipped} posts came without an id or a text; skipped")
        fetch.posts.update((post.id, post) for post in posts)
        token = (answer.meta.next_token if answer.meta else None) or ""
        after = stream.after([int(post.id) for post in posts], token)
        fetch.keep(name, after, finished=not after.under_way)

    def _ask(self, name: str, stream: Stream) -> object:
        known = {
            "since_id": stream.since or None,
            "until_id": None if stream.token else stream.oldest or None,
            "max_results": self._settings.max_results,
            **FIELDS,
        }
        if name == "mentions":
            return _asked(
                self._client.get_users_mentions,
                stream.user,
                pagination_token=stream.token or None,
                **known,
            )
        return _asked(
            self._client.search_recent_tweets, stream.of, next_token=stream.token or None, **known
        )

    def _count(self, took: timedelta) -> None:
        self._spent += took


class _Fetch:
    """What one fetch has gathered so far."""

    def __init__(self, mentions: Stream, search: Stream, turn: str) -> None:
        self.streams = {"mentions": mentions, "search": search}
        self.posts: dict[str, Post] = {}
        self.problems: list[str] = []
        order = sorted(self.streams, key=lambda name: name != turn)
        self.unfinished = [name for name in order if self.streams[name].of]
        self._visited: set[str] = set()

    def keep(self, name: str, stream: Stream, *, finished: bool) -> None:
        """Remember how far a stream was read, and whether there is more to read of it."""
        self.streams[name] = stream
        self._visited.add(name)
        if finished:
            self.unfinished.remove(name)

    def page(self, *, more: bool) -> Page:
        """Return the page; the next one begins with a stream that this one didn't reach."""
        waiting = [name for name in self.unfinished if name not in self._visited]
        place = {**self.streams, "turn": waiting[0] if waiting else "mentions"}
        return Page(
            posts=tuple(sorted(self.posts.values(), key=lambda post: int(post.id))),
            cursor=Place.model_validate(place).model_dump_json(),
            more=more,
            problems=tuple(self.problems),
        )


def _asked(call: Callable[..., object], *args: object, **parameters: object) -> object:
    """Return what X answers; every foreign error becomes a SourceError."""
    try:
        return call(*args, **parameters)
    except requests.Timeout as error:
        raise SourceError(
            f"X didn't answer within {TIMEOUT:.0f} seconds; it is asked again", permanent=False
        ) from error
    except requests.ConnectionError as error:
        raise SourceError("X can't be reached; it is asked again", permanent=False) from error
    except (requests.RequestException, tweepy.TweepyException, ValueError, RecursionError) as error:
        raise _unreadable() from error


def _parsed(model: type[T], answer: object) -> T:
    try:
        return model.model_validate(answer)
    except ValidationError:
        # Without its cause, which repeats the answer: there are posts in it.
        raise _unreadable() from None


def _unreadable() -> SourceError:
    return SourceError("X answered with something else than its API does", permanent=False)
