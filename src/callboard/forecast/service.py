"""The verbs of forecasts: when a plan is forecast next, what is kept of one, and how right each one was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from callboard.core import timeline
from callboard.core.calendar import to_utc
from callboard.core.db import Tx
from callboard.core.rows import fresh
from callboard.forecast import notices, store
from callboard.forecast.engine.network import GATE, PHASE, Node
from callboard.forecast.models import Course, Forecast
from callboard.forecast.survey import Survey
from callboard.gates import store as gates
from callboard.gates.models import BETWEEN, iso
from callboard.teams import service as teams
from callboard.teams.directory import Directory

COURSES = Course.__table__  # type: ignore[attr-defined]
MORNING = time(6)
"""Before anybody's day, by the plan's clock."""
LEASE, AGAIN = timedelta(minutes=5), timedelta(hours=1)
FAR = timedelta(days=5 * 365)
OVER = timedelta(days=60)
"""So long after its end a plan that is not done is forecast."""
HALF, FALL, LITTLE = 0.5, 0.2, 0.05
"""People hear when a chance fell below a half, or by a fifth; not when it wavers by less than a twentieth."""


@dataclass(frozen=True)
class Claim:
    """The right to forecast a plan, until somebody else takes it."""

    number: int
    plan_id: int
    fence: int


def begin(tx: Tx, plan_id: int) -> None:
    """Forecast a plan each morning from now on."""
    tx.flush()
    next_at = _morning(teams.directory(tx, plan_id), tx.now)
    empty: dict[str, Any] = {"fence": 0, "slip": 1.0, "seen": 0, "open_tasks": 0, "guessed": 0, "told": {}}
    empty |= {"ground": "", "history": {}, "took": 0, "usual": 0.0}
    if not tx.insert_new(COURSES, plan_id=plan_id, next_at=next_at, **empty):
        course = store.course(tx, plan_id)
        if course and course.next_at is None:
            course.next_at = next_at
            tx.session.add(course)


def ask(tx: Tx, plan_id: int) -> None:
    """Have a plan forecast as soon as may be."""
    begin(tx, plan_id)
    course = store.course(tx, plan_id)
    if course and (course.next_at is None or course.next_at > tx.now):
        course.next_at = tx.now
        tx.session.add(course)


def claim(tx: Tx, number: int) -> Claim | None:
    if not store.claim(tx, number, tx.now + LEASE):
        return None
    course = store.numbered(tx, number)
    return Claim(number, course.plan_id, course.fence) if course else None


def fail(tx: Tx, claim: Claim) -> None:
    """It could not be computed: it is tried again in an hour."""
    if course := _mine(tx, claim):
        course.next_at, course.leased_until = tx.now + AGAIN, None
        tx.session.add(course)


def keep(tx: Tx, claim: Claim, at: datetime, survey: Survey, found: Mapping[str, Any]) -> None:
    """Keep what was computed of a plan as it stood at an instant."""
    course = _mine(tx, claim)
    if course is None:
        return
    directory = teams.directory(tx, claim.plan_id)
    _forget_phases(tx, course)
    course.at, course.leased_until, course.next_at = at, None, _next(directory, tx.now)
    course.slip, course.seen = found["slip"], found["seen"]
    _rest_on(course, survey)
    rows = sorted(_rows(claim.plan_id, at, survey, found), key=lambda row: (row.due_at is None, row.due_at, row.key))
    tx.session.add_all(rows)
    tx.session.flush()
    _stand(tx, claim.plan_id, rows)
    course.told, fell = _told(course.told, rows)
    notices.tell_fell(tx, directory, course, fell)
    tx.session.add(course)
    tx.session.flush()


def _rest_on(course: Course, survey: Survey) -> None:
    """Say what a forecast rests on, and what later plans may learn from this one."""
    past = survey.history
    course.open_tasks, course.guessed, course.ground = survey.open_tasks, survey.guessed, survey.ground
    course.history = {"tasks": past.tasks, "plans": past.plans, "slipped": past.slipped}
    course.took, course.usual = survey.took.tasks, survey.took.usual


def _mine(tx: Tx, claim: Claim) -> Course | None:
    course = store.numbered(tx, claim.number)
    return course if course and course.fence == claim.fence else None


def _morning(directory: Directory, now: datetime) -> datetime:
    zone = directory.calendar.zone
    today = now.astimezone(zone).date()
    days = (today, today + timedelta(days=1))
    return next(at for day in days if (at := to_utc(datetime.combine(day, MORNING), zone)) > now)


def _next(directory: Directory, now: datetime) -> datetime | None:
    over = directory.ends_at is not None and directory.ends_at + OVER < now
    return None if over else _morning(directory, now)


def _rows(plan_id: int, at: datetime, survey: Survey, found: Mapping[str, Any]) -> Iterator[Forecast]:
    nodes = {(node.kind, node.key): node for node in survey.network.nodes}
    for each in found["outlooks"]:
        node = nodes[each["kind"], each["key"]]
        yield fresh(
            Forecast, plan_id=plan_id, kind=each["kind"], key=each["key"], at=at, due_at=_due(at, node),
            chance=each["chance"],
            early_at=_instant(at, each["early"]), middle_at=_instant(at, each["middle"]),
            often_at=_instant(at, each["often"]), late_at=_instant(at, each["late"]),
            pace_at=survey.paces.get(each["key"]), paths=[list(path) for path in each["paths"]], helps=each["helps"],
        )  # fmt: skip


def _due(at: datetime, node: Node) -> datetime | None:
    return None if node.due is None else at + timedelta(seconds=node.due)


def _instant(at: datetime, seconds: float) -> datetime | None:
    """None for what is years away, where a date says nothing."""
    return at + timedelta(seconds=round(seconds)) if seconds < FAR.total_seconds() else None


def _forget_phases(tx: Tx, course: Course) -> None:
    """Of gates all forecasts are kept; of phases, which nobody signs, the newest."""
    newest = (col(Forecast.plan_id) == course.plan_id, col(Forecast.at) == course.at)
    tx.connection.execute(delete(Forecast).where(*newest, col(Forecast.kind) == PHASE))


def _stand(tx: Tx, plan_id: int, rows: Sequence[Forecast]) -> None:
    """The board of then shows what was expected then."""
    numbers = {gate.key: gate.subject for gate in gates.gates(tx, plan_id)}
    for row in rows:
        if row.kind == GATE and row.key in numbers and row.chance is not None:
            timeline.stand(
                tx, plan_id, numbers[row.key], chance=round(row.chance, 2), middle=iso(row.middle_at),
                often=iso(row.often_at),
            )  # fmt: skip


def _told(told: Mapping[str, float], rows: Sequence[Forecast]) -> tuple[dict[str, float], list[tuple[Forecast, float]]]:
    """What people know of each gate from now on, and which of them fell so far that they must hear it, from where."""
    known, fell = dict[str, float](), list[tuple[Forecast, float]]()
    for row in rows:
        if row.kind == GATE and row.chance is not None and BETWEEN not in row.key:
            before = told.get(row.key, row.chance)
            down = before - row.chance
            ahead = row.due_at is None or row.due_at > row.at  # what is overdue has said so
            tells = ahead and (down >= FALL or (down >= LITTLE and row.chance < HALF <= before))
            known[row.key] = row.chance if tells else max(before, row.chance)
            fell += [(row, before)] if tells else []
    return known, fell


def judge(tx: Tx, plan_id: int, key: str, *, over: bool) -> None:
    """A gate is over, or it was missed: say so of the forecasts that this concerns, and count one of them."""
    gate = next((gate for gate in gates.gates(tx, plan_id) if gate.key == key), None)
    due = gate.due_at if gate else None
    judged = []
    for row in store.open_of(tx, plan_id, key):
        if over:
            row.over_at = tx.now
        if row.judged_at is None and (over or row.due_at != due or (row.due_at is not None and row.due_at <= tx.now)):
            row.judged_at = tx.now
            judged.append(row)
        tx.session.add(row)
    if BETWEEN not in key:  # items of one gate are alike: they would count as one case many times
        _count(judged, tx.now)


def _count(judged: Sequence[Forecast], now: datetime) -> None:
    """Of all that was forecast of one date, the one that was made in the middle of the time counts."""
    able = [row for row in judged if row.chance is not None and row.due_at is not None and row.at < row.due_at]
    if able:
        case = [row for row in able if row.due_at == able[-1].due_at]
        end = min(now, case[-1].due_at or now)
        middle = case[0].at + (end - case[0].at) / 2
        min(case, key=lambda row: abs(row.at - middle)).counted_at = now
