"""Which run or step somebody means, by what they typed; and new runs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.words import bare_name, folded, joined
from callboard.planfile.paths import slug
from callboard.plans import service as plans
from callboard.runbooks import course, notices, outline, store
from callboard.runbooks.course import Course
from callboard.runbooks.models import Run, RunStep, State, Verb
from callboard.teams import service as teams
from callboard.teams.directory import Asker

GONE = "That run is no longer there. `/run` lists them."
BECAUSE = re.compile(r"(?:^|\s)because\b", re.IGNORECASE)
AND = re.compile(r"(?:and|&amp;|\+)\s+", re.IGNORECASE)
OF_A_RUN = re.compile(r"[`\"']?([^\s/]+)/(.+)", re.DOTALL)
"""A step with its run in front: `go-live/deploy`."""


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
    """The runs under way, those of a channel first, drills last; what is on hold after what holds it."""
    directory = teams.directory(tx, plan_id)
    under_way = [run for run in store.open_runs(tx, plan_id) if run.state == State.RUNNING]
    return sorted(
        under_way, key=lambda run: (notices.channel(directory, run) != channel, run.drill, bool(run.held), run.number)
    )


def named_step(tx: Tx, asker: Asker, typed: str, channel: str = "") -> tuple[Course, RunStep, str]:
    """The step that a text begins with, by its key, number or title, perhaps with `RUN/` in front; and the rest of it.

    Raises Refused.
    """
    which, wanted = found.groups() if (found := OF_A_RUN.fullmatch(typed)) else ("", typed)
    every = running(tx, asker.directory.plan_id, channel)
    runs = [run for run in every if which and m.means(which, run.key, f"#{run.number}", str(run.number))]
    if not runs:  # a title may hold a slash too
        runs, wanted = every, typed
    slugs = {slug(name): name for name in reversed(m.beginnings(wanted))}  # signs behind a name are of the rest
    steps = [(step, run.number) for run in runs for step in store.names(tx, run.number)]
    called = (
        (name, (step.key, number)) for step, number in steps
        for name in (step.key, str(step.place), step.title, slugs.get(slug(step.title), step.title))
    )  # fmt: skip
    found_steps, rest = m.meant(wanted, called)
    for key, number in found_steps:
        if of := course.course(tx, number):
            return of, next(step for step in of.steps if step.key == key), rest
    if not runs or (which and wanted == typed):
        raise Refused(f"No run-book is running{f' that is called `{which}`' if which else ''}. `/run list` shows them.")
    raise _no_step(runs, m.unescape(wanted), [step.key for step, _ in steps])


def refuse_several(verb: str, of: Course, step: RunStep, typed: str, rest: str) -> None:
    """Nothing happens where somebody names a second step behind the first: it would pass for the reason."""
    before, listed = typed.removesuffix(rest).rstrip(), AND.sub("", rest)
    if not before.endswith(",") and listed == rest:
        return
    others = [other for other in of.steps if other is not step]
    found, _ = m.meant(listed, ((name, other.key) for other in others for name in (other.key, other.title)))
    if found:
        raise Refused(f"Nothing has happened yet. One step at a time: `/run {verb} {step.key} ...`, then `{found[0]}`.")


def the_step(tx: Tx, asker: Asker, typed: str, channel: str = "") -> tuple[Course, RunStep]:
    """The same where nothing may follow the name."""
    of, step, rest = named_step(tx, asker, typed, channel)
    if rest:
        raise _no_step([of.run], m.unescape(typed), [each.key for each in of.steps])
    return of, step


def _no_step(runs: Sequence[Run], wanted: str, known: Sequence[str]) -> Refused:
    names, drill = joined(m.escape(run.name) for run in runs), "DRILL: " * all(run.drill for run in runs)
    wanted = BECAUSE.split(wanted)[0].strip() or wanted
    has, called = "have" if len(runs) > 1 else "has", m.clip(m.escape(wanted), 60)
    return unknown(f"{drill}{names} {has} no step `{called}`", bare_name(wanted), known)


def of_step(tx: Tx, asker: Asker, step_id: int) -> tuple[Course, RunStep]:
    """The run of a step, held until the end of the transaction. Raises Refused."""
    row = store.step(tx, step_id)
    of = course.course(tx, row.run_id) if row and row.plan_id == asker.directory.plan_id else None
    if of is None:
        raise Refused(GONE)
    return of, next(step for step in of.steps if step.number == step_id)


def named_run(tx: Tx, asker: Asker, typed: str, channel: str = "") -> tuple[Run, str]:
    """The open run that a text begins with, by its key, name or number, without a text the only one; and the rest.

    Raises Refused.
    """
    directory = asker.directory
    runs = sorted(
        store.open_runs(tx, directory.plan_id),
        key=lambda run: (notices.channel(directory, run) != channel, run.drill, -run.number),
    )
    if runs and not typed.strip():
        return runs[0], ""
    found, rest = m.meant(typed, ((name, run) for run in runs for name in _called(run)))
    if found:
        return found[0], rest
    name = BECAUSE.split(typed)[0]
    past = store.closed(tx, directory.plan_id, folded(bare_name(name)))
    if past and (of := course.course(tx, past[0].number)):
        raise Refused(_ended(of))
    if not runs:
        raise Refused("Nothing runs, and nothing is about to. `/run` lists the run-books.")
    wanted = m.clip(m.escape(m.unescape(name.strip())), 60)
    raise unknown(f"No run `{wanted}` is open", bare_name(typed), [run.key for run in runs])


def _called(run: Run) -> tuple[str, ...]:
    return run.key, run.name, str(run.number), f"#{run.number}", *(["drill"] if run.drill else [])


def named_scope(tx: Tx, plan_id: int, typed: str) -> tuple[str, str]:
    """The rollback that a text begins with, else its first word, and the rest."""
    found, rest = m.meant(typed, ((scope, scope) for scope in outline.rollbacks(plans.live(tx, plan_id))))
    first, _, behind = typed.partition(" ")
    return (found[0], rest) if found else (first, behind)


def known_runbook(tx: Tx, plan_id: int, name: str) -> str:
    """The key of the run-book that somebody means. Raises Refused."""
    parts = outline.runbooks(plans.live(tx, plan_id))
    found = [key for key, part in parts.items() if m.means(name, key, part.name)]
    if not found and not name.strip() and len(parts) == 1:
        found = list(parts)
    if found:
        return found[0]
    if not parts:
        raise Refused("This plan has no run-books. They go into the plan file, under `runbooks`.")
    wanted = m.unescape(name)
    if not wanted.strip():
        raise Refused(f"Which run-book? Name one of {', '.join(map(m.code, parts))}.")
    raise unknown(f"No run-book is called `{m.clip(m.escape(wanted), 60)}`", bare_name(wanted), parts)


def refuse_over(of: Course) -> None:
    """Nothing is changed about what is over."""
    if of.run.over:
        raise Refused(_ended(of))


def _ended(of: Course) -> str:
    """How a run ended, when, and who ended it."""
    ends = [entry for entry in timeline.history(of.tx, of.run.subject) if entry.verb in (Verb.STOPPED, Verb.ENDED)]
    stopped = of.run.state == State.STOPPED
    by = f" by {of.directory.called(ends[-1].actor)}" if stopped and ends and ends[-1].actor != timeline.BOT else ""
    how = f"was already stopped{by}, " if stopped else "ended "
    return f"{m.escape(of.run.name)} {how}{m.date(of.run.ended_at or of.tx.now, 'both')}. Nothing changed."
