"""A task's life in pictures: waiting, started, blocked, completed, reopened, late; its forms and its lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from callboard.blockers import service as blockers
from callboard.core.timeline import Subject
from callboard.gallery.stage import Screen, Stage
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.tasks import due, service, slack
from callboard.tasks.slack.buttons import interactions

GATE = "validated"
WHAT = "the driver refuses the certificate of staging"
WHOLE: dict[str, Any] = {
    "title": "Observability baseline & alerts", "lead_team": "beta", "support_teams": ["sigma"], "phase": "monitoring",
    "kind": "molecule", "priority": "high", "complexity": "high", "due": "2025-11-15 10:00", "estimate": "1d-2d",
    "components": ["B-1..B-4"], "points": {"Performance targets": "sigma", "Alert routing": "beta"},
    "files": ["OBSERVABILITY_BASELINE.md", "infra/alerts/**"], "deliverable": "OBSERVABILITY_BASELINE.md",
    "wants": ["S-4"], "brief": "Targets come from Sigma's S-4", "note": "Sentry's plan allows 50 alerts",
}  # fmt: skip


def screens(stage: Stage) -> Iterator[Screen]:
    """One that waits, one that is worked on, one of several teams; then what is late, and every list."""
    plans.edit(stage.tx, stage.plan_id, ("tasks", "B-7"), WHOLE, author="amp")
    yield from _begun(stage)
    yield from _blocked(stage)
    yield from _waiting(stage)
    yield from _freed(stage)
    yield from _completed(stage)
    yield from _given(stage)
    news = [["moved", "O-2", stage.tx.now.isoformat()], ["taken", "O-3", "Email"]]
    told = {"of": "omega-b", "by": "amp", "news": news}
    yield stage.sent("task.plan", "A new version of the plan", Subject("plan", stage.plan_id), args=told)
    yield from _lists(stage)
    yield from _late(stage)


def _begun(stage: Stage) -> Iterator[Screen]:
    mongo = stage.user("omega-a")
    yield stage.typed(slack.command, mongo, "", "Your tasks")
    yield stage.typed(slack.command, mongo, "start O-1", "Started")
    yield stage.typed(slack.command, mongo, "progress O-1 40% replica set is up", "Progress updated")
    yield stage.typed(slack.command, mongo, "show O-1", "In progress, with its history")
    yield stage.clicked(interactions, "task.progress", mongo, _value(stage, "O-1"), "Update progress")
    yield stage.clicked(interactions, "task.block", mongo, _value(stage, "O-1"), "Raise blocker")
    yield stage.clicked(interactions, "task.more", mongo, f"note:{_value(stage, 'O-1')}", "Add note")
    yield stage.typed(slack.command, mongo, "files O-1 src/db/client.ts infra/mongo/**", "Its files")
    yield stage.typed(slack.command, stage.user("omega-c"), "start O-1", "Refused: somebody else has it")


def _blocked(stage: Stage) -> Iterator[Screen]:
    mongo, lead = stage.user("omega-a"), stage.asker("omega-lead")
    yield stage.typed(slack.command, mongo, f"block O-1 {WHAT}", "Blocked: the answer")
    yield stage.typed(slack.command, mongo, "show O-1", "Blocked")
    yield stage.typed(slack.command, mongo, "complete O-1", "Refused: it is blocked")
    number = service.get(stage.tx, stage.plan_id, "O-1").blocker or 0
    blockers.resolve(stage.tx, lead, number, "the new authority was missing in the image; rebuilt it")
    yield stage.told("task.unblocked", "Unblocked: who has the task is told")


def _waiting(stage: Stage) -> Iterator[Screen]:
    tester, amp = stage.user("sigma-a"), stage.user("amp")
    yield stage.typed(slack.command, tester, "start S-4", "Refused: it waits for a gate")
    yield stage.typed(slack.command, stage.user("beta-lead"), "B-5", "Waits for a gate and for a task")
    yield stage.typed(
        slack.command, tester, "override S-4 because the baseline is needed early", "Refused: only for coordinators"
    )
    yield stage.typed(slack.command, amp, "override S-4 because the baseline is needed early", "It can start early")
    yield stage.told("task.overridden", "It can start early: announced", held=[GATE])


def _freed(stage: Stage) -> Iterator[Screen]:
    holds.lift(stage.tx, stage.plan_id, by=GATE, actor="omega-lead", reason="it has passed")
    yield stage.told("task.free", "A gate has passed: a team can start", team="pi")
    yield stage.typed(slack.command, stage.user("alpha-lead"), "mine", "No tasks, some are free")
    yield stage.typed(slack.command, stage.user("alpha-lead"), "claim A-1", "Claimed")
    yield stage.typed(slack.command, stage.user("beta-lead"), "show B-7", "Of several teams and parts")
    yield stage.typed(slack.command, stage.user("beta-lead"), "complete B-7", "Refused: parts and meetings are open")


def _completed(stage: Stage) -> Iterator[Screen]:
    tester = stage.user("sigma-a")
    service.start(stage.tx, stage.asker("sigma-a"), "S-4")
    yield stage.clicked(interactions, "task.more", tester, f"tick:{_value(stage, 'S-4')}", "Its criteria")
    yield stage.typed(slack.command, tester, "complete S-4", "Refused: a criterion is open")
    yield stage.clicked(interactions, "task.complete", tester, _value(stage, "S-4"), "Complete it with its criteria")
    yield stage.typed(slack.command, tester, "tick S-4 1", "A criterion is ticked")
    yield stage.typed(slack.command, tester, "complete S-4 p95 is 180 ms", "Completed")
    yield stage.typed(slack.command, tester, "show S-4", "Completed, with its history")
    yield stage.told("task.free", "A task is completed: others can start", by="S-4", team="beta")
    yield stage.told("task.arrived", "A task is completed: who wanted it is told", by="S-4", team="beta")
    yield stage.typed(slack.command, tester, "reopen S-4 measured on the wrong build", "Reopened: the answer")
    yield stage.told("task.again", "Reopened: those who wait are told")
    beta = stage.asker("beta-lead")
    for key in ("B-1", "B-3", "B-4"):
        service.complete(stage.tx, beta, key)
    service.drop(stage.tx, beta, "B-2", "Sentry measures that too")
    yield stage.told("task.arrived", "All parts of a task are done", whole=True)
    yield stage.typed(slack.command, beta.person.slack_id, "B-2", "Dropped")


def _given(stage: Stage) -> Iterator[Screen]:
    lead = stage.user("omega-lead")
    yield stage.clicked(interactions, "task.more", lead, f"assign:{_value(stage, 'O-2')}", "Assign")
    yield stage.clicked(interactions, "task.more", lead, f"drop:{_value(stage, 'O-6')}", "Drop")
    yield stage.typed(slack.command, lead, f"assign O-2 <@{stage.user('omega-c')}>", "Assigned: the answer")
    yield stage.told("task.assigned", "Assigned: they are told")
    yield stage.typed(slack.command, lead, "drop O-6 because the provider is switched off", "Dropped: the answer")


def _lists(stage: Stage) -> Iterator[Screen]:
    yield stage.typed(slack.command, stage.user("amp"), "list", "Everything, by phase")
    yield stage.typed(slack.command, stage.user("amp"), "list by team testing", "A phase, by team")
    yield stage.typed(slack.command, stage.user("amp"), "list tisting", "Refused: no such phase or team")
    yield stage.typed(slack.command, stage.user("beta-lead"), "waiting", "Whom you wait for")
    yield stage.typed(slack.command, stage.user("sigma-a"), "waiting", "Who waits for you")


def _late(stage: Stage) -> Iterator[Screen]:
    stage.later(timedelta(hours=6), due.late)
    yield stage.told("task.late", "Overdue: who has it is told", address=stage.user("omega-d"))
    yield stage.told("task.late", "Overdue and stuck: who leads is told", address=stage.user("omega-lead"))
    yield stage.typed(slack.command, stage.user("omega-lead"), "show O-1", "Late, with its history")
    yield stage.typed(slack.command, stage.user("amp"), "list overdue", "Whatever is overdue")


def _value(stage: Stage, key: str) -> str:
    """What the buttons of a task carry."""
    task = service.get(stage.tx, stage.plan_id, key)
    return f"{task.number}:{task.changes}"
