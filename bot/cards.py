"""What a person sees, before any platform's format: cards, buttons, forms. Plain text only.

Renderers (`slack/render.py`, `console.py`) turn a card into their own format and escape there:
text in a card may be written by strangers. `Card` and its parts are stored as JSON with a delivery.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from routing.company import Expert, Roster
from routing.languages import language_names
from routing.lookup import Found, Match
from routing.model import (
    Assigned,
    Assignment,
    AssignmentState,
    Decision,
    Guidance,
    Ignored,
    Post,
    ReplyMode,
    Unrouted,
)

PLATFORM_NAMES = {"x": "X", "mastodon": "Mastodon", "bluesky": "Bluesky", "feed": "the web"}
STANDING_WORDS = {
    "direct": "answers directly",
    "coached": "answers with a coach",
    "in_training": "still in training",
}
FOR_YOU = ": a post for you"
STAYS_HERE = "What you write in this chat stays in the company; the customer never sees it."


class Action(StrEnum):
    """What a button asks for; every surface handles every one of them."""

    ACCEPT = "accept"
    DECLINE = "decline"
    RESOLVE = "resolve"
    DISMISS = "dismiss"
    REASSIGN = "reassign"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press; `action` and `value` come back as they are."""

    action: Action
    label: str
    value: str
    style: Literal["", "primary", "danger"] = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Field:
    """A short fact with its name."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with a line for each thing to know."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A stranger's words, unchanged."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One message: read from top to bottom, the most needed first."""

    title: str
    summary: str
    """The whole card as one sentence: for notifications and for screen readers."""
    status: str = ""
    """Where the assignment stands, when it isn't simply offered."""
    quote: Quote | None = None
    fields: tuple[Field, ...] = ()
    sections: tuple[Section, ...] = ()
    links: tuple[Link, ...] = ()
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    compact: bool = False
    """Whether a surface that can should show it as a line, with the rest on demand."""


@dataclass(frozen=True, slots=True)
class Input:
    """Something to fill in: `expert` is a searchable list of experts, `text` is free text."""

    name: str
    kind: Literal["expert", "text"]
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A dialogue with inputs; `action` and `value` come back with what was filled in."""

    action: Action
    value: str
    title: str
    intro: str
    inputs: tuple[Input, ...]
    submit: str


def platform_name(platform: str) -> str:
    """Return what people call a platform."""
    return PLATFORM_NAMES.get(platform, platform)


def short(text: str, limit: int) -> str:
    """Return `text` on one line, at most `limit` characters, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def local_time(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a time as somebody in `zone` says it: 14:05, or Fri 27 Nov 09:00 on another day."""
    there = moment.astimezone(zone)
    if there.date() == now.astimezone(zone).date():
        return f"{there:%H:%M}"
    return f"{there:%a} {there.day} {there:%b} {there:%H:%M}"


def composer_link(post: Post, guidance: Guidance) -> Link | None:
    """Return the platform's own composer with the draft filled in, where it has one.

    X's documented way for a person to reply: https://x.com/intent/tweet. It shows exactly what
    will appear, and the person presses the button there.
    """
    if guidance.reply_mode is not ReplyMode.OWN_ACCOUNT or post.platform != "x":
        return None
    if not (post.id.isascii() and post.id.isdigit()):
        return None
    query = {"in_reply_to": post.id} | ({"text": guidance.draft} if guidance.draft else {})
    return Link("Write it on X", "https://x.com/intent/tweet?" + urlencode(query))


def expert_card(
    post: Post, decision: Assigned, assignment: Assignment, roster: Roster, now: datetime
) -> Card:
    """Return what the expert sees: the post, why them, how to answer, and the buttons."""
    expert = roster.expert_by_id.get(assignment.expert)
    zone = roster.zone_of(expert) if expert else ZoneInfo(roster.company.time_zone)
    topic = topic_name(roster, assignment.topic)
    is_open = assignment.is_open
    fields = []
    if is_open:
        fields.append(Field("Answer by", local_time(assignment.due_at, zone, now)))
    if decision.urgency:
        fields.append(Field("Urgency", f"{decision.urgency} of 3"))
    return Card(
        title=topic + FOR_YOU,
        summary=(
            f"{_author(post)} on {platform_name(post.platform)} about {topic}: "
            f"{short(post.text, 120)}"
        ),
        status=_status_for_expert(assignment, zone, now),
        quote=_quote(post, zone, now),
        fields=tuple(fields),
        sections=_explained(decision, roster, guidance=is_open),
        links=_links(post, decision.guidance if is_open else None),
        buttons=_expert_buttons(assignment),
        footer=STAYS_HERE,
    )


def reminder_card(card: Card) -> Card:
    """Return the card once more, saying that time is up."""
    if not card.buttons:
        return replace(card, sections=())
    return replace(
        card,
        title=f"Reminder: {card.title.removesuffix(FOR_YOU)}",
        summary=f"Still waiting for you: {card.summary}",
        status=f"{card.status} Time is up: answer it now, or pass it on.".strip(),
        sections=(),
    )


def late_card(card: Card) -> Card:
    """Return the desk's card once more, saying that nobody has answered."""
    if not card.buttons:
        return card
    return replace(
        card,
        title=f"Nobody has answered yet: {card.title}",
        summary=f"Nobody has answered yet: {card.summary}",
        compact=False,
    )


def desk_card(
    post: Post, decision: Decision, assignment: Assignment | None, roster: Roster, now: datetime
) -> Card:
    """Return the community managers' view of a route: short, with the reasons and Reassign."""
    zone = ZoneInfo(roster.company.time_zone)
    on = f"{_author(post)} on {platform_name(post.platform)}"
    buttons: tuple[Button, ...] = (Button(Action.REASSIGN, "Reassign", f"{post.key}/0"),)
    if assignment is not None:
        name = roster.name_of(assignment.expert)
        topic = topic_name(roster, assignment.topic)
        title = f"{topic} → {name}"
        status = _status_for_desk(assignment, roster, zone, now)
        if assignment.state is AssignmentState.RESOLVED:
            buttons = ()
    elif isinstance(decision, Unrouted):
        title = "Please choose who answers"
        status = "Nobody is dialled yet."
        buttons = (
            Button(Action.REASSIGN, "Choose an expert", f"{post.key}/0", "primary"),
            Button(Action.DISMISS, "Not for us", f"{post.key}/0"),
        )
    else:
        title, status, buttons = "Not for us", "", ()
    return Card(
        title=title,
        summary=f"{title}. {on}: {short(post.text, 120)}",
        status=status,
        quote=_quote(post, zone, now, limit=280),
        sections=_explained(decision, roster, guidance=False),
        links=_links(post, None),
        buttons=buttons,
        compact=assignment is not None,
    )


def lookup_card(found: Found) -> Card:
    """Return who knows about a query."""
    query = short(found.query, 80)
    if not found.matches:
        nearest = ", ".join(found.nearest_topics)
        return Card(
            title=f"Nobody found for “{query}”",
            summary=f"Nobody found for “{query}”. There are topics such as {nearest}.",
            sections=(Section("Topics there are", found.nearest_topics),),
        )
    best = found.matches[0]
    return Card(
        title=f"Who knows about “{query}”",
        summary=f"{best.name} knows about {best.topic_name}, {best.duty}.",
        sections=tuple(
            Section(f"{n}. {match.name}" + (f", {match.title}" if match.title else ""), _who(match))
            for n, match in enumerate(found.matches[:5], start=1)
        ),
        footer=(
            f"{len(found.matches) - 5} more know about this." if len(found.matches) > 5 else ""
        ),
    )


def reassign_form(post: Post, decision: Decision | None, asked: int, roster: Roster) -> Form:
    """Return the dialogue with which a manager moves a post to somebody else.

    `asked` is how many experts have been asked so far; it comes back with the dialogue, so that
    one that was opened before somebody else moved the post can be told.
    """
    nearest = decision.nearest if isinstance(decision, Unrouted) else ()
    hint = ", ".join(roster.name_of(expert) for expert in nearest[:3])
    return Form(
        action=Action.REASSIGN,
        value=f"{post.key}/{asked}",
        title="Reassign",
        intro=f"{_author(post)}: {short(post.text, 400)}",
        inputs=(
            Input("expert", "expert", "Who should answer", f"Nearest: {hint}" if hint else ""),
            Input("reason", "text", "Why", "One sentence; the expert sees it."),
        ),
        submit="Reassign",
    )


def topic_name(roster: Roster, topic: str) -> str:
    """Return a topic's name, or its id when it has left the roster."""
    known = roster.topic_by_id.get(topic)
    return known.title if known else topic


def expert_choices(
    roster: Roster, typed: str, decision: Decision | None, limit: int
) -> list[Expert]:
    """Return experts to choose from: those whose name, title or id has what was typed.

    The nearest of the decision come first, so that the best choice is at the top of the list.
    """
    wanted = typed.strip().lower()
    order: dict[str, int] = {}
    if isinstance(decision, Assigned):
        order = {decision.runner_up: 0}
    elif isinstance(decision, Unrouted):
        order = {expert: n for n, expert in enumerate(decision.nearest)}
    fitting = [
        expert
        for expert in roster.experts
        if wanted in f"{expert.name} {expert.title} {expert.id}".lower()
    ]
    return sorted(fitting, key=lambda e: (order.get(e.id, len(order)), e.name.lower()))[:limit]


def _author(post: Post) -> str:
    if post.author.handle:
        return f"@{short(post.author.handle, 60)}"
    return short(post.author.name, 60) or "Somebody"


def _quote(post: Post, zone: ZoneInfo, now: datetime, limit: int | None = None) -> Quote:
    by = _author(post)
    if post.author.handle and post.author.name:
        by = f"{short(post.author.name, 60)} ({by})"
    by += f" on {platform_name(post.platform)}"
    if post.posted_at is not None:
        by += f", {local_time(post.posted_at, zone, now)}"
    if post.in_reply_to:
        by += ", in a conversation"
    return Quote(by, short(post.text, limit) if limit else post.text)


def _links(post: Post, guidance: Guidance | None) -> tuple[Link, ...]:
    links = []
    if guidance and (composer := composer_link(post, guidance)):
        links.append(composer)
    if post.url.startswith(("https://", "http://")):
        links.append(Link("Open the post", post.url))
    return tuple(links)


def _explained(decision: Decision, roster: Roster, *, guidance: bool) -> tuple[Section, ...]:
    """Return why, who came second, who was ruled out, and then how to answer."""
    why = list(decision.reasons)
    if isinstance(decision, Assigned):
        second = roster.name_of(decision.runner_up) if decision.runner_up else "nobody"
        why.append(f"Second: {second} ({decision.runner_up_reason.rstrip('.')}).")
    sections = [Section("Why you" if guidance else "Why", tuple(why))]
    if isinstance(decision, Unrouted) and decision.nearest:
        names = tuple(roster.name_of(expert) for expert in decision.nearest[:5])
        sections.append(Section("Nearest", (", ".join(names),)))
    if not isinstance(decision, Ignored) and decision.ruled_out:
        lines = [
            f"{roster.name_of(ruled.expert)}: {ruled.reason}" for ruled in decision.ruled_out[:5]
        ]
        if len(decision.ruled_out) > 5:
            lines.append(f"and {len(decision.ruled_out) - 5} more")
        sections.append(Section("Ruled out", tuple(lines)))
    if guidance and isinstance(decision, Assigned):
        sections += _guided(decision.guidance)
    return tuple(sections)


def _guided(guidance: Guidance) -> list[Section]:
    sections = [Section("How to answer", (guidance.rule,))]
    if guidance.draft:
        sections.append(Section("A draft, to say in your own words", (guidance.draft,)))
    elif guidance.draft_note:
        sections.append(Section("A draft", (guidance.draft_note,)))
    for finding in guidance.findings:
        words = guidance.draft[finding.start : finding.end]
        line = f"“{words}”: {finding.message} {finding.instead}"
        sections.append(Section("Mind this in the draft", (line,)))
    if guidance.facts:
        sections.append(Section("Good to know", guidance.facts))
    if guidance.do:
        sections.append(Section("Do", guidance.do))
    if guidance.dont:
        sections.append(Section("Don't", guidance.dont))
    return sections


def _expert_buttons(assignment: Assignment) -> tuple[Button, ...]:
    if not assignment.is_open:
        return ()
    offered = assignment.state is AssignmentState.OFFERED
    buttons = [
        Button(Action.RESOLVE, "Answered", assignment.id, "" if offered else "primary"),
        Button(Action.DECLINE, "Pass", assignment.id),
        Button(Action.DISMISS, "Not for us", assignment.id),
    ]
    if offered:
        buttons.insert(0, Button(Action.ACCEPT, "Take it", assignment.id, "primary"))
    return tuple(buttons)


def _status_for_expert(assignment: Assignment, zone: ZoneInfo, now: datetime) -> str:
    at = local_time(assignment.changed_at, zone, now)
    return {
        AssignmentState.OFFERED: "",
        AssignmentState.ACCEPTED: f"You have it since {at}.",
        AssignmentState.RESOLVED: f"Answered at {at}. Thank you!",
        AssignmentState.DECLINED: f"You passed at {at}. Somebody else looks after it.",
        AssignmentState.REASSIGNED: f"A community manager moved it at {at}. Nothing to do for you.",
        AssignmentState.ESCALATED: f"Went to somebody else at {at}, as time was up.",
        AssignmentState.DISMISSED: f"Marked as not for us at {at}.",
    }[assignment.state]


def _status_for_desk(assignment: Assignment, roster: Roster, zone: ZoneInfo, now: datetime) -> str:
    name = roster.name_of(assignment.expert)
    at = local_time(assignment.changed_at, zone, now)
    due = local_time(assignment.due_at, zone, now)
    return {
        AssignmentState.OFFERED: f"Offered to {name} at {at}, due {due}.",
        AssignmentState.ACCEPTED: f"{name} has it since {at}, due {due}.",
        AssignmentState.RESOLVED: f"{name} answered at {at}.",
        AssignmentState.DECLINED: f"{name} passed at {at}.",
        AssignmentState.REASSIGNED: f"Moved away from {name} at {at}.",
        AssignmentState.ESCALATED: f"{name} didn't answer in time; escalated at {at}.",
        AssignmentState.DISMISSED: f"Marked as not for us at {at}.",
    }[assignment.state]


def _who(match: Match) -> tuple[str, ...]:
    lines = [
        f"{match.topic_name}, level {match.level} of 3 ({match.why})",
        f"{match.duty[:1].upper()}{match.duty[1:]}; {STANDING_WORDS[match.standing]}",
    ]
    if match.languages:
        lines.append(f"Languages: {language_names(match.languages)}")
    if match.teams:
        lines.append(f"Teams: {match.teams}")
    return tuple(lines)
