"""What is sent about tasks, written at the moment it is sent, from their state as it then is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.outbox import Delivery, Drop, Message, Renderer
from callboard.core.words import joined
from callboard.planning.duties import named
from callboard.tasks import models, store, telling, views
from callboard.tasks.events import GateAsked
from callboard.tasks.holding import Scene

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = Drop("the task is not in the plan any more")


def free(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Tasks of a team may start."""
    scene, args = Scene(tx, delivery.plan_id), delivery.args
    at = datetime.fromisoformat(args["at"])
    tasks = store.freed(tx, delivery.plan_id, args["team"], args["by"], at)
    if not tasks:
        return Drop("these tasks wait again")
    return telling.free(views.views(scene, tasks), *_by(scene, args["by"]))


def again(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Something that tasks need is open again."""
    scene = Scene(tx, delivery.plan_id)
    by = scene.tasks.get(delivery.args["by"])
    if by is None or models.settled(by):
        return Drop("it is settled again")
    tasks = [scene.tasks[key] for key in delivery.args["keys"] if key in scene.tasks]
    actor = views.called(scene.directory, delivery.args.get("actor"))
    return telling.again(views.views(scene, tasks), named(scene.document, by.key), actor) if tasks else GONE


def arrived(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Something is there that tasks wanted to know of."""
    scene, args = Scene(tx, delivery.plan_id), delivery.args
    tasks = [scene.tasks[key] for key in args["keys"] if key in scene.tasks]
    if args["keys"] and not tasks:
        return GONE
    others = [named(scene.document, key) for key in args.get("others", ())]
    team = scene.directory.teams.get(args.get("team") or "")
    whose = [*(b.bold(task.key) for task in tasks), *others] or [b.escape(team.name) if team else "Your team"]
    return telling.arrived(whose, *_by(scene, args["by"]), whole=bool(args.get("whole")))


def assigned(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody has a task."""
    scene, task = _about(tx, delivery)
    if task is None:
        return GONE
    person = scene.directory.by_slack(delivery.address)
    if person is None or person.key not in task.assignees:
        return Drop("somebody else has it now")
    return telling.assigned(views.view(scene, task), views.called(scene.directory, delivery.args["by"]))


def unblocked(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A blocker is over."""
    scene, task = _about(tx, delivery)
    args = delivery.args
    by = views.called(scene.directory, args["by"])
    view = views.view(scene, task) if task else None
    return telling.unblocked(view, args["blocker"], by, args["state"], args["said"] or "") if view else GONE


def overridden(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A task starts before its time."""
    scene, task = _about(tx, delivery)
    args = delivery.args
    held = joined(named(scene.document, key) for key in args["held"])
    by = views.called(scene.directory, args["by"])
    return telling.overridden(views.view(scene, task), by, held, args["reason"]) if task else GONE


def late(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Tasks are overdue or stuck; those that are not any more are left out."""
    scene = Scene(tx, delivery.plan_id)
    why = {int(number): reason for number, reason in delivery.args["why"].items()}
    there = [task for task in store.numbered(tx, list(why)) if not task.gone]
    still = {"overdue": models.is_overdue, "stuck": models.is_stuck}
    tasks = [task for task in there if still[why[task.number]](task, tx.now)]
    if not tasks:
        return Drop("nothing of it is late any more")
    return telling.late(views.views(scene, tasks, delivery.args["to"]), why)


def _about(tx: Tx, delivery: Delivery) -> tuple[Scene, models.Task | None]:
    scene = Scene(tx, delivery.plan_id)
    task = store.find(tx, delivery.subject_id)
    return scene, None if task is None or task.gone else task


def _by(scene: Scene, key: str) -> tuple[str, str]:
    """What is there, as people call it, and how it came about."""
    task = scene.tasks.get(key)
    if key in scene.document.keys("gates"):
        scene.tx.publish(asked := GateAsked(scene.plan_id, key))
        return named(scene.document, key), asked.over or "no longer stands in the way"
    if task is None:
        return named(scene.document, key), "has begun" if key in scene.document.keys("phases") else "is there"
    by = f" by {views.called(scene.directory, task.completed_by)}" if task.completed_by else ""
    why = f", because {task.why}" if task.why else ""
    return named(scene.document, key), f"is {task.status}{by}{why}"


renderers: dict[str, Renderer] = {
    "task.free": free,
    "task.again": again,
    "task.arrived": arrived,
    "task.assigned": assigned,
    "task.unblocked": unblocked,
    "task.overridden": overridden,
    "task.late": late,
}
