"""Each kind of message about tasks, and who is told what when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from callboard.blockers.models import Blocker
from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Priority
from callboard.core.timeline import Subject
from callboard.core.words import joined
from callboard.planfile import needs
from callboard.planfile.names import named
from callboard.planfile.sections import whole_of
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.tasks import messages, models, reassignment, store
from callboard.tasks.dependencies import Scene
from callboard.tasks.messages import lists
from callboard.tasks.models import Late, Task
from callboard.teams import service as teams
from callboard.teams.directory import Asker, working_from
from callboard.teams.service import Directory, Person

PLAN = "plan"
OF_THE_PLAN = ("phases", "runbooks")
GONE = Drop("the task has left the plan")
LATE = {Late.OVERDUE: models.is_overdue, Late.STUCK: models.is_stuck}


ROWS = rows(Task)


def _ahead(tx: Tx, numbers: Collection[int]) -> None:
    """One scene for all messages about tasks of a plan."""
    ROWS(tx, numbers)
    for plan_id in {tx.get_one(Task, number).plan_id for number in numbers}:
        tx.local[Scene, plan_id] = Scene(tx, plan_id)


def _ahead_of_plans(tx: Tx, numbers: Collection[int]) -> None:
    for plan_id in numbers:
        tx.local[Scene, plan_id] = Scene(tx, plan_id)


def _scene(tx: Tx, plan_id: int) -> Scene:
    return tx.local.get((Scene, plan_id)) or Scene(tx, plan_id)


def _free(tx: Tx, delivery: Delivery) -> Message | Drop:
    scene, args = _scene(tx, delivery.plan_id), delivery.args
    tasks = store.freed(tx, delivery.plan_id, args["team"], args["by"], datetime.fromisoformat(args["at"]))
    if not tasks:
        return Drop("these tasks wait again")
    planned = {task.key: task.from_at or holds.begins(scene.document, task.phase) for task in tasks}
    later = {key: at for key, at in planned.items() if at and at > tx.now}
    return lists.free(messages.views(scene, tasks), _news(scene, args["by"]), later)


def _again(tx: Tx, delivery: Delivery) -> Message | Drop:
    scene, args = _scene(tx, delivery.plan_id), delivery.args
    by = scene.tasks.get(args["by"])
    if by is None or models.settled(by):
        return Drop("it is settled again")
    keys = [key for key in args["keys"] if key in scene.tasks]
    actor = messages.called(scene.directory, args.get("actor"))
    return lists.again(keys, named(scene.document, by.key), actor) if keys else GONE


def _arrived(tx: Tx, delivery: Delivery) -> Message | Drop:
    scene, args = _scene(tx, delivery.plan_id), delivery.args
    keys = [m.bold(key) for key in args["keys"] if key in scene.tasks]
    if args["keys"] and not keys:
        return GONE
    others = [named(scene.document, key) for key in args.get("others", ())]
    team = scene.directory.teams.get(args.get("team") or "")
    whose = [*keys, *others] or [m.escape(team.name) if team else "Your team"]
    return lists.arrived(whose, _news(scene, args["by"]), whole=bool(args.get("whole")))


def _assigned(tx: Tx, delivery: Delivery) -> Message | Drop:
    scene, task = _scene(tx, delivery.plan_id), store.find(tx, delivery.subject_id)
    if task is None:
        return GONE
    person = scene.directory.by_slack(delivery.address)
    by, has = messages.called(scene.directory, delivery.args["by"]), person and person.key in task.assignees
    if delivery.args.get("taken"):
        return Drop("they have it again") if has else messages.taken(messages.view(scene, task), by)
    return messages.assigned(messages.view(scene, task), by) if has else Drop("somebody else has it now")


def _unblocked(tx: Tx, delivery: Delivery) -> Message | Drop:
    scene, task, args = _scene(tx, delivery.plan_id), store.find(tx, delivery.subject_id), delivery.args
    if task is None:
        return GONE
    by = messages.called(scene.directory, args["by"])
    return messages.unblocked(messages.view(scene, task), args["blocker"], by, args["state"], args["said"] or "")


def _overridden(tx: Tx, delivery: Delivery) -> Message | Drop:
    scene, task, args = _scene(tx, delivery.plan_id), store.find(tx, delivery.subject_id), delivery.args
    if task is None:
        return GONE
    held = joined(named(scene.document, key) for key in args["held"])
    by = messages.called(scene.directory, args["by"])
    return messages.overridden(messages.view(scene, task), by, held, args["reason"])


def _late(tx: Tx, delivery: Delivery) -> Message | Drop:
    why = {int(number): Late(reason) for number, reason in delivery.args["why"].items()}
    scene, reader = _scene(tx, delivery.plan_id), str(delivery.args.get("to", ""))
    told = [task for task in scene.tasks.values() if task.number in why]
    late = {task.number for task in told if LATE[why[task.number]](task, tx.now)}
    tasks = [task for task in told if task.number in late or delivery.posted_as]
    if not tasks:
        return Drop("none of them is late any more")
    leads = [lead.key for task in tasks for team in task.teams for lead in scene.directory.leads_of(team)]
    owners = [owner for task in tasks for owner in scene.directory.areas.get(task.area or "", ())]
    absent = {
        person.key: scene.directory.called(person.key)
        for task in tasks for person in scene.directory.named(task.assignees)
        if (deputy := scene.directory.standing_in(person, tx.now)) and deputy.key == reader
    }  # fmt: skip
    return lists.late(messages.views(scene, tasks), why, late, reader, leads, owners, absent)


def _plan_changed(tx: Tx, delivery: Delivery) -> Message | Drop:
    """What is still so of it when it is sent."""
    scene, reader = _scene(tx, delivery.plan_id), str(delivery.args["of"])
    lines = [line for each in delivery.args["news"] if (line := reassignment.line(scene, reader, *each))]
    by = messages.called(scene.directory, delivery.args["by"])
    return lists.plan_changed(by, lines) if lines else Drop("none of it is so any more")


FREE = Notice(
    kind="task.free", render=_free, priority=Priority.ANSWER, ahead=_ahead_of_plans,
    told="the channel of a team, once for each thing that lets its tasks start",
)  # fmt: skip
AGAIN = Notice(
    kind="task.again", render=_again, priority=Priority.ANSWER, ahead=_ahead_of_plans,
    told="the channel of a team, when a task is reopened that its tasks wait for",
)  # fmt: skip
ARRIVED = Notice(
    kind="task.arrived", render=_arrived, priority=Priority.ANSWER, ahead=_ahead_of_plans,
    told="the channel of a team, when something is ready that it wants, or all parts of its task are",
)  # fmt: skip
ASSIGNED = Notice(
    kind="task.assigned",
    render=_assigned,
    priority=Priority.ANSWER,
    told="whoever somebody else gave a task to, or took it from",
    editable=True,
    see="/task mine",
    ahead=_ahead,
)
UNBLOCKED = Notice(
    kind="task.unblocked", render=_unblocked, priority=Priority.ANSWER, ahead=_ahead,
    told="those who have a task, when its last blocker is over; not to whoever ended it",
)  # fmt: skip
OVERRIDDEN = Notice(
    kind="task.overridden", render=_overridden, priority=Priority.ANSWER, ahead=_ahead,
    told="the plan's channel and those of its teams, when a coordinator lets a task start early",
)  # fmt: skip
OVERDUE = Notice(
    kind="task.late", render=_late, priority=Priority.PROMPT, editable=True, folds=True, see="/task mine",
    ahead=_ahead,
    told="those who have overdue or stuck tasks, lead their teams or own their area, once, in their working hours",
)  # fmt: skip
PLAN_CHANGED = Notice(
    kind="task.plan", render=_plan_changed, priority=Priority.ANSWER, see="/task mine", ahead=_ahead_of_plans,
    told="those whose tasks a new version of the plan gives, takes or moves, once, in their working hours; leads, of "
    "tasks whose people left the plan",
)  # fmt: skip
NOTICES = (FREE, AGAIN, ARRIVED, ASSIGNED, UNBLOCKED, OVERRIDDEN, OVERDUE, PLAN_CHANGED)


def settled(tx: Tx, task: Task, actor: str) -> None:
    """A task is completed or dropped: lift its holds, tell whoever waited for it, wanted it, or consists of it."""
    holds.lift(tx, task.plan_id, by=task.key, actor=actor, reason=f"{task.key} is {task.status}")
    scene = Scene(tx, task.plan_id)
    set_free(scene, scene.waiting(task.key), task.key)
    arrived(tx, task.plan_id, task.key)
    for team, wholes in _by_team(whole for whole in scene.tasks.values() if _is_last(scene, task, whole)).items():
        keys, key = [whole.key for whole in wholes], f"whole:{team}:{task.key}:{task.changes}"
        _tell(scene, team, ARRIVED, key, by=task.key, keys=keys, whole=True)


def _is_last(scene: Scene, task: Task, whole: Task) -> bool:
    """Whether a task was the last open part of another."""
    parts = [scene.tasks[key] for key in whole.components if key in scene.tasks]
    return task.key in whole.components and not models.settled(whole) and all(map(models.settled, parts))


def reopened(tx: Tx, task: Task, actor: str) -> None:
    """A task is not settled after all: tell the teams whose tasks have not begun and wait again."""
    scene = Scene(tx, task.plan_id)
    again = store.numbered(tx, [behind.number for behind in scene.waiting(task.key)])
    for team, waiting in _by_team(again).items():
        for behind in waiting:
            behind.freed_at, behind.freed_by = None, ""
            tx.session.add(behind)
        key = f"again:{team}:{task.key}:{task.changes}"
        _tell(scene, team, AGAIN, key, by=task.key, actor=actor, keys=[behind.key for behind in waiting])
    tx.session.flush()


def arrived(tx: Tx, plan_id: int, key: str) -> None:
    """A task is settled or a gate has passed: tell those who want it without waiting for it.

    Teams are told for their tasks, and for themselves unless tasks of theirs can start now and they read that; the
    plan's own channel for its phases and run-books.
    """
    scene = Scene(tx, plan_id)
    wanting = _by_team(task for task in scene.tasks.values() if key in task.wants and not models.settled(task))
    wants = [need for need in needs.written(scene.document, "wants") if key in need.ids]
    stamp = tx.now.isoformat()
    told = {task.team for task in scene.tasks.values() if task.freed_at == tx.now and task.freed_by == key}
    whole = [need.of for need in wants if need.path[0] == "teams" and need.of not in told]
    for team in dict.fromkeys([*wanting, *whole]):
        keys = [task.key for task in wanting.get(team, ())]
        _tell(scene, team, ARRIVED, f"wants:{team}:{key}:{stamp}", by=key, keys=keys)
    others = list(dict.fromkeys(need.of for need in wants if need.path[0] in OF_THE_PLAN))
    if others:
        _tell(scene, None, ARRIVED, f"wants::{key}:{stamp}", by=key, keys=[], others=others)


def set_free(scene: Scene, candidates: Iterable[Task], by: str) -> None:
    """Tell each team once, however many of its tasks can start now."""
    tx = scene.tx
    able = [task.number for task in candidates if not (task.started_at or models.settled(task) or scene.waits(task))]
    free = [task for task in store.numbered(tx, able) if task.freed_at != tx.now] if able else []
    for task in free:
        task.freed_at, task.freed_by = tx.now, by
        tx.session.add(task)
    tx.session.flush()
    stamp = tx.now.isoformat()
    for team in _by_team(free):
        _tell(scene, team, FREE, f"free:{team}:{by}:{stamp}", by=by, at=stamp)


def assigned(tx: Tx, asker: Asker, task: Task, people: Iterable[Person]) -> None:
    """Tell these people that they have a task from now on, or have it no longer."""
    for person in people:
        args = {"by": asker.person.key} | ({} if person.key in task.assignees else {"taken": True})
        _direct(tx, asker.directory, task, person, ASSIGNED, args)


def plan_changed(tx: Tx, directory: Directory, by: str, news: Mapping[str, Sequence[reassignment.News]]) -> None:
    """Tell each person in one message what a change of the plan means for their tasks."""
    stem, plan = f"task:plan:{directory.plan_id}:{plans.revision(tx, directory.plan_id)}", directory.plan_id
    people = [person for person in directory.named(news) if not person.vacant]
    left = {person.key: _still_new(tx, plan, person, news[person.key]) for person in people}
    outbox.enqueue(tx, [
        PLAN_CHANGED.post(
            directory, person.slack_id, Subject(PLAN, plan), f"{stem}:{person.key}",
            args={"of": person.key, "by": by, "news": left[person.key]},
            not_before=working_from(directory, person, tx.now),
        )
        for person in people if person.key != by and left[person.key]
    ])  # fmt: skip


def _still_new(tx: Tx, plan_id: int, person: Person, news: Sequence[reassignment.News]) -> list[reassignment.News]:
    """What is left of it beside what waits to be told to somebody: one takes the other back."""
    after = list(news)
    for delivery in outbox.untold(tx, plan_id, PLAN_CHANGED.kind, person.slack_id) if person.slack_id else ():
        before, after = reassignment.undone(delivery.args["news"], after)
        delivery.args = delivery.args | {"news": before}
    return after


def unblocked(tx: Tx, task: Task, blocker: Blocker) -> None:
    directory = teams.directory(tx, task.plan_id)
    args = {"blocker": blocker.number, "by": blocker.closed_by, "state": str(blocker.state), "said": blocker.outcome}
    for person in directory.named(task.assignees):
        if person.key != blocker.closed_by:
            _direct(tx, directory, task, person, UNBLOCKED, args)


def overridden(tx: Tx, asker: Asker, task: Task, by: Sequence[str], reason: str) -> None:
    directory = asker.directory
    args = {"by": asker.person.key, "held": list(by), "reason": reason}
    for home in dict.fromkeys([directory.home_channel(), *map(directory.home_channel, task.teams)]):
        _post(tx, directory, task, home, OVERRIDDEN, args)


def late(tx: Tx, directory: Directory, person: Person, tasks: Sequence[Task], why: Mapping[str, Late]) -> None:
    key = f"task:late:{directory.plan_id}:{person.key}:{tx.now.isoformat()}"
    args = {"why": {str(task.number): why[task.key] for task in tasks}, "to": person.key}
    to, at = "" if person.vacant else person.slack_id, working_from(directory, person, tx.now)
    outbox.enqueue(tx, [OVERDUE.post(directory, to, tasks[0].subject, key, args=args, not_before=at)])


def _direct(tx: Tx, directory: Directory, task: Task, person: Person, notice: Notice, args: Mapping[str, Any]) -> None:
    _post(tx, directory, task, "" if person.vacant else person.slack_id, notice, args)


def _post(tx: Tx, directory: Directory, task: Task, to: str, notice: Notice, args: Mapping[str, Any]) -> None:
    key = f"{notice.kind}:{task.number}:{task.changes}:{to}"
    outbox.enqueue(tx, [notice.post(directory, to, task.subject, key, args=args)])


def _tell(scene: Scene, team: str | None, notice: Notice, key: str, **args: object) -> None:
    to, plan = scene.directory.home_channel(team), Subject(PLAN, scene.plan_id)
    post = notice.post(scene.directory, to, plan, f"task:{scene.plan_id}:{key}", args={"team": team, **args})
    outbox.enqueue(scene.tx, [post])


def _by_team(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    teams: dict[str, list[Task]] = {}
    for task in tasks:
        teams.setdefault(task.team, []).append(task)
    return teams


def _news(scene: Scene, key: str) -> str:
    """What is ready now, as a sentence: `Schema validated (`A-1`) was completed by @Ann`."""
    name, task = named(scene.document, key), scene.tasks.get(key)
    if whole_of(key) in scene.document.keys("gates"):
        gate = scene.gate(key)
        return f"{name} {gate.words if gate.passed else 'no longer holds you up'}"
    if task is None:
        return f"{name} {'has begun' if key in scene.document.keys('phases') else 'no longer holds you up'}"
    by = f" by {messages.called(scene.directory, task.completed_by)}" if task.completed_by else ""
    return f"{name} was {task.status}{by}{f', because {task.why}' if task.why else ''}"
