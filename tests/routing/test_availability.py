"""Who is on duty when: shifts, nights, summer time, leave, holidays, and the words for it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.availability import Duty, duty
from routing.company import Shift
from tests.builders import FRIDAY, a_roster, an_expert

BERLIN = "Europe/Berlin"


def at(moment: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def of(moment: datetime, **expert: Any) -> Duty:
    given: dict[str, Any] = {"time_zone": BERLIN} | expert
    return duty(an_expert(**given), a_roster(), moment)


@pytest.mark.parametrize(
    ("moment", "on", "reason"),
    [
        ("2026-11-20 08:59:59", False, "off duty, back today at 09:00 (Europe/Berlin)"),
        ("2026-11-20 09:00:00", True, "on duty until 17:00 (Europe/Berlin)"),
        ("2026-11-20 16:59:59", True, "on duty until 17:00 (Europe/Berlin)"),
        ("2026-11-20 17:00:00", False, "off duty, back Mon at 09:00 (Europe/Berlin)"),
        ("2026-11-21 10:00:00", False, "off duty, back Mon at 09:00 (Europe/Berlin)"),
        ("2026-11-23 03:00:00", False, "off duty, back today at 09:00 (Europe/Berlin)"),
    ],
)
def test_office_hours(moment: str, on: bool, reason: str) -> None:
    assert of(at(moment), hours="Mon-Fri 09:00-17:00") == Duty(on, reason)


@pytest.mark.parametrize(
    ("moment", "on", "reason"),
    [
        ("2026-11-19 21:59", False, "off duty, back today at 22:00 (Europe/Berlin)"),
        ("2026-11-19 22:00", True, "on duty until 06:00 (Europe/Berlin)"),
        ("2026-11-20 03:00", True, "on duty until 06:00 (Europe/Berlin)"),
        ("2026-11-20 06:00", False, "off duty, back Sun at 22:00 (Europe/Berlin)"),
        ("2026-11-21 03:00", False, "off duty, back Sun at 22:00 (Europe/Berlin)"),
        ("2026-11-23 02:00", True, "on duty until 06:00 (Europe/Berlin)"),
    ],
)
def test_a_night_shift_belongs_to_the_day_it_starts_on(moment: str, on: bool, reason: str) -> None:
    assert of(at(moment), hours="Sun-Thu 22:00-06:00") == Duty(on, reason)


def test_several_shifts_a_day() -> None:
    hours = ["Mon-Fri 08:00-12:00", "Mon-Thu 13:00-17:00"]

    assert of(at("2026-11-19 12:30"), hours=hours).reason.startswith("off duty, back today at 13")
    assert of(at("2026-11-20 12:30"), hours=hours).reason.startswith("off duty, back Mon at 08")
    assert of(at("2026-11-19 14:00"), hours=hours).on


def test_hours_follow_the_wall_clock_when_summer_time_ends_and_starts() -> None:
    hours = "Mon-Sun 09:00-17:00"

    # 08:00 UTC is 10:00 in Berlin in summer, 09:00 in winter: on duty on both sides of the change.
    assert of(datetime(2026, 10, 24, 7, 0, tzinfo=UTC), hours=hours).on
    assert not of(datetime(2026, 10, 25, 7, 59, tzinfo=UTC), hours=hours).on
    assert of(datetime(2026, 10, 25, 8, 0, tzinfo=UTC), hours=hours).on
    # The hour from 02:00 to 03:00 happens twice on 25 October, and never on 28 March 2027.
    night = "Sat-Sun 02:15-04:00"
    assert of(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), hours=night).on
    assert of(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), hours=night).on
    assert not of(datetime(2027, 3, 28, 0, 59, tzinfo=UTC), hours=night).on
    assert of(datetime(2027, 3, 28, 1, 0, tzinfo=UTC), hours=night).on


def test_without_hours_always() -> None:
    assert of(at("2026-11-22 03:00")) == Duty(True, "on duty (no hours are set)")


def test_the_zone_is_the_company_s_unless_the_expert_has_one() -> None:
    roster = a_roster(company={"time_zone": "America/New_York"})
    expert = an_expert(hours="Mon-Fri 09:00-17:00")

    assert not duty(expert, roster, FRIDAY).on
    assert duty(expert, roster, FRIDAY.replace(hour=15)).reason.endswith("(America/New_York)")


def test_leave_and_the_first_working_day_after_it() -> None:
    hours, leave = "Mon-Fri 09:00-17:00", [{"from": "2026-11-16", "to": "2026-11-27"}]

    away = of(FRIDAY, hours=hours, leave=leave)

    assert away == Duty(False, "on leave, back on Mon 30 November at 09:00 (Europe/Berlin)")
    assert of(at("2026-11-13 16:59"), hours=hours, leave=leave).on
    assert of(at("2026-11-30 09:00"), hours=hours, leave=leave).on
    assert of(at("2026-11-13 17:00"), hours=hours, leave=leave).reason == (
        "off duty, back on Mon 30 November at 09:00 (Europe/Berlin)"
    )


def test_leave_without_hours_and_leave_that_does_not_end_soon() -> None:
    assert of(FRIDAY, leave=[{"from": "2026-11-20", "to": "2026-11-20"}]).reason == (
        "on leave, back Sat"
    )
    assert of(FRIDAY, leave=[{"from": "2026-11-01", "to": "2027-10-31"}]).reason == (
        "on leave, not back soon"
    )


def test_leave_is_counted_in_the_expert_s_days() -> None:
    leave = [{"from": "2026-11-21", "to": "2026-11-21"}]

    # 20 November, 15:00 UTC is already the 21st in Auckland.
    moment = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert not of(moment, time_zone="Pacific/Auckland", leave=leave).on
    assert of(moment, leave=leave).on


def test_leave_and_a_night_shift() -> None:
    hours, leave = "Mon-Sun 22:00-06:00", [{"from": "2026-11-20", "to": "2026-11-20"}]

    assert of(at("2026-11-20 03:00"), hours=hours, leave=leave).on  # Thursday's shift
    assert not of(at("2026-11-20 23:00"), hours=hours, leave=leave).on
    assert of(at("2026-11-21 03:00"), hours=hours, leave=leave) == Duty(
        False, "on leave, back today at 22:00 (Europe/Berlin)"
    )


def test_public_holidays_go_by_region() -> None:
    epiphany = at("2027-01-06 10:00")  # a Wednesday; a holiday in Bavaria, not in Berlin
    hours = "Mon-Fri 09:00-17:00"

    assert of(epiphany, hours=hours, holidays="DE-BE").on
    assert of(epiphany, hours=hours, holidays="DE-BY") == Duty(
        False, "off for a public holiday (Epiphany), back Thu at 09:00 (Europe/Berlin)"
    )
    assert of(at("2026-12-25 10:00"), hours=hours, holidays="DE").reason == (
        "off for a public holiday (Christmas Day), back Mon at 09:00 (Europe/Berlin)"
    )


@given(
    moment=st.datetimes(timezones=st.just(UTC)),
    zone=st.sampled_from(["UTC", BERLIN, "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns"]),
    hours=st.sampled_from([(), "Mon 00:00-23:59", "Sun-Mon 23:30-00:30", "Sat-Tue 12:00-11:59"]),
)
def test_there_is_always_an_answer_in_words(moment: datetime, zone: str, hours: object) -> None:
    if not 1900 < moment.year < 2100:  # years that a zone's rules and a calendar's dates cover
        moment = moment.replace(year=2026, day=1)

    on, reason = of(moment, time_zone=zone, hours=hours)

    assert reason.startswith("on duty" if on else "off duty, back ")


def test_working_hours_are_read_as_people_write_them() -> None:
    assert Shift.parse("mon - fri 9:00-17:00").days == {0, 1, 2, 3, 4}
    assert Shift.parse("Sat-Mon 09:00-17:00").days == {5, 6, 0}
    assert Shift.parse("Sun 09:00-17:00").days == {6}
