"""Figures, counted a second way: from the rows at the end of each day, and by reading the timeline line by line."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col, select

from callboard.board.figures import cases, days, kpis, success, values
from callboard.core.timeline import Entry
from tests.board.month import FIRST_MIDNIGHT, LATER_ON, TASKS, Month

BERLIN = timedelta(hours=1)
BEFORE, AFTER = set(TASKS) - {"O-6"}, set(TASKS) - {"O-4"}
PLANNED = {"O": 9, "S": 6}


@pytest.fixture(scope="module")
def lived(sqlite_template, tmp_path_factory):
    """A month that went by once, for all who read it."""
    copy = shutil.copy(sqlite_template, tmp_path_factory.mktemp("month"))
    return asyncio.run(Month.at(f"sqlite:///{copy}").live())


@pytest.fixture(scope="module")
def past(lived):
    return lived.read()


@pytest.fixture(scope="module")
def told(lived):
    """Every line of the timeline, as it is."""
    return lived.db.transact(lambda tx: list(tx.session.exec(select(Entry).order_by(col(Entry.id)))))


def until(told, instant, kind):
    return [entry for entry in told if entry.subject_kind == kind and entry.at <= instant]


def evenings():
    """The last moment of each day, by the clock of Berlin, with its date."""
    for number in range(3, 31):
        midnight = FIRST_MIDNIGHT + timedelta(days=number)
        yield date(2025, 11, number), midnight - timedelta(microseconds=1)


def statuses(told, instant):
    """Each task's status, by its last line; the one that the file calls completed is that before anybody touches it."""
    known = {entry.facts["task"]: entry.facts["status"] for entry in until(told, instant, "task")
             if "status" in entry.facts}  # fmt: skip
    there = AFTER if instant >= FIRST_MIDNIGHT + timedelta(days=LATER_ON, hours=17) else BEFORE
    return {task: known.get(task, "completed" if task == "O-5" else "not started") for task in there}


def test_a_month_is_busy_enough_to_be_counted(lived, past):
    assert lived.done > 90
    assert {event.kind for event in past.events} == {
        "plan", "task", "blocker", "gate", "conflict", "check-in", "inquiry",
    }  # fmt: skip
    assert sum(event.verb == "edited" for event in past.events) > 3


def test_figures_of_each_evening_are_what_gates_read_from_the_rows_then(lived, past):
    weights = past.document.values["measures"]["readiness"].weights
    every = {**values.VALUES, "readiness": lambda states, at: values.readiness(states, at, weights)}
    for name, value in every.items():
        found = dict(days.of_figure(past, value))
        assert len(found) == 28
        assert found == {day: lived.figures[day][name] for day in found}, name
        # One that stays what it is would be equal without being counted.
        assert len(set(found.values())) > 1, name


def test_burndown_is_what_the_timeline_says_line_by_line(past, told):
    counted = []
    for day, evening in evenings():
        stands = statuses(told, evening)
        open_ones = [task for task, status in stands.items() if status not in ("completed", "dropped")]
        unwritten = sum(many - sum(task.startswith(area) for task in stands) for area, many in PLANNED.items())
        dropped = sum(status == "dropped" for status in stands.values())
        counted.append((day, len(stands) - dropped + unwritten, len(open_ones) + unwritten))
    assert [(each.day, each.scope, each.left) for each in days.burndown(past)] == counted
    assert len({left for *_, left in counted}) > 3


def test_velocity_is_what_the_timeline_says_line_by_line(past, told):
    counted = []
    for week in range(4):
        begin = FIRST_MIDNIGHT + timedelta(days=2 + 7 * week)
        end = begin + timedelta(weeks=1)
        stands = statuses(told, end - timedelta(microseconds=1))
        last = {entry.facts["task"]: entry.at for entry in until(told, end, "task") if entry.verb == "completed"}
        counted.append(
            sorted(t for t, status in stands.items() if status == "completed" and last.get(t, begin) > begin)
        )
    spans = days.velocity(past)
    assert [sorted(span.tasks) for span in spans] == counted
    assert [span.target for span in spans] == [3, 3, 4, 2]
    assert sum(map(len, counted)) > 2


def test_responses_and_resolutions_are_what_the_timeline_says_line_by_line(past, told):
    responses: Counter[tuple[date, float]] = Counter()
    resolutions: Counter[tuple[date, float]] = Counter()
    opened: dict[int, datetime] = {}
    answered, closed = set[int](), set[int]()
    for entry in (entry for entry in told if entry.subject_kind == "blocker"):
        number, day = entry.subject_id, (entry.at + BERLIN).date()
        took = (entry.at - opened.setdefault(number, entry.at)).total_seconds()
        if entry.verb in ("acknowledged", "handed on", "resolved") and number not in answered:
            answered.add(number)
            responses[day, took] += 1
        if entry.verb == "resolved" and number not in closed:
            closed.add(number)
            resolutions[day, took] += 1
        if entry.verb == "reopened":
            closed.discard(number)
        if entry.verb == "withdrawn":
            closed.add(number)
    drawn = days.times(past)
    assert Counter((each.day, took) for each in drawn for took in each.responses) == _within(responses)
    assert Counter((each.day, took) for each in drawn for took in each.resolutions) == _within(resolutions)
    assert len(responses) > 2 < len(resolutions)


def _within(counted):
    return Counter({key: count for key, count in counted.items() if date(2025, 11, 3) <= key[0] <= date(2025, 11, 30)})


def test_conflicts_are_what_the_timeline_says_line_by_line(past, told):
    found = Counter(
        ((entry.at + BERLIN).date(), entry.facts["degree"]) for entry in told
        if entry.subject_kind == "conflict" and entry.verb == "found" and entry.facts["kind"] != "wave"
        and not entry.facts["quiet"]
    )  # fmt: skip
    drawn = Counter({(each.day, degree): count for each in days.conflicts(past) for degree, count in each.degrees})
    assert drawn == _within(found)
    assert len(drawn) > 3


def test_gates_are_where_the_timeline_and_the_plan_have_them(past, told, lived):
    rows = {gate: lived.db.transact(lambda tx, gate=gate: _gate(tx, gate)) for gate in ("built", "tested", "shipped")}
    for mark in days.gates(past):
        row = rows[mark.key]
        assert (mark.state, mark.due, mark.settled_at, mark.missed_at) == (
            row.state, row.due_at, row.settled_at, row.missed_at,
        )  # fmt: skip


def _gate(tx, key):
    from callboard.gates.models import Gate

    return tx.session.exec(select(Gate).where(Gate.key == key)).one()


def test_the_days_before_stay_as_they_were_when_tasks_move_later(past, lived):
    halfway = datetime.fromisoformat("2025-11-16T23:00:00+00:00") - timedelta(microseconds=1)
    then = replace(past, now=halfway, events=tuple(event for event in past.events if event.at <= halfway))
    for series in (days.burndown, days.times, days.conflicts):
        before = series(then)
        assert len(before) == 14
        assert series(past)[: len(before)] == before
    assert [span.tasks for span in days.velocity(past)[:2]] == [span.tasks for span in days.velocity(then)[:2]]


def test_kpis_have_definition_source_target_and_whether_it_is_met(past, lived):
    table = {kpi.key: kpi for kpi in lived.db.transact(lambda tx: kpis.table(tx, 1, past))}
    assert {"phase:build", "phase:ship", "velocity", "tests_passed", "readiness", "answer_rate"} < set(table)
    assert all(kpi.definition and kpi.source and kpi.shown for kpi in table.values())
    response = table["response_time"]
    assert (response.target, response.met) == ("at most 4h", response.value <= 4 * 3600)
    assert "gates 2, tasks 3, blockers 1, risks 1" in table["readiness"].definition
    assert table["tasks_completed"].met is None
    for key, kpi in table.items():
        amounts = [amount for _, amount in kpis.series(past, key) if amount]
        # Times go on while something waits, and file conflicts are unknown while no repository was read.
        if kpi.value is not None and kpi.unit != "time":
            assert amounts[-1].value == kpi.value, key


def test_cases_are_as_many_as_a_figure_counts(past):
    stands = days.present(past)
    done = cases.cases(past, "tasks_completed")
    assert sum(case.good for case in done) / len(done) * 100 == pytest.approx(
        values.tasks_completed(stands, past.now)[0]
    )
    assert len(cases.cases(past, "response_time")) == len(values.response_time(stands, past.now))
    assert [case.good for case in done] == sorted(case.good for case in done)
    asked = cases.cases(past, "answer_rate")
    assert 100 * sum(case.good for case in asked) / len(asked) == pytest.approx(values.answer_rate(stands, past.now)[0])


def test_success_is_judged_for_each_phase_and_the_whole(past, lived):
    table = lived.db.transact(lambda tx: kpis.table(tx, 1, past))
    goals = {(goal.phase, goal.what): goal for goal in success.goals(past, table)}
    assert {phase for phase, _ in goals} == {"Build", "Ship", ""}
    gates = goals["", "All 3 gates passed on schedule"]
    late = sum(mark.missed_at is not None for mark in days.gates(past))
    assert (gates.met, f"{late} late" in gates.stands) == (late == 0, late > 0)
    assert goals["Build", "No file conflict that git can't merge"].met is False


async def test_figures_are_the_same_on_both_databases(database_url):
    lived = await Month.at(database_url).live(days=5)
    past = lived.read()
    for name, value in values.VALUES.items():
        for day, figure in days.of_figure(past, value):
            assert figure == lived.figures[day][name], (name, day)
    lived.db.close()
