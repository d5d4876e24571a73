"""Is this expert on duty at `now`: hours, leave, public holidays, in their own time zone."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

from routing.company import DAYS, Expert, Roster


class Duty(NamedTuple):
    """Whether an expert may be dialled now, and the reason in words."""

    on: bool
    reason: str


def duty(expert: Expert, roster: Roster, now: datetime) -> Duty:
    """Return whether `expert` is on duty at `now` (aware), and why or why not."""
    zone = roster.zone_of(expert)
    local = _local(now, zone)
    today = local.date()
    for leave in expert.leave:
        if leave.first <= today <= leave.last:
            back = leave.last + timedelta(days=1)
            return Duty(False, f"on leave, back on {_day(back)}")
    if expert.holidays and (name := _holiday(expert.holidays, today)):
        return Duty(False, f"public holiday today ({name})")
    if not expert.hours:
        return Duty(True, "on duty (no hours are set)")
    if ends := _ends(expert, local):
        return Duty(True, f"on duty until {ends:%H:%M} ({zone.key})")
    return Duty(False, f"off duty, {_next(expert, local)} ({zone.key})")


@lru_cache(maxsize=64)
def _local(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone)


@lru_cache(maxsize=4096)
def _holiday(calendar: str, day: date) -> str:
    country, _, region = calendar.partition("-")
    return str(_calendar(country, region, day.year).get(day) or "")


@lru_cache(maxsize=64)
def _calendar(country: str, region: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=region or None, years=year)


def _ends(expert: Expert, local: datetime) -> time | None:
    """Return when the running shift ends, or None outside of shifts."""
    clock, weekday = local.time(), local.weekday()
    for shift in expert.hours:
        if shift.start < shift.end:
            if weekday in shift.days and shift.start <= clock < shift.end:
                return shift.end
        elif (weekday in shift.days and clock >= shift.start) or (
            (weekday - 1) % 7 in shift.days and clock < shift.end
        ):
            return shift.end
    return None


def _next(expert: Expert, local: datetime) -> str:
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        if expert.holidays and _holiday(expert.holidays, day):
            continue
        if any(leave.first <= day <= leave.last for leave in expert.leave):
            continue
        starts = [
            shift.start
            for shift in expert.hours
            if day.weekday() in shift.days and (ahead or shift.start > local.time())
        ]
        if starts:
            when = "today" if ahead == 0 else DAYS[day.weekday()]
            return f"back {when} at {min(starts):%H:%M}"
    return "not back within a week"


def _day(day: date) -> str:
    return f"{DAYS[day.weekday()]} {day:%d %B}".replace(" 0", " ")
