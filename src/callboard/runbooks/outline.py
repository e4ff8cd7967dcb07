"""What a run takes from the plan when it is made: its steps with their times, and what else it will ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from callboard.core.words import capital, counted
from callboard.planfile import needs
from callboard.planfile.paths import slug, unused
from callboard.planfile.sections import Document
from callboard.planfile.timetable import Timetable, placed, timetable
from callboard.planfile.types import ON_CALL
from callboard.runbooks import projection
from callboard.runbooks.models import Kind, Run, RunStep, StepState
from callboard.runbooks.plan import ROLLBACKS, RUNBOOKS, closes_at
from callboard.runbooks.plan.schedule import Timed, lead_team, step_key, timed, waits_for
from callboard.runbooks.plan.steps import LeaderPart, RollbackPart, RunbookPart, StepPart
from callboard.teams.directory import COORDINATOR


def runbooks(document: Document) -> Mapping[str, RunbookPart]:
    """The run-books of a plan, by their keys."""
    return document.of(RUNBOOKS) or {}


def rollbacks(document: Document) -> Mapping[str, RollbackPart]:
    """The rollbacks of a plan, by their scopes."""
    return document.of(ROLLBACKS) or {}


def begins(document: Document, part: RunbookPart) -> datetime | None:
    """When a run-book is planned to begin: with its first step; None where it begins when something happens."""
    table = timetable(document)
    if table is None or part.begins is None:
        return None
    return next((one.at for one in timed(table, part) if one.at), None)


def of_runbook(
    document: Document, key: str, start: datetime, *, drill: bool = False, known: Run | None = None
) -> tuple[Run, list[RunStep]]:
    """A run of a run-book that is planned to begin at `start`, and its steps; `known` is the row that it stays."""
    part, table = runbooks(document)[key], cast("Timetable", timetable(document))
    own = begins(document, part)
    steps = _steps(document, table, part, None if own else start)
    moved = start - (own or start)
    for step in steps:
        step.not_before = step.not_before + moved if step.not_before else None
    spans = projection.baseline(steps, start)
    for step in steps:
        step.planned_at, step.planned_until = spans[step.place]
        step.expected_at, step.expected_until = spans[step.place]
    promised = placed(table, part.promised)
    end = max(span.until for span in spans.values())
    run = known or Run(
        plan_id=0, key=key, name="", drill=drill, planned_at=start, planned_until=end, expected_until=end
    )
    run.name, run.planned_at, run.planned_until, run.expected_until = part.name or spoken(key), start, end, end
    run.promised_at = promised[0] + (moved if drill else timedelta()) if promised else None
    run.closes_at = None if drill else closes_at(table, part, start)
    run.plan = {
        "hour": own.isoformat() if own else None, "needs": needs.awaited(document, key), "windows": bool(part.windows),
        "channel": (part.drill.channel if part.drill else "") if drill else part.channel,
        "before": part.drill.before.total_seconds() if part.drill and part.drill.before else None,
    }  # fmt: skip
    return run, steps


def of_rollback(
    scope: str, part: RollbackPart, start: datetime, titles: Sequence[tuple[str, list[str], str]]
) -> tuple[Run, list[RunStep]]:
    """A rollback and its steps. `titles` are what is to be taken back, with who leads each and their team."""
    lead = [*part.lead] or [*part.order] or [COORDINATOR]
    wanted = (
        [(title, lead, "") for title in part.steps] or [*titles] or [(part.scope or f"Roll back: {scope}", lead, "")]
    )
    if part.validate_:
        wanted.append(("Validate", lead, ""))
    steps: list[RunStep] = []
    for place, (title, leaders, team) in enumerate(wanted, 1):
        last = place == len(wanted) and part.validate_
        steps.append(RunStep(
            run_id=0, plan_id=0, place=place, key=unused(slug(title), [step.key for step in steps]), title=title,
            needs=[place - 1] * (place > 1), leaders=list(leaders), team=team, planned_at=start, planned_until=start,
            expected_at=start, expected_until=start, plan={"items": list(part.validate_)} if last else {},
        ))  # fmt: skip
    each = part.within / len(steps)
    for step in steps:
        step.takes = round(each.total_seconds())
        step.planned_at = step.expected_at = start + (step.place - 1) * each
        step.planned_until = step.expected_until = start + step.place * each
    end = start + part.within
    run = Run(
        plan_id=0, key=scope, kind=Kind.ROLLBACK, name=part.name or f"Rollback {scope}", planned_at=start,
        planned_until=end, expected_until=end,
    )  # fmt: skip
    people = part.confirm if isinstance(part.confirm, int) else 0
    run.plan = {
        "order": list(part.order), "confirm": people, "confirmers": [] if people else list(_people(part.confirm)),
        "within": part.within.total_seconds(), "scope": part.scope, "impact": part.impact, "needs": [], "channel": "",
    }  # fmt: skip
    return run, steps


def spoken(key: str) -> str:
    """What a run-book without a name is called: `go-live` becomes `Go-live`."""
    return capital(key)


def shape(steps: Sequence[RunStep]) -> str:
    """How many steps there are, in words."""
    return counted(sum(not step.reserve for step in steps), "step")


def _people(confirm: Any) -> Sequence[str]:
    return () if isinstance(confirm, int) else confirm


def _steps(document: Document, table: Timetable, part: RunbookPart, start: datetime | None) -> list[RunStep]:
    times, waits = timed(table, part, start=start), waits_for(part.steps)
    first = next((one.at for one in times if one.at), start)
    return [
        _step(document, place, one, [n + 1 for n in waits[place - 1]], _takes(times, waits, place - 1), first)
        for place, one in enumerate(times, 1)
    ]


def _step(
    document: Document, place: int, one: Timed, needs: list[int], takes: timedelta, first: datetime | None
) -> RunStep:
    step, at = one.step, one.at or first
    if at is None:
        raise ValueError(step.title)
    return RunStep(
        run_id=0, plan_id=0, place=place, key=step_key(step), title=step.title, state=StepState.WAITING,
        reserve=step.reserve is not None, needs=needs, leaders=[_word(each) for each in step.lead],
        team=lead_team(document, step), takes=round(takes.total_seconds()), not_before=one.at if step.at else None,
        planned_at=at, planned_until=at, expected_at=at, expected_until=at, plan=_rest(step),
    )  # fmt: skip


def _takes(times: Sequence[Timed], waits: Sequence[Sequence[int]], number: int) -> timedelta:
    """How long a step lasts: as the plan says, else until the first of those that wait for it, else its limit."""
    step, at = times[number].step, times[number].at
    if step.reserve or step.takes:
        return step.lasts or timedelta()
    after = [times[n] for n, others in enumerate(waits) if number in others]
    gaps = [one.at - at for one in after if one.at and at and one.step.at and one.at >= at]
    return min(gaps, default=step.within or timedelta())


def _word(leader: str | LeaderPart) -> str:
    """The who-expression for a leader."""
    if isinstance(leader, str):
        return leader
    return f"{ON_CALL} {leader.on_call}" if leader.on_call else leader.role


def _rest(step: StepPart) -> dict[str, Any]:
    """What else the plan says of a step, as plain JSON; what it does not say is left out."""
    failed, announce = step.if_failed, step.announce
    found = {
        "with": list(step.with_), "meanwhile": {team: list(lines) for team, lines in step.meanwhile.items()},
        "items": list(step.items), "measures": list(step.measures), "confirm": list(step.confirm), "gate": step.gate,
        "within": step.within.total_seconds() if step.within else None, "starts": step.starts, "note": step.note,
        "turn_back": step.turn_back.total_seconds() if step.turn_back else None, "reported": step.reported,
        "if_failed": failed.model_dump(mode="json", exclude_defaults=True) if failed else None,
        "announce": announce.model_dump(mode="json", exclude_defaults=True) if announce else None,
        "least": step.takes.least.total_seconds() if step.takes else None,
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}
