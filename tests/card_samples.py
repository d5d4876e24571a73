"""One card of every kind, made the way the product makes them, and texts made to do harm."""

from datetime import UTC, datetime, timedelta

from bot.cards import (
    Card,
    Field,
    Form,
    Link,
    Quote,
    Section,
    desk_card,
    expert_card,
    lookup_card,
    reassign_form,
    reminder_card,
)
from routing.company import Company, Expert, Roster, Topic
from routing.lookup import Found, Match
from routing.model import (
    Assigned,
    Assignment,
    AssignmentState,
    Author,
    Finding,
    Guidance,
    Ignored,
    Post,
    ReplyMode,
    RuledOut,
    Severity,
    Unrouted,
)

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)

ROSTER = Roster(
    company=Company(name="Kestrel Mobile", time_zone="Europe/Berlin"),
    topics=(Topic(id="roaming", name="Roaming abroad"), Topic(id="billing", name="Bills")),
    experts=(
        Expert(id="ada", name="Ada Lindqvist", title="Roaming lead", topics={"roaming": 3}),
        Expert(id="bo", name="Bo Tanaka", title="Tariffs", topics={"roaming": 2, "billing": 3}),
        Expert(id="cem", name="Cem Aydın", topics={"billing": 2}),
    ),
)
POST = Post(
    platform="x",
    id="1992837465102938475",
    text=(
        "@KestrelMobile Back from two days in Zürich and my bill says €84 for roaming?! I thought "
        "Switzerland was included. Who can explain this?"
    ),
    author=Author(handle="maja_k", name="Maja K.", followers=812),
    url="https://x.com/maja_k/status/1992837465102938475",
    posted_at=NOW - timedelta(minutes=12),
)
DRAFT = "Hi @maja_k, I look after roaming here. Switzerland is free of charge, guaranteed."
GUIDANCE = Guidance(
    reply_mode=ReplyMode.OWN_ACCOUNT,
    rule="You are on board and the topic is open to everyone.",
    do=("Say who you are.", "Ask for the invoice number in a direct message."),
    dont=("Promise a refund.",),
    facts=("Switzerland is in zone 2: €0.99 for 10 MB.", "A day pass costs €6.90."),
    draft=DRAFT,
    draft_note="from the roster; say it in your own words",
    findings=(
        Finding(
            "no-guarantees", Severity.BLOCK, 66, 76, "We guarantee nothing.", "Say “as a rule”."
        ),
    ),
)
ASSIGNED = Assigned(
    key=POST.key,
    expert="ada",
    topic="roaming",
    confidence=0.87,
    reasons=(
        "“roaming” and “bill” say it is about Roaming abroad.",
        "You are the authority on it.",
    ),
    guidance=GUIDANCE,
    runner_up="bo",
    runner_up_reason="knows it well, has two posts open",
    ruled_out=(RuledOut("cem", "is away until Monday."),),
    urgency=2,
)
UNROUTED = Unrouted(
    key=POST.key,
    reasons=("It may be about Roaming abroad (0.41) or Bills (0.38).",),
    nearest=("ada", "bo"),
    ruled_out=(RuledOut("cem", "is away until Monday."),),
)
IGNORED = Ignored(key=POST.key, reasons=("It is praise and asks for nothing.",))
MATCH = Match(
    expert="ada",
    name="Ada Lindqvist",
    title="Roaming lead",
    topic="roaming",
    topic_name="Roaming abroad",
    level=3,
    score=0.9,
    on_duty=True,
    duty="on duty until 17:00",
    standing="direct",
    languages=("en", "sv"),
    slack="U0ADA",
    teams="",
    why="“roaming”",
)


def assignment(state: AssignmentState) -> Assignment:
    """An assignment of the sample post to Ada."""
    return Assignment(
        post_key=POST.key,
        number=1,
        expert="ada",
        topic="roaming",
        state=state,
        offered_at=NOW,
        due_at=NOW + timedelta(minutes=15),
        changed_at=NOW,
    )


def cards() -> dict[str, Card]:
    """Every kind of card, in every state that looks different."""
    found = {
        "lookup": lookup_card(Found("roaming charges", (MATCH, MATCH))),
        "lookup of nothing": lookup_card(Found("astrology", (), ("Roaming abroad", "Bills"))),
        "desk, unrouted": desk_card(POST, UNROUTED, None, ROSTER, NOW),
        "desk, ignored": desk_card(POST, IGNORED, None, ROSTER, NOW),
        "bare": Card(title="Title", summary="Summary"),
    }
    for state in AssignmentState:
        there = assignment(state)
        found[f"expert, {state}"] = expert_card(POST, ASSIGNED, there, ROSTER, NOW)
        found[f"desk, {state}"] = desk_card(POST, ASSIGNED, there, ROSTER, NOW)
    found["reminder"] = reminder_card(found["expert, offered"])
    return found


def form() -> Form:
    """The dialogue for moving a post."""
    return reassign_form(POST, UNROUTED, 0, ROSTER)


HOSTILE_TEXTS = {
    "ring": "<!channel> <!here|hey> <@U0ADA> <#C1|x> @channel @here",
    "hidden link": "<http://evil.example|http://bank.example> [bank](http://evil.example)",
    "markup": "*bold* _it_ ~gone~ `code` ```block``` \n> quote\n• list\n# heading :tada:",
    "entities": "&lt;!channel&gt; &amp;amp; <&>" * 300,
    "bidi": "abc\u202egnp.exe\u202c \u2066x\u2069\u2067y\u2068z\u2069 \u200f",
    "zero width": "\u200b\u200c\u200d\ufeff\u2060" * 50,
    "blank": " \t\r\n\u00a0\u3000\u2028",
    "controls": "a\x00b\x07c\x1b[31md\x7fe\x85f",
    "surrogates": "\ud800 \udfff \ud83d",
    "long": "Länge & mehr 𝔘 " * 7000,
    "one long word": "x" * 100_000,
    "newlines": "\n" * 100_000 + "end",
    "combining": "Z" + "\u0301" * 5000,
    "empty": "",
}


def hostile_card(text: str, *, compact: bool = False) -> Card:
    """A card that says the same in every place."""
    return Card(
        title=text,
        summary=text,
        status=text,
        quote=Quote(text, text),
        fields=(Field(text, text),) * 3,
        sections=(Section(text, (text,)), Section(text, (text, text)), Section(text, ())),
        links=(Link(text, "https://example.com/" + text), Link(text, text)),
        buttons=cards()["expert, offered"].buttons,
        footer=text,
        compact=compact,
    )
