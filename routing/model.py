"""The frozen values that one post becomes on its way: Post, Reading, Candidate, Decision.

Nothing here decides. Times are aware; a naive time is refused where it enters (`Post`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

UNKNOWN_LANGUAGE = "unknown"
NO_PLATFORM = "file"
"""The platform of a post that doesn't say where it is from."""
MAX_URGENCY = 3
MAX_ID = 500
"""Characters of a post's id; PostgreSQL indexes at most 2,700 bytes, no platform comes near it."""
MAX_HANDLE = 200
"""Characters of a handle that tell authors apart; the same limit, X has 15 and Mastodon 60."""


def storable(text: str) -> str:
    """Return `text` without what a database or a chat API can't carry.

    NUL (PostgreSQL refuses it) and lone surrogates (not encodable as UTF-8) become U+FFFD, as a
    browser would show them. Everything else stays: people must see what was written.
    """
    if text.isascii() and "\x00" not in text:
        return text
    return (
        text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post; `handle` without the @."""

    handle: str = ""
    name: str = ""
    followers: int | None = None
    id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "handle", storable(self.handle).removeprefix("@"))
        object.__setattr__(self, "name", storable(self.name))
        object.__setattr__(self, "id", storable(self.id))


_TEXTS = ("platform", "id", "text", "url", "in_reply_to", "repost_of", "quotes", "language")


@dataclass(frozen=True, slots=True)
class Post:
    """One public message. `key` names it everywhere: cards, logs, database."""

    platform: str
    id: str
    text: str
    author: Author = Author()
    url: str = ""
    posted_at: datetime | None = None
    in_reply_to: str = ""
    """The id, on the same platform, of the post this one answers."""
    repost_of: str = ""
    """The id of the post this one only passes on (an X retweet)."""
    quotes: str = ""
    """The id of the post this one quotes and comments on."""
    language: str = ""
    """The language the platform says it is in, or empty."""

    def __post_init__(self) -> None:
        if self.posted_at is not None and self.posted_at.tzinfo is None:
            raise ValueError("posted_at must say its time zone")
        if not self.id or len(self.id) + len(self.platform) > MAX_ID:
            raise ValueError(f"the id must have 1 to {MAX_ID} characters")
        for name in _TEXTS:
            object.__setattr__(self, name, storable(getattr(self, name)))

    @property
    def key(self) -> str:
        """Return `platform:id`, unique over all sources."""
        return f"{self.platform}:{self.id}"

    @property
    def author_key(self) -> str:
        """Return `platform:handle` in lower case, or empty when nobody is named."""
        return (
            f"{self.platform}:{self.author.handle.lower()[:MAX_HANDLE]}"
            if self.author.handle
            else ""
        )


class Kind(StrEnum):
    """What a post wants of the company."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    OTHER = "other"


class Evidence(NamedTuple):
    """Why a post was given a topic: how much `words` carried, and how they were found."""

    words: str
    weight: float
    how: Literal["phrase", "words"]


class TopicScore(NamedTuple):
    """A topic a post may be about; `score` from 0 to 1."""

    id: str
    score: float
    evidence: tuple[Evidence, ...] = ()

    @property
    def told_by(self) -> str:
        """Return the words that carried it, quoted; one that is part of another isn't repeated."""
        words: list[str] = []
        for item in self.evidence:
            word = item.words.lower()
            if not any(word in known for known in words):
                words.append(word)
        return ", ".join(f"“{word}”" for word in words[:4])


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a post."""

    language: str = UNKNOWN_LANGUAGE
    kind: Kind = Kind.OTHER
    sentiment: float = 0.0
    """From -1 (angry) to 1 (happy)."""
    urgency: int = 0
    """From 0 (any time) to 3 (now)."""
    urgency_reasons: tuple[str, ...] = ()
    topics: tuple[TopicScore, ...] = ()
    """By falling score."""
    known: float = 1.0
    """How likely it is that the post is on any of the topics, where as many are as aren't."""
    confident: bool = False
    """Whether the first topic is sure enough to dial somebody without asking a person."""
    needed: float = 0.7
    """How sure of a topic one must be for that."""
    brand: tuple[str, ...] = ()
    """The company's own words and handles that the post names."""
    competitors: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    """Every account that the post names, without the @, in order."""

    def sure_of(self, topic: TopicScore) -> float:
        """Return how sure one may be: that it is this topic, and that it is any of ours."""
        return round(topic.score * self.known, 3)


class Factor(NamedTuple):
    """One reason for or against an expert: 1 is best, 0 is a veto."""

    name: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expert with the topic they would answer on, and every factor that was weighed."""

    expert: str
    topic: str
    score: float
    factors: tuple[Factor, ...]


class RuledOut(NamedTuple):
    """An expert who knows the topic and still wasn't chosen."""

    expert: str
    reason: str


class ReplyMode(StrEnum):
    """How a post may be answered."""

    OWN_ACCOUNT = "own_account"
    BRAND_ACCOUNT = "brand_account"
    WITH_COACH = "with_coach"
    NOBODY = "nobody"


class Severity(StrEnum):
    """What a finding does to a draft: `block` stops it, `advice` may be overruled."""

    BLOCK = "block"
    ADVICE = "advice"


class Finding(NamedTuple):
    """One place where a draft breaks a clause: the characters from `start` to before `end`."""

    clause: str
    severity: Severity
    start: int
    end: int
    message: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Guidance:
    """What helps the expert to answer well and within the policy."""

    reply_mode: ReplyMode
    rule: str
    """The rule that decided the reply mode, as one sentence."""
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    """What the roster's topic says that an answer may build on."""
    draft: str = ""
    """A suggested reply; empty when the roster gives nothing to build on."""
    draft_note: str = ""
    """Where the draft comes from, or why there is none."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """The post goes to `expert`."""

    key: str
    expert: str
    topic: str
    confidence: float
    reasons: tuple[str, ...]
    guidance: Guidance
    runner_up: str = ""
    runner_up_reason: str = ""
    ruled_out: tuple[RuledOut, ...] = ()
    urgency: int = 0
    outcome: Literal["assigned"] = "assigned"


@dataclass(frozen=True, slots=True)
class Unrouted:
    """A person has to say who answers: nobody is left, or the reading isn't sure."""

    key: str
    reasons: tuple[str, ...]
    topic: str = ""
    confidence: float = 0.0
    nearest: tuple[str, ...] = ()
    """Experts a manager might choose, best first."""
    ruled_out: tuple[RuledOut, ...] = ()
    urgency: int = 0
    outcome: Literal["unrouted"] = "unrouted"


@dataclass(frozen=True, slots=True)
class Ignored:
    """Not for us."""

    key: str
    reasons: tuple[str, ...]
    outcome: Literal["ignored"] = "ignored"


Decision = Assigned | Unrouted | Ignored


@dataclass(frozen=True, slots=True)
class Situation:
    """What deciding has to know about the world beside the post: read before, changed after."""

    open_assignments: Mapping[str, int] = field(default_factory=dict)
    """How many posts each expert has open."""
    recent_assignments: Mapping[str, int] = field(default_factory=dict)
    """How many posts each expert was given in the last seven days."""
    answered_before: str = ""
    """The expert who answered this author last."""
    declined: Mapping[str, str] = field(default_factory=dict)
    """Experts who can't be asked for this post again, and why."""
    duplicate_of: str = ""
    """The key of an earlier post that says the same."""
    surfaces: frozenset[str] | None = None
    """The chat platforms that are connected; None when it doesn't matter (a dry run)."""


class AssignmentState(StrEnum):
    """Where an assignment stands; `assignment.py` says which moves are legal."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"
    DECLINED = "declined"
    REASSIGNED = "reassigned"
    ESCALATED = "escalated"
    DISMISSED = "dismissed"


OPEN_STATES = frozenset({AssignmentState.OFFERED, AssignmentState.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Assignment:
    """A post given to an expert; `number` counts the experts who were asked for this post."""

    post_key: str
    number: int
    expert: str
    topic: str
    state: AssignmentState
    offered_at: datetime
    due_at: datetime
    changed_at: datetime
    steps_taken: int = 0
    """How many steps of the escalation ladder have been taken."""
    because: str = ""
    """Why it was closed, as a person would say it of the expert: “passed on it”."""

    @property
    def id(self) -> str:
        """Return `post_key/number`."""
        return f"{self.post_key}/{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in OPEN_STATES


NONE_OF_OURS = ""
"""The topic of a label that says: none of the company's."""


class LabelKind(StrEnum):
    """How a label came about."""

    CONFIRMATION = "confirmation"
    """The expert who was asked answered the post."""
    OVERRIDE = "override"
    """A person said otherwise: not for us, or somebody else's topic."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a post is about by what a person did; `labelling.py` says what counts as one."""

    post_key: str
    topic: str
    """A topic's id, or `NONE_OF_OURS`."""
    how: LabelKind
    by: str
    """The id of the person in the roster."""
    at: datetime


@dataclass(frozen=True, slots=True)
class LabelledExample:
    """A post's text with its label, and where the post is from."""

    label: Label
    text: str
    language: str
    """What the platform said, or empty."""
    platform: str
    source: str
    """The name of what was watched."""
    may_train: bool
    """Whether a model may be trained on it; whatever else may be learned from it."""
    learned_at: datetime | None = None
    """When the model in use was trained on it; None when it wasn't."""
