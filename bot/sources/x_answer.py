"""What X's API answers, as values, and the posts in it.

X is renaming its tweets to posts (API 2.167); a name of either kind may come.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, AwareDatetime, BaseModel, Field, ValidationError

from routing.model import Author, Post

PLATFORM = "x"
FIELDS = {
    "expansions": ["author_id", "referenced_tweets.id"],
    "tweet_fields": [
        "created_at",
        "lang",
        "in_reply_to_user_id",
        "referenced_tweets",
        "conversation_id",
        "note_tweet",
    ],
    "user_fields": ["username", "name", "public_metrics"],
}
"""What has to be asked for, in tweepy's names, so that it comes."""

_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi"}
"""X still says these as they were before 1989."""
_NO_LANGUAGES = frozenset({"und", "zxx", "art", "mul", "mis"})

T = TypeVar("T", bound=BaseModel)


class _Metrics(BaseModel):
    followers_count: int | None = None


class User(BaseModel):
    """Who wrote a post."""

    id: str
    username: str = ""
    name: str = ""
    public_metrics: _Metrics = _Metrics()


class _Reference(BaseModel):
    type: str
    id: str


class _Note(BaseModel):
    text: str = ""


class Status(BaseModel):
    """A post as X writes it."""

    id: Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]
    text: str
    author_id: str = ""
    created_at: AwareDatetime | None = None
    lang: str = ""
    references: list[_Reference] = Field(
        default=[], validation_alias=AliasChoices("referenced_tweets", "referenced_posts")
    )
    note: _Note = Field(default=_Note(), validation_alias=AliasChoices("note_tweet", "note_post"))

    @property
    def whole_text(self) -> str:
        """Return the text as it was written: X escapes three characters of it, and cuts it."""
        text = self.note.text or self.text
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    @property
    def language(self) -> str:
        """Return the language; X has codes, mostly with a q, for posts without one."""
        code = self.lang.lower().split("-")[0]
        known = re.fullmatch("[a-pr-z][a-z]{1,2}", code) and code not in _NO_LANGUAGES
        return _OLD_CODES.get(code, code) if known else ""


class Includes(BaseModel):
    """What the posts of a page refer to."""

    users: list[dict[str, Any]] = []
    statuses: list[dict[str, Any]] = Field(
        default=[], validation_alias=AliasChoices("tweets", "posts")
    )


class Problem(BaseModel):
    """Why a part of an answer is missing, such as a deleted account."""

    title: str = ""
    detail: str = ""


class Meta(BaseModel):
    """Where the page stands among the others."""

    next_token: str | None = None


class Answer(BaseModel):
    """A page of posts; without data and meta it only says what went wrong."""

    data: list[dict[str, Any]] | None = None
    includes: Includes = Includes()
    errors: list[Problem] = []
    meta: Meta | None = None


class Lookup(BaseModel):
    """The account that a handle belongs to."""

    data: User | None = None
    errors: list[Problem] = []


def _valid(model: type[T], rows: Sequence[Mapping[str, Any]]) -> Iterator[T]:
    for row in rows:
        try:
            yield model.model_validate(row)
        except ValidationError:
            continue


def posts_of(answer: Answer) -> list[Post]:
    """Return the posts of an answer that have an id and a text."""
    users = {user.id: user for user in _valid(User, answer.includes.users)}
    originals = {status.id: status for status in _valid(Status, answer.includes.statuses)}
    return [_post(status, users, originals) for status in _valid(Status, answer.data or [])]


def _post(status: Status, users: Mapping[str, User], originals: Mapping[str, Status]) -> Post:
    referred = {reference.type: reference.id for reference in status.references}
    # X cuts the text of a repost; the original has all of it.
    original = originals.get(referred.get("retweeted", ""), status)
    user = users.get(status.author_id, User(id=status.author_id))
    return Post(
        platform=PLATFORM,
        id=status.id,
        text=original.whole_text,
        author=Author(
            handle=user.username,
            name=user.name,
            followers=user.public_metrics.followers_count,
            id=user.id,
        ),
        url=f"https://x.com/{user.username or 'i'}/status/{status.id}",
        posted_at=status.created_at,
        in_reply_to=referred.get("replied_to", ""),
        repost_of=referred.get("retweeted", ""),
        quotes=referred.get("quoted", ""),
        language=status.language,
    )
