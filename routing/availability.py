"""Is this expert on duty at `now`: hours, leave, public holidays, in their own time zone.

Everything is told by the clock on the expert's wall, so that a change to summer time moves nobody's
hours. A shift that runs past midnight belongs to the day it starts on: a leave that begins tomorrow
doesn't end tonight's shift.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

from routing.company import DAYS, Expert, Leave, Roster, Shift

_LOOK_AHEAD = 60
"""Days in which the next shift is looked for."""


class Duty(NamedTuple):
    """Whether an expert may be dialled now, and the reason in words that go on after “X is”."""

    on: bool
    reason: str


def duty(expert: Expert, roster: Roster, now: datetime) -> Duty:
    """Return whether `expert` is on duty at `now` (aware), and why or why not."""
    # Leave is left out of the key unless it matters, so that colleagues share an answer.
    zone = expert.time_zone or roster.company.time_zone
    return _duty(expert.hours, expert.holidays, expert.leave, zone, now)


@lru_cache(maxsize=20_000)
def _duty(
    hours: tuple[Shift, ...], calendar: str, leave: tuple[Leave, ...], zone: str, now: datetime
) -> Duty:
    local = _local(now, zone)
    today = local.date()
    if not hours:
        if away := _away(today, calendar, leave):
            return Duty(False, f"{away}, {_next(hours, calendar, leave, local)}")
        return Duty(True, "on duty (no hours are set)")
    away = ""
    for shift, day in _running(hours, local):
        if not (reason := _away(day, calendar, leave)):
            return Duty(True, f"on duty until {shift.end:%H:%M} ({zone})")
        away = reason
    away = away or _away(today, calendar, leave) or "off duty"
    return Duty(False, f"{away}, {_next(hours, calendar, leave, local)} ({zone})")


@lru_cache(maxsize=64)
def _local(now: datetime, zone: str) -> datetime:
    return now.astimezone(ZoneInfo(zone))


def _away(day: date, calendar: str, leave: tuple[Leave, ...]) -> str:
    """Return why nobody is at work on a day, or empty."""
    if any(away.first <= day <= away.last for away in leave):
        return "on leave"
    if calendar and (name := _holiday(calendar, day)):
        return f"off for a public holiday ({name})"
    return ""


@lru_cache(maxsize=4096)
def _holiday(calendar: str, day: date) -> str:
    country, _, region = calendar.partition("-")
    return str(_calendar(country, region, day.year).get(day) or "")


@lru_cache(maxsize=64)
def _calendar(country: str, region: str, year: int) -> holidays.HolidayBase:
    # Without a language the names would follow the machine's locale.
    known = holidays.country_holidays(country).supported_languages
    language = next((name for name in ("en_US", "en_GB") if name in known), None)
    return holidays.country_holidays(country, subdiv=region or None, years=year, language=language)


def _running(hours: tuple[Shift, ...], local: datetime) -> list[tuple[Shift, date]]:
    """Return the shifts whose hours it is, each with the day it started on."""
    clock, today = local.time(), local.date()
    yesterday = today - timedelta(days=1)
    running = []
    for shift in hours:
        overnight = shift.end <= shift.start
        started = today.weekday() in shift.days and clock >= shift.start
        if started and (overnight or clock < shift.end):
            running.append((shift, today))
        elif overnight and yesterday.weekday() in shift.days and clock < shift.end:
            running.append((shift, yesterday))
    return running


def _next(
    hours: tuple[Shift, ...], calendar: str, leave: tuple[Leave, ...], local: datetime
) -> str:
    """Say when they are back: the start of the next shift on a day that they work."""
    for ahead in range(_LOOK_AHEAD):
        day = local.date() + timedelta(days=ahead)
        starts = [
            shift.start
            for shift in hours
            if day.weekday() in shift.days and (ahead or shift.start > local.time())
        ]
        if hours and not starts:
            continue
        if _away(day, calendar, leave):
            continue
        at = f" at {min(starts):%H:%M}" if starts else ""
        return f"back {_day(day, ahead)}{at}"
    return "not back soon"


def _day(day: date, ahead: int) -> str:
    if ahead == 0:
        return "today"
    name = DAYS[day.weekday()]
    return name if ahead < 7 else f"on {name} {day.day} {day:%B}"
