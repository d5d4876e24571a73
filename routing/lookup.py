"""Who knows about this: by topic, by free text (read as posts are), by name with typos."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process, utils

from routing.availability import duty
from routing.company import Expert, Roster
from routing.factors import LEVEL_SCORES
from routing.model import Post

# Cards are made of what this returns, also where nothing is read: spaCy takes a second to load.
if TYPE_CHECKING:
    from routing.reading.pipeline import Reader

SAME_WORD = 82
"""Similarity, 0 to 100, from which a misspelt name or topic is taken for the real one."""
WORTH_SHOWING = 0.2
"""Probability from which a topic of a free-text query is shown: a person chooses here."""


@dataclass(frozen=True, slots=True)
class Match:
    """An expert who may know, and how to reach them."""

    expert: str
    name: str
    title: str
    topic: str
    topic_name: str
    level: int
    score: float
    on_duty: bool
    duty: str
    standing: str
    languages: tuple[str, ...]
    slack: str
    teams: str
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query: matches, best first, or else the topics there are to ask for."""

    query: str
    matches: tuple[Match, ...]
    nearest_topics: tuple[str, ...] = ()


def lookup(query: str, roster: Roster, reader: "Reader", now: datetime, limit: int = 10) -> Found:
    """Return who knows about `query` at `now`; experts on duty come before equals who aren't."""
    query = query.strip()
    people = _by_name(query, roster)
    topics = _by_topic(query, roster)
    if not people and not topics:
        topics = _by_reading(query, reader)
    found: dict[str, Match] = {}
    for expert, score in people:
        for topic in expert.topics:
            _add(found, expert, topic, 1 + score * LEVEL_SCORES[expert.topics[topic]], roster, now)
    for topic, (score, why) in topics.items():
        for expert in roster.experts_on[topic]:
            _add(found, expert, topic, score * LEVEL_SCORES[expert.topics[topic]], roster, now, why)
    matches = sorted(found.values(), key=lambda m: (-round(m.score, 6), not m.on_duty, m.expert))
    names = () if matches else _nearest(query, roster)
    return Found(query, tuple(matches[:limit]), names)


def _add(
    found: dict[str, Match],
    expert: Expert,
    topic: str,
    score: float,
    roster: Roster,
    now: datetime,
    why: str = "by name",
) -> None:
    on, reason = duty(expert, roster, now)
    score *= 1.0 if on else 0.95
    if expert.id in found and found[expert.id].score >= score:
        return
    found[expert.id] = Match(
        expert=expert.id,
        name=expert.name,
        title=expert.title,
        topic=topic,
        topic_name=roster.topic_by_id[topic].title,
        level=expert.topics[topic],
        score=round(score, 3),
        on_duty=on,
        duty=reason,
        standing=expert.standing.level.value,
        languages=roster.languages_of(expert),
        slack=expert.slack,
        teams=expert.teams,
        why=why,
    )


def _clean(text: str) -> str:
    return utils.default_process(text.replace("-", " ").replace("_", " "))


def _by_name(query: str, roster: Roster) -> list[tuple[Expert, float]]:
    """Find people by id, full name, or one part of the name; typos allowed."""
    wanted = _clean(query.removeprefix("@"))
    if not wanted:
        return []
    people = []
    for expert in roster.experts:
        name = _clean(expert.name)
        parts = name.split() if len(wanted.split()) == 1 else []
        spellings = [name, _clean(expert.id), *(part for part in parts if len(part) > 2)]
        score = max(fuzz.ratio(wanted, spelling) for spelling in spellings)
        if score >= SAME_WORD:
            people.append((expert, score / 100))
    return people


def _by_topic(query: str, roster: Roster) -> dict[str, tuple[float, str]]:
    """Find topics by id, name or phrase; typos allowed."""
    wanted = _clean(query)
    topics: dict[str, tuple[float, str]] = {}
    for topic in roster.topics:
        names = {_clean(topic.id), _clean(topic.title), *map(_clean, topic.phrases)} - {""}
        best = process.extractOne(wanted, sorted(names), scorer=fuzz.ratio, score_cutoff=SAME_WORD)
        if best:
            topics[topic.id] = (best[1] / 100, f"topic {topic.title}")
    return topics


def _by_reading(query: str, reader: "Reader") -> dict[str, tuple[float, str]]:
    reading = reader.read_one(Post(platform="lookup", id="query", text=query))
    topics = {}
    for topic in reading.topics:
        sure = topic.score * reading.known
        if sure >= WORTH_SHOWING:
            why = f"told by {topic.told_by}" if topic.evidence else "by meaning"
            topics[topic.id] = (sure, why)
    return topics


def _nearest(query: str, roster: Roster) -> tuple[str, ...]:
    names = [topic.title for topic in roster.topics]
    ranked = process.extract(_clean(query), names, scorer=fuzz.WRatio, limit=5)
    return tuple(name for name, _, _ in ranked)
