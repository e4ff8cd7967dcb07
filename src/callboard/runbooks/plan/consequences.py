"""What a new version of the plan does to run-books that run: nothing, but for whoever leads their steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callboard.core.db import Tx
from callboard.core.words import joined
from callboard.planfile.paths import same
from callboard.planfile.sections import Document
from callboard.runbooks import store
from callboard.runbooks.models import Kind, Run, State


def consequences(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Say which runs go on as they began, and which steps have nobody to lead them any more."""
    left = {*before.gone(after, "people"), *before.gone(after, "teams")}
    was, now = ((document.body.get("runbooks") or {}) for document in (before, after))
    for run in store.open_runs(tx, plan_id):
        if run.kind == Kind.RUNBOOK and not run.drill:
            yield from _of_run(run, was, now)
        for step in store.steps(tx, run.number) if run.state == State.RUNNING and not run.drill else ():
            if step.leaders and left.issuperset(step.leaders) and not step.settled:
                who = f"{joined(step.leaders)} {'leaves' if len(step.leaders) == 1 else 'leave'}"
                hand = f"`/run hand {step.key} @somebody`"
                yield f"{who} the plan and would lead the step {step.title} of {run.name}: {hand}"


def _of_run(run: Run, was: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    if run.ready and run.key not in now:
        yield f"{run.name} leaves the plan and does not begin"
    elif run.state == State.RUNNING and run.key not in now:
        yield f"{run.name} leaves the plan while it runs: it goes on to its end, unless somebody stops it"
    elif run.state == State.RUNNING and not same(was.get(run.key), now[run.key]):
        yield f"{run.name} runs, and goes on with the steps it began with: what changed counts for its next run"
