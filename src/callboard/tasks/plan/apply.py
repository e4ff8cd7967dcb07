"""Makes the rows of tasks follow the plan file; what people did since stays where the file did not change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from callboard.core.rows import fresh
from callboard.core.timeline import BOT
from callboard.planfile import needs, task_sets
from callboard.planfile.frame import placed, timetable
from callboard.planfile.sections import Document
from callboard.plans import holds
from callboard.tasks import models, store
from callboard.tasks.events import TaskChanged
from callboard.tasks.models import State, Task, Verb
from callboard.tasks.plan.types import TaskPart

if TYPE_CHECKING:
    from callboard.core.db import Tx

Awaited = Mapping[str, list[str]]


def apply(tx: Tx, plan_id: int, document: Document, parts: Mapping[str, TaskPart]) -> None:
    """Make and change tasks as the document says; those it has no more are gone, and come back as they were."""
    there = {task.key: task for task in store.ever(tx, plan_id)}
    waits, wants = _awaited(document, "needs"), _awaited(document, "wants")
    new = []
    for position, (key, part) in enumerate(parts.items()):
        found = there.pop(key, None)
        told = {"needs": waits.get(key, []), "wants": wants.get(key, []), "position": position, "gone": False}
        told |= _plain(document, key, part)
        task, is_new = found or fresh(Task, plan_id=plan_id, key=key, **told), found is None
        was, before = task.status, _seen(task)
        for name, value in told.items() if found else ():
            if getattr(task, name) != value:
                setattr(task, name, value)
        _merge(tx, task, part)
        _overslept(tx, task, is_new=is_new)
        if is_new:
            new.append(task)
            continue
        tx.session.add(task)
        if _seen(task) != before:
            task.changes += 1
            tx.session.flush()
            tx.publish(TaskChanged(plan_id, key, was, task.status, BOT, Verb.APPLIED))
    for task in there.values():
        task.gone, task.next_at = True, None
        tx.session.add(task)
    tx.session.flush()
    store.insert(tx, new)
    _let_go(tx, plan_id)


def consequences(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Say what becomes of work under way that leaves the plan, and of what people did that the file does otherwise."""
    there = {task.key: task for task in store.tasks(tx, plan_id)}
    kept = set(after.keys("tasks"))
    for key in before.keys("tasks"):
        task = there.get(key)
        if task and key not in kept and models.begun(task):
            yield f"{key} leaves the plan and is {task.status}: {', '.join(task.assignees) or 'nobody'} had it"
    parts: Mapping[str, TaskPart] = after.values.get("tasks") or {}
    for key, part in parts.items():
        task = there.get(key)
        said = list(part.people)
        if task and task.written.get("assignees") not in (said, task.assignees) and task.assignees != said:
            by = ", ".join(said) or "nobody"
            yield f"{key} goes to {by}, as the file says now; people gave it to {', '.join(task.assignees) or 'nobody'}"


def _awaited(document: Document, word: str) -> Awaited:
    found: dict[str, dict[str, None]] = {}
    for need in needs.written(document, word):
        if need.path[0] == "tasks":
            found.setdefault(need.of, {}).update(dict.fromkeys(need.ids))
    return {key: [one for one in ids if one != key] for key, ids in found.items()}


def _plain(document: Document, key: str, part: TaskPart) -> dict[str, Any]:
    """What people can't change, as it is in the file."""
    table = timetable(document)
    begins, due = placed(table, part.begins, opening=True), placed(table, part.due)
    return {
        "title": part.title, "team": part.owner, "teams": list(part.teams), "kind": task_sets.kind(document, key),
        "priority": part.priority, "phase": part.phase, "area": part.area, "complexity": part.complexity,
        "from_at": begins[0] if begins else None, "due_at": due[0] if due else None,
        "least": int(part.estimate.low.total_seconds()) if part.estimate else None,
        "most": int(part.estimate.high.total_seconds()) if part.estimate else None,
        "components": [one for one in task_sets.members(document, part.components) if one != key],
        "deliverable": list(part.deliverable), "brief": list(part.brief), "note": part.note,
    }  # fmt: skip


def _merge(tx: Tx, task: Task, part: TaskPart) -> None:
    """What people change too follows the file only where the file changed since it was last applied."""
    said: dict[str, Any] = {
        "assignees": list(part.people), "status": part.status, "percent": int(part.percent or 0),
        "files": list(part.files),
    }  # fmt: skip
    last = task.written
    if last.get("assignees") != said["assignees"]:
        task.assignees = list(part.people)
    gone = {path for path in last.get("files", ()) if path not in part.files}
    task.files = list(dict.fromkeys([*(path for path in task.files if path not in gone), *part.files]))
    ticked = {one["text"]: one for one in task.criteria}
    task.criteria = [
        ticked.get(text) or {"text": text, "done": False, "by": None, "at": None} for text in part.criteria
    ]
    met = {one["name"]: one for one in task.points}
    task.points = [_point(met.get(name), name, team or part.owner) for name, team in part.points.items()]
    if last.get("percent") != said["percent"]:
        task.percent = said["percent"]
    if last.get("status", State.NOT_STARTED) != said["status"]:
        _move(tx, task, part.status)
    task.written = said


def _move(tx: Tx, task: Task, status: str) -> None:
    if task.status == status:
        return
    if status == State.COMPLETED:
        models.complete(task, task.assignees[0] if len(task.assignees) == 1 else BOT, tx.now)
        return
    if models.settled(task):
        models.reopen(task)
    if status == State.IN_PROGRESS:
        models.start(task, tx.now)
        task.moved_at = tx.now
    elif status == State.BLOCKED:
        models.block(task, tx.now, task.blocker)
    else:
        task.status, task.started_at, task.moved_at = State.NOT_STARTED, None, None


def _point(known: Mapping[str, Any] | None, name: str, team: str) -> dict[str, Any]:
    fresh = {"name": name, "team": team, "status": State.NOT_STARTED.value, "by": None, "at": None}
    return {**fresh, **(known or {}), "team": team}


def _overslept(tx: Tx, task: Task, *, is_new: bool) -> None:
    """Tasks already overdue at the first apply are not announced."""
    if is_new and task.due_at and task.due_at <= tx.now:
        task.told_due = task.due_at
    models.look(task)


def _seen(task: Task) -> tuple[Any, ...]:
    return task.status, task.percent, task.assignees, task.criteria, task.points, task.gone


def _let_go(tx: Tx, plan_id: int) -> None:
    """New tasks may wait for one that people settled already."""
    done = store.settled_keys(tx, plan_id)
    for by in dict.fromkeys(hold.by for hold in holds.standing(tx, plan_id) if hold.by in done):
        holds.lift(tx, plan_id, by=by, reason="settled already")
