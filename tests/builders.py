"""Small builders: a value that is fine as it is, of which a test changes what it is about."""

from datetime import UTC, datetime
from typing import Any

from routing.company import Company, Expert, Roster, Topic
from routing.model import (
    Assignment,
    AssignmentState,
    Author,
    Evidence,
    Kind,
    Label,
    LabelKind,
    LabelledExample,
    Post,
    Reading,
    TopicScore,
)

FRIDAY = datetime(2026, 11, 20, 10, tzinfo=UTC)
"""A Friday, 10:00 in London and 11:00 in Berlin."""


def a_post(text: str = "@KestrelHelp how much is roaming in Turkey?", **changes: Any) -> Post:
    """Return a post on X by @sam."""
    given: dict[str, Any] = {"platform": "x", "id": "1", "author": Author("sam", "Sam")}
    return Post(text=text, **(given | changes))


def a_reading(*topics: tuple[str, float], **changes: Any) -> Reading:
    """Return a confident reading in English; each topic is told by its own id."""
    scores = tuple(
        TopicScore(topic, score, (Evidence(topic, 1.0, "phrase"),))
        for topic, score in topics or (("roaming", 0.9),)
    )
    given: dict[str, Any] = {
        "language": "en",
        "kind": Kind.QUESTION,
        "topics": scores,
        "confident": True,
        "brand": ("Kestrel",),
    }
    return Reading(**(given | changes))


def an_expert(expert_id: str = "ada", **changes: Any) -> Expert:
    """Return an expert on roaming who is always on duty and answers directly.

    The changes are written as in experts.yaml.
    """
    given: dict[str, Any] = {
        "id": expert_id,
        "name": expert_id.capitalize(),
        "topics": {"roaming": 2},
        "standing": "direct",
        "slack": f"U{expert_id.upper()}",
    }
    return Expert.model_validate(given | changes)


def a_topic(topic_id: str = "roaming", **changes: Any) -> Topic:
    """Return a topic that has no more than a name."""
    return Topic.model_validate({"id": topic_id, "name": topic_id.capitalize()} | changes)


def a_roster(*experts: Expert, **changes: Any) -> Roster:
    """Return a roster of Kestrel Mobile with the topics roaming and billing."""
    given: dict[str, Any] = {
        "company": Company(
            name="Kestrel Mobile",
            handles={"x": ("KestrelMobile", "KestrelHelp")},
            brand_words=("Kestrel",),
            competitors=("Osprey",),
            languages=("en",),
        ),
        "topics": (a_topic("roaming"), a_topic("billing")),
        "experts": experts or (an_expert(),),
    }
    return Roster.model_validate(given | changes)


def an_assignment(**changes: Any) -> Assignment:
    """Return Ada's first assignment: offered at FRIDAY, due an hour later."""
    given: dict[str, Any] = {
        "post_key": "x:1",
        "number": 1,
        "expert": "ada",
        "topic": "roaming",
        "state": AssignmentState.OFFERED,
        "offered_at": FRIDAY,
        "due_at": FRIDAY.replace(hour=11),
        "changed_at": FRIDAY,
    }
    return Assignment(**(given | changes))


def a_labelled(text: str, topic: str, **changes: Any) -> LabelledExample:
    """Return an example from a forum, which a model may be trained on."""
    label = Label(f"forum:{text}", topic, LabelKind.CONFIRMATION, "ada", FRIDAY)
    given: dict[str, Any] = {"platform": "forum", "source": "forum", "may_train": True}
    return LabelledExample(label, text, "en", **(given | changes))
