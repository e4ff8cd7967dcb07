"""A run on its way: it begins once its gates have passed, each step begins when nothing holds it, and it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from callboard.core import outbox, ticks, timeline
from callboard.core.db import Tx
from callboard.core.timeline import BOT, Subject
from callboard.emergencies import triggers
from callboard.escalation import service as escalation
from callboard.plans import service as plans
from callboard.runbooks import messages, models, notices, outline, projection, readiness, store
from callboard.runbooks.models import RUN, STEP, Kind, Run, RunStep, State, StepState, Verb
from callboard.runbooks.notices import steps as step_notices
from callboard.runbooks.projection import Forecast
from callboard.teams import service as teams
from callboard.teams.directory import Directory

ROLLBACK = "rollback"
"""The event that a rollback begins, in the words of triggers."""
SOON = timedelta(minutes=10)
"""How long before a step its people hear that it comes."""
LOOK_AGAIN, ASK_AGAIN, A_DAY = timedelta(minutes=5), timedelta(minutes=5), timedelta(days=1)
"""How often it is looked whether a run that is blocked may begin, and when a rollback that waits is asked about."""


@dataclass
class Course:
    """A run and its steps, read by whoever holds the run's row; `new` until the timeline has them."""

    tx: Tx
    run: Run
    steps: list[RunStep]
    new: bool = False

    def __post_init__(self) -> None:
        """Remember how each step was, so that only messages about others are shown anew."""
        self._known = {step.number: _looks(step) for step in self.steps}
        self._stood = {} if self.new else self._stands()

    def _stands(self) -> dict[int, dict[str, Any]]:
        """The run at place 0, and its steps."""
        return {0: models.stands(self.run)} | {step.place: models.stands(step) for step in self.steps}

    def stand(self) -> None:
        """Put on the timeline what stands otherwise than when this was read."""
        now = self._stands()
        changed = {str(place): columns for place, columns in now.items() if self._stood.get(place) != columns}
        if changed:
            run, number = changed.pop("0", {}), self.run.number
            whole = {"new": True} if not self._stood else {}
            timeline.stand(self.tx, self.run.plan_id, Subject(RUN, number), **whole, **run, steps=changed)
            self._stood = now

    @cached_property
    def directory(self) -> Directory:
        return teams.directory(self.tx, self.run.plan_id)

    @property
    def changed(self) -> list[RunStep]:
        """The steps that people were told of, and that read otherwise than when this was read."""
        told = (step for step in self.steps if step.told_at or step.started_at)
        return [step for step in told if self._known.get(step.number) != _looks(step)]

    @property
    def forecast(self) -> Forecast:
        gated = readiness.gated(self.tx, self.run, self.steps)
        return projection.forecast(self.steps, self.run.begun_at or self.run.planned_at, self.tx.now, gated)

    @property
    def first(self) -> list[RunStep]:
        """The steps that wait for no other."""
        return [step for step in self.steps if not step.needs and not step.reserve]

    def waits_for(self, step: RunStep) -> list[RunStep]:
        """The steps that this one still waits for."""
        return [other for other in self.steps if other.place in step.needs and not other.settled]


def _looks(step: RunStep) -> tuple[object, ...]:
    """What messages about a step show."""
    waits = step.state == StepState.WAITING
    return step.changes, len(step.ticks), step.expected_at.replace(second=0, microsecond=0) if waits else None


def course(tx: Tx, number: int) -> Course | None:
    """A run that is to be changed: its row is held until the end of the transaction."""
    run = store.run(tx, number, lock=True)
    return Course(tx, run, store.steps(tx, number, anew=True)) if run else None


def shown(tx: Tx, run: Run) -> Course:
    """A run that is looked at."""
    return Course(tx, run, store.steps(tx, run.number))


def record(of: Course, row: Run | RunStep, verb: Verb, actor: str = BOT, said: str = "", **facts: Any) -> None:
    """Put what happened on the timeline."""
    timeline.record(
        of.tx, of.run.plan_id, row.subject, verb, actor=actor, said=said or None, change=row.changes, run=of.run.key,
        drill=of.run.drill, **facts,
    )  # fmt: skip


def come(of: Course) -> None:
    """Its hour has come: it begins, or is blocked by what is not there."""
    run = of.run
    lacking = [] if run.drill else readiness.missing(of.tx, run.plan_id, run.plan["needs"])
    if not lacking and run.state == State.PLANNED:
        begin(of)
    elif not lacking and run.state == State.BLOCKED:
        if run.plan["windows"] and (run.closes_at is None or of.tx.now < run.closes_at):
            begin(of)
        else:
            run.state, run.blocked = State.OFFERED, []
            run.changes += 1
            record(of, run, Verb.OFFERED)
            notices.tell(of.tx, of.directory, run, Verb.OFFERED, of.first)
            keep(of)
    elif lacking and run.state == State.BLOCKED and run.closes_at and of.tx.now >= run.closes_at:
        notices.tell(of.tx, of.directory, run, Verb.BLOCKED, of.first, key="closed")
        keep(of)
    elif lacking != run.blocked or run.state != State.BLOCKED:
        known, run.state, run.blocked = run.state == State.BLOCKED, State.BLOCKED, lacking
        run.changes += 1
        if not known:
            record(of, run, Verb.BLOCKED, why=lacking)
            notices.card(of.tx, of.directory, run)
            notices.tell(of.tx, of.directory, run, Verb.BLOCKED, of.first)
        keep(of)
    else:
        run.wake_at = min(_instants(of), default=None)
        of.tx.session.add(run)


def begin(of: Course, by: str = BOT, reason: str = "") -> None:
    """It begins now, and so do its first steps."""
    run = of.run
    run.state, run.begun_at, run.blocked = State.RUNNING, of.tx.now, []
    run.changes += 1
    if run.kind == Kind.ROLLBACK:
        run.limit_at = of.tx.now + timedelta(seconds=run.plan["within"])
        _move(of, of.tx.now - run.planned_at)
    record(of, run, Verb.BEGUN, by, reason)
    notices.card(of.tx, of.directory, run)
    notices.tell(of.tx, of.directory, run, Verb.BEGUN, of.first, by=by)
    go_on(of)


def _move(of: Course, span: timedelta) -> None:
    """All that was planned is planned so much later."""
    for step in of.steps:
        step.planned_at, step.planned_until = step.planned_at + span, step.planned_until + span
    of.run.planned_at, of.run.planned_until = of.run.planned_at + span, of.run.planned_until + span


def go_on(of: Course) -> None:
    """Begin every step that nothing holds any more, and end the run once all are settled."""
    while of.run.state == State.RUNNING and (steps := list(_able(of))):
        for step in steps:
            if step.state == StepState.WAITING:
                start(of, step)
            else:
                models.end(step, StepState.DONE, of.tx.now, BOT)
                record(of, step, Verb.CONFIRMED)
    if of.run.state == State.RUNNING and all(step.settled for step in of.steps):
        finish(of, State.DONE)
    keep(of)


def _able(of: Course) -> Iterator[RunStep]:
    """The steps that begin now, and the reserves that end."""
    now = of.tx.now
    turns = [step for step in of.steps if _has_its_turn(of, step)]
    lacking = readiness.lacking(of.tx, of.run, turns)
    for step in of.steps:
        if step.state == StepState.RUNNING and step.reserve and max(step.planned_until, step.started_at or now) <= now:
            yield step
        if step in turns and step.place not in lacking:
            yield step


def _has_its_turn(of: Course, step: RunStep) -> bool:
    """Whether at most a gate still holds a step that waits."""
    due = step.not_before is None or step.not_before <= of.tx.now
    free = step.state == StepState.WAITING and due and not of.run.held and not step.waits_for_somebody
    return free and not of.waits_for(step)


def start(of: Course, step: RunStep, by: str = BOT) -> None:
    """A step begins: whoever leads it hears so, with what the others do meanwhile."""
    models.begin(step, of.tx.now)
    step.plan = {key: value for key, value in step.plan.items() if key != "by_hand"}
    record(of, step, Verb.STARTED, by)
    if step.reserve:
        return
    of.tx.session.flush()
    step_notices.leads_now(of.tx, of.directory, of.run, step)
    if step.plan.get("starts") == "on_call" and not of.run.drill:
        step_notices.hand_over(of.tx, of.directory, step)


def finish(of: Course, state: State, by: str = BOT, reason: str = "") -> None:
    """It is over: every clock stops, and everybody who was told of it hears how it ended."""
    run = of.run
    run.state, run.ended_at, run.reason, run.held = state, of.tx.now, reason or run.reason, ""
    run.changes += 1
    _settle_hour(of)
    escalation.end_all(of.tx, STEP, [step.number for step in of.steps])
    record(of, run, Verb.ENDED if state == State.DONE else Verb.STOPPED, by, reason)
    of.tx.session.flush()
    notices.card(of.tx, of.directory, run)
    notices.tell(of.tx, of.directory, run, Verb.ENDED if state == State.DONE else Verb.STOPPED, of.first, by=by)
    if run.of_run:
        outbox.touch(of.tx, RUN, [run.of_run])
    if run.kind == Kind.ROLLBACK and run.begun_at:
        said = messages.headline(messages.view(of.tx, run))
        triggers.settle(of.tx, run.plan_id, ROLLBACK, f"{ROLLBACK}:{run.number}", said, aloud=True)


def _settle_hour(of: Course) -> None:
    """The hour that has come is over with this run; on one to which it was moved since, a stopped one begins anew."""
    run, document = of.run, plans.live(of.tx, of.run.plan_id)
    part = outline.runbooks(document).get(run.key) if run.kind == Kind.RUNBOOK and not run.drill else None
    hour = outline.begins(document, part) if part else None
    if hour and hour <= of.tx.now:
        run.plan = {**run.plan, "hour": hour.isoformat()}
    elif hour and run.state == State.STOPPED:
        ticks.keep(of.tx, run.plan_id, store.STARTS)


def keep(of: Course) -> None:
    """Store when everything is expected now and when it is looked at again, and show that."""
    run, found = of.run, of.forecast
    for step in of.steps:
        step.expected_at, step.expected_until = found.spans[step.place]
    run.expected_until = run.ended_at or found.end
    _tell_soon(of)
    run.wake_at = None if run.over else min(_instants(of), default=None)
    of.tx.session.add(run)
    of.tx.session.add_all(of.steps)
    of.tx.session.flush()
    of.stand()
    outbox.touch(of.tx, RUN, [run.number])
    outbox.touch(of.tx, STEP, [step.number for step in of.changed])


def _tell_soon(of: Course) -> None:
    """Tell whoever is concerned by a step that it begins within ten minutes; of what is held up, nobody."""
    if of.run.held:
        return
    now, stuck, vague = of.tx.now, set[int](), projection.open_ended(of.steps)
    for step in projection.in_order(of.steps):
        if step.state == StepState.FAILED or stuck.intersection(step.needs):
            stuck.add(step.place)
        elif of.run.kind == Kind.ROLLBACK and any(
            other.state == StepState.RUNNING and other.leaders == step.leaders for other in of.steps
        ):
            continue  # whoever takes it back has the whole list in hand
        elif (
            of.run.state in (State.RUNNING, State.PLANNED) and step.state == StepState.WAITING and not step.reserve
            and step.place not in vague and step.told_at is None and step.expected_at - SOON <= now < step.expected_at
        ):  # fmt: skip
            step.told_at = now
            of.tx.session.flush()
            step_notices.soon(of.tx, of.directory, of.run, step)


def _instants(of: Course) -> Iterator[datetime]:
    """When something happens by itself: never before now."""
    run, now = of.run, of.tx.now
    if run.state == State.PLANNED:
        yield run.planned_at
    if run.state == State.BLOCKED and now < (run.closes_at or run.planned_at + A_DAY):
        yield min(filter(None, (now + LOOK_AGAIN, run.closes_at)))
    if run.state == State.CALLED and not run.plan.get("unanswered"):
        yield max(models.asked_at(run) + ASK_AGAIN * (2 if run.plan.get("asked_again") else 1), now)
    for step in of.steps if run.state in (State.RUNNING, State.PLANNED) else ():
        if step.state == StepState.WAITING:
            yield from (at for at in _before(of, step) if at > now)
        elif step.state == StepState.RUNNING:
            yield from (max(at, now) for at in _while(step))
    if run.state == State.RUNNING and run.limit_at and run.limit_at > now:
        yield run.limit_at


def _before(of: Course, step: RunStep) -> Iterator[datetime]:
    """When a step that waits is told of, and when it may begin."""
    if step.told_at is None and not step.reserve:
        yield step.expected_at - SOON
    if of.run.begun_at and step.not_before and not of.waits_for(step):
        yield step.not_before


def _while(step: RunStep) -> Iterator[datetime]:
    """When a step that runs ends by itself, is asked about, and is over its limit."""
    if step.reserve:
        yield step.planned_until
    elif step.ask_at:
        yield step.ask_at
    if step.overdue_at and step.paged_at is None:
        yield step.overdue_at


def content(step: RunStep) -> tuple[object, ...]:
    """What the plan says of a step."""
    return step.key, step.title, step.needs, step.leaders, step.takes, step.not_before, step.planned_at, step.plan


def plan_anew(tx: Tx, run: Run, start: datetime) -> Course:
    """A run that has not begun is what the plan says by now."""
    document = plans.live(tx, run.plan_id)
    steps = outline.of_runbook(document, run.key, start, known=run)[1]
    run.state, run.blocked = State.PLANNED, []
    return Course(tx, run, store.put(tx, run, steps), new=True)
