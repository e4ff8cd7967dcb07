"""The verbs of tasks, from claiming to dropping, and what others know of tasks. What is `said` is in Slack's markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.core import timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.core.words import joined
from callboard.tasks import models, notices, rights
from callboard.tasks.dependencies import Holding, Scene, refuse_incomplete, refuse_waiting
from callboard.tasks.events import TaskChanged
from callboard.tasks.models import ALL, SETTLED, State, Task, begun, is_overdue, rolled, settled
from callboard.tasks.notices import arrived
from callboard.tasks.store import get, tasks
from callboard.teams.service import Asker, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

__all__ = [
    "SETTLED", "Scene", "State", "Task", "arrived", "assign", "begun", "block", "claim", "complete", "drop",
    "files", "get", "holding", "is_overdue", "note", "override", "point", "progress", "release", "reopen", "rolled",
    "settled", "spent", "stands", "start", "tasks", "tick",
]  # fmt: skip
MOST_FILES = 50


def holding(tx: Tx, plan_id: int, key: str) -> Sequence[Holding]:
    """What keeps a task from starting, each with a sentence; nothing where it can. Refused for no such task."""
    return Scene(tx, plan_id).holding(get(tx, plan_id, key))


def claim(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """Take a task that nobody has."""
    task = rights.unsettled(tx, asker, key, expected)
    if asker.person.key in task.assignees:
        raise Refused(f"You have {task.key} already. `/task start {task.key}` begins it.")
    if task.assignees:
        has = f"{rights.named(asker, task.assignees)} {'has' if len(task.assignees) == 1 else 'have'} {task.key}"
        raise Refused(f"{has}. {rights.who_leads(asker, task)} can give it to you: `/task assign {task.key} @you`.")
    rights.needs_team(asker, task, "claim it")
    task.assignees = [asker.person.key]
    return changed(tx, task, asker.person.key, "claimed", task.status)


def release(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """Give a task back: somebody else may claim it."""
    task = rights.unsettled(tx, asker, key, expected)
    if asker.person.key not in task.assignees:
        raise Refused(
            f"You don't have {task.key}, so there is nothing to give back: {Scene(tx, task.plan_id).people(task)}."
        )
    task.assignees = [one for one in task.assignees if one != asker.person.key]
    return changed(tx, task, asker.person.key, "given back", task.status)


def assign(tx: Tx, asker: Asker, key: str, people: Sequence[Person], expected: int | None = None) -> Task:
    """Give a task to somebody, who is told; whoever has it may hand it on."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_lead(asker, task, f"say who does {task.key}", *task.assignees)
    keys = list(dict.fromkeys(person.key for person in people))
    if keys == task.assignees:
        raise Refused(f"{rights.named(asker, keys)} {'has' if len(keys) == 1 else 'have'} {task.key} already.")
    seats = [person.name for person in people if person.vacant]
    if seats:
        raise Refused(f"The seat {joined(map(b.escape, seats))} is vacant: name somebody who is there.")
    new = [person for person in people if person.key not in (*task.assignees, asker.person.key)]
    task.assignees = keys
    changed(tx, task, asker.person.key, "assigned", task.status, to=keys)
    notices.assigned(tx, asker, task, new)
    return task


def start(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """Begin a task, unless it waits for something; one that nobody has becomes the asker's."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_worker(asker, task, "start it")
    if task.status == State.BLOCKED:
        raise Refused(_blocked(task))
    if task.status == State.IN_PROGRESS:
        since = f", since {b.date(task.started_at, 'both')}" if task.started_at else ""
        raise Refused(f"{task.key} is in progress already{since}. `/task progress {task.key} 50%` says how far it is.")
    refuse_waiting(tx, task)
    was = task.status
    _take(asker, task)
    models.start(task, tx.now)
    return changed(tx, task, asker.person.key, "started", was)


def progress(tx: Tx, asker: Asker, key: str, percent: int, said: str = "", expected: int | None = None) -> Task:
    """Say how far a task is; at 100% it is completed, and one that was not started begins."""
    task = rights.unsettled(tx, asker, key, expected)
    if percent >= ALL:
        return complete(tx, asker, task.key, said)
    rights.needs_worker(asker, task, "say how far it is")
    was, before = task.status, task.percent
    if not models.begun(task):
        refuse_waiting(tx, task)
        _take(asker, task)
        models.start(task, tx.now)
    task.percent = percent
    return changed(tx, task, asker.person.key, "progressed", was, said=said, percent=percent, before=before)


def complete(tx: Tx, asker: Asker, key: str, said: str = "", expected: int | None = None) -> Task:
    """All of it is done: its criteria are ticked, its parts completed, its teams have met."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_worker(asker, task, "complete it")
    if task.status == State.BLOCKED:
        raise Refused(_blocked(task))
    if not models.begun(task):
        refuse_waiting(tx, task)
    refuse_incomplete(tx, task)
    was = task.status
    _take(asker, task)
    models.complete(task, asker.person.key, tx.now)
    return changed(tx, task, asker.person.key, "completed", was, said=said)


def reopen(tx: Tx, asker: Asker, key: str, said: str = "", expected: int | None = None) -> Task:
    """It is not settled after all; who began behind it is told."""
    task = rights.asked(tx, asker, key, expected)
    if not models.settled(task):
        raise Refused(f"{task.key} is {task.status}; there is nothing to reopen.")
    rights.needs_worker(asker, task, "reopen it", task.completed_by)
    was = task.status
    models.reopen(task)
    return changed(tx, task, asker.person.key, "reopened", was, said=said)


def drop(tx: Tx, asker: Asker, key: str, reason: str, expected: int | None = None) -> Task:
    """It will not be done: settled, not completed. Refused without a reason."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_lead(asker, task, f"drop {task.key}")
    if not reason.strip():
        raise Refused(f"Say why, it is recorded and told: `/task drop {task.key} because ...`")
    was = task.status
    models.drop(task, asker.person.key, tx.now, reason.strip())
    return changed(tx, task, asker.person.key, "dropped", was, said=reason.strip())


def override(tx: Tx, asker: Asker, key: str, reason: str, expected: int | None = None) -> Task:
    """Let a task start whatever holds it. For coordinators, with a reason that is announced."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_coordinator(asker, f"let {task.key} start before its time")
    held = Scene(tx, task.plan_id).holding(task)
    if not held:
        raise Refused(f"Nothing holds {task.key}: `/task start {task.key}` begins it.")
    if not reason.strip():
        raise Refused(f"Say why, it is recorded and announced: `/task override {task.key} because ...`")
    by = list(dict.fromkeys(one.by for one in held))
    task.overridden = [*task.overridden, *by]
    changed(tx, task, asker.person.key, "overridden", task.status, said=reason.strip(), by=by)
    notices.overridden(tx, asker, task, by, reason.strip())
    return task


def _take(asker: Asker, task: Task) -> None:
    """Whoever begins what nobody has, has it; leads and coordinators of other teams only say so for its team."""
    if not task.assignees and rights.in_team(asker, task):
        task.assignees = [asker.person.key]


def _blocked(task: Task) -> str:
    blocker = task.blocker
    how = f"`/blocker resolve {blocker} what helped` unblocks it" if blocker else "its blocker is gone"
    return f"{task.key} is blocked by blocker {blocker or ''}: {how}, `/blocker show {blocker or ''}` says who has it."


def note(tx: Tx, asker: Asker, key: str, text: str) -> Task:
    """Say something about a task: it is not stuck."""
    task = rights.asked(tx, asker, key)
    rights.needs_team(asker, task, "say something about it")
    return changed(tx, task, asker.person.key, "noted", task.status, said=text)


def files(tx: Tx, asker: Asker, key: str, paths: Sequence[str]) -> Task:
    """Name files that a task touches; one with a minus in front is taken out."""
    task = rights.asked(tx, asker, key)
    rights.needs_team(asker, task, "name its files")
    out = {path[1:] for path in paths if path.startswith("-")}
    strange = sorted(out - set(task.files))
    if strange:
        raise Refused(f"{task.key} has no file `{b.clip(strange[0], 80)}`; {did_you_mean(strange[0], task.files)}")
    now = list(dict.fromkeys([*(path for path in task.files if path not in out), *(p for p in paths if p[:1] != "-")]))
    if len(now) > MOST_FILES:
        raise Refused(f"{len(now)} files are more than a task can name ({MOST_FILES}): name a folder, as in `/src/**`.")
    task.files = now
    return changed(tx, task, asker.person.key, "files named", task.status, files=now)


def tick(tx: Tx, asker: Asker, key: str, which: str, *, done: bool = True, expected: int | None = None) -> Task:
    """Tick a criterion, or untick it: by its number from 1, by its words, or `all`."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_worker(asker, task, "tick its criteria")
    places = _places(task, which)
    by = {"by": asker.person.key, "at": tx.now.isoformat()} if done else {"by": None, "at": None}
    for place in places:
        if task.criteria[place]["done"] != done:
            task.criteria = models.marked(task.criteria, place, done=done, **by)
    texts = [str(task.criteria[place]["text"]) for place in places]
    return changed(tx, task, asker.person.key, "ticked" if done else "unticked", task.status, criteria=texts)


def point(tx: Tx, asker: Asker, key: str, name: str, status: str) -> Task:
    """Say how a point stands where teams meet. For its own team, and for the leads of the task."""
    task = rights.unsettled(tx, asker, key)
    place = _named(task, "points", "name", name, "has no points where teams meet")
    team = task.points[place]["team"]
    own = {one.key for one in asker.directory.teams_of(asker.person)}
    if team not in own:
        rights.needs_lead(asker, task, f"say how {b.escape(task.points[place]['name'])} stands")
    task.points = models.marked(task.points, place, status=status, by=asker.person.key, at=tx.now.isoformat())
    what = str(task.points[place]["name"])
    return changed(tx, task, asker.person.key, "point", task.status, point=what, stands=status)


def spent(tx: Tx, asker: Asker, key: str, span: timedelta) -> Task:
    """Say how long a task really took, where the clock cannot know."""
    task = rights.asked(tx, asker, key)
    rights.needs_worker(asker, task, "say how long it took")
    task.spent = int(span.total_seconds())
    return changed(tx, task, asker.person.key, "spent", task.status, seconds=task.spent)


def stands(word: str) -> State:
    """The state that somebody means for a point. Raises Refused for none."""
    meant = {"done": State.COMPLETED, "started": State.IN_PROGRESS, "open": State.NOT_STARTED}.get(word.lower())
    return meant or State(word.lower())


def _places(task: Task, which: str) -> list[int]:
    if not task.criteria:
        raise Refused(f"{task.key} has no criteria to tick. `/task complete {task.key}` completes it.")
    if which.strip().lower() == "all":
        return list(range(len(task.criteria)))
    number = which.strip().lstrip("#")
    if number.isdigit():
        if not 1 <= int(number) <= len(task.criteria):
            raise Refused(f"{task.key} has {len(task.criteria)} criteria: tick 1 to {len(task.criteria)}, or `all`.")
        return [int(number) - 1]
    return [_named(task, "criteria", "text", which, "has no criteria")]


def _named(task: Task, field: str, by: str, words: str, none: str) -> int:
    """Which item is meant by its words, or their beginning."""
    items: Sequence[Mapping[str, Any]] = getattr(task, field)
    wanted = b.unescape(words).strip().lower()
    names = [str(item[by]) for item in items]
    found = [place for place, name in enumerate(names) if name.lower() == wanted] or [
        place for place, name in enumerate(names) if name.lower().startswith(wanted)
    ]
    if not names:
        raise Refused(f"{task.key} {none}.")
    if len(found) != 1:
        raise Refused(f"{task.key}: `{b.clip(words, 60)}` names none of them; {did_you_mean(wanted, names)}")
    return found[0]


def block(tx: Tx, asker: Asker, key: str, said: Raised, expected: int | None = None) -> tuple[Task, Blocker]:
    """Raise a blocker that holds up a task; it climbs as any other, and its end unblocks the task."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_team(asker, task, "block it")
    blocker = blockers.raise_blocker(tx, asker, Raised(
        what=said.what, team=task.team or None, severity=said.severity, category=said.category,
        waits_for=said.waits_for, blocks=task.called,
    ))  # fmt: skip
    return task, blocker


def changed(
    tx: Tx, task: Task, actor: str, verb: str, was: str, *, said: str | None = None, **facts: Any
) -> Task:  # fmt: skip
    """Keep what became of a task that was in the state `was`, and tell those who wait for it."""
    task.changes += 1
    task.moved_at = tx.now
    models.look(task)
    tx.session.add(task)
    tx.session.flush()
    timeline.record(
        tx, task.plan_id, task.subject, verb, actor=actor, said=said or None, change=task.changes, task=task.key,
        status=str(task.status), **facts,
    )  # fmt: skip
    if (was in models.SETTLED) != models.settled(task):
        (notices.settled if models.settled(task) else notices.reopened)(tx, task, actor)
    tx.publish(TaskChanged(task.plan_id, task.key, str(was), str(task.status), actor, verb))
    return task
