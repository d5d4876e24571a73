"""Who should answer one post, and why: rank, choose, say why. Pure: everything is an argument."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from routing.company import Roster
from routing.factors import LEVEL_SCORES, Case, weigh
from routing.guidance import guide
from routing.languages import language_name
from routing.model import (
    NO_PLATFORM,
    Assigned,
    Candidate,
    Decision,
    Ignored,
    Kind,
    Post,
    Reading,
    RuledOut,
    Situation,
    TopicScore,
    Unrouted,
)

NEAREST_TOPICS = 3
"""How many topics are looked at when the reading isn't sure."""
ENOUGH = 100
"""Experts on a topic who are weighed in any case; only the largest companies have more."""
MAX_RULED_OUT = 25
"""How many are listed; with hundreds of experts on a topic the rest is a count."""
_SAID_ALREADY = {"topic", "level", "on_duty", "workload", "standing", "declined", "reachable"}
"""Factors that a sentence is made of, or that go without saying for who was chosen."""
EQUAL = "just as fitting; the alphabet decided"
_REPOST = re.compile(r"RT @\w+:")
_KINDS = {
    Kind.QUESTION: "a question",
    Kind.COMPLAINT: "a complaint",
    Kind.PRAISE: "praise",
    Kind.OTHER: "neither question, complaint nor praise",
}


def decide(
    post: Post, reading: Reading, roster: Roster, situation: Situation, now: datetime
) -> Decision:
    """Return the decision for one post at `now` (aware), with its reasons."""
    if reasons := not_for_us(post, reading, roster, situation):
        return Ignored(post.key, reasons)
    if not reading.confident:
        return _unsure(post, reading, roster, situation, now)
    topics = tuple(t for t in reading.topics if reading.sure_of(t) >= reading.needed)
    candidates, ruled_out = rank(topics, reading, roster, situation, now)
    if not candidates:
        return _nobody(post, reading, roster, topics, ruled_out)
    return _assigned(post, reading, roster, candidates, ruled_out)


def not_for_us(
    post: Post, reading: Reading, roster: Roster, situation: Situation
) -> tuple[str, ...]:
    """Return why nobody has to answer, or nothing."""
    return tuple(islice(_reasons_to_ignore(post, reading, roster, situation), 1))


def _reasons_to_ignore(
    post: Post, reading: Reading, roster: Roster, situation: Situation
) -> Iterator[str]:
    company = roster.company
    # A file doesn't say where its posts are from; then an account of ours anywhere is ours.
    here = company.handles if post.platform == NO_PLATFORM else [post.platform]
    own = {
        handle.lower().removeprefix("@")
        for platform in here
        for handle in company.handles.get(platform, ())
    }
    if _REPOST.match(post.text) and not post.repost_of:
        yield "It only passes on another post (it begins with RT)."
    if post.repost_of:
        yield f"It only passes on another post ({post.platform}:{post.repost_of})."
    if post.author.handle and post.author.handle.lower() in own:
        yield f"It is our own post (@{post.author.handle})."
    if situation.duplicate_of:
        yield f"The same author said the same before ({situation.duplicate_of})."
    if not post.text.strip():
        yield "It has no words."
    knows_itself = bool(company.name or company.brand_words or company.handles)
    if not knows_itself or reading.brand:
        return
    us = company.name or "us"
    if reading.handles:
        others = ", ".join(f"@{handle}" for handle in dict.fromkeys(reading.handles[:3]))
        yield f"It speaks to or of {others} and doesn't name {us}."
    if reading.kind is not Kind.QUESTION:
        yield f"It doesn't name {us} and asks nothing (read as {_KINDS[reading.kind]})."


def rank(
    topics: tuple[TopicScore, ...],
    reading: Reading,
    roster: Roster,
    situation: Situation,
    now: datetime,
) -> tuple[list[Candidate], list[RuledOut]]:
    """Return who could answer on one of the topics, best first, and who is ruled out and why.

    An expert on several of the topics is considered for the one they are best for. Ties go by the
    expert's id, so that the same question always gets the same answer. With hundreds of experts on
    a topic, those whose level is too low to come second are left unweighed.
    """
    best: dict[str, Candidate] = {}
    vetoed: dict[str, RuledOut] = {}
    for topic in topics:
        name = roster.topic_by_id[topic.id].title
        second = 0.0  # the best two scores so far are all that a decision names
        first = 0.0
        for looked_at, expert in enumerate(roster.experts_on[topic.id]):
            if expert.id in vetoed:  # no veto is about the topic
                continue
            if looked_at >= ENOUGH and second > topic.score * LEVEL_SCORES[expert.topics[topic.id]]:
                break  # they come by falling level: nobody after this can come second any more
            score, factors = weigh(Case(expert, topic, name, reading, roster, situation, now))
            if score == 0:
                vetoed[expert.id] = RuledOut(expert.id, factors[-1].reason)
                continue
            second = max(second, min(first, score))
            first = max(first, score)
            known = best.get(expert.id)
            if known is None or score > known.score:
                best[expert.id] = Candidate(expert.id, topic.id, score, factors)
    candidates = sorted(best.values(), key=lambda c: (-round(c.score, 9), c.expert))
    return candidates, list(vetoed.values())


def _assigned(
    post: Post,
    reading: Reading,
    roster: Roster,
    candidates: list[Candidate],
    ruled_out: list[RuledOut],
) -> Assigned:
    first = candidates[0]
    expert = roster.expert_by_id[first.expert]
    topic = next(t for t in reading.topics if t.id == first.topic)
    named = roster.topic_by_id[first.topic]
    said = {factor.name: factor.reason for factor in first.factors}
    suits = f"{expert.name} is {said['level']}, {said['on_duty']}"
    reasons = [
        _recognised(topic, named.title),
        f"{suits}, {said['workload']} and {said['standing']}.",
    ]
    more_said = [f.reason for f in first.factors if f.reason and f.name not in _SAID_ALREADY]
    if more_said:
        reasons.append(f"{expert.name} {', '.join(more_said)}.")
    reasons += [*_unnamed(reading, roster), *_about(reading)]
    runner_up = ""
    why_second = (
        "everybody else who answers on it is ruled out"
        if ruled_out
        else "nobody else in the roster answers on it"
    )
    if len(candidates) > 1:
        runner_up = candidates[1].expert
        why_second = _second(candidates[0], candidates[1])
    shown, more = _listed(ruled_out)
    return Assigned(
        key=post.key,
        expert=first.expert,
        topic=first.topic,
        confidence=reading.sure_of(topic),
        reasons=(*reasons, *more),
        guidance=guide(post, reading, expert, named, roster),
        runner_up=runner_up,
        runner_up_reason=why_second,
        ruled_out=shown,
        urgency=reading.urgency,
    )


def _second(first: Candidate, second: Candidate) -> str:
    """Say what set the second apart: the factors in which they fell behind, largest first."""
    mine = {factor.name: factor for factor in first.factors}
    behind = sorted(
        (f for f in second.factors if f.reason and f.score < mine[f.name].score),
        key=lambda f: f.score / mine[f.name].score,
    )
    return "; ".join(factor.reason for factor in behind[:2]) or EQUAL


def _unsure(
    post: Post, reading: Reading, roster: Roster, situation: Situation, now: datetime
) -> Unrouted:
    nearest = reading.topics[:NEAREST_TOPICS]
    candidates, ruled_out = rank(nearest, reading, roster, situation, now)
    if nearest:
        first, *others = (
            f"{roster.topic_by_id[t.id].title} ({reading.sure_of(t):.2f})" for t in nearest
        )
        then = f", then {' and '.join(others)}" if others else ""
        needed = f"{reading.needed:.2f} is needed to dial somebody"
        unsure = "Not sure enough what it is about"
        if reading.known < 0.5:
            unsure = "It may be about none of the topics"
        reason = f"{unsure}: {first} is nearest{then}; {needed}."
    else:
        reason = "It isn't clear what it is about: no topic comes near what it says."
    shown, more = _listed(ruled_out)
    return Unrouted(
        key=post.key,
        reasons=(reason, *_unnamed(reading, roster), *_about(reading), *more),
        topic=nearest[0].id if nearest else "",
        confidence=reading.sure_of(nearest[0]) if nearest else 0.0,
        nearest=tuple(candidate.expert for candidate in candidates[:5]),
        ruled_out=shown,
        urgency=reading.urgency,
    )


def _nobody(
    post: Post,
    reading: Reading,
    roster: Roster,
    topics: tuple[TopicScore, ...],
    ruled_out: list[RuledOut],
) -> Unrouted:
    names = " or ".join(roster.topic_by_id[topic.id].title for topic in topics)
    recognised = _recognised(topics[0], roster.topic_by_id[topics[0].id].title)
    nobody = (
        f"Nobody who answers on {names} can be dialled now."
        if ruled_out
        else f"No expert in the roster answers on {names} yet."
    )
    shown, more = _listed(ruled_out)
    return Unrouted(
        key=post.key,
        reasons=(recognised, nobody, *_unnamed(reading, roster), *_about(reading), *more),
        topic=topics[0].id,
        confidence=reading.sure_of(topics[0]),
        nearest=tuple(ruled.expert for ruled in ruled_out[:5]),
        ruled_out=shown,
        urgency=reading.urgency,
    )


def _recognised(topic: TopicScore, name: str) -> str:
    carried = topic.told_by
    return f"It is about {name} ({topic.score:.2f})" + (f", told by {carried}." if carried else ".")


def _unnamed(reading: Reading, roster: Roster) -> list[str]:
    """Say that a post came in for its question alone, which a person may see otherwise."""
    company = roster.company
    if reading.brand or not (company.name or company.brand_words or company.handles):
        return []
    return [f"It doesn't name {company.name or 'us'}; it is taken because it asks something."]


def _about(reading: Reading) -> list[str]:
    """Say what else was read that a person would weigh."""
    said = [f"Read as {_KINDS[reading.kind]} in {language_name(reading.language)}."]
    if reading.urgency:
        said.append(f"Urgency {reading.urgency} of 3: {'; '.join(reading.urgency_reasons)}.")
    return said


def _listed(ruled_out: list[RuledOut]) -> tuple[tuple[RuledOut, ...], list[str]]:
    rest = len(ruled_out) - MAX_RULED_OUT
    more = [f"{rest} more {'was' if rest == 1 else 'were'} ruled out."] if rest > 0 else []
    return tuple(ruled_out[:MAX_RULED_OUT]), more
