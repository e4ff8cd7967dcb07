"""When checkpoints, status requests and meetings are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.cadences.plan import rhythm
from callboard.core.calendar import Calendar, DateRange, WorkingHours
from callboard.planfile import calendar
from callboard.planfile.times import parse_days, parse_hours
from callboard.plans import service as plans

PLAN = """\
callboard: 1
key: times
name: Times
timezone: Europe/Berlin
from: 2026-03-25 08:00
to: 2026-04-10 18:00
dates: {{target: 2026-04-01 12:00}}
holidays: [2026-04-03, 2026-04-06]
working_hours: {{days: mon-fri, hours: "08:00-18:00"}}
channels: {{coordination: "#times"}}
people:
  lena: {{name: Lena, slack: U1LENA, roles: [coordinator]}}
  anna: {{name: Anna, slack: U1ANNA, away: [2026-03-26]}}
  york: {{name: York, slack: U1YORK, timezone: America/New_York}}
  fred: {{name: Fred, slack: U1FRED}}
teams:
  one: {{name: One, lead: lena, members: [anna, york]}}
  two: {{name: Two, lead: fred}}
phases:
  prepare: {{name: Preparation, from: 2026-03-25 12:00, to: 2026-03-26 12:00}}
  live: {{name: Live, from: target, to: 2026-04-02 10:00}}
tasks:
  - ATOM-1: {{title: First, team: one, assignee: anna}}
    ATOM-2: {{title: Second, team: two}}
gates:
  go: {{name: Go, due: target, sign_off: [{{role: coordinator}}]}}
{written}
"""
HOUR = timedelta(hours=1)


def happenings(written, kind, window=None):
    checked = plans.check(PLAN.format(written=written), "plan.yml", sections())
    assert not checked.errors, checked.errors
    return [h for h in calendar.happenings(checked.document, window) if h.kind == kind]


def shown(written, kind):
    return [
        (f"{h.at.astimezone(ZoneInfo('Europe/Berlin')):%m-%d %H:%M}", " ".join(h.who))
        for h in happenings(written, kind)
    ]


def test_the_plan_files_checkpoints_section_puts_each_at_its_moment_with_its_leads():
    (mid,) = happenings("checkpoints: [{name: Mid, team: two, at: target - 1d 15:00, window: 1h}]", "checkpoint")
    assert (mid.at, mid.until) == (datetime(2026, 3, 31, 13, tzinfo=UTC), datetime(2026, 3, 31, 14, tzinfo=UTC))
    assert (mid.who, mid.team, mid.key, mid.zone) == (("fred",), "two", "mid", "Europe/Berlin")
    both = 'checkpoints: [{name: Both, teams: [two, one], at: "2026-03-31 15:00 America/New_York"}]'
    (both,) = happenings(both, "checkpoint")
    assert (both.at, both.who, both.team) == (datetime(2026, 3, 31, 19, tzinfo=UTC), ("lena", "fred"), "")


def test_the_plan_files_cadences_section_asks_for_status_while_people_work():
    assert shown("cadences: [{name: Atoms, every: 3h, about: {kind: atom}, who: [assignees]}]", "cadence") == [
        ("03-25 14:00", "anna fred"), ("03-25 17:00", "anna fred"),
        ("03-26 08:00", "fred"), ("03-26 11:00", "fred"),
        ("04-01 14:00", "anna fred"), ("04-01 17:00", "anna fred"), ("04-02 08:00", "anna fred"),
    ]  # fmt: skip


def test_the_plan_files_cadences_section_asks_everybody_in_their_own_working_hours():
    found = shown("cadences: [{name: Status, every: 2h, about: teams, who: [york], during: [prepare]}]", "cadence")
    assert found == [("03-25 13:00", "york"), ("03-25 15:00", "york"), ("03-25 17:00", "york"),
                     ("03-25 19:00", "york"), ("03-25 21:00", "york")]  # fmt: skip


def test_the_plan_files_cadences_section_asks_daily_when_work_begins():
    assert shown("cadences: [{name: Day, every: 1d, about: plan, who: [lena]}]", "cadence") == [
        ("03-26 08:00", "lena"), ("04-02 08:00", "lena"),
    ]  # fmt: skip


def test_the_plan_files_cadences_section_asks_while_the_plan_runs_where_it_has_no_phases():
    text = PLAN.format(written="cadences: [{name: Day, every: 1d, about: plan, who: [lena]}]")
    start, end = text.index("phases:"), text.index("tasks:")
    whole = text[:start] + text[end:].replace("phase: ", "area: ")
    checked = plans.check(whole.replace("2026-03-25 08:00", "2026-03-25"), "plan.yml", sections())
    assert not checked.errors, checked.errors
    found = [h.at for h in calendar.happenings(checked.document) if h.kind == "cadence"]
    assert (found[0], found[-1]) == (datetime(2026, 3, 25, 7, tzinfo=UTC), datetime(2026, 4, 10, 6, tzinfo=UTC))


def test_the_plan_files_meetings_section_skips_holidays_and_who_is_away():
    found = shown('meetings: [{name: Sync, at: "10:00", lasts: 30m, lead: coordinator, who: [anna]}]', "meeting")
    assert found[:3] == [("03-25 10:00", "lena anna"), ("03-26 10:00", "lena"), ("03-27 10:00", "lena anna")]
    days = [at[:5] for at, _ in found]
    assert days[7:9] == ["04-07", "04-08"]
    assert "04-03" not in days
    assert days[-1] == "04-10"


def test_the_plan_files_meetings_section_has_meetings_once_or_after_a_gate():
    once, after = happenings(
        "meetings: [{name: Governance, at: 2026-04-02 16:00, lasts: 30m}, {name: Lessons, after: go, within: 2d}]",
        "meeting",
    )
    assert (once.name, once.until - once.at) == ("Governance", timedelta(minutes=30))
    assert (after.name, after.at) == (
        "Lessons",
        datetime(2026, 4, 7, 10, tzinfo=UTC),
    )


def test_the_plan_files_meetings_section_takes_an_agenda_as_one_mapping_or_a_text():
    for agenda in ("{Progress: 10m, Wins: 5m}", "Progress", "[Progress, {Wins: 5m}]"):
        assert happenings(f'meetings: [{{name: M, days: mon, at: "10:00", lasts: 1h, agenda: {agenda}}}]', "meeting")


ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo")
calendars = st.builds(
    lambda zone, days, hours, free: Calendar(
        ZoneInfo(zone), WorkingHours(frozenset(days), parse_hours(hours)), tuple(free)
    ),
    st.sampled_from(ZONES),
    st.sets(st.integers(0, 6), min_size=1),
    st.sampled_from(["08:00-18:00", "22:00-06:00", "00:00-24:00", "09:15-12:10"]),
    st.lists(st.dates(date(2026, 3, 1), date(2026, 4, 20)).map(lambda d: DateRange(d, d)), max_size=3),
)
instants = st.integers(0, 60 * 48).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + n * HOUR / 2)
windows = st.tuples(instants, instants).filter(lambda w: w[0] < w[1])


@settings(max_examples=150)
@given(calendars, st.sampled_from([15, 30, 120, 240]), windows, windows)
def test_the_plan_files_cadences_section_counts_its_rhythm_from_when_work_begins(calendar, minutes, stretch, window):
    every = timedelta(minutes=minutes)
    inside = _counted(calendar, every, stretch, window)
    assert list(rhythm(calendar, every, stretch, window)) == sorted(inside)


def _counted(calendar, every, stretch, window):
    """Go through all days, and through each from the beginning of work to its end."""
    found, day = set(), date(2026, 2, 25)
    while day < date(2026, 5, 5):
        if calendar.works_on(day):
            at, end = calendar.working.hours.on(day, calendar.zone)
            while at < end:
                if max(stretch[0], window[0]) <= at < min(stretch[1], window[1]):
                    found.add(at)
                at += every
        day += timedelta(days=1)
    return found


@settings(max_examples=100)
@given(calendars, st.sampled_from([1, 2, 7]), windows, st.lists(instants, min_size=2, max_size=4).map(sorted))
def test_the_plan_files_cadences_section_has_the_same_rhythm_of_days_in_every_window(calendar, days, stretch, edges):
    every = timedelta(days=days)
    whole = list(rhythm(calendar, every, stretch, (edges[0], edges[-1])))
    pieces = [at for n in range(len(edges) - 1) for at in rhythm(calendar, every, stretch, (edges[n], edges[n + 1]))]
    assert pieces == whole
    local = [at.astimezone(calendar.zone).date() for at in whole]
    assert all(calendar.works_on(day) for day in local)
    assert len(set(local)) == len(local)


def test_the_plan_files_cadences_section_moves_a_weekly_request_off_a_holiday():
    calendar = Calendar(
        ZoneInfo("Europe/Berlin"), WorkingHours(parse_days("mon-fri"), parse_hours("08:00-18:00")),
        (DateRange(date(2026, 4, 1), date(2026, 4, 1)),),
    )  # fmt: skip
    stretch = datetime(2026, 3, 25, tzinfo=UTC), datetime(2026, 4, 20, tzinfo=UTC)
    found = [
        f"{at.astimezone(calendar.zone):%m-%d %H:%M}" for at in rhythm(calendar, timedelta(weeks=1), stretch, stretch)
    ]
    assert found == ["03-25 08:00", "04-02 08:00", "04-08 08:00", "04-15 08:00"]
