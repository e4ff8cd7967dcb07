"""What tasks do when blockers come and go, holds are lifted, the plan changes or is exported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker, BlockerChanged, BlockerResolved
from callboard.core.db import Tx
from callboard.escalation import service as escalation
from callboard.plans.models import Exporting, HoldLifted, PlanApplied, PlanChanging, PlanEdited
from callboard.tasks import models, notices, reassignment, store
from callboard.tasks.dependencies import Scene
from callboard.tasks.models import State, Task, Verb
from callboard.tasks.service import changed
from callboard.teams import service as teams

BEFORE = "tasks before a change of the plan"
WORDS = re.compile(r"[^\s,;:()]+")


def on_blocker_changed(tx: Tx, event: BlockerChanged) -> None:
    """Block the tasks that a new blocker names, or that a reopened one had blocked."""
    blocker = event.blocker
    tasks: Sequence[Task] = ()
    if event.verb == "raised" and blocker.blocks:
        tasks = [task for task in store.tasks(tx, blocker.plan_id) if _names(blocker, task)]
    elif event.verb == "reopened":
        tasks = store.blocked_by(tx, blocker.number)
    if tasks:
        escalation.involve(tx, blocker.subject, (team for task in tasks for team in task.teams))
    for task in tasks:
        if not models.settled(task):
            was = task.status
            models.block(task, blocker.number)
            changed(tx, task, blocker.reporter, Verb.BLOCKED, was, blocker=blocker.number)


def on_blocker_resolved(tx: Tx, event: BlockerResolved) -> None:
    """Unblock the tasks that no other blocker names, and tell who has them."""
    blocker = event.blocker
    for task in store.blocked_by(tx, blocker.number):
        open_ones = blockers.open_ones(tx, blocker.plan_id)
        others = [other for other in open_ones if other is not blocker and _names(other, task)]
        if others:
            task.blocker = others[-1].number
            tx.session.add(task)
        elif task.status == State.BLOCKED:
            models.unblock(task)
            changed(tx, task, blocker.closed_by or "", Verb.UNBLOCKED, State.BLOCKED, blocker=blocker.number)
            notices.unblocked(tx, task, blocker)


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """Tell teams which tasks can start now; nobody while a plan is applied."""
    if event.by_plan:
        return
    scene = Scene(tx, event.plan_id)
    field = {"task": "key", "phase": "phase", "team": "team"}.get(event.kind)
    if field:
        held = [task for task in scene.tasks.values() if getattr(task, field) == event.target]
        notices.set_free(scene, held, event.by)


def on_plan_changing(tx: Tx, event: PlanChanging) -> None:
    """Remember who has which task, and until when."""
    rows = store.tasks(tx, event.plan_id)
    known = {task.key: reassignment.Before(task.title, tuple(task.assignees), task.due_at) for task in rows}
    tx.local[BEFORE, event.plan_id] = event.author, known


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """Nobody has what those had who left the plan; each reads once which tasks a new version gives, takes or moves."""
    author, before = tx.local.pop((BEFORE, event.plan_id), ("", {}))
    directory = teams.directory(tx, event.plan_id)
    left: dict[str, list[str]] = {}
    now = {task.key: task for task in store.tasks(tx, event.plan_id)}
    for task in now.values():
        gone = [key for key in task.assignees if key not in directory.people]
        if gone and not models.settled(task):
            task.assignees = [key for key in task.assignees if key not in gone]
            changed(tx, task, "", Verb.LEFT, task.status, left=gone)
            left[task.key] = gone
    applied = before if isinstance(event, PlanApplied) else {}
    notices.plan_changed(tx, directory, author, reassignment.news(directory, applied, now, left))


def on_exporting(tx: Tx, event: Exporting) -> None:
    """Write into the exported plan who has each task now, and how far it is."""
    written = event.body.get("tasks") or {}
    for task in store.tasks(tx, event.plan_id):
        entry = written.get(task.key)
        if isinstance(entry, dict):
            _write(entry, task)


def _write(entry: dict[str, Any], task: Task) -> None:
    if task.assignees != task.written.get("assignees", []):
        word = "assignees" if "assignees" in entry else "assignee"
        entry.pop("assignee", None)
        entry.pop("assignees", None)
        if task.assignees:
            entry[word] = list(task.assignees) if word == "assignees" or len(task.assignees) > 1 else task.assignees[0]
    if task.status != task.written.get("status", State.NOT_STARTED) and task.status != State.DROPPED:
        entry["status"] = str(task.status)
    if not models.settled(task) and task.percent != task.written.get("percent", 0):
        entry["percent"] = task.percent
    elif task.status == State.COMPLETED:
        entry.pop("percent", None)


def _names(blocker: Blocker, task: Task) -> bool:
    return task.key.lower() in {word.lower() for word in WORDS.findall(blocker.blocks or "")}
