"""Tells those who waited as soon as nothing holds their work any more, and when it waits again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.core.outbox import Post, Priority
from callboard.core.subject import Subject
from callboard.planfile import needs
from callboard.plans import holds
from callboard.plans.events import HoldLifted
from callboard.tasks import models
from callboard.tasks.holding import Scene
from callboard.tasks.models import Task

if TYPE_CHECKING:
    from callboard.core.db import Tx

PLAN = "plan"
OF_THE_PLAN = ("phases", "runbooks")


def settled(tx: Tx, task: Task, actor: str) -> None:
    """A task is completed or dropped: what it held goes on, and who wanted to know hears of it."""
    holds.lift(tx, task.plan_id, by=task.key, actor=actor, reason=f"{task.key} is {task.status}")
    scene = Scene(tx, task.plan_id)
    _free(scene, scene.waiting(task.key), task.key)
    arrived(tx, task.plan_id, task.key)
    whole = [one for one in scene.tasks.values() if task.key in one.components and not models.settled(one)]
    for one in whole:
        if all(models.settled(scene.tasks[key]) for key in one.components if key in scene.tasks):
            _tell(scene, one.team, "task.arrived", f"whole:{one.key}:{task.key}:{task.changes}", by=task.key,
                  keys=[one.key], whole=True)  # fmt: skip


def reopened(tx: Tx, task: Task, actor: str) -> None:
    """A task is not settled after all: what has not begun waits again, and its teams are told."""
    scene = Scene(tx, task.plan_id)
    for team, waiting in _by_team(scene.waiting(task.key)).items():
        for one in waiting:
            one.freed_at, one.freed_by = None, ""
            tx.session.add(one)
        key = f"again:{team}:{task.key}:{task.changes}"
        _tell(scene, team, "task.again", key, by=task.key, actor=actor, keys=[one.key for one in waiting])
    tx.session.flush()


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
        _free(scene, filter(concerned, scene.tasks.values()), event.by)


def arrived(tx: Tx, plan_id: int, key: str) -> None:
    """Something is there that is wanted without being waited for: a task is settled, a gate has passed.

    Teams hear of it for their tasks and themselves, the plan's own channel for its phases and run-books.
    """
    scene = Scene(tx, plan_id)
    wanting = _by_team(one for one in scene.tasks.values() if key in one.wants and not models.settled(one))
    wants = [need for need in needs.written(scene.document, "wants") if key in need.ids]
    teams = [need.of for need in wants if need.path[0] == "teams"]
    stamp = tx.now.isoformat()
    for team in dict.fromkeys([*wanting, *teams]):
        keys = [one.key for one in wanting.get(team, ())]
        _tell(scene, team, "task.arrived", f"wants:{team}:{key}:{stamp}", by=key, keys=keys)
    others = list(dict.fromkeys(need.of for need in wants if need.path[0] in OF_THE_PLAN))
    if others:
        _tell(scene, None, "task.arrived", f"wants::{key}:{stamp}", by=key, keys=[], others=others)


def _free(scene: Scene, candidates: Iterable[Task], by: str) -> None:
    """One message for each team, however many of its tasks may start by the same."""
    tx, free = scene.tx, []
    for task in candidates:
        waits = task.started_at or models.settled(task) or task.freed_at == tx.now or scene.waits(task)
        if not waits:
            task.freed_at, task.freed_by = tx.now, by
            tx.session.add(task)
            free.append(task)
    tx.session.flush()
    for team in _by_team(free):
        _tell(scene, team, "task.free", f"free:{team}:{by}:{tx.now.isoformat()}", by=by, at=tx.now.isoformat())


def _by_team(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(task.team, []).append(task)
    return found


def _tell(scene: Scene, team: str | None, kind: str, key: str, **args: object) -> None:
    address = scene.directory.home_channel(team)
    if address:
        outbox.enqueue(scene.tx, [
            Post(key=f"task:{scene.plan_id}:{key}", plan_id=scene.plan_id, workspace=scene.directory.workspace,
                 address=address, kind=kind, subject=Subject(PLAN, scene.plan_id), priority=Priority.ANSWER,
                 args={"team": team, **args}),
        ])  # fmt: skip
