"""Tasks and blockers: a blocker knows the task that it holds up, and the task hears when that is over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from callboard.blockers import service as blockers
from callboard.blockers.events import BlockerChanged, BlockerResolved
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.tasks import models, news, rights, store
from callboard.tasks.changing import changed
from callboard.tasks.models import State, Task
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

WORDS = re.compile(r"[^\s,;:()]+")


def block(tx: Tx, asker: Asker, key: str, said: Raised, expected: int | None = None) -> tuple[Task, Blocker]:
    """Raise a blocker that holds up a task; it climbs as any other, and its end unblocks the task."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_team(asker, task, "block it")
    blocker = blockers.raise_blocker(tx, asker, Raised(
        what=said.what, team=task.team or None, severity=said.severity, category=said.category,
        waits_for=said.waits_for, blocks=task.called,
    ))  # fmt: skip
    return task, blocker


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
            news.unblocked(tx, task, blocker)


def _names(blocker: Blocker, task: Task) -> bool:
    """Whether a blocker says that it holds up a task."""
    return task.key.lower() in {word.lower() for word in WORDS.findall(blocker.blocks or "")}


def _blocked(tx: Tx, task: Task, blocker: Blocker) -> None:
    was = task.status
    models.block(task, tx.now, blocker.number)
    changed(tx, task, blocker.reporter, "blocked", was, blocker=blocker.number)
