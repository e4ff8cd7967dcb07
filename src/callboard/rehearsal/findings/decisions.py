"""Decisions: a NO-GO that leads nowhere, because what is tried again can't be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from callboard.core.calendar import Wall
from callboard.core.words import is_are, joined, waits_wait
from callboard.gates import quorum
from callboard.gates.plan.order import Attempt, next_attempt, order_of
from callboard.gates.plan.types import GatePart, NoGoPart, tasks_in
from callboard.gates.quorum import Work, shortage
from callboard.planfile.calendar import over_at
from callboard.planfile.check import check_body
from callboard.planfile.header import HEADER
from callboard.planfile.paths import put
from callboard.planfile.sections import Path
from callboard.planfile.timetable import Timetable
from callboard.rehearsal.findings.quorums import signs
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.runbooks.plan.schedule import timed
from callboard.runbooks.plan.steps import RunbookPart

FIRST, SEVERAL = 1, 3


def found(scene: Scene) -> Iterator[Finding]:
    """For each decision: whether it is tried again, and what is in the way of its next attempts."""
    for key, gate in scene.gates.items():
        if gate.decision:
            yield from _decision(scene, key, gate)


def _decision(scene: Scene, key: str, gate: GatePart) -> Iterator[Finding]:
    path: Path = ("gates", key, "if_no_go") if gate.if_no_go else ("gates", key)
    again = gate.if_no_go.again if gate.if_no_go else None
    if not again or gate.if_no_go is None:
        waiting = [scene.key(each) for each in _waiting(scene, key)]
        why = f"{joined(waiting, FEW)} {waits_wait(waiting)} for it. " if waiting else ""
        yield scene.fault(
            path, f"A NO-GO of {gate.name} leads nowhere.", f"{why}Nothing says when it is decided again.",
            "Write when to try again, and what moves with it: `if_no_go: {again: 1d, shift: [target]}`.",
            scene.due(key),
        )  # fmt: skip
        return
    told: set[str] = set()
    for number in range(FIRST, min(SEVERAL + 1, gate.if_no_go.most)):
        attempt = next_attempt(scene.document, key, again * number)
        if attempt is None:
            return
        for kind, finding in _attempt(scene, path, key, gate, attempt, number):
            if kind not in told:
                told.add(kind)
                yield finding


def _waiting(scene: Scene, key: str) -> list[str]:
    runbooks = [
        each for each in scene.document.keys("runbooks") if key in scene.awaited(each)
    ]  # fmt: skip
    return [*order_of(scene.document).waiting(key), *runbooks]


def _attempt(
    scene: Scene, path: Path, key: str, gate: GatePart, attempt: Attempt, number: int
) -> Iterator[tuple[str, Finding]]:
    """What is in the way of one attempt. Only what already stops the first one is sure to go wrong."""
    after = "a NO-GO" if number == FIRST else f"{number} NO-GOs"
    made = scene.fault if number == FIRST else scene.risk
    then = _moved(scene, gate.if_no_go, attempt)
    when = scene.shown(attempt.due)
    if wrong := _invalid(scene, attempt) if number == FIRST else "":
        yield "invalid", scene.fault(
            path, f"After a NO-GO, {gate.name} can't be tried again.",
            f"Its dates can't move: the plan would not be valid with them: {wrong}.",
            f"Reckon what comes after from a date that moves: `{next(iter(attempt.dates), key)} + 1d`.", attempt.due,
        )  # fmt: skip
        return
    if early := _overtaken(scene, key, attempt, then):
        names = joined([scene.key(each) for each in early], FEW)
        yield "overtaken", made(
            path, f"After {after}, {gate.name} can't be decided.",
            f"It is decided again {when}, and asks for {names} too, planned before that and after the first decision.",
            "Reckon their `due` from a date that `shift` moves, or let them need the decision.", attempt.due,
        )  # fmt: skip
    if absent := _absent(scene, key, gate, attempt.due):
        yield "absent", made(
            path, f"After {after}, nobody can sign {gate.name}.", f"It is decided again {when}. {absent}",
            "Name a deputy, or try again at another time.", attempt.due,
        )  # fmt: skip
    elif number < SEVERAL and not _working(scene, gate, key, attempt.due):
        yield "asleep", scene.risk(
            path, f"After {after}, {gate.name} is decided when nobody works.", f"That is {when}.",
            "Let `again` reach the next working day.", attempt.due,
        )  # fmt: skip
    for name, part in (scene.document.values.get("runbooks") or {}).items():
        if key in scene.awaited(name) and (why := _runbook(scene, part, attempt, then)):
            yield f"runbook {name}", made(
                path, f"After {after}, the run-book {part.name or name} has no time.", why,
                "Let its `day` follow a date that `shift` moves, and widen `windows` to the days after.", attempt.due,
            )  # fmt: skip
    if number == FIRST and (over := _over(scene, attempt, then)):
        yield "over", scene.risk(
            path, f"After {after} the plan is over before it is done.", over,
            "Write a later `to`, so that the plan is still there.", attempt.due,
        )  # fmt: skip


def _moved(scene: Scene, part: NoGoPart | None, attempt: Attempt) -> Timetable:
    """The timetable of the plan once a decision's dates have moved."""
    zone = scene.table.calendar.zone
    names = part.shift if part else ()
    local = {name: at.astimezone(zone) for name, at in attempt.dates.items() if name in names}
    walls = {name: Wall(at.date(), at.time().replace(tzinfo=None)) for name, at in local.items()}
    return replace(scene.table, dates={**scene.table.dates, **walls})


def _invalid(scene: Scene, attempt: Attempt) -> str:
    """What is wrong with the plan once the dates of an attempt have moved; empty where it is valid."""
    document, zone = scene.document, scene.table.calendar.zone
    moments: dict[Path, datetime] = {("dates", name): at for name, at in attempt.dates.items()}
    moments |= {("gates", other, "due"): at for other, at in attempt.overtaken.items()}
    body: Any = document.body
    for path, at in moments.items():
        body = put(body, path, f"{at.astimezone(zone):%Y-%m-%d %H:%M}")
    return "; ".join(problem.sentence for problem in check_body(body, document.file, document.sections).errors[:1])


def _overtaken(scene: Scene, key: str, attempt: Attempt, then: Timetable) -> list[str]:
    """The gates that this decision did not wait for, and now would: due after it before, and by its new time now."""
    order = order_of(scene.document)
    own, waiting = order.due.get(key), set(order.waiting(key))
    found = []
    for other in order.gates:
        if other in (key, *waiting) or other in order.decisions or other in scene.passed or own is None:
            continue
        was, part = order.due.get(other), scene.gates.get(other)
        now = then.known(part.due) if part and part.due else None
        at = now.instant(then.calendar) if now else None
        if was and was > own and at and at <= attempt.due:
            found.append(other)
    return found


def _absent(scene: Scene, key: str, gate: GatePart, at: datetime) -> str:
    """Why the signatures can't be given at an instant; empty where they can, or could not the first time either."""
    about = Work(scene.document, tasks_in(scene.document, gate.criteria), at=at)
    first = scene.due(key)
    for part in gate.sign_off:
        people, ask = quorum.ask(scene.directory, part, about)
        barred = quorum.excluded(scene.directory, part, about)
        able, before = (
            {person.key for person in people if signs(scene, person, when, barred)} for when in (at, first)
        )  # fmt: skip
        lacks, lacked = (
            shortage([replace(ask, people={each: teams for each, teams in ask.people.items() if each in keys})])
            for keys in (able, before)
        )  # fmt: skip
        if lacks and not lacked:
            gone = [person for person in people if person.key not in able and person.key in before]
            return f"{scene.names(gone)} {is_are(gone)} away, and no deputy is there."
    return ""


def _working(scene: Scene, gate: GatePart, key: str, at: datetime) -> bool:
    """Whether somebody who signs works then; true where nobody did the first time either."""
    about, first = Work(scene.document, tasks_in(scene.document, gate.criteria), at=at), scene.due(key)
    people = {person.key: person for part in gate.sign_off for person in quorum.signers(scene.directory, part, about)}
    there = [person for person in people.values() if not person.vacant]
    usual = any(scene.works(person, first) for person in there) if first else False
    return not there or not usual or any(scene.works(person, at) for person in there)


def _runbook(scene: Scene, part: RunbookPart, attempt: Attempt, then: Timetable) -> str:
    """Why a run-book can't follow an attempt."""
    times = [one.at for one in timed(then, part) if one.at]
    before = [one.at for one in timed(scene.table, part) if one.at]
    if not times or not before:
        return ""
    first, zone = min(times), then.calendar.zone
    if first < attempt.due and before == times:
        return f"It stays on {scene.shown(first)}, and the decision falls {scene.shown(attempt.due)}."
    day = first.astimezone(zone)
    if part.windows and not any(day.weekday() in window.days for window in part.windows):
        return f"It would begin {scene.shown(first)}, and none of its `windows` is on a {day:%A}."
    return ""


def _over(scene: Scene, attempt: Attempt, then: Timetable) -> str:
    """What comes after the end of the plan once its dates have moved."""
    header = scene.document.of(HEADER)
    ends = over_at(header.model_copy(update={"dates": dict(then.dates)})) if header else None
    lasts = [
        one.until or one.at for part in (scene.document.values.get("runbooks") or {}).values()
        for one in timed(then, part) if one.at
    ]  # fmt: skip
    last = max((attempt.due, *filter(None, lasts)))
    if ends and last > ends + timedelta(minutes=1):
        return f"The plan ends {scene.shown(ends)}, and its last step is {scene.shown(last)}."
    return ""
