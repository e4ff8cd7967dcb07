"""A plan that slips: what has not happened yet moves by whole days, each thing once; what has happened stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from callboard.app import sections
from callboard.core.errors import Refused
from callboard.planfile.check import typed
from callboard.planfile.paths import put, same
from callboard.planfile.shift import parse_shift, planned
from callboard.planfile.timetable import BEGINS, Unknown, find_moments, timetable
from callboard.plans import service as plans
from tests.planfile.sample import GOOD, apply, check
from tests.planfile.test_export import BODIES

PLAN = (
    GOOD.replace("holidays:", "dates: {target: 2026-03-30 12:00, kick: 2026-03-25 09:00, eve: target - 1d}\nholidays:")
    + """\
phases:
  build: {name: Build, from: 2026-03-25 08:00, to: Fri 2026-03-27 17:00}
tasks:
  - for: {team: backend, phase: build, from: 2026-03-25 08:00}
    A-1: {title: Schema, due: 2026-03-25 14:00}
    A-2: {title: Load, due: target - 1d 16:00}
    A-3: {title: Look, due: "2026-03-26 09:00 America/New_York"}
    A-4: {title: After kick, due: kick + 2d}
    A-5: {title: In a week, due: w2 mon 12:00}
    A-6: {title: Before, due: target - 5d}
standups:
  - {name: Daily, days: mon-fri, at: "09:00", who: [everyone]}
"""
)
NOON = datetime(2026, 3, 25, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def shifted(days=1, now=NOON, text=PLAN):
    checked = check(text)
    assert not checked.errors, checked.report()
    return planned(checked.document, days * DAY, now)


def test_a_shift_of_a_plan_moves_what_is_to_come_and_not_twice_what_follows_from_it():
    assert {".".join(path): value for path, value in shifted().values.items()} == {
        "to": "2026-04-03 18:00",
        "dates.target": "2026-03-31 12:00",
        "phases.build.to": "Sat 2026-03-28 17:00",
        "tasks.A-3.due": "2026-03-27 09:00 America/New_York",
        "tasks.A-4.due": "2026-03-28 09:00",
        "tasks.A-5.due": "2026-03-31 12:00",
        "tasks.A-6.due": "2026-03-25 12:00",
    }


def test_a_shift_of_a_plan_says_in_words_what_moves():
    said = shifted().changes
    assert "task A-3: due 2026-03-26 09:00 America/New_York -> 2026-03-27 09:00 America/New_York" in said
    assert "date target: 2026-03-30 12:00 -> 2026-03-31 12:00" in said
    assert not any(words in " ".join(said) for words in ("A-1", "A-2", "kick:", "eve:", "standup"))


def test_a_shift_of_a_plan_names_what_lands_on_a_day_without_work():
    notes = shifted().notes
    assert "Saturday, 2026-03-28 is no working day: phase build: to, task A-4: due" in notes
    assert "Friday, 2026-04-03 is no working day: to" in notes


def test_a_shift_of_a_plan_names_what_would_be_in_the_past():
    late = datetime(2026, 3, 26, 13, tzinfo=UTC)
    assert any(note.startswith("in the past then: task A-3: due") for note in shifted(-1).notes)
    assert any(note.startswith("in the past then: ") for note in shifted(-2, late).notes)
    assert not any(note.startswith("in the past then: ") for note in shifted(1).notes)


@pytest.mark.parametrize("span", ["1d", "2w", "-1d", "+3d", "1w 2d"])
def test_a_shift_of_a_plan_is_written_in_days_or_weeks(span):
    assert parse_shift(span) in {timedelta(days=days) for days in (1, 14, -1, 3, 9)}


@pytest.mark.parametrize("span", ["", "d", "1h", "tomorrow", "--1d", "0.5d"])
def test_a_shift_of_a_plan_by_anything_but_whole_days_is_refused(span):
    with pytest.raises(Refused, match="write whole days"):
        parse_shift(span)


@pytest.mark.parametrize(
    ("days", "now", "words"),
    [
        (1, datetime(2026, 6, 1, tzinfo=UTC), "nothing to shift"),
        (0, NOON, "whole days"),
        (9999 * 365, NOON, "no plan is in those years"),
    ],
)
def test_a_shift_of_a_plan_that_moves_nothing_is_refused(days, now, words):
    with pytest.raises(Refused, match=words):
        shifted(days, now)


def walls(document, now):
    """Where everything is, by path, and whether it has happened."""
    table: Any = timetable(document)
    found = {}
    for path, moment in find_moments(document):
        try:
            wall = table.wall(moment)
        except Unknown:
            continue
        at = wall.instant(table.calendar, opening=path[-1] in BEGINS)
        found[path] = (wall.day, wall.clock, wall.zone, at > now)
    return found


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.data())
@pytest.mark.parametrize("name", [*sorted(BODIES), "dates"])
def test_a_shift_of_a_plan_moves_every_moment_to_come_once_and_no_other(name, data):
    text = PLAN if name == "dates" else BODIES[name][0]
    document = check(text).document
    table: Any = timetable(document)
    length = int((table.instant(table.end) - table.instant(table.start)).total_seconds())
    now = table.instant(table.start) + timedelta(seconds=data.draw(st.integers(-9 * 86_400, length)))
    days = data.draw(st.integers(-30, 30).filter(bool))
    try:
        found = planned(document, days * DAY, now)
    except Refused:
        assume(False)
    body = dict(document.body)
    for path, value in found.values.items():
        body = put(body, path, value)
    before, after = walls(document, now), walls(typed(body, "", sections()), now)
    for path, (day, clock, zone, to_come) in before.items():
        assert after[path][:3] == (day + days * DAY if to_come else day, clock, zone), path


def shift(db, done, days):
    return db.transact(
        plans.shift, done.plan_id, days * DAY, NOON, author="chief", reason="late"
    )  # fmt: skip


def test_the_plans_service_shifts_a_running_plan_by_live_changes_and_back(db):
    done = apply(db, PLAN)
    found = shift(db, done, 1)
    assert found.changes == shifted().changes
    edits = db.transact(plans.edits, done.plan_id)
    assert {(edit.author, edit.reason) for edit in edits} == {("chief", "late")}
    assert same({tuple(edit.path): edit.value for edit in edits}, {tuple(path): v for path, v in found.values.items()})
    back = shift(db, done, -1)
    assert len(back.changes) == len(found.changes)
    assert list(db.transact(plans.edits, done.plan_id)) == []


def test_the_plans_service_previews_a_shift_and_changes_nothing(db):
    done = apply(db, PLAN)
    found = db.transact(plans.shift_preview, done.plan_id, DAY, NOON)
    assert found.changes == shifted().changes
    assert list(db.transact(plans.edits, done.plan_id)) == []


def test_the_live_plan_refuses_a_shift_whole_that_makes_it_invalid(db):
    done = apply(db, PLAN.replace("Schema, due: 2026-03-25 14:00", "Schema, due: 2026-03-28 02:30"))
    with pytest.raises(Refused, match="the clocks go forward"):
        shift(db, done, 1)
    assert list(db.transact(plans.edits, done.plan_id)) == []
