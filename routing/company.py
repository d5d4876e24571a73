"""What experts.yaml says, as frozen values: the company, topics, experts, managers, rules.

The file's shape is the product's shape, so there is one set of classes for both; `schema()` is
the JSON Schema that editors use. `roster.py` reads the file and reports its mistakes.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import holidays
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHIFT = re.compile(
    r"(?P<first>[A-Za-z]{3})(?:\s*-\s*(?P<last>[A-Za-z]{3}))?\s+"
    r"(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})"
)
_DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Part(BaseModel):
    """One mapping in the file: frozen, and a key nobody knows is a mistake."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )


def _a_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"“{name}” is not a time zone; use a name such as Europe/Berlin or America/New_York"
        ) from None
    return name


def _a_holiday_calendar(name: str) -> str:
    country, _, region = name.partition("-")
    # Only codes: the library would also take the name of anything else it holds.
    known = re.fullmatch(r"[A-Z]{2,3}", country) is not None
    try:
        if known:
            holidays.country_holidays(country, subdiv=region or None, years=2026)
    except (NotImplementedError, TypeError):
        known = False
    if not known:
        raise ValueError(
            f"no public holidays are known for “{name}”; use a country such as DE, "
            "or a country and region such as DE-BY"
        )
    return name


def _a_duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    # A bare 60 is refused, too: nobody knows whether it means seconds or minutes.
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or len(match[1]) > 5:
        raise ValueError(f"“{value}” is not a time span; write 30s, 45m, 2h or 1d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _a_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
TimeZoneName = Annotated[str, AfterValidator(_a_time_zone)]
Duration = Annotated[
    timedelta, BeforeValidator(_a_duration, json_schema_input_type=Annotated[str, Field()])
]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Level = Annotated[int, Field(strict=True, ge=1, le=3)]


def _a_draft(text: str) -> str:
    for placeholder in re.findall(r"\{[^{}]*\}", text):
        if placeholder != "{author}":
            raise ValueError(f"nothing is known to put in for “{placeholder}”; use {{author}}")
    return text


DraftText = Annotated[Text, AfterValidator(_a_draft)]


class Shift(_Part):
    """Working hours on some days of the week; one that ends before it starts runs past midnight."""

    days: frozenset[int]
    start: time
    end: time
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `Mon-Fri 09:00-17:00`; raises ValueError in words."""
        match = _SHIFT.fullmatch(text.strip())
        wrong = f"“{text}” is not working hours; write days and times as in Mon-Fri 09:00-17:00"
        if match is None:
            raise ValueError(wrong)
        try:
            first = DAYS.index(match["first"].capitalize())
            last = DAYS.index((match["last"] or match["first"]).capitalize())
            start, end = (time.fromisoformat(match[at].zfill(5)) for at in ("start", "end"))
        except ValueError:
            raise ValueError(wrong) from None
        if start == end:
            raise ValueError(f"“{text}” starts and ends at the same time; give it a length")
        days = frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
        return cls(days=days, start=start, end=end, text=text.strip())


def _a_shift(value: object) -> object:
    return value if isinstance(value, Shift) else Shift.parse(str(value))


Hours = Annotated[
    tuple[Annotated[Shift, BeforeValidator(_a_shift, json_schema_input_type=str)], ...],
    BeforeValidator(_a_list, json_schema_input_type=str | list[str]),
]
Texts = Annotated[
    tuple[Text, ...], BeforeValidator(_a_list, json_schema_input_type=str | list[str])
]
Languages = Annotated[
    tuple[Language, ...], BeforeValidator(_a_list, json_schema_input_type=str | list[str])
]


class Desk(_Part):
    """The community managers' channel, where every route gets a line."""

    slack: str = ""
    """The id of a Slack channel, such as C0123456789."""
    teams: str = ""
    """The id of a Teams channel."""


class Company(_Part):
    """Who we are, so that a post can be told to be about us."""

    name: str = ""
    handles: Mapping[str, Texts] = {}
    """Our own accounts for each platform, without the @: x: [KestrelMobile]."""
    brand_words: Texts = ()
    """Names of the company and its products."""
    competitors: Texts = ()
    languages: Languages = ()
    """The languages we answer in; also those of an expert who names none."""
    time_zone: TimeZoneName = "UTC"
    desk: Desk = Desk()


class Topic(_Part):
    """A subject the company answers on."""

    id: Identifier
    name: str = ""
    description: str = ""
    examples: Texts = ()
    """Sentences as customers write them; ten are a good start."""
    phrases: Texts = ()
    """Words that settle it whenever they appear."""
    restricted: str = ""
    """Who must answer instead of an expert, such as: the press office. No draft is ever made."""
    facts: Texts = ()
    """What an answer may build on."""
    drafts: Mapping[Language, DraftText] = {}
    """A suggested reply for each language; {author} is the handle of the person who asked."""

    @property
    def title(self) -> str:
        """Return what people call it."""
        return self.name or self.id


class StandingLevel(StrEnum):
    """How far an expert is on board."""

    IN_TRAINING = "in_training"
    COACHED = "coached"
    DIRECT = "direct"


class Standing(_Part):
    """May this expert be dialled, and how."""

    level: StandingLevel = StandingLevel.IN_TRAINING
    until: date | None = None
    """The last day it holds; after it the expert is not dialled."""
    coach: str = ""
    """Who goes over the answers of a coached expert: the id of an expert or manager."""


def _a_standing(value: object) -> object:
    if not isinstance(value, str | dict | Standing):
        raise ValueError(  # noqa: TRY004 - pydantic collects ValueErrors
            f"“{value}” is not a standing; write in_training, coached or direct"
        )
    return {"level": value} if isinstance(value, str) else value


class Leave(_Part):
    """Days away, the first and the last included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(
                f"the leave ends ({self.last}) before it starts ({self.first}); swap the two dates"
            )
        return self


class _Person(_Part):
    id: Identifier
    name: Text
    title: str = ""
    languages: Languages = ()
    time_zone: TimeZoneName = ""
    slack: str = ""
    """The Slack member id, such as U0123456789."""
    teams: str = ""
    """The address in Microsoft 365, such as ada@example.com."""

    def address(self, surface: str) -> str:
        """Return the address on a chat platform, or empty."""
        return {"slack": self.slack, "teams": self.teams, "console": self.id}.get(surface, "")


class Expert(_Person):
    """A colleague who can answer."""

    topics: Mapping[Identifier, Level]
    """What they answer on: 1 knows it, 2 knows it well, 3 is the authority."""
    hours: Hours = ()
    """When they may be dialled; always, when it isn't said."""
    holidays: Annotated[str, AfterValidator(lambda v: _a_holiday_calendar(v) if v else v)] = ""
    """Whose public holidays they keep: a country (DE) or country and region (DE-BY)."""
    leave: tuple[Leave, ...] = ()
    capacity: Annotated[int, Field(strict=True, ge=0)] = 3
    """How many posts they can have open at once."""
    standing: Annotated[
        Standing, BeforeValidator(_a_standing, json_schema_input_type=StandingLevel | Standing)
    ] = Standing()

    @model_validator(mode="after")
    def _knows_something(self) -> Self:
        if not self.topics:
            raise ValueError(
                "this expert has no topics; write at least one with a level from 1 to 3"
            )
        return self


class Manager(_Person):
    """A community manager: overrules routes and answers for the brand."""


class StepAction(StrEnum):
    """What a step of the ladder does."""

    REMIND = "remind"
    NEXT_EXPERT = "next_expert"
    MANAGER = "manager"


class Step(_Part):
    """One step of the escalation ladder."""

    after: Duration = timedelta(0)
    """How long after the due time."""
    do: StepAction


class Escalation(_Part):
    """What happens when nobody answers in time."""

    due: Duration = timedelta(hours=1)
    """How long an expert has."""
    due_urgent: Duration = timedelta(minutes=15)
    """How long when the post is urgent (urgency 2 or 3)."""
    ladder: tuple[Step, ...] = (
        Step(after=timedelta(0), do=StepAction.REMIND),
        Step(after=timedelta(minutes=30), do=StepAction.NEXT_EXPERT),
    )

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        waits = [step.after for step in self.ladder]
        if waits != sorted(waits):
            raise ValueError(
                "the steps of the ladder are out of order; write the shortest `after` first"
            )
        return self

    def due_in(self, urgency: int) -> timedelta:
        """Return how long an expert has for a post of this urgency."""
        return self.due_urgent if urgency >= 2 else self.due


class Policy(_Part):
    """What may be said, by whom, and how sure we must be before somebody is dialled."""

    confidence: Share = 0.7
    """Below it nobody is dialled: the post goes to the community managers."""
    misroute_target: Annotated[float, Field(strict=True, gt=0, lt=1)] | None = None
    """In place of `confidence`: the largest share of automatic routes that may go to a wrong topic.
    How sure one must be for that is learned from examples that were held out."""
    reply_from: Literal["expert", "brand"] = "expert"
    """Whose account answers where both could."""
    do: Texts = ()
    dont: Texts = ()
    links: Texts = ()
    """Sites that an answer may link to, such as kestrel.example."""

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if self.misroute_target is not None and "confidence" in self.model_fields_set:
            raise ValueError(
                "confidence and misroute_target both say how sure one must be; keep one of them"
            )
        return self


class Watch(BaseModel):
    """A place to read posts from; what else it needs is said by the source itself."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    source: Text
    """x, jsonl, or the dotted path of a module of your own."""
    name: str = ""
    """What it is called in logs and in the database, where its place in the stream is kept."""
    every: Duration = timedelta(minutes=1)
    """How long to wait before looking for new posts again."""

    @property
    def settings(self) -> dict[str, Any]:
        """Return the keys that belong to the source."""
        return dict(self.model_extra or {})


class Roster(_Part):
    """One experts.yaml: topics, experts, managers, policy."""

    company: Company = Company()
    topics: tuple[Topic, ...] = Field(min_length=1)
    experts: tuple[Expert, ...] = Field(min_length=1)
    managers: tuple[Manager, ...] = ()
    escalation: Escalation = Escalation()
    policy: Policy = Policy()
    reading: Literal["fast", "best"] = "fast"
    """How posts are read: `best` asks a sentence encoder where `fast` is unsure."""
    watch: tuple[Watch, ...] = ()

    @cached_property
    def topic_by_id(self) -> dict[str, Topic]:
        """Return the topics by id."""
        return {topic.id: topic for topic in self.topics}

    @cached_property
    def expert_by_id(self) -> dict[str, Expert]:
        """Return the experts by id."""
        return {expert.id: expert for expert in self.experts}

    @cached_property
    def manager_by_id(self) -> dict[str, Manager]:
        """Return the managers by id."""
        return {manager.id: manager for manager in self.managers}

    @cached_property
    def experts_on(self) -> dict[str, tuple[Expert, ...]]:
        """Return for each topic who answers on it, the highest level first, then by id."""
        known: dict[str, list[Expert]] = {topic.id: [] for topic in self.topics}
        for expert in self.experts:
            for topic in expert.topics:
                known[topic].append(expert)
        return {
            topic: tuple(sorted(experts, key=lambda e, t=topic: (-e.topics[t], e.id)))  # type: ignore[misc]
            for topic, experts in known.items()
        }

    def languages_of(self, person: Expert | Manager) -> tuple[str, ...]:
        """Return the languages they answer in; empty means that nobody said."""
        return person.languages or self.company.languages

    def zone_of(self, person: Expert | Manager) -> ZoneInfo:
        """Return their time zone, or the company's."""
        return ZoneInfo(person.time_zone or self.company.time_zone)

    def person_at(self, surface: str, address: str) -> Expert | Manager | None:
        """Return who has this address on a chat platform; a manager before an expert."""
        return self._person_by_address.get((surface, address))

    @cached_property
    def _person_by_address(self) -> dict[tuple[str, str], Expert | Manager]:
        found: dict[tuple[str, str], Expert | Manager] = {}
        people: tuple[Expert | Manager, ...] = (*self.experts, *self.managers)
        for person in people:
            for surface in ("slack", "teams", "console"):
                if address := person.address(surface):
                    found[surface, address] = person
        return found

    def is_manager(self, person: Expert | Manager | None) -> bool:
        """Whether they may overrule routes."""
        return person is not None and person.id in self.manager_by_id

    def name_of(self, person_id: str) -> str:
        """Return the name people know, or the id when they have left the roster."""
        person = self.expert_by_id.get(person_id) or self.manager_by_id.get(person_id)
        return person.name if person else person_id


def aware(moment: datetime) -> datetime:
    """Return `moment`, refusing a naive one: two machines would read it differently."""
    if moment.tzinfo is None:
        raise ValueError("the time must say its zone, as in 2026-11-21T09:00:00+01:00")
    return moment.astimezone(UTC)
