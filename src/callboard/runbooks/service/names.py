"""Which run or step somebody means, by what they typed; and new runs."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, did_you_mean
from callboard.core.words import joined
from callboard.planfile.paths import slug
from callboard.plans import service as plans
from callboard.runbooks import course, notices, outline, store
from callboard.runbooks.course import Course
from callboard.runbooks.models import Run, RunStep, State
from callboard.teams import service as teams
from callboard.teams.directory import Asker

GONE = "That run is no longer there. `/run` lists them."
BETWEEN = "/"


def make(tx: Tx, plan_id: int, key: str, *, drill: bool = False, start: bool = False) -> Course:
    """A new run of a run-book, planned to begin at its hour, or with `start` now."""
    document = plans.live(tx, plan_id)
    hour = outline.begins(document, outline.runbooks(document)[key])
    early = start and not drill and hour is not None and tx.now < hour
    begin = hour if hour and (early or not (drill or start)) else tx.now
    run, steps = outline.of_runbook(document, key, begin, drill=drill)
    for step in steps if early else ():
        step.not_before = step.not_before if step.needs else None
    run.plan_id, run.drill = plan_id, drill
    return Course(tx, run, store.put(tx, run, steps), new=True)


def running(tx: Tx, plan_id: int, channel: str = "") -> list[Run]:
    """The runs under way, those of a channel first, drills last."""
    directory = teams.directory(tx, plan_id)
    under_way = [run for run in store.open_runs(tx, plan_id) if run.state == State.RUNNING]
    return sorted(under_way, key=lambda run: (notices.channel(directory, run) != channel, run.drill, run.number))


def named_step(tx: Tx, asker: Asker, ref: str, channel: str = "") -> tuple[Course, RunStep]:
    """The step that somebody means: its key, number or title, perhaps with `RUN/` in front. Raises Refused."""
    which, _, wanted = m.unescape(ref).strip("`\"' ").rpartition(BETWEEN)
    runs = running(tx, asker.directory.plan_id, channel)
    if which:
        runs = [run for run in runs if which.lower() in (run.key.lower(), f"#{run.number}", str(run.number))]
    if not runs:
        raise Refused(f"No run-book is running{f' that is called `{which}`' if which else ''}. `/run` lists them.")
    known: list[str] = []
    for run in runs:
        steps = store.names(tx, run.number)
        known += [step.key for step in steps]
        if found := [
            step for step in steps if wanted.lower() in (step.key, str(step.place)) or slug(wanted) == slug(step.title)
        ]:
            of = course.course(tx, run.number)
            if of is None:
                break
            return of, next(step for step in of.steps if step.key == found[0].key)
    names, drill = joined(m.escape(run.name) for run in runs), "DRILL: " * all(run.drill for run in runs)
    has, called = "have" if len(runs) > 1 else "has", m.clip(m.escape(wanted), 60)
    raise Refused(f"{drill}{names} {has} no step `{called}`; {did_you_mean(wanted.lower(), known)}")


def of_step(tx: Tx, asker: Asker, step_id: int) -> tuple[Course, RunStep]:
    """The run of a step, held until the end of the transaction. Raises Refused."""
    row = store.step(tx, step_id)
    of = course.course(tx, row.run_id) if row and row.plan_id == asker.directory.plan_id else None
    if of is None:
        raise Refused(GONE)
    return of, next(step for step in of.steps if step.number == step_id)


def named_run(tx: Tx, asker: Asker, ref: str, channel: str = "") -> Run:
    """The open run that somebody means, by its key, name or number; without a word the only one. Raises Refused."""
    wanted, plan_id = m.unescape(ref).strip("`\"'# ").lower(), asker.directory.plan_id
    directory = asker.directory
    runs = sorted(
        store.open_runs(tx, plan_id),
        key=lambda run: (notices.channel(directory, run) != channel, run.drill, -run.number),
    )
    found = [run for run in runs if wanted in ("", run.key.lower(), run.name.lower(), str(run.number))]
    found = found or [run for run in runs if wanted == "drill" and run.drill]
    if found:
        return found[0]
    known = [run.key for run in runs]
    raise Refused(f"No run `{m.clip(m.escape(ref), 60)}` is open; {did_you_mean(wanted, known)}" if known
                  else "Nothing runs, and nothing is about to. `/run` lists the run-books.")  # fmt: skip


def known_runbook(tx: Tx, plan_id: int, name: str) -> str:
    """The key of the run-book that somebody means. Raises Refused."""
    parts = outline.runbooks(plans.live(tx, plan_id))
    wanted = m.unescape(name).strip("`\"' ").lower()
    found = [key for key, part in parts.items() if wanted in (key.lower(), part.name.lower())]
    if not found and not wanted and len(parts) == 1:
        found = list(parts)
    if found:
        return found[0]
    if not parts:
        raise Refused("This plan has no run-books. They go into the plan file, under `runbooks`.")
    raise Refused(f"No run-book is called `{m.clip(m.escape(name), 60)}`; {did_you_mean(wanted, parts)}")


def refuse_over(of: Course) -> None:
    """Nothing is changed about what is over."""
    if of.run.over:
        raise Refused(
            f"{m.escape(of.run.name)} is over since {m.date(of.run.ended_at or of.tx.now, 'both')}. Nothing changed."
        )
