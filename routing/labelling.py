"""What people's acts say of a post's topic, and which posts a model may be trained on.

Nobody is asked to label: answering, moving and turning down posts does it. A label that is wrong
does more harm than one that is missing, so an act that leaves the topic open is none: to take a
post, to pass on it (no time, perhaps), to move it to somebody else on the same topic.
"""

import re
from datetime import datetime

from routing.company import Expert, Roster
from routing.model import (
    NONE_OF_OURS,
    Assigned,
    Decision,
    Label,
    LabelKind,
    Post,
    Unrouted,
)

_NO_TRAINING = frozenset({"x", "x.com", "twitter", "twitter.com"})
"""Whose posts may not train a model. X: docs.x.com/developer-guidelines; the name it had before."""
_ON_X = re.compile(r"\s*(https?://)?([\w-]+\.)*(x|twitter)\.com([/:?#]|$)", re.IGNORECASE)


def may_train(post: Post, source_allows: bool) -> bool:
    """Whether a model may be trained on a post: its source and its platform have to allow it.

    A post from X stays one in a file or a feed: there it is told by its platform or its address.
    """
    if post.platform.strip().lower() in _NO_TRAINING or _ON_X.match(post.url):
        return False
    return source_allows


def answered(
    known: Label | None, decision: Decision | None, by: str, at: datetime, roster: Roster
) -> Label | None:
    """Return the label that holds after `by` marked a post as answered.

    The expert who was asked confirms the topic they were asked for. Somebody who marks another's
    post as answered is only tidying up.
    """
    expert = roster.expert_by_id.get(by)
    if expert is None or not isinstance(decision, Assigned) or decision.expert != by:
        return known
    if not _is_clear(decision, expert, roster):
        return known
    label = Label(decision.key, decision.topic, LabelKind.CONFIRMATION, by, at)
    return _stronger(known, label, roster)


def dismissed(
    known: Label | None, post_key: str, by: str, at: datetime, roster: Roster
) -> Label | None:
    """Return the label that holds after `by` marked a post as not for us."""
    return _stronger(known, Label(post_key, NONE_OF_OURS, LabelKind.OVERRIDE, by, at), roster)


def reassigned(
    known: Label | None,
    before: Decision | None,
    after: Assigned,
    by: str,
    at: datetime,
    roster: Roster,
) -> Label | None:
    """Return the label that holds after a manager (`by`) moved a post, or None.

    They chose an expert, not a topic. What was said before holds if the expert answers on that,
    and is taken back if they don't. A move to another topic, or of a post that nobody had, says
    the topic when the choice leaves no other; or when it is the guess that the manager was asked
    about.
    """
    expert = roster.expert_by_id[after.expert]
    if known is not None and known.topic in expert.topics:
        return known
    if known is None and isinstance(before, Assigned) and before.topic == after.topic:
        return None
    guessed = isinstance(before, Unrouted) and before.topic == after.topic in expert.topics
    if guessed or _is_clear(after, expert, roster):
        return Label(after.key, after.topic, LabelKind.OVERRIDE, by, at)
    return None


def _is_clear(decision: Assigned, expert: Expert, roster: Roster) -> bool:
    """Whether the decision's topic is more than one of several that the expert answers on.

    A manager may choose anybody, and then the topic is only the likeliest of the expert's.
    """
    if decision.topic not in expert.topics:
        return False
    return len(expert.topics) == 1 or decision.confidence >= roster.policy.confidence


def _stronger(known: Label | None, new: Label, roster: Roster) -> Label:
    """Return the later label, unless only the earlier is a manager's."""
    if known and known.by in roster.manager_by_id and new.by not in roster.manager_by_id:
        return known
    return new
