"""When steps are: by the day and time that is written, after the step before, and as it really goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callboard.planfile import calendar
from callboard.planfile.header import HEADER
from callboard.runbooks.plan import RUNBOOKS
from callboard.runbooks.plan.schedule import timed
from tests.planfile.sample import check
from tests.runbooks.test_plan import PLAN

BERLIN = ZoneInfo("Europe/Berlin")
THIRD_SEED = """\
callboard: 1
key: deploy
name: Final deployment
timezone: America/Los_Angeles
from: 2025-11-13 09:00
to: 2025-11-15 18:00
channels: {coordination: "#deploy"}
people:
  amp: {name: Amp, slack: U0AMP, roles: [coordinator]}
  bea: {name: Beta lead, slack: U0BETA}
teams: {beta: {name: Beta, lead: bea}, engineering: {name: Engineering, lead: amp}}
on_call: {beta: {rotation: [bea, amp], every: 1d, from: 2025-11-15 16:30}}
rollbacks: {system: {within: 30m, steps: [Stop incoming requests, Restore database, Deploy the version before, Verify]}}
runbooks:
  deployment:
    day: 2025-11-15
    steps:
      - {at: "14:00", title: Go or no-go, lead: engineering, confirm: [coordinator]}
      - {at: "14:30", title: Pre-deployment checklist, lead: engineering, items: [Backup created]}
      - {at: "15:00", title: Deployment begins, lead: engineering, with: beta, within: 1h, if_failed: system}
      - {title: Production validation, lead: beta, within: 30m, items: [Guest access, OAuth login, Task creation]}
      - {title: Production live, lead: beta, starts: on-call, announce: {to: [everyone]}}
      - {at: +1d, title: Watched for a day, lead: beta}
"""


def steps(text):
    checked = check(text)
    assert not checked.errors, checked.report()
    found = calendar.happenings(checked.document)
    return [h for h in found if h.kind == "step"]


def times(found):
    return [f"{h.at.astimezone(ZoneInfo(h.zone)):%m-%d %H:%M}" for h in found]


def test_the_steps_of_a_seeds_deployment_run_book_are_on_the_calendar_hour_by_hour():
    found = steps(THIRD_SEED.replace("to: 2025-11-15 18:00", "to: 2025-11-17 18:00"))
    assert times(found) == ["11-15 14:00", "11-15 14:30", "11-15 15:00", "11-15 16:00", "11-15 16:30", "11-16 16:30"]
    assert [h.who for h in found][:3] == [("amp",), ("amp",), ("amp",)]
    assert found[3].who == ("bea",)
    assert (found[2].key, found[2].team) == ("deployment.deployment-begins", "engineering")
    assert found[2].until == found[2].at + timedelta(hours=1)


def test_the_steps_of_a_run_book_are_at_the_times_that_the_plan_file_writes():
    assert times(steps(PLAN)) == ["04-01 14:00", "04-01 14:30", "04-01 15:00", "04-01 16:00", "04-01 16:00"]


def test_the_steps_of_a_run_book_may_have_a_zone_or_a_moment_of_their_own():
    plan = PLAN.replace('at: "14:30"', 'at: "08:30 America/New_York"').replace("+1h", "2026-04-02 07:00")
    found = steps(plan)
    assert found[1].zone == "America/New_York"
    assert [f"{h.at:%d %H:%M}" for h in found] == ["01 12:00", "01 12:30", "01 13:00", "02 05:00", "02 05:00"]


def test_the_steps_of_a_run_book_without_a_time_begin_at_its_own_moment():
    plan = PLAN.replace('{at: "14:00", title', "{title").replace("day: 2026-04-01", "day: 2026-04-01 13:15")
    assert times(steps(plan))[0] == "04-01 13:15"
    plan = PLAN.replace('{at: "14:00", title', "{title")
    assert times(steps(plan))[0] == "04-01 08:00"


def test_a_step_of_a_run_book_that_follows_others_comes_no_earlier_than_its_gate_is_due():
    plan = PLAN.replace("day: 2026-04-01", "day: 2026-03-31").replace("gate: go", "gate: ''")
    assert times(steps(plan))[3:] == ["03-31 16:00", "03-31 16:00"]
    assert times(steps(plan.replace("{title: ", "{gate: go, title: ", 1)))[3:] == ["03-31 16:00", "04-01 12:00"]


def test_the_steps_of_a_run_book_a_day_later_keep_their_time_though_the_clocks_change():
    plan = PLAN.replace("day: 2026-04-01", "day: 2026-03-28").replace("windows: {", "x-windows: {")
    plan = plan.replace('{at: "14:30"', "{at: +1d").replace('{at: "15:00"', "{at: +24h")
    assert times(steps(plan))[:3] == ["03-28 14:00", "03-29 14:00", "03-30 14:00"]
    assert times(steps(plan.replace("+1d", "+1d2h")))[1] == "03-29 16:00"
    evening = plan.replace("03-28", "03-28 13:30").replace('{at: "14:00"', "{at: +24h")
    assert times(steps(evening))[0] == "03-29 14:30"


def test_the_steps_of_a_run_book_are_counted_from_when_the_one_before_really_began():
    document = check(PLAN).document
    part, table = document.of(RUNBOOKS)["go-live"], document.of(HEADER).timetable
    late = datetime(2026, 4, 1, 15, 20, tzinfo=BERLIN)
    found = timed(table, part, {2: late})
    clocks = [f"{one.at.astimezone(BERLIN):%H:%M}" for one in found if one.at]
    assert clocks == ["14:00", "14:30", "15:20", "16:20", "16:20"]
