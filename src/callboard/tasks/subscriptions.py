"""What tasks do when others publish: blockers come and go, holds are lifted, the plan is exported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from callboard.blockers import service as blockers
from callboard.blockers.events import BlockerChanged, BlockerResolved
from callboard.blockers.models import Blocker
from callboard.plans.events import Exporting, HoldLifted
from callboard.tasks import models, notices, store
from callboard.tasks.dependencies import Scene
from callboard.tasks.models import State, Task
from callboard.tasks.service import changed

if TYPE_CHECKING:
    from callboard.core.db import Tx

WORDS = re.compile(r"[^\s,;:()]+")


def on_blocker_changed(tx: Tx, event: BlockerChanged) -> None:
    """A blocker is raised that names tasks, or is open again: these tasks are blocked."""
    blocker = event.blocker
    if event.verb == "raised" and blocker.blocks:
        for task in store.every(tx, blocker.plan_id):
            if _names(blocker, task) and not models.settled(task):
                _blocked(tx, task, blocker)
    elif event.verb == "reopened":
        for task in store.blocked_by(tx, blocker.number):
            if not models.settled(task):
                _blocked(tx, task, blocker)


def on_blocker_resolved(tx: Tx, event: BlockerResolved) -> None:
    """A blocker is over: the tasks that no other holds up go on where they stood, and who has them is told."""
    blocker = event.blocker
    for task in store.blocked_by(tx, blocker.number):
        others = [one for one in blockers.open_ones(tx, blocker.plan_id) if one is not blocker and _names(one, task)]
        if others:
            task.blocker = others[-1].number
            tx.session.add(task)
        elif task.status == State.BLOCKED:
            models.unblock(task)
            changed(tx, task, blocker.closed_by or "", "unblocked", State.BLOCKED, blocker=blocker.number)
            notices.unblocked(tx, task, blocker)


def on_hold_lifted(tx: Tx, event: HoldLifted) -> None:
    """A hold is gone: the tasks that nothing else keeps may start. While a plan is applied, nobody is told."""
    if event.by_plan:
        return
    scene = Scene(tx, event.plan_id)
    concerned = {
        "task": lambda task: task.key == event.target,
        "phase": lambda task: task.phase == event.target,
        "team": lambda task: task.team == event.target,
    }.get(event.kind)
    if concerned:
        notices.set_free(scene, filter(concerned, scene.tasks.values()), event.by)


def on_exporting(tx: Tx, event: Exporting) -> None:
    """Write into the plan as it stands who has each task now, and how far it is."""
    written = event.body.get("tasks") or {}
    for task in store.every(tx, event.plan_id):
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
    percent = 0 if task.status in models.SETTLED else task.percent
    if percent != task.written.get("percent", 0) and task.status not in models.SETTLED:
        entry["percent"] = percent
    elif task.status == State.COMPLETED:
        entry.pop("percent", None)


def _names(blocker: Blocker, task: Task) -> bool:
    """Whether a blocker says that it holds up a task."""
    return task.key.lower() in {word.lower() for word in WORDS.findall(blocker.blocks or "")}


def _blocked(tx: Tx, task: Task, blocker: Blocker) -> None:
    was = task.status
    models.block(task, tx.now, blocker.number)
    changed(tx, task, blocker.reporter, "blocked", was, blocker=blocker.number)
