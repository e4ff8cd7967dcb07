"""The verbs of what belongs to a task: notes, files, criteria, points where teams meet, time spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from callboard.core import blocks as b
from callboard.core.errors import Refused, did_you_mean
from callboard.tasks import models, rights
from callboard.tasks.changing import changed
from callboard.tasks.models import State, Task
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

MOST_FILES = 50


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
