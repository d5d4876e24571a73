"""A file of JSON Lines as a source: followed as it grows, or replayed to its end.

The place in the file is its offset together with a mark of the bytes around it. Where the mark
doesn't fit any more, the file was replaced or cut short, and is read from its start; posts that
are known already are told by their keys. What was appended to a file just before it was replaced
is lost to whoever hadn't read it by then: rotate a file by renaming it when it is quiet.
"""

import stat
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, BinaryIO

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.intake import BadLine, post_from_line, take_line
from bot.ports import Page, Source, SourceError
from routing.model import Post

SECRETS: tuple[str, ...] = ()
MAY_TRAIN = True
"""A file is the company's own; lines that say they are from X stay X's (`labelling.may_train`)."""
PAGE_SIZE = 500
"""Lines of a page, the bad ones counted in."""
_TOLD = 20
"""Bad lines of a page that are told one by one."""
_MARKED = 512
"""Bytes of the start, and of what stands before the offset, that have to stay as they were."""


def _a_path(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("this can't be the name of a file")
    if path.suffix.lower() == ".csv":
        raise ValueError(
            f"{path} is CSV, which can't be followed; write JSON Lines, "
            'one object such as {"text": "…"} a line'
        )
    return path


class Settings(BaseModel):
    """The keys of `watch:` for this source."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: Annotated[Path, AfterValidator(_a_path)]
    """The file, one JSON object a line."""
    follow: bool = True
    """Whether it still grows: then a last line without a line break is waited for."""
    may_train: bool = True
    """Whether a model may be trained on its posts; false for what a platform forbids it of."""


class _Place(BaseModel):
    """How far a file has been read: what the cursor says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offset: Annotated[int, Field(ge=0)] = 0
    line: Annotated[int, Field(ge=0)] = 0
    mark: str = ""
    inside: bool = False
    """Whether the offset is inside a line that is too long and has been told already."""


def open_source(settings: Settings, secrets: Mapping[str, str]) -> Source:  # noqa: ARG001
    """Return the source that `settings` describe."""
    return JsonLines(settings)


class JsonLines:
    """Reads posts from a file of JSON Lines."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.path
        self._follow = settings.follow

    def fetch(self, cursor: str | None) -> Page:
        """Return the next posts, in the order of the file; raises SourceError."""
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):
                raise SourceError(
                    f"{self._path} is not a file; name a file of JSON Lines", permanent=True
                )
            with self._path.open("rb") as file:
                return self._read(file, cursor)
        except FileNotFoundError as error:
            raise SourceError(
                f"{self._path} isn't there; it is read as soon as it is", permanent=False
            ) from error
        except OSError as error:
            raise SourceError(
                f"{self._path} can't be read ({error.strerror or error}); "
                "it has to be a file that this program may read",
                permanent=isinstance(error, PermissionError | NotADirectoryError),
            ) from error

    def _read(self, file: BinaryIO, cursor: str | None) -> Page:
        place = _place(cursor)
        bad: list[str] = []
        if place is None or (place.offset and place.mark != _mark(file, place.offset)):
            bad.append(f"{self._path}: it was replaced or cut short; reading it from its start")
            place = _Place()
        posts: list[Post] = []
        offset, number, inside, taken = place.offset, place.line, place.inside, 0
        file.seek(offset)
        while taken < PAGE_SIZE:
            line = take_line(file)
            unfinished = self._follow and not line.whole
            if not line.size or (unfinished and not (line.too_long or inside)):
                break
            outcome = None if inside else post_from_line(line, number + 1)
            if isinstance(outcome, Post):
                posts.append(outcome)
            elif isinstance(outcome, BadLine):
                bad.append(f"{self._path}:{outcome.number}: {outcome.reason}")
            taken += outcome is not None
            offset += line.size
            number += not unfinished
            inside = unfinished
        after = _Place(offset=offset, line=number, mark=_mark(file, offset), inside=inside)
        return Page(
            posts=tuple(posts),
            cursor=after.model_dump_json(),
            more=taken == PAGE_SIZE and offset < _size(file),
            problems=_shortened(bad),
        )


def _place(cursor: str | None) -> _Place | None:
    """Return the place a cursor tells of; None when it isn't one of ours."""
    if cursor is None:
        return _Place()
    try:
        return _Place.model_validate_json(cursor)
    except ValidationError:
        return None


def _mark(file: BinaryIO, offset: int) -> str:
    """Return a digest of what stands at the start and before `offset`; other files have others."""
    file.seek(0)
    start = file.read(min(offset, _MARKED))
    file.seek(max(0, offset - _MARKED))
    end = file.read(min(offset, _MARKED))
    return blake2b(start + end, digest_size=10).hexdigest()


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _shortened(problems: list[str]) -> tuple[str, ...]:
    if len(problems) <= _TOLD:
        return tuple(problems)
    return (*problems[:_TOLD], f"… and {len(problems) - _TOLD} more bad lines")
