"""Who is told what about tasks, and how each of these messages is drawn when it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blockers.models import Blocker
from callboard.core import outbox
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority, Renderer
from callboard.core.timeline import Subject
from callboard.core.words import joined
from callboard.planfile import needs
from callboard.planning.duties import named
from callboard.plans import holds
from callboard.tasks import models, store
from callboard.tasks.dependencies import Scene
from callboard.tasks.messages import card, lists, views
from callboard.tasks.models import Task
from callboard.teams import service as teams
from callboard.teams.service import Asker, Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

PLAN = "plan"
OF_THE_PLAN = ("phases", "runbooks")
GONE = Drop("the task is not in the plan any more")


def settled(tx: Tx, task: Task, actor: str) -> None:
    """A task is completed or dropped: what it held goes on, and who wanted to know hears of it."""
    holds.lift(tx, task.plan_id, by=task.key, actor=actor, reason=f"{task.key} is {task.status}")
    scene = Scene(tx, task.plan_id)
    set_free(scene, scene.waiting(task.key), task.key)
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


def set_free(scene: Scene, candidates: Iterable[Task], by: str) -> None:
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


def assigned(tx: Tx, asker: Asker, task: Task, people: Iterable[Person]) -> None:
    """Tell people that they have a task now."""
    for person in people:
        _direct(tx, asker.directory, task, person, "task.assigned", {"by": asker.person.key})


def unblocked(tx: Tx, task: Task, blocker: Blocker) -> None:
    """Tell those who have a task that it goes on; who ended the blocker knows."""
    directory = teams.directory(tx, task.plan_id)
    args = {"blocker": blocker.number, "by": blocker.closed_by, "state": str(blocker.state), "said": blocker.outcome}
    for person in directory.named(task.assignees):
        if person.key != blocker.closed_by:
            _direct(tx, directory, task, person, "task.unblocked", args)


def overridden(tx: Tx, asker: Asker, task: Task, by: Sequence[str], reason: str) -> None:
    """Announce that a task starts although something holds it: where the plan is coordinated, and to its team."""
    directory = asker.directory
    args = {"by": asker.person.key, "held": list(by), "reason": reason}
    homes = [directory.home_channel(), *map(directory.home_channel, task.teams)]
    outbox.enqueue(tx, [_post(directory, task, home, "task.overridden", args) for home in dict.fromkeys(homes) if home])


def late(
    tx: Tx, directory: Directory, person: Person, tasks: Sequence[Task], why: dict[str, str], at: datetime
) -> None:
    """Tell somebody of all their tasks that are overdue or stuck, in one message, when they work next."""
    if not person.slack_id or person.vacant:
        return
    key = f"task:late:{directory.plan_id}:{person.key}:{tx.now.isoformat()}"
    outbox.enqueue(tx, [
        Post(key=key, plan_id=directory.plan_id, workspace=directory.workspace, address=person.slack_id,
             kind="task.late", subject=tasks[0].subject, priority=Priority.PROMPT, not_before=at,
             args={"why": {str(task.number): why[task.key] for task in tasks}, "to": person.key}),
    ])  # fmt: skip


def _direct(tx: Tx, directory: Directory, task: Task, person: Person, kind: str, args: dict[str, Any]) -> None:
    if person.slack_id and not person.vacant:
        outbox.enqueue(tx, [_post(directory, task, person.slack_id, kind, args)])


def _post(directory: Directory, task: Task, address: str, kind: str, args: dict[str, Any]) -> Post:
    return Post(
        key=f"{kind}:{task.number}:{task.changes}:{address}", plan_id=task.plan_id, workspace=directory.workspace,
        address=address, kind=kind, subject=task.subject, priority=Priority.ANSWER, args=args,
    )  # fmt: skip


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


def render_free(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Tasks of a team may start."""
    scene, args = Scene(tx, delivery.plan_id), delivery.args
    at = datetime.fromisoformat(args["at"])
    tasks = store.freed(tx, delivery.plan_id, args["team"], args["by"], at)
    if not tasks:
        return Drop("these tasks wait again")
    return lists.free(views.views(scene, tasks), *_by(scene, args["by"]))


def render_again(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Something that tasks need is open again."""
    scene = Scene(tx, delivery.plan_id)
    by = scene.tasks.get(delivery.args["by"])
    if by is None or models.settled(by):
        return Drop("it is settled again")
    tasks = [scene.tasks[key] for key in delivery.args["keys"] if key in scene.tasks]
    actor = views.called(scene.directory, delivery.args.get("actor"))
    return lists.again(views.views(scene, tasks), named(scene.document, by.key), actor) if tasks else GONE


def render_arrived(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Something is there that tasks wanted to know of."""
    scene, args = Scene(tx, delivery.plan_id), delivery.args
    tasks = [scene.tasks[key] for key in args["keys"] if key in scene.tasks]
    if args["keys"] and not tasks:
        return GONE
    others = [named(scene.document, key) for key in args.get("others", ())]
    team = scene.directory.teams.get(args.get("team") or "")
    whose = [*(b.bold(task.key) for task in tasks), *others] or [b.escape(team.name) if team else "Your team"]
    return lists.arrived(whose, *_by(scene, args["by"]), whole=bool(args.get("whole")))


def render_assigned(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Somebody has a task."""
    scene, task = _about(tx, delivery)
    if task is None:
        return GONE
    person = scene.directory.by_slack(delivery.address)
    if person is None or person.key not in task.assignees:
        return Drop("somebody else has it now")
    return card.assigned(views.view(scene, task), views.called(scene.directory, delivery.args["by"]))


def render_unblocked(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A blocker is over."""
    scene, task = _about(tx, delivery)
    args = delivery.args
    by = views.called(scene.directory, args["by"])
    view = views.view(scene, task) if task else None
    return card.unblocked(view, args["blocker"], by, args["state"], args["said"] or "") if view else GONE


def render_overridden(tx: Tx, delivery: Delivery) -> Message | Drop:
    """A task starts before its time."""
    scene, task = _about(tx, delivery)
    args = delivery.args
    held = joined(named(scene.document, key) for key in args["held"])
    by = views.called(scene.directory, args["by"])
    return card.overridden(views.view(scene, task), by, held, args["reason"]) if task else GONE


def render_late(tx: Tx, delivery: Delivery) -> Message | Drop:
    """Tasks are overdue or stuck; those that are not any more are left out."""
    scene = Scene(tx, delivery.plan_id)
    why = {int(number): reason for number, reason in delivery.args["why"].items()}
    there = [task for task in store.numbered(tx, list(why)) if not task.gone]
    still = {"overdue": models.is_overdue, "stuck": models.is_stuck}
    tasks = [task for task in there if still[why[task.number]](task, tx.now)]
    if not tasks:
        return Drop("nothing of it is late any more")
    return lists.late(views.views(scene, tasks, delivery.args["to"]), why)


def _about(tx: Tx, delivery: Delivery) -> tuple[Scene, models.Task | None]:
    scene = Scene(tx, delivery.plan_id)
    task = store.find(tx, delivery.subject_id)
    return scene, None if task is None or task.gone else task


def _by(scene: Scene, key: str) -> tuple[str, str]:
    """What is there, as people call it, and how it came about."""
    task = scene.tasks.get(key)
    if key in scene.document.keys("gates"):
        gate = scene.gate(key)
        return named(scene.document, key), gate.words if gate.passed else "no longer stands in the way"
    if task is None:
        return named(scene.document, key), "has begun" if key in scene.document.keys("phases") else "is there"
    by = f" by {views.called(scene.directory, task.completed_by)}" if task.completed_by else ""
    why = f", because {task.why}" if task.why else ""
    return named(scene.document, key), f"is {task.status}{by}{why}"


renderers: dict[str, Renderer] = {
    "task.free": render_free,
    "task.again": render_again,
    "task.arrived": render_arrived,
    "task.assigned": render_assigned,
    "task.unblocked": render_unblocked,
    "task.overridden": render_overridden,
    "task.late": render_late,
}
