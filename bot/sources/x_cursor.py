"""How far X has been read, as the cursor of its source keeps it.

X answers with the newest posts first, and gives a token for the next older page. `since` only
moves up once the oldest page was read; till then the token says where to go on.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

_PAGE_TOKENS = frozenset({"next_token", "pagination_token"})
_GAP = (
    "X doesn't go back to where it was read last; posts of the time between may be missing, as "
    "its search reaches back seven days"
)


class Stream(BaseModel):
    """How far one stream has been read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: str = ""
    """The handle or the query; empty when this stream isn't read."""
    user: str = ""
    """The id of the handle."""
    since: int = 0
    """Every post up to this one has been read."""
    newest: int = 0
    oldest: int = 0
    """The ends of what was read since; 0 when nothing was."""
    token: str = ""
    """The next older page."""

    @property
    def under_way(self) -> bool:
        """Whether there are older pages to read."""
        return bool(self.oldest or self.token)

    def but(self, **changes: str | int) -> "Stream":
        """Return the stream with changes."""
        return self.model_copy(update=changes)

    def turned_to(self, of: str) -> "Stream":
        """Return the stream for another handle or query: what is new since, from the start."""
        return self if of == self.of else Stream(of=of, since=self.since)

    def after(self, ids: Sequence[int], token: str) -> "Stream":
        """Return the stream after a page with these ids and the token of the next."""
        newest = max((*ids, self.newest))
        if not token:
            return self.but(newest=newest).finished()
        ends = [id_ for id_ in (*ids, self.oldest) if id_]
        return self.but(newest=newest, oldest=min(ends, default=0), token=token)

    def finished(self) -> "Stream":
        """Return the stream after its oldest page."""
        return self.but(since=max(self.since, self.newest), newest=0, oldest=0, token="")


class Detour(NamedTuple):
    """How to go on when X refuses a parameter, and what a person should know of it."""

    stream: Stream
    told: str
    again: bool = True


def detour(stream: Stream, refused: frozenset[str]) -> Detour | None:
    """Return the way around: X refuses ids its search doesn't reach, and may forget tokens."""
    if "since_id" in refused and stream.since:
        return Detour(stream.but(since=0, token=""), _GAP)
    if "until_id" in refused and stream.oldest:
        return Detour(stream.finished(), _GAP, again=False)
    if refused & _PAGE_TOKENS and stream.token:
        return Detour(stream.but(token=""), "")
    return None


class Place(BaseModel):
    """What the cursor says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mentions: Stream = Stream()
    search: Stream = Stream()
    turn: Literal["mentions", "search"] = "mentions"
    """The stream that is read first, so that a busy one doesn't hold up the other for ever."""


def place_of(cursor: str | None) -> Place | None:
    """Return the place a cursor tells of; None when it isn't one of ours."""
    if cursor is None:
        return Place()
    try:
        return Place.model_validate_json(cursor)
    except ValidationError:
        return None
