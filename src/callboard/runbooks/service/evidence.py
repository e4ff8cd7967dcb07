"""What the timeline has of runs, their steps and those who agreed to a rollback, against their rows."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.db import Tx
from callboard.core.timeline import BOT, Entry
from callboard.plans import evidence
from callboard.plans.evidence import Columns
from callboard.runbooks.models import RUN, STEP, Kind, Run, RunStep, State, StepState, Verb

ENDS = {Verb.CONFIRMED: StepState.DONE, Verb.SKIPPED: StepState.SKIPPED, Verb.FAILED: StepState.FAILED}
NEW: Columns = {"state": StepState.WAITING, "started_at": None, "ended_at": None, "ended_by": "", "reason": ""}
READY = {
    Verb.PLANNED: State.PLANNED, Verb.BLOCKED: frozenset({State.BLOCKED, State.PLANNED}),
    Verb.OFFERED: frozenset({State.OFFERED, State.PLANNED}),
}  # fmt: skip
"""How a run can stand after each of these: when its hour moves, it is planned anew."""


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Runs and steps that are not as the timeline has them, in sentences."""
    runs = evidence.rows(tx, plan_id, Run)
    known = evidence.told(tx, plan_id, RUN, _learn)
    confirmed = {number: columns.pop("confirmed by", None) for number, columns in known.items()}
    yield from evidence.differences(RUN, runs, known)
    for run in runs:
        must = confirmed.get(run.number)
        if must is not None and [run.plan.get("confirm"), run.plan.get("confirmers")] != must:
            yield f"run {run.number}: who must confirm it was changed, and the timeline does not say so"
    told = evidence.told(tx, plan_id, STEP, _learn_step)
    for step in evidence.rows(tx, plan_id, RunStep):
        columns = told.pop(step.number, NEW)
        yield from evidence.unlike(f"step {step.number}", step, columns)
    for number, columns in told.items():
        if columns.get("started_at"):  # of a run that has not begun, the plan makes other steps
            yield f"step {number} is gone, and the timeline has it"


def _learn(columns: Columns, entry: Entry) -> None:
    facts = entry.facts
    if not columns:
        columns |= {"called_by": "", "agreed": [], "begun_at": None, "ended_at": None, "kind": Kind.RUNBOOK}
        columns |= {"key": facts["run"], "drill": facts["drill"], "reason": ""}
    match entry.verb:
        case Verb.CALLED:
            columns |= {"kind": Kind.ROLLBACK, "state": State.CALLED}
            columns["called_by"] = "" if entry.actor == BOT else entry.actor
            evidence.learn_said(columns, "reason", entry, "")
            columns |= {"confirmed by": facts["confirmed_by"]} if "confirmed_by" in facts else {}
        case Verb.AGREED if columns["called_by"]:
            columns["agreed"] = [*columns["agreed"], entry.actor]
        case Verb.AGREED:
            columns["called_by"] = entry.actor
        case Verb.BEGUN:
            columns |= {"state": State.RUNNING, "begun_at": entry.at}
        case Verb.ENDED | Verb.STOPPED:
            columns |= {"state": State.DONE if entry.verb == Verb.ENDED else State.STOPPED, "ended_at": entry.at}
            if entry.said or entry.commitment:
                evidence.learn_said(columns, "reason", entry)
        case Verb.PLANNED | Verb.BLOCKED | Verb.OFFERED:
            columns["state"] = READY[Verb(entry.verb)]


def _learn_step(columns: Columns, entry: Entry) -> None:
    if not columns:
        columns |= NEW
    verb = entry.verb
    if verb == Verb.STARTED:
        columns |= {**NEW, "state": StepState.RUNNING, "started_at": entry.at}
    elif verb in ENDS:
        columns |= {"state": ENDS[Verb(verb)], "ended_at": entry.at, "ended_by": entry.actor}
        evidence.learn_said(columns, "reason", entry, "")
    elif verb == Verb.BACK:
        goes_on = columns["started_at"] and columns["state"] != StepState.RUNNING
        columns |= {**NEW, "state": StepState.RUNNING, "started_at": columns["started_at"]} if goes_on else NEW
    elif verb == Verb.TICKED and columns["started_at"] and "ticks" in entry.facts:
        columns["ticks"] = entry.facts["ticks"]
