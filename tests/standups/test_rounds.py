"""When standups are: by everybody's own clock or the plan's, on days people work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.planfile import calendar
from callboard.plans import service as plans

ZONES = (
    "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo",
    "Australia/Sydney", "America/Sao_Paulo", "Pacific/Honolulu", "Pacific/Auckland",
)  # fmt: skip
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PLAN = """\
callboard: 1
key: rounds
name: Rounds
timezone: Europe/Berlin
from: {first}
to: {last}
holidays: [2026-03-27]
working_hours: {{days: mon-fri, hours: "08:00-18:00"}}
channels: {{coordination: "#rounds"}}
people:
  lena: {{name: Lead, slack: U1LEAD, roles: [coordinator]}}
  anna: {{name: Anna, slack: U1ANNA, away: [2026-03-30..2026-03-31]}}
  york: {{name: York, slack: U1YORK, timezone: America/New_York}}
  wendy: {{name: Wendy, slack: U1WENDY, working_hours: {{days: sat-sun}}}}
  spy: {{name: Spy, slack: U1SPY, roles: [observer]}}
  seat: {{name: Seat, vacant: true}}
teams: {{one: {{name: One, lead: lena, members: [anna, york, wendy, spy, seat]}}}}
standups: [{standup}]
"""


def document(standup, first="2026-03-25 08:00", last="2026-04-02 18:00"):
    checked = plans.check(PLAN.format(standup=standup, first=first, last=last), "plan.yml", sections())
    assert not checked.errors, checked.errors
    return checked.document


def rounds(standup, **ends):
    return [
        (f"{h.at.astimezone(ZoneInfo(h.zone)):%m-%d %H:%M}", h.zone.rpartition("/")[2], " ".join(h.who))
        for h in calendar.happenings(document(standup, **ends))
        if h.kind == "standup"
    ]


def test_the_rounds_of_a_standup_by_own_clock_are_together_for_people_of_a_zone():
    assert rounds('{name: Daily, at: "09:00", clock: person, who: [one]}') == [
        ("03-25 09:00", "Berlin", "lena anna"), ("03-25 09:00", "New_York", "york"),
        ("03-26 09:00", "Berlin", "lena anna"), ("03-26 09:00", "New_York", "york"),
        ("03-28 09:00", "Berlin", "wendy"), ("03-29 09:00", "Berlin", "wendy"),
        ("03-30 09:00", "Berlin", "lena"), ("03-30 09:00", "New_York", "york"),
        ("03-31 09:00", "Berlin", "lena"), ("03-31 09:00", "New_York", "york"),
        ("04-01 09:00", "Berlin", "lena anna"), ("04-01 09:00", "New_York", "york"),
        ("04-02 09:00", "Berlin", "lena anna"), ("04-02 09:00", "New_York", "york"),
    ]  # fmt: skip


def test_the_rounds_of_a_standup_by_the_clock_of_the_plan_are_for_all_at_once():
    assert rounds('{name: Daily, at: "09:00", who: [one], days: [mon, thu]}') == [
        ("03-26 09:00", "Berlin", "lena anna york"),
        ("03-30 09:00", "Berlin", "lena york"),
        ("04-02 09:00", "Berlin", "lena anna york"),
    ]


def test_the_rounds_of_a_standup_may_have_a_zone_and_an_end_of_their_own():
    found = rounds(
        '{name: West, at: "10:00 America/Los_Angeles", who: [lena], from: 2026-03-26, to: 2026-03-31, window: 30m}'
    )
    assert [at for at, _, _ in found] == ["03-26 10:00", "03-30 10:00", "03-31 10:00"]


def test_the_rounds_of_a_standup_may_be_at_the_first_and_the_last_moment_of_the_plan():
    found = rounds('{name: Daily, at: "09:00", who: [lena]}', first="2026-03-25 09:00", last="2026-03-26 09:00")
    assert [at for at, _, _ in found] == ["03-25 09:00", "03-26 09:00"]
    found = rounds('{name: Daily, at: "09:00", who: [lena]}', first="2026-03-25 09:01", last="2026-03-26 08:59")
    assert found == []


def test_the_rounds_of_a_standup_have_its_window_and_its_key():
    found = calendar.happenings(document('{name: Daily round, at: "09:00", who: [lena], window: 90m}'))
    first = next(h for h in found if h.kind == "standup")
    assert first.until is not None
    assert (first.key, first.until - first.at) == ("daily-round", timedelta(minutes=90))


WORLD = """\
callboard: 1
key: world
name: World
timezone: UTC
from: 2026-01-01
to: 2027-12-31
working_hours: {{days: mon-sun, hours: "00:00-24:00"}}
channels: {{coordination: "#world"}}
people:
{people}
teams: {{all: {{name: All, lead: p0, members: [{members}]}}}}
standups:
  - {{name: Night, days: mon-sun, at: "00:30", clock: person}}
  - {{name: Leap, days: mon-sun, at: "02:30", clock: person}}
  - {{name: Morning, days: mon-sun, at: "09:00", clock: person}}
"""


def test_the_rounds_of_a_standup_come_once_on_each_date_of_ten_zones_for_two_years():
    people = "\n".join(
        f"  p{n}: {{name: P{n}, slack: UP{n}X, timezone: {zone}, roles: [coordinator]}}" for n, zone in enumerate(ZONES)
    )
    text = WORLD.format(people=people, members=", ".join(f"p{n}" for n in range(1, len(ZONES))))
    checked = plans.check(text, "plan.yml", sections())
    assert not checked.errors, checked.errors
    found = [h for h in calendar.happenings(checked.document) if h.kind == "standup"]
    dates = [date(2026, 1, 1) + n * DAY for n in range(730)]
    for name in ("Night", "Leap", "Morning"):
        for number, zone in enumerate(ZONES):
            own = [h for h in found if h.name == name and h.who == (f"p{number}",)]
            assert [h.at.astimezone(ZoneInfo(zone)).date() for h in own] == dates
            assert {h.zone for h in own} == {zone}
    assert len(found) == 3 * 10 * 730


STANDUP = '{name: Daily, at: "09:00", clock: person, who: [one]}'
YEAR = document(STANDUP, first="2026-01-01", last="2026-12-31")
instants = st.integers(0, 365 * 24).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * HOUR)


@settings(max_examples=60)
@given(st.lists(instants, min_size=2, max_size=5).map(sorted))
def test_the_rounds_of_a_standup_are_the_same_in_windows_side_by_side(edges):
    whole = calendar.happenings(YEAR, (edges[0], edges[-1]))
    pieces = [h for n in range(len(edges) - 1) for h in calendar.happenings(YEAR, (edges[n], edges[n + 1]))]
    assert pieces == whole
