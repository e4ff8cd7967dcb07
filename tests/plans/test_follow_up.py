"""The follow-up of a plan: checks, meetings and reports on the days after its last one."""

from __future__ import annotations

import pytest
from sqlmodel import select

from callboard.app import sections
from callboard.planfile.check import check
from callboard.standups.models import Round
from tests.world import PLAN, World

DATABASES = ("sqlite",)
"""When things come is reckoned from the file."""
LATER = """\
working_hours: {days: mon-sun, hours: "09:00-18:00"}
phases:
  release: {name: Release, from: 2025-11-13 09:00, to: 2025-11-15 18:00}
  validation: {name: Validation, from: 2025-11-16 09:00, to: 2025-11-17 18:00}
gates:
  confirmed: {name: Success confirmed, due: 2025-11-17 12:00, criteria: [Users content],
              sign_off: [{role: coordinator}], if_missed: {escalate: default}}
tasks:
  - for: {team: omega, phase: validation}
    V-1: {title: Measure the response times, assignee: pa, due: 2025-11-16 12:00}
meetings:
  - {name: Look back, at: 2025-11-17 15:00, who: [everyone]}
standups:
  - {name: Daily, at: "09:30", who: [omega], questions: [Blockers]}
  - {name: Watch, at: "10:00", who: [sigma], questions: [Alarms], during: [validation]}
reports:
  daily: {at: "18:30", to: ["#coordination"]}
"""
FOLLOWED = PLAN.replace("to: 2025-11-15 18:00", "to: 2025-11-15 18:00\nfollow_up: 2025-11-17 18:00") + LATER


def problems(text):
    return [problem.sentence for problem in check(text, "plan.yml", sections()).problems]


def test_a_moment_after_the_plan_needs_a_follow_up_and_the_warning_says_which():
    found = [sentence for sentence in problems(PLAN + LATER) if "is outside the plan" in sentence]
    assert len(found) == 4, found
    assert "for what comes after the release, write `follow_up` below `to`" in found[-1]
    assert not [sentence for sentence in problems(FOLLOWED) if "outside" in sentence]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-11-14 18:00", "follow_up: this is for what comes after the plan, which ends at 2025-11-15 18:00"),
        (
            "to + 1d",
            "is outside the plan, which goes from 2025-11-13 09:00 to 2025-11-15 18:00, with a follow-up until",
        ),
        ("7d", "follow_up: "),
    ],
)
def test_a_follow_up_is_after_the_plan_and_holds_what_is_planned_for_it(written, expected):
    found = problems(FOLLOWED.replace("follow_up: 2025-11-17 18:00", f"follow_up: {written}"))
    assert any(expected in sentence for sentence in found), found


async def test_a_follow_up_has_its_meetings_gates_pages_and_reports_and_is_closed_once_at_its_end(database_url):
    async with World(database_url, FOLLOWED) as world:
        await world.until("2025-11-15 19:00")
        world.channel("release").expect("Daily report, Saturday")
        world.channel("release").expect_nothing("closing report")
        await world.until("2025-11-17 14:00")
        world.dm("pa").expect("V-1")
        rounds = world.app.db.transact(lambda tx: tx.session.exec(select(Round.standup)).all())
        assert (rounds.count("daily"), rounds.count("watch")) == (3, 2), rounds
        world.dm("amp").expect("Success confirmed")
        await world.until("2025-11-17 18:31")
        world.channel("release").expect("Look back")
        for day in ("Sunday", "Monday"):
            assert world.channel("release").count(f"Daily report, {day}") == 1
        assert world.channel("release").count("Release: closing report") == 1
        await world.until("2025-11-19 20:00")
        world.channel("release").expect_nothing("Daily report, Tuesday")
        assert world.channel("release").count("Release: closing report") == 1
