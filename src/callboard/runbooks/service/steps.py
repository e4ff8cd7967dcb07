"""The verbs of steps: start, confirm, delay, skip, fail, take back, tick, take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined, lasted
from callboard.escalation import service as escalation
from callboard.runbooks import course, failures, models, notices, readiness, rights, store
from callboard.runbooks.course import Course
from callboard.runbooks.models import CAUSE, RESTS, RunStep, State, StepState, Verb
from callboard.runbooks.notices import steps as step_notices
from callboard.runbooks.service.names import refuse_over
from callboard.runbooks.service.ways_back import call, draft, open_rollback, propose_again, proposed, rest
from callboard.teams.directory import Asker, Person
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on, refuse_lost

LONGEST, MINUTE = timedelta(days=1), timedelta(minutes=1)
DONE = {StepState.DONE: "confirmed", StepState.SKIPPED: "skipped", StepState.FAILED: "reported as failed"}


def start(tx: Tx, asker: Asker, of: Course, step: RunStep, expected: int | None = None) -> RunStep:
    """Begin a step before its hour, or once more after it failed."""
    refuse_over(of)
    rights.may_work(tx, asker, step, "start")
    refuse_old(tx, asker, step, m.escape(step.title), expected)
    if step.state not in (StepState.WAITING, StepState.FAILED):
        raise Refused(_stands(of, asker, step))
    if (waiting := of.waits_for(step)) or of.run.held:
        raise Refused(_out_of_turn(of, step, waiting))
    if lacking := readiness.lacking(tx, of.run, [step]):
        raise Refused(f"{m.escape(step.title)} can't begin: {lacking[step.place]}.")
    for asked in proposed(of, step):
        rest(asked, f"{m.escape(step.title)} is tried again")
    escalation.end(tx, step.subject)
    course.start(of, step, asker.person.key)
    course.go_on(of)
    return step


def confirm(tx: Tx, asker: Asker, of: Course, step: RunStep, expected: int | None = None, link: str = "") -> RunStep:
    """A step is done: whoever leads it says so, or whom the plan names."""
    refuse_over(of)
    rights.may_confirm(tx, asker, step)
    refuse_old(tx, asker, step, m.escape(step.title), expected)
    _refuse_not_running(of, asker, step)
    if step.open_items:
        raise Refused(f"{len(step.open_items)} of {len(step.items)} items of {m.escape(step.title)} are open: "
                      f"{m.escape(joined(step.open_items, 5))}. Tick them: `/run items {step.key} all`")  # fmt: skip
    off = [
        reading
        for reading in readiness.measured(tx, of.run.plan_id, step.plan.get("measures", ()))
        if not reading.holds
    ]
    if off and not of.run.drill:
        lines = "; ".join(reading.line for reading in off)
        hint = f"Report it: `/gate report`. Or say that it failed: `/run fail {step.key} because ...`"
        raise Refused(f"{m.escape(step.title)} is not done: {lines}. {hint}")
    _end(of, step, StepState.DONE, asker, link=link)
    _withdraw_proposals(asker, of, step, f"{m.escape(step.title)} is done")
    step_notices.announce(tx, of.directory, of.run, step)
    course.go_on(of)
    return step


def _withdraw_proposals(asker: Asker, of: Course, step: RunStep, why: str) -> None:
    """A step that had failed is settled: the rollback that nobody has called is not needed."""
    for asked in proposed(of, step):
        course.finish(asked, State.STOPPED, asker.person.key, why)
        course.keep(asked)


def may_change(tx: Tx, asker: Asker, of: Course, step: RunStep, what: str, expected: int | None = None) -> None:
    """Refuse whoever may not, and what is over: a form says so before somebody fills it in."""
    refuse_over(of)
    rights.may_work(tx, asker, step, what)
    refuse_old(tx, asker, step, m.escape(step.title), expected)
    if step.settled or step.state == StepState.FAILED:
        raise Refused(_stands(of, asker, step))


def delay(
    tx: Tx, asker: Asker, of: Course, step: RunStep, span: timedelta, reason: str = "", expected: int | None = None
) -> RunStep:
    """A step lasts longer, or begins later; all that comes after it is reckoned anew, and said once."""
    may_change(tx, asker, of, step, "delay", expected)
    if span > LONGEST:
        raise Refused("A delay of more than a day is another plan. Stop the run, or change the plan: `/plan shift`.")
    was, is_running = of.forecast.end, step.state == StepState.RUNNING
    models.delay(step, tx.now, span)
    after, closes = of.forecast, of.run.closes_at
    end = after.end
    if closes and end > closes and end > was and not asker.directory.coordinates(asker.person, tx.now):
        raise Refused(f"{m.escape(of.run.name)} would end {m.date(end)}, after its window closes at {m.date(closes)}. "
                      f"Only {asker.directory.one_of(asker.directory.coordinating(tx.now))} can delay it beyond that: "
                      f"`/run delay {step.key} {lasted(span).replace(' ', '').replace('min', 'm')}`")  # fmt: skip
    escalation.end(tx, step.subject)
    course.record(of, step, Verb.DELAYED, asker.person.key, reason, span=span.total_seconds(), end=end.isoformat())
    course.keep(of)
    notices.tell(
        tx, of.directory, of.run, Verb.DELAYED, key=f"{step.number}:{step.changes}", by=asker.person.key,
        step=step.title, span=lasted(span), was=was.isoformat(), end=end.isoformat(), why=reason, running=is_running,
        used=after.used // MINUTE, reserve=after.reserve // MINUTE,
    )  # fmt: skip
    return step


def skip(tx: Tx, asker: Asker, of: Course, step: RunStep, reason: str, expected: int | None = None) -> RunStep:
    """Leave a step out, and say why; what waits for it goes on."""
    refuse_over(of)
    rights.may_work(tx, asker, step, "skip")
    refuse_old(tx, asker, step, m.escape(step.title), expected)
    if step.settled:
        raise Refused(_stands(of, asker, step))
    if not step.reserve:
        reason = m.needed(reason, f"Say why: `/run skip {step.key} because it was done yesterday`.")
    _end(of, step, StepState.SKIPPED, asker, reason.strip())
    _withdraw_proposals(asker, of, step, f"{m.escape(step.title)} is skipped")
    notices.tell(tx, of.directory, of.run, Verb.SKIPPED, key=f"{step.number}:{step.changes}", by=asker.person.key,
                 step=step.title, why=reason.strip() or "its time is not needed")  # fmt: skip
    course.go_on(of)
    return step


def fail(
    tx: Tx, asker: Asker, of: Course, step: RunStep, reason: str, expected: int | None = None, link: str = ""
) -> list[str]:
    """A step failed: what the plan says follows; what waits for it waits. What follows, in sentences."""
    refuse_over(of)
    rights.may_work(tx, asker, step, "report on")
    refuse_old(tx, asker, step, m.escape(step.title), expected)
    _refuse_not_running(of, asker, step)
    reason = m.needed(reason, f"Say what failed: `/run fail {step.key} because the sign-in page is empty`.")
    _end(of, step, StepState.FAILED, asker, reason, link)
    then = failures.follow(of, step)
    if scope := failures.way_back(of, step):
        then.append(_way_back(asker, of, step, scope))
    notices.tell(tx, of.directory, of.run, Verb.FAILED, key=f"{step.number}:{step.changes}", by=asker.person.key,
                 step=step.title, why=reason, link=link, then=then)  # fmt: skip
    course.keep(of)
    return then


def _way_back(asker: Asker, of: Course, step: RunStep, scope: str) -> str:
    """Call the rollback that the plan names for a step, or propose it to those who may; say who is to do what."""
    tx, plan_id = of.tx, of.run.plan_id
    run = open_rollback(tx, plan_id, scope)
    if run is None:
        new = draft(tx, plan_id, scope)
        run, orders = new.run, asker.person in rights.orderers(tx, asker.directory, new.run)
        run.plan = {**run.plan, CAUSE: step.number}
        call(new, f"{m.escape(step.title)} failed: {step.reason}", asker if orders else None, of.run)
    for asked in proposed(of, step):
        if asked.run.plan.get(RESTS):
            propose_again(asked, f"{m.escape(step.title)} failed: {step.reason}")
    if run.state != State.CALLED:
        return f"{m.escape(run.name)} has begun: `/run show {scope}`."
    able = rights.asked(tx, asker.directory, run)
    stands, then = ("called", "confirm") if run.called_by else ("proposed", "call")
    who = asker.directory.one_of(able) or "nobody"
    return f"{m.escape(run.name)} is {stands}. Now {who} can {then} it: `/run confirm {scope}`."


def back(tx: Tx, asker: Asker, of: Course, step: RunStep, expected: int | None = None) -> list[str]:
    """Undo the last thing that was said of a step, while nothing that waits for it has begun.

    A rollback that was only asked for because it failed is withdrawn. What else that changes, or leaves, in sentences.
    """
    refuse_over(of)
    rights.may_work(tx, asker, step, "take back")
    refuse_old(tx, asker, step, m.escape(step.title), expected)
    if step.state == StepState.WAITING:
        raise Refused(f"{m.escape(step.title)} has not begun: there is nothing to take back.")
    after = [other for other in of.steps if step.place in other.needs and other.state != StepState.WAITING]
    if after and step.state in (StepState.DONE, StepState.SKIPPED):
        raise Refused(f"{m.escape(after[0].title)} has begun since. Take that back first: `/run back {after[0].key}`")
    lines = _taken_back(asker, of, step) if step.state == StepState.FAILED else []
    models.take_back(step, tx.now)
    escalation.end(tx, step.subject)
    course.record(of, step, Verb.BACK, asker.person.key)
    if step.state == StepState.RUNNING:
        tx.session.flush()
        step_notices.leads_now(tx, of.directory, of.run, step)
    course.go_on(of)
    return lines


def _taken_back(asker: Asker, of: Course, step: RunStep) -> list[str]:
    """A step did not fail after all: its rollback is withdrawn if it has not begun; an emergency people withdraw."""
    lines = []
    for run in store.open_runs(of.tx, of.run.plan_id):
        asked = course.course(of.tx, run.number) if run.plan.get(CAUSE) == step.number else None
        if asked and asked.run.state == State.CALLED:
            course.finish(asked, State.STOPPED, asker.person.key, f"{m.escape(step.title)} did not fail")
            course.keep(asked)
            lines.append(f"{m.escape(run.name)} is withdrawn.")
        elif asked:
            lines.append(f"{m.escape(run.name)} goes on: `/run stop {run.key} because ...`.")
    if lasting := failures.declared(of, step):
        lines.append(f"Emergency {lasting.number} lasts. A false alarm? `/emergency withdraw {lasting.number}`.")
    return lines


def tick(tx: Tx, asker: Asker, of: Course, step: RunStep, numbers: Collection[int], *, whole: bool = False) -> RunStep:
    """Tick items by their numbers from 1; with `whole` these and no others are ticked then."""
    refuse_over(of)
    rights.may_work(tx, asker, step, "tick items of")
    if not step.items:
        raise Refused(f"{m.escape(step.title)} has no checklist.")
    if step.settled:
        raise Refused(_stands(of, asker, step))
    strange = [number for number in numbers if not 1 <= number <= len(step.items)]
    if strange:
        raise Refused(f"{m.escape(step.title)} has {len(step.items)} items: there is no item {strange[0]}.")
    kept = {} if whole else step.ticks
    ticks = {**kept, **{str(number): step.ticks.get(str(number), asker.person.key) for number in sorted(numbers)}}
    if ticks != step.ticks:
        new = [step.items[int(number) - 1] for number in ticks if number not in step.ticks]
        step.ticks = ticks
        course.record(of, step, Verb.TICKED, asker.person.key, items=new, ticked=len(ticks), ticks=ticks)
        escalation.stir(tx, step.subject)
        course.keep(of)
    return step


def acknowledge(tx: Tx, asker: Asker, of: Course, step: RunStep, expected: int | None = None) -> RunStep:
    """Somebody who was paged about a step has it: nobody else is paged while they say how it goes."""
    refuse_over(of)
    refuse_old(tx, asker, step, m.escape(step.title), expected)
    if asker.person.key not in escalation.told(tx, step.subject):
        rights.may_work(tx, asker, step, "take")
    if step.settled or not escalation.hold(tx, step.subject, asker.person.key):
        raise Refused(f"Nobody was paged for {m.escape(step.title)}, so nobody must take it.")
    step.plan = {**step.plan, "holder": asker.person.key}
    step.changes += 1
    course.record(of, step, Verb.ACKNOWLEDGED, asker.person.key)
    course.keep(of)
    return step


def hand(tx: Tx, asker: Asker, of: Course, step: RunStep, to: Person) -> RunStep:
    """Somebody else leads a step of this run from now on; the plan file stays as it is."""
    refuse_over(of)
    rights.may_work(tx, asker, step, "hand over")
    title, name, directory = m.escape(step.title), asker.directory.called(to), asker.directory
    if step.settled:
        raise Refused(_stands(of, asker, step))
    if step.reserve:
        raise Refused(f"{title} is a reserve, and nobody leads it.")
    refuse_lost([to])
    if to.vacant or looks_on(directory, to):
        why = "is a vacant seat" if to.vacant else f"only follows {m.escape(directory.plan_name)}"
        raise Refused(f"{name} {why}, so they can't lead {title}. Name somebody else.")
    if step.leaders == [to.key]:
        raise Refused(f"{name} leads {title} already.")
    step.leaders, was = [to.key], step.leaders
    step.changes += 1
    course.record(of, step, Verb.HANDED, asker.person.key, to=to.key, was=was)
    course.keep(of)
    if to.key != asker.person.key:
        step_notices.handed(tx, of.run, directory, step, to)
    return step


def _end(of: Course, step: RunStep, state: StepState, asker: Asker, reason: str = "", link: str = "") -> None:
    models.end(step, state, of.tx.now, asker.person.key, reason, link)
    verb = {StepState.DONE: Verb.CONFIRMED, StepState.SKIPPED: Verb.SKIPPED}.get(state, Verb.FAILED)
    planned = (step.planned_until - step.planned_at).total_seconds()
    took = (of.tx.now - (step.started_at or of.tx.now)).total_seconds()
    escalation.end(of.tx, step.subject)
    course.record(of, step, verb, asker.person.key, reason, link=link, planned=planned, took=took)


def _refuse_not_running(of: Course, asker: Asker, step: RunStep) -> None:
    if step.state == StepState.RUNNING:
        return
    waiting = of.waits_for(step)
    if step.state != StepState.WAITING:
        raise Refused(_stands(of, asker, step))
    if waiting or of.run.held or of.run.state != State.RUNNING:
        raise Refused(_out_of_turn(of, step, waiting))
    raise Refused(f"{m.escape(step.title)} has not begun: it begins {m.date(step.expected_at)}. "
                  f"To begin it now: `/run start {step.key}`")  # fmt: skip


def _stands(of: Course, asker: Asker, step: RunStep) -> str:
    """How a step stands that is not as it would have to be, and how to undo that."""
    state, title = StepState(step.state), m.escape(step.title)
    if state not in DONE:
        return f"{title} has been {state} since {m.date(step.started_at or of.tx.now)}."
    by = "you" if step.ended_by == asker.person.key else asker.directory.called(step.ended_by)
    undo = (
        f"To try again: `/run start {step.key}`" if state == StepState.FAILED else f"By mistake? `/run back {step.key}`"
    )
    return f"{title} was already {DONE[state]} by {by}, {m.date(step.ended_at or of.tx.now)}. {undo}"


def _out_of_turn(of: Course, step: RunStep, waiting: Sequence[RunStep]) -> str:
    title = m.escape(step.title)
    if of.run.held:
        return f"{title} waits: {m.escape(of.run.held)} has {m.escape(of.run.name)} on hold."
    if of.run.state != State.RUNNING:
        return f"{m.escape(of.run.name)} has not begun: it is {of.run.state}."
    names = joined(f"{m.escape(other.title)} ({other.state})" for other in waiting)
    leads = of.directory.one_of(person for other in waiting[:1] for person in rights.leads(of.tx, of.directory, other))
    return (
        f"It is not the turn of {title}: it waits for {names}. Ask {leads}. "
        f"Or leave that out: `/run skip {waiting[0].key} because ...`"
    )
