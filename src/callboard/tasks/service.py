"""The verbs of tasks, from claiming to dropping. What is `said` is in Slack's markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.blocks import markup as m
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.words import bare_name, has_have, joined
from callboard.plans import holds
from callboard.tasks import models, notices, rights
from callboard.tasks.dependencies import Holding, Scene, refuse_incomplete, refuse_waiting
from callboard.tasks.models import ALL, KIND, SETTLED, State, Task, TaskChanged, Verb, begun, rolled, settled
from callboard.tasks.store import get, seen, seen_of, tasks
from callboard.teams.directory import Asker
from callboard.teams.rights import works_for
from callboard.teams.service import Person, directory

__all__ = [
    "assign", "begun", "block", "claim", "complete", "drop", "files", "get", "held", "holding", "late_waiting",
    "note", "override", "point", "progress", "release", "reopen", "rolled",
    "seen", "seen_of", "settled", "spent", "stands", "start", "tasks", "tick",
]  # fmt: skip
MOST_FILES = 50
RANGE = re.compile(r"\b(\d{1,3})\s*(?:-|–|\.\.)\s*(\d{1,3})\b")
BETWEEN = re.compile(r"&amp;|[,&]|\band\b")


def holding(tx: Tx, plan_id: int, key: str) -> Sequence[Holding]:
    """What keeps a task from starting; nothing where it can. Raises Refused where there is no such task."""
    return Scene(tx, plan_id).holding(get(tx, plan_id, key))


def held(tx: Tx, plan_id: int) -> Callable[[Task], str]:
    """The id of what a task that has not begun waits for, itself or with its phase or team; empty where nothing."""
    by = {hold.target: hold.by for hold in holds.standing(tx, plan_id)}
    return lambda task: "" if begun(task) or settled(task) else next(
        (by[each] for each in (task.key, task.phase, task.team) if each in by), ""
    )  # fmt: skip


def late_waiting(tx: Tx, plan_id: int, rows: Iterable[Task]) -> dict[str, list[str]]:
    """The late tasks that cannot start, by what they wait for; what is blocked is late by itself."""
    by, found = held(tx, plan_id), dict[str, list[str]]()
    for task in rows:
        if models.is_overdue(task, tx.now) and task.status != State.BLOCKED and (waits_for := by(task)):
            found.setdefault(waits_for, []).append(task.key)
    return found


def claim(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    task = rights.unsettled(tx, asker, key, expected)
    if asker.person.key in task.assignees:
        raise Refused(f"You already have {task.key}. Next: `/task start {task.key}`.")
    if task.assignees:
        has = f"{joined(map(asker.directory.called, task.assignees))} {has_have(task.assignees)}"
        raise Refused(
            f"{has} {task.key}. {rights.who_leads(asker, task)} can assign it to you: `/task assign {task.key} @you`."
        )
    rights.needs_team(asker, task, f"claim {task.key}")
    task.assignees = [asker.person.key]
    return changed(tx, task, asker.person.key, Verb.CLAIMED, task.status)


def release(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    task = rights.unsettled(tx, asker, key, expected)
    if asker.person.key not in task.assignees:
        raise Refused(f"You don't have {task.key}: {Scene(tx, task.plan_id).people(task)}.")
    task.assignees = [person for person in task.assignees if person != asker.person.key]
    return changed(tx, task, asker.person.key, Verb.GIVEN_BACK, task.status)


def holders(tx: Tx, plan_id: int, key: str) -> list[str]:
    """Who has a task now; nobody where there is none with this id."""
    return [person for task in tasks(tx, plan_id, [key]) for person in task.assignees]


def assign(tx: Tx, asker: Asker, key: str, people: Sequence[Person], expected: int | None = None) -> Task:
    """Give a task to people, who are told, as is who had it. For leads, and for whoever has it."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.may_assign(asker, task)
    keys = list(dict.fromkeys(person.key for person in people))
    if keys == task.assignees:
        raise Refused(f"{joined(map(asker.directory.called, keys))} already {has_have(keys)} {task.key}.")
    rights.take(asker, task, people)
    new = [person for person in people if person.key not in (*task.assignees, asker.person.key)]
    former = [key for key in task.assignees if key not in (*keys, asker.person.key)]
    task.assignees = keys
    changed(tx, task, asker.person.key, Verb.ASSIGNED, task.status, to=keys)
    notices.assigned(tx, asker, task, [*new, *asker.directory.named(former)])
    return task


def start(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """Begin a task, unless it waits for something; one that nobody has becomes the asker's."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_worker(asker, task, f"start {task.key}")
    _refuse_blocked(task)
    if task.status == State.IN_PROGRESS:
        since = f", since {m.date(task.started_at, 'both')}" if task.started_at else ""
        raise Refused(f"{task.key} is already in progress{since}. Update it: `/task progress {task.key} 50%`.")
    was = task.status
    _begin(tx, asker, task)
    return changed(tx, task, asker.person.key, Verb.STARTED, was)


def progress(tx: Tx, asker: Asker, key: str, percent: int, said: str = "", expected: int | None = None) -> Task:
    """Update how far a task is; it starts where it has not, and 100% completes it."""
    task = rights.unsettled(tx, asker, key, expected)
    if percent >= ALL:
        return complete(tx, asker, task.key, said)
    rights.needs_worker(asker, task, f"update {task.key}")
    was, before = task.status, task.percent
    if not begun(task):
        _begin(tx, asker, task)
    task.percent = percent
    return changed(tx, task, asker.person.key, Verb.PROGRESSED, was, said=said, percent=percent, before=before)


def complete(tx: Tx, asker: Asker, key: str, said: str = "", expected: int | None = None) -> Task:
    """Refused unless its criteria are ticked, its parts settled and its teams have met."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_worker(asker, task, f"complete {task.key}")
    _refuse_blocked(task)
    if not begun(task):
        refuse_waiting(tx, task)
    refuse_incomplete(tx, task)
    was = task.status
    _take(asker, task)
    models.complete(task, asker.person.key, tx.now)
    return changed(tx, task, asker.person.key, Verb.COMPLETED, was, said=said)


def reopen(tx: Tx, asker: Asker, key: str, said: str = "", expected: int | None = None) -> Task:
    """It is not settled after all; teams that wait for it again are told."""
    task = rights.asked(tx, asker, key, expected)
    if not settled(task):
        raise Refused(f"{task.key} is {task.status}. Only completed or dropped tasks can be reopened.")
    rights.needs_worker(asker, task, f"reopen {task.key}", task.completed_by)
    was = task.status
    models.reopen(task)
    return changed(tx, task, asker.person.key, Verb.REOPENED, was, said=said)


def drop(tx: Tx, asker: Asker, key: str, reason: str, expected: int | None = None) -> Task:
    """It will not be done; what waits for it can start. Raises Refused without a reason."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.may_drop(asker, task)
    reason = m.needed(reason, f"Say why: `/task drop {task.key} because ...`. Its team reads the reason.")
    was = task.status
    models.drop(task, asker.person.key, tx.now, reason)
    return changed(tx, task, asker.person.key, Verb.DROPPED, was, said=reason)


def override(tx: Tx, asker: Asker, key: str, reason: str, expected: int | None = None) -> Task:
    """Let a task start whatever holds it now. For coordinators, with a reason that is announced."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_coordinator(tx, asker, f"let {task.key} start early")
    held = Scene(tx, task.plan_id).holding(task)
    if not held:
        raise Refused(f"Nothing holds {task.key}. Start it: `/task start {task.key}`.")
    reason = m.needed(reason, f"Say why: `/task override {task.key} because ...`. The reason is announced.")
    by = list(dict.fromkeys(reason.by for reason in held))
    task.overridden = [*task.overridden, *by]
    changed(tx, task, asker.person.key, Verb.OVERRIDDEN, task.status, said=reason, by=by)
    notices.overridden(tx, asker, task, by, reason)
    return task


def _begin(tx: Tx, asker: Asker, task: Task) -> None:
    refuse_waiting(tx, task)
    _take(asker, task)
    models.start(task, tx.now)


def _take(asker: Asker, task: Task) -> None:
    """Give whoever starts a free task that task; not leads and coordinators of other teams."""
    if not task.assignees and rights.in_team(asker, task):
        task.assignees = [asker.person.key]


def _refuse_blocked(task: Task) -> None:
    number = task.blocker
    if task.status == State.BLOCKED and number is None:
        raise Refused(f"{task.key} is blocked, as the plan file says. Change its `status` there.")
    if task.status == State.BLOCKED:
        how = f"`/blocker resolve {number} what helped` unblocks it, `/blocker show {number}` shows who has it."
        raise Refused(f"{task.key} is blocked by blocker {number}. {how}")


def note(tx: Tx, asker: Asker, key: str, text: str) -> Task:
    """Add a note; that also counts as an update of a stuck task."""
    task = rights.asked(tx, asker, key)
    rights.may_note(asker, task)
    text = m.needed(text, f"Say what is new: `/task note {task.key} the tests pass`")
    return changed(tx, task, asker.person.key, Verb.NOTED, task.status, said=text)


def files(tx: Tx, asker: Asker, key: str, paths: Sequence[str]) -> Task:
    """Add files that a task touches; a minus in front takes one out."""
    task = rights.asked(tx, asker, key)
    rights.needs_team(asker, task, f"change the files of {task.key}")
    out = {path[1:] for path in paths if path.startswith("-")}
    strange = sorted(out - set(task.files))
    if strange:
        raise unknown(f"{task.key} has no file `{m.clip(strange[0], 80)}`", strange[0], task.files)
    now = list(dict.fromkeys([*(path for path in task.files if path not in out), *(p for p in paths if p[:1] != "-")]))
    if len(now) > MOST_FILES:
        raise Refused(f"A task can name {MOST_FILES} files, not {len(now)}. Name a folder, such as `/src/**`.")
    task.files = now
    return changed(tx, task, asker.person.key, Verb.FILES, task.status, files=now)


def tick(tx: Tx, asker: Asker, key: str, which: str, *, done: bool = True, expected: int | None = None) -> Task:
    """Tick a criterion, or untick it: by its number from 1, by its words, or `all`."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.may_tick(asker, task)
    places = _places(task, which)
    by = {"by": asker.person.key, "at": tx.now.isoformat()} if done else {"by": None, "at": None}
    for place in places:
        if task.criteria[place]["done"] != done:
            task.criteria = models.marked(task.criteria, place, done=done, **by)
    texts = [str(task.criteria[place]["text"]) for place in places]
    return changed(tx, task, asker.person.key, Verb.TICKED if done else Verb.UNTICKED, task.status, criteria=texts)


def point(tx: Tx, asker: Asker, key: str, name: str, status: str) -> Task:
    """Set how a point stands where teams meet. For its own team, and for the leads of the task."""
    task = rights.unsettled(tx, asker, key)
    place = _named(task, "points", "name", name, "has no points where teams meet")
    team, what = task.points[place]["team"], str(task.points[place]["name"])
    if team not in works_for(asker):
        rights.needs_lead(asker, task, f"update {m.escape(what)}")
    task.points = models.marked(task.points, place, status=status, by=asker.person.key, at=tx.now.isoformat())
    return changed(tx, task, asker.person.key, Verb.POINT, task.status, point=what, stands=status)


def spent(tx: Tx, asker: Asker, key: str, span: timedelta) -> Task:
    """Set how long a task really took, where working time from start to end is wrong."""
    task = rights.asked(tx, asker, key)
    rights.needs_worker(asker, task, f"set how long {task.key} took")
    task.spent = int(span.total_seconds())
    return changed(tx, task, asker.person.key, Verb.SPENT, task.status, seconds=task.spent)


def stands(word: str) -> State:
    """The state that a word means for a point. Raises ValueError for none."""
    meant = {
        "done": State.COMPLETED, "started": State.IN_PROGRESS, "open": State.NOT_STARTED, "failed": State.BLOCKED,
    }  # fmt: skip
    return meant.get(word.lower()) or State(word.lower())


def _places(task: Task, which: str) -> list[int]:
    spelt = RANGE.sub(lambda found: " ".join(map(str, range(int(found[1]), int(found[2]) + 1))), which)
    count, numbers = len(task.criteria), [word.strip("#.") for word in BETWEEN.sub(" ", spelt).split()]
    if which.strip().lower() == "all" and count:
        return list(range(count))
    if not count or not all(map(str.isdecimal, numbers)):
        return [_named(task, "criteria", "text", which, "has no criteria")]
    if not all(1 <= int(number) <= count for number in numbers):
        raise Refused(f"Tick 1 to {count} of {task.key}, or `all`.")
    return [int(number) - 1 for number in numbers]


def _named(task: Task, field: str, by: str, words: str, none: str) -> int:
    """Which item is meant by its words, or their beginning."""
    wanted = m.unescape(words).strip().lower()
    names = [str(item[by]) for item in getattr(task, field)]
    if not names:
        raise Refused(f"{task.key} {none}.")
    same = [place for place, name in enumerate(names) if name.lower() == wanted]
    bare = bare_name(wanted)
    places = same or [place for place, name in enumerate(names) if bare and name.lower().startswith(bare)]
    if len(places) != 1:
        raise unknown(f"{task.key} has no `{m.clip(words, 60)}`", wanted, names)
    return places[0]


def block(tx: Tx, asker: Asker, key: str, said: Raised, expected: int | None = None) -> tuple[Task, Blocker]:
    """Raise a blocker for a task; its end unblocks the task."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.may_block(asker, task)
    return task, blockers.raise_blocker(tx, asker, replace(said, team=task.team or None, blocks=task.called))


def changed(tx: Tx, task: Task, actor: str, verb: Verb, was: str, *, said: str | None = None, **facts: Any) -> Task:
    """Record a change of a task that was in the state `was`, and tell those who wait for it."""
    task.changes += 1
    task.moved_at = tx.now
    models.look(task, directory(tx, task.plan_id).calendar)
    tx.session.add(task)
    tx.session.flush()
    timeline.record(
        tx, task.plan_id, task.subject, verb, actor=actor, said=said or None, change=task.changes, task=task.key,
        status=str(task.status), standing=models.stands(task), **facts,
    )  # fmt: skip
    outbox.touch(tx, KIND, [task.number])
    if (was in SETTLED) != settled(task):
        (notices.settled if settled(task) else notices.reopened)(tx, task, actor)
    tx.publish(TaskChanged(task.plan_id, task.key, str(was), str(task.status), actor, verb))
    return task
