"""Learning from what people did with posts: what may be learned is, when it makes nothing worse.

The model in use is the roster's examples and those labelled ones that have `learned_at`; every
process trains it when it starts. To take another into use is to mark other examples, in one
transaction. Two who do so at once come to the same, or the later one wins: nothing is trained that
may not be, as `Transaction.training_examples` is all there is to choose from.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ports import Store
from routing.company import Roster
from routing.labelling import may_train
from routing.model import NONE_OF_OURS, LabelledExample, Post
from routing.reading.comparison import Comparison, Pair, Train, compare, to_learn
from routing.reading.proposals import Proposal, propose
from routing.reading.social import fingerprint

Tell = Callable[[int], None]
"""Told how many of `comparison.TRAININGS` are done."""


@dataclass(frozen=True, slots=True)
class Report:
    """What `direct-dial learn` found out and did."""

    notes: tuple[str, ...]
    """What is left out of learning, and why; a sentence each."""
    conclusion: str
    comparison: Comparison | None = None
    """None where there is nothing to compare."""
    new: tuple[tuple[str, int], ...] = ()
    """How many new examples each topic has."""
    proposals: tuple[Proposal, ...] = ()
    replaced: bool = False


def learned(store: Store, roster: Roster) -> list[Pair]:
    """Return what the model in use has learned beside the roster's examples."""
    with store.transaction() as tx:
        return _used(tx.training_examples(), roster)


def learn(
    store: Store,
    roster: Roster,
    now: datetime,
    train: Train,
    *,
    dry_run: bool = False,
    tell: Tell = lambda _: None,
) -> Report:
    """Compare what could be learned with the model in use, and take it unless it is worse.

    Training takes a while, so the examples are read before and marked after it; what has been
    deleted or labelled otherwise meanwhile isn't marked, and what has come in waits for next time.
    """
    with store.transaction() as tx:
        evidence, allowed = tx.examples(), tx.training_examples()
    notes, proposals = _notes(evidence, roster), propose(evidence, roster)
    used = _used(allowed, roster)
    known = {(fingerprint(text), topic) for text, topic in used}
    more = [
        (text, topic)
        for text, topic in to_learn(allowed, roster)
        if (fingerprint(text), topic) not in known
    ]
    if not more:
        return Report(notes, _nothing_new(evidence, used), proposals=proposals)
    comparison = compare(roster, used, more, _strangers(allowed), train, tell)
    count = Counter(topic for _, topic in more)
    new = tuple((topic.id, count[topic.id]) for topic in roster.topics if count[topic.id])
    replaced = not comparison.objections and not dry_run
    if replaced:
        with store.transaction() as tx:
            tx.use_examples([e for e in allowed if e.label.topic in roster.topic_by_id], now)
    conclusion = _conclusion(comparison, len(more), dry_run=dry_run)
    return Report(notes, conclusion, comparison, new, proposals, replaced)


def _used(allowed: Iterable[LabelledExample], roster: Roster) -> list[Pair]:
    return to_learn((example for example in allowed if example.learned_at), roster)


def _strangers(allowed: Iterable[LabelledExample]) -> list[str]:
    return [example.text for example in allowed if example.label.topic == NONE_OF_OURS]


def _notes(evidence: Sequence[LabelledExample], roster: Roster) -> tuple[str, ...]:
    """Return what isn't learned from, and why."""
    forbidden = [example for example in evidence if not example.may_train]
    of_x = [e for e in forbidden if not may_train(Post(e.platform, "any", ""), source_allows=True)]
    others = len(forbidden) - len(of_x)
    allowed = [example for example in evidence if example.may_train]
    known = {NONE_OF_OURS, *roster.topic_by_id}
    gone = sorted({example.label.topic for example in allowed} - known)
    lost = sum(example.label.topic in gone for example in allowed)
    none = len(_strangers(allowed))
    notes = []
    if of_x:
        notes.append(
            f"{_labels(len(of_x))} from X, whose rules forbid training; they count as evidence of "
            "who knows what, not here."
        )
    if others:
        notes.append(
            f"{_labels(others)} from a source or a site that doesn't allow training; they count as "
            "evidence of who knows what, not here."
        )
    if gone:
        names = ", ".join(gone)
        notes.append(f"{_labels(lost)} on topics that experts.yaml no longer has ({names}).")
    if none:
        word = "label says" if none == 1 else "labels say"
        notes.append(f"{none} {word} that a post is none of ours: judged by, not learned from.")
    return tuple(notes)


def _labels(count: int) -> str:
    return f"{count} label is" if count == 1 else f"{count} labels are"


def _nothing_new(evidence: Sequence[LabelledExample], used: Sequence[Pair]) -> str:
    if not evidence:
        why = (
            "there are no labels yet; they come from what people do with posts: answering one, "
            "moving it, or marking it as not for us"
        )
    elif used:
        why = "the model in use has learned all that it may"
    else:
        why = "no label is one that a model may learn a topic from"
    return f"Nothing to learn: {why}. Nothing was changed."


def _conclusion(comparison: Comparison, count: int, *, dry_run: bool) -> str:
    of = "1 new example" if count == 1 else f"{count} new examples"
    if comparison.objections:
        why = "; ".join(comparison.objections)
        return f"Worse with {of}: {why}. The model in use stays; nothing was changed."
    if dry_run:
        return f"Not worse with {of}: without --dry-run it would be used. Nothing was changed."
    return (
        f"Not worse with {of}, so it is in use from now on: each process takes it when it starts "
        "next, so restart `work` and `serve`."
    )
