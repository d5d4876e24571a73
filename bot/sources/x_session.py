"""The requests session that tweepy reads X with, and what X's refusals mean.

Three things that tweepy has no setting for are put into the session: a limit on the time of an
answer, the token (tweepy writes the one it is given into its log at DEBUG), and a look at refusals
before tweepy's own errors, which know no 402 and trip over a body that isn't an object.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from pydantic import BaseModel, ValidationError
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import get_environ_proxies
from urllib3.util import Timeout

from bot.ports import SourceError

TOKEN = "X_BEARER_TOKEN"  # noqa: S105 - the name of the variable
TIMEOUT = 4.0
"""Seconds for connecting and answering together. Somebody who stops the worker waits that long."""
RATE_LIMIT_WAIT = timedelta(minutes=15)
"""X's rate limits are counted in windows of 15 minutes."""
LONGEST_WAIT = timedelta(days=1)

_HOST = "https://api.twitter.com"
"""Where tweepy sends everything."""


class RefusedParameterError(SourceError):
    """X doesn't accept the request because of some of its parameters."""

    def __init__(self, message: str, parameters: frozenset[str]) -> None:
        super().__init__(message, permanent=True)
        self.parameters = parameters


def prepare(
    session: requests.Session,
    *,
    token: str,
    api_url: str,
    count: Callable[[timedelta], None],
) -> None:
    """Make `session` speak to X, or to `api_url`; `count` is told how long each answer took."""

    def look_at(response: requests.Response, **_: object) -> None:
        count(response.elapsed)
        if response.status_code >= 400:
            raise _refusal(response)

    session.auth = _Bearer(token)
    session.hooks["response"] = [look_at]
    session.mount("https://", _Adapter(api_url))
    session.mount("http://", _Adapter(api_url))


class _Bearer(AuthBase):
    """Puts the token in; as requests is given it as its own, it won't look into .netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Adapter(HTTPAdapter):
    """Limits the time of an answer, and sends what is meant for X to another address if told."""

    def __init__(self, api_url: str) -> None:
        super().__init__()
        self._api_url = api_url

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,  # noqa: ARG002
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = request.url or ""
        if self._api_url and url.startswith(_HOST + "/"):
            request = request.copy()
            request.url = self._api_url + url.removeprefix(_HOST)
            proxies = get_environ_proxies(request.url)
        limit: Any = Timeout(total=TIMEOUT)
        return super().send(request, stream, limit, verify, cert, proxies)


class _ErrorPart(BaseModel):
    message: str = ""
    parameters: dict[str, Any] = {}


class _ErrorBody(BaseModel):
    title: str = ""
    detail: str = ""
    errors: list[_ErrorPart] = []

    def __str__(self) -> str:
        said = "; ".join(part.message for part in self.errors if part.message)
        return " ".join((said or self.detail or self.title or "it gives no reason").split())[:300]


def _refusal(response: requests.Response) -> SourceError:
    """Return what a status from 400 on means for us."""
    status = response.status_code
    try:
        body = _ErrorBody.model_validate_json(response.content)
    except ValidationError:
        body = _ErrorBody()
    if status == 429:
        return SourceError(
            "X's rate limit is reached; it is asked again when X allows",
            permanent=False,
            retry_after=_wait(response.headers),
        )
    if status >= 500 or status == 408:
        return SourceError(f"X has a problem of its own (HTTP {status})", permanent=False)
    if status == 400:
        names = frozenset(name for part in body.errors for name in part.parameters)
        return RefusedParameterError(f"X doesn't understand the request: {body}", names)
    sentences = {
        401: f"X refused the token; set {TOKEN} to the bearer token of your app on console.x.com",
        402: "X's spending limit is reached, so nothing is heard from X; raise it, or buy credits, "
        f"on console.x.com ({body})",
        403: f"X doesn't allow this to your app: {body}",
    }
    return SourceError(
        sentences.get(status, f"X refused the request (HTTP {status}): {body}"),
        permanent=True,
        refused=status == 401,
        # A new token must not have to wait; being refused costs nothing.
        retry_after=timedelta(minutes=1) if status == 401 else None,
    )


def _wait(headers: Mapping[str, str]) -> timedelta:
    """Return how long X asks to wait, by its own clock."""
    try:
        reset = datetime.fromtimestamp(int(headers["x-rate-limit-reset"]), UTC)
        wait = reset - parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return RATE_LIMIT_WAIT
    return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)
