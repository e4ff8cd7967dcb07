"""Run-books in pictures: the card at each turn, what teams read, a delay, a failure, a rollback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.core.timeline import Subject
from callboard.gallery.stage import Screen, Stage
from callboard.runbooks import course, due, service, slack, store
from callboard.runbooks.models import Run, RunStep
from callboard.runbooks.slack import buttons
from callboard.teams.directory import Asker

CARD, WORKS = "run.card", (due.starts, due.runs)


def screens(stage: Stage) -> Iterator[Screen]:
    """The deployment of the example, from a quarter to two on its last day."""
    tx, amp = stage.tx, stage.asker("amp")
    user = amp.person.slack_id
    yield stage.typed(slack.command, user, "", "Run-books, and ways back")
    yield stage.typed(slack.command, user, "show go-live", "One that is planned")
    stage.later(timedelta(days=2, hours=4, minutes=52), *WORKS)
    run = _run(stage)
    yield stage.sent(CARD, "The card ten minutes before", run.subject)
    stage.later(timedelta(minutes=10), *WORKS)
    yield stage.told("run.news", "Blocked at its hour", verb="blocked")
    yield stage.sent(CARD, "The card of a run that is blocked", run.subject, posted_as="1.0")
    if of := course.course(tx, run.number):
        course.begin(of)
    yield stage.sent(CARD, "The card while it runs", run.subject, posted_as="1.0")
    yield stage.sent("run.now", "The line that is pinned", run.subject)
    yield from _steps(stage, run)
    yield from _way_back(stage, run)
    no_drill = {"key": "go-live", "hour": run.planned_at.isoformat()}
    yield stage.sent("run.no_drill", "Nobody has tried it", Subject("plan", stage.plan_id), args=no_drill)
    yield stage.typed(slack.command, user, "review go-live", "What was planned and what it took")


def _run(stage: Stage) -> Run:
    run = store.latest(stage.tx, stage.plan_id, "go-live")
    if run is None:
        raise LookupError("go-live")
    return run


def _steps(stage: Stage, run: Run) -> Iterator[Screen]:
    tx, omega, amp = stage.tx, stage.asker("omega-lead"), stage.asker("amp")
    _done(stage, amp, run, 1)
    stage.later(timedelta(minutes=20), *WORKS)
    yield stage.told("step.soon", "A team ten minutes before a step: its own part", leads=False)
    stage.later(timedelta(minutes=12), *WORKS)
    of, step = _step(stage, run, 2)
    yield stage.told("step.lead", "Whoever leads a step, at its minute", leads=True)
    yield stage.answered("run.items", "The checklist", buttons.items_form(step))
    service.tick(tx, omega, of, step, [1, 2])
    yield stage.answered("run.delay", "How much longer?", buttons.delay_form(step))
    service.delay(tx, omega, of, step, timedelta(minutes=20), "The copy is slow")
    yield stage.told("run.news", "What a delay costs", verb="delayed")
    yield stage.sent("step.late", "Whoever leads it is asked when it should be done", step.subject)
    _done(stage, amp, run, 2)
    told = {"say": "The service is live"}
    yield stage.sent("step.announce", "Whoever the plan names, when a step is done", step.subject, args=told)
    yield stage.sent("step.on_call", "Whoever begins on call", step.subject, args={"teams": ["beta"]})
    stage.later(timedelta(minutes=60), *WORKS)
    yield stage.told("step.page", "Whoever leads a step that is over its limit")


def _way_back(stage: Stage, run: Run) -> Iterator[Screen]:
    tx, omega, amp = stage.tx, stage.asker("omega-lead"), stage.asker("amp")
    of, step = _step(stage, run, 3)
    yield stage.answered("run.fail", "What failed?", buttons.fail_form(step))
    service.fail(tx, omega, of, step, "Sign-in answers 500")
    yield stage.told("run.news", "A step failed", verb="failed")
    yield stage.sent(CARD, "The card of a run with a failure", run.subject, posted_as="1.0")
    back = next(each for each in store.open_runs(tx, stage.plan_id) if each.kind == "rollback")
    yield stage.told("run.confirm", "Whoever may call the rollback")
    service.agree(tx, amp, back.number)
    yield stage.sent(CARD, "The card of a rollback", back.subject)
    service.stop(tx, amp, back.number, "Sign-in works again")
    yield stage.answered("run.stop", "Stop", buttons.stop_form(run))
    service.stop(tx, amp, run.number, "Next try tomorrow")


def _step(stage: Stage, run: Run, place: int) -> tuple[course.Course, RunStep]:
    of = course.course(stage.tx, run.number)
    if of is None:
        raise LookupError(run.key)
    return of, of.steps[place - 1]


def _done(stage: Stage, who: Asker, run: Run, place: int) -> None:
    of, step = _step(stage, run, place)
    service.tick(stage.tx, who, of, step, range(1, len(step.items) + 1))
    service.confirm(stage.tx, who, of, step)
