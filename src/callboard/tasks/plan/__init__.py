"""The sections `task_kinds`, `priorities`, `areas`, `tasks` and `task_types` of the plan file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from callboard.core import timeline
from callboard.core.calendar import Calendar
from callboard.core.db import Tx
from callboard.core.rows import fresh
from callboard.core.timeline import BOT
from callboard.planfile import needs, task_sets
from callboard.planfile.sections import Awaited, Document, Happening, Section, Waits, Window
from callboard.planfile.timetable import instant_of, placed, timetable
from callboard.planfile.types import Many
from callboard.plans import holds
from callboard.plans.live_plan import header_of
from callboard.tasks import models, store
from callboard.tasks.models import State, TaskChanged, Verb
from callboard.tasks.plan import check
from callboard.tasks.plan.types import Area, AreaPart, Task, TaskPart, TaskTypePart
from callboard.teams.plan import directory as teams

NOT_TICKED = {"done": False, "by": None, "at": None}
NOT_MET = {"team": "", "status": State.NOT_STARTED.value, "by": None, "at": None}


def _happens(document: Document, tasks: Mapping[str, TaskPart], window: Window) -> Iterator[Happening]:
    """Each task begins and is due, where that is written; for its people, or the lead of its team."""
    table = timetable(document)
    for key, part in tasks.items():
        for name, moment, opening in ((f"{part.title} begins", part.begins, True), (part.title, part.due, False)):
            found = placed(table, moment, opening=opening)
            if found and window[0] <= found[0] < window[1]:
                own = teams.meant(document, part.people) if part.people else ()
                yield Happening(
                    at=found[0], kind="task", name=name, key=key, zone=found[1], team=part.owner,
                    part="begins" if opening else "", who=own or teams.meant(document, ("lead",), part.owner),
                )  # fmt: skip


def _apply(tx: Tx, plan_id: int, document: Document) -> None:
    """Make and change tasks as the document says; those that left it are gone, and come back as they were."""
    rows, new = {task.key: task for task in store.tasks(tx, plan_id, ever=True)}, []
    calendar = header_of(document).calendar
    waits, wants = _awaited(document, "needs"), _awaited(document, "wants")
    for position, (key, part) in enumerate((document.of(TASKS) or {}).items()):
        values = {"needs": waits.get(key, []), "wants": wants.get(key, []), "position": position, "gone": False}
        values |= _plain(document, key, part)
        if task := rows.pop(key, None):
            _change(tx, task, part, values, calendar)
            continue
        task = fresh(models.Task, plan_id=plan_id, key=key, **values)
        _merge(tx, task, part, calendar)
        if task.due_at and task.due_at <= tx.now:
            # Tasks already overdue at the first apply are not announced.
            task.told_due = task.due_at
        models.look(task, calendar)
        new.append(task)
    for task in rows.values():
        task.gone, task.next_at = True, None
        tx.session.add(task)
    tx.session.flush()
    store.insert(tx, new)
    _let_go(tx, plan_id)


def _change(tx: Tx, task: models.Task, part: TaskPart, values: Mapping[str, Any], calendar: Calendar) -> None:
    was, before = task.status, _counted(task)
    for name, value in values.items():
        if getattr(task, name) != value:
            setattr(task, name, value)
    _merge(tx, task, part, calendar)
    models.look(task, calendar)
    tx.session.add(task)
    if _counted(task) != before:
        task.changes += 1
        tx.session.flush()
        timeline.record(
            tx, task.plan_id, task.subject, Verb.APPLIED, change=task.changes, task=task.key, status=str(task.status),
            percent=task.percent, standing=models.stands(task),
        )  # fmt: skip
        tx.publish(TaskChanged(task.plan_id, task.key, was, task.status, BOT, Verb.APPLIED))


def _counted(task: models.Task) -> tuple[Any, ...]:
    """What makes older buttons void when it changes."""
    return task.status, task.percent, task.assignees, task.criteria, task.points, task.gone


def _consequences(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Say which tasks in progress leave the plan, and whom the file takes tasks from that people assigned."""
    rows = {task.key: task for task in store.tasks(tx, plan_id)}
    parts: Mapping[str, TaskPart] = after.values.get("tasks") or {}
    kept = set(after.keys("tasks"))
    for key in before.keys("tasks"):
        if key in rows and key not in kept and models.begun(rows[key]):
            yield f"{key} leaves the plan and is {rows[key].status}: {_people(rows[key].assignees)} had it"
    for person in before.gone(after, "people"):
        had = [key for key, task in rows.items() if person in task.assignees and not models.settled(task)]
        left = [key for key in had if key in parts and list(parts[key].people) == rows[key].written.get("assignees")]
        if left:
            them = "it" if len(left) == 1 else "them"
            yield f"{person} leaves the plan and has {_people(left)}: nobody has {them} then"
    for key, part in parts.items():
        task, people = rows.get(key), list(part.people)
        if task and task.written.get("assignees") not in (people, task.assignees) and task.assignees != people:
            by = _people(people)
            yield f"{key} goes to {by}, as the file says now; people gave it to {_people(task.assignees)}"


def _people(keys: Collection[str]) -> str:
    return ", ".join(keys) or "nobody"


def _awaited(document: Document, word: str) -> dict[str, list[str]]:
    ids: dict[str, dict[str, None]] = {}
    for need in needs.written(document, word):
        if need.path[0] == "tasks":
            ids.setdefault(need.of, {}).update(dict.fromkeys(key for key in need.ids if key != need.of))
    return {key: list(awaited) for key, awaited in ids.items()}


def _plain(document: Document, key: str, part: TaskPart) -> dict[str, Any]:
    """What people can't change, as it is in the file."""
    table, span = timetable(document), part.estimate
    return {
        "title": part.title, "team": part.owner, "teams": list(part.teams), "kind": task_sets.kind(document, key),
        "priority": part.priority, "phase": part.phase, "area": part.area, "complexity": part.complexity,
        "from_at": instant_of(table, part.begins, opening=True), "due_at": instant_of(table, part.due),
        "least": span and int(span.low.total_seconds()), "most": span and int(span.high.total_seconds()),
        "likely": int(span.likely.total_seconds()) if span and span.likely else None,
        "components": [member for member in task_sets.members(document, part.components) if member != key],
        "deliverable": list(part.deliverable), "brief": list(part.brief), "note": part.note,
    }  # fmt: skip


def _merge(tx: Tx, task: models.Task, part: TaskPart, calendar: Calendar) -> None:
    """What people change too follows the file only where the file changed since it was last applied."""
    last, task.written = task.written, {
        "assignees": list(part.people), "status": part.status, "percent": int(part.percent or 0),
        "files": list(part.files),
    }  # fmt: skip
    if span := part.estimate:
        task.written |= {"work": int(span.work(calendar).high.total_seconds()), "days": span.is_in_days}
    if last.get("assignees") != task.written["assignees"]:
        task.assignees = list(part.people)
    gone = set(last.get("files", ())) - set(part.files)
    task.files = list(dict.fromkeys([*(path for path in task.files if path not in gone), *part.files]))
    criteria, points = {item["text"]: item for item in task.criteria}, {item["name"]: item for item in task.points}
    task.criteria = [{"text": text, **NOT_TICKED, **criteria.get(text, {})} for text in part.criteria]
    task.points = [
        {"name": name, **NOT_MET, **points.get(name, {}), "team": team or part.owner}
        for name, team in part.points.items()
    ]
    if last.get("percent") != task.written["percent"]:
        task.percent = task.written["percent"]
    if part.status not in (last.get("status", State.NOT_STARTED), task.status):
        _move(tx, task, part.status)


def _move(tx: Tx, task: models.Task, status: str) -> None:
    """Let it stand as the file says; with a completed task all that it asks for is done."""
    if status == State.COMPLETED:
        task.criteria = [{**criterion, "done": True} for criterion in task.criteria]
        task.points = [{**point, "status": State.COMPLETED} for point in task.points]
        models.complete(task, task.assignees[0] if len(task.assignees) == 1 else BOT, tx.now)
        return
    if models.settled(task):
        models.reopen(task)
    if status == State.IN_PROGRESS:
        models.start(task, tx.now)
        task.moved_at = tx.now
    elif status == State.BLOCKED:
        models.block(task, task.blocker)
    else:
        task.status, task.started_at, task.moved_at = State.NOT_STARTED, None, None


def _let_go(tx: Tx, plan_id: int) -> None:
    """New tasks may wait for one that people settled already."""
    done = {task.key for task in store.tasks(tx, plan_id) if models.settled(task)}
    for by in {hold.by: None for hold in holds.standing(tx, plan_id) if hold.by in done}:
        holds.lift(tx, plan_id, by=by, reason="settled already")


KINDS: Section[Mapping[str, str]] = Section(name="task_kinds", model=dict[str, str], check=check.check_kinds)
PRIORITIES: Section[tuple[str, ...]] = Section(
    name="priorities",
    model=Annotated[Many, Field(min_length=1)],  # type: ignore[arg-type] # mypy takes it for no type
    check=check.check_priorities,
)
AREAS: Section[Mapping[str, AreaPart]] = Section(
    name="areas", model=dict[str, Area], check=check.check_areas, gives=("owner",)
)
TASKS: Section[Mapping[str, TaskPart]] = Section(
    name="tasks", one="task", model=dict[str, Task], grouped="title", shared_ids=True, waits=Waits.HELD_BY_PHASES,
    awaited=Awaited.TO_BE_DONE, counted=True, check=check.check_tasks, apply=_apply, happens=_happens,
    consequences=_consequences, gives=("team", "lead_team", "support_teams", "points"),
    led=("title", "assignee", "assignees", "from", "start", "due", "estimate", "priority", "percent", "complexity",
         "wants", "files", "deliverable", "note", "brief"),
)  # fmt: skip
TYPES: Section[Mapping[str, TaskTypePart]] = Section(
    name="task_types", model=dict[str, TaskTypePart], check=check.check_types
)
