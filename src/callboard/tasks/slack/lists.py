"""Lists of tasks: one's own, who waits for whom, and all of a phase, team, area, kind, state or person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import compress

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import unknown
from callboard.core.words import bare_name, folded
from callboard.planfile import task_sets
from callboard.planfile.names import named
from callboard.slack.answers import Answer
from callboard.slack.grammar import Arguments
from callboard.slack.requests import Request
from callboard.tasks import messages
from callboard.tasks.dependencies import Scene
from callboard.tasks.messages import lists as words
from callboard.tasks.models import Rolled, State, Task, is_overdue, is_stuck, rolled, settled
from callboard.tasks.slack import buttons
from callboard.teams.directory import Asker
from callboard.teams.slack import asker
from callboard.teams.slack import person as mentioned

MENTION = re.compile(r"<@([UW][A-Z0-9]+)")
KEYS = ("phase", "team", "area", "kind", "priority")
LATE = ("overdue", "stuck", "free")
ALSO = {"late": "overdue", "done": "completed", "everything": "all", "me": "mine"}


def mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """One's tasks, with buttons; and what nobody of one's teams has taken."""
    who = asker(tx, request)
    scene = Scene(tx, who.directory.plan_id)
    free = _free(scene, who)
    own = words.pressing(scene, (task for task in _open(scene) if who.person.key in task.assignees))
    return buttons.say(words.mine(messages.views(scene, own), messages.views(scene, free[: words.FREE])))


def which(tx: Tx, request: Request, verb: str) -> list[str]:
    """The tasks that a verb may be about: what is free, to claim; else the asker's own, those under way first."""
    who = asker(tx, request)
    scene = Scene(tx, who.directory.plan_id)
    if verb == "claim":
        return [task.key for task in _free(scene, who)]
    own = [
        task for task in scene.tasks.values()
        if who.person.key in task.assignees and settled(task) is (verb == "reopen")
    ]  # fmt: skip
    own.sort(key=lambda task: (task.status == State.IN_PROGRESS) is (verb == "start"))
    return [task.key for task in own]


def waiting(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Who waits for the asker's tasks and those of teams they lead, and whom these wait for."""
    who = asker(tx, request)
    scene, directory = Scene(tx, who.directory.plan_id), who.directory
    led = {team.key for team in directory.teams_of(who.person) if directory.is_lead(who.person, team.key)}
    own = (task for task in _open(scene) if task.team in led or who.person.key in task.assignees)
    views = messages.views(scene, own)
    on_others = [view for view in views if view.waits or view.blocker]
    return buttons.say(words.waiting([view for view in views if view.waiting], on_others))


def every(tx: Tx, request: Request, args: Arguments) -> Answer:
    """All tasks, or those of one phase, team, area, kind, priority, state or person, by phase."""
    who = asker(tx, request)
    scene = Scene(tx, who.directory.plan_id)
    title, tasks = _chosen(scene, who, (args["what"] or "").strip())
    by = (args["by"] or "by phase").removeprefix("by ")
    groups = []
    for key in dict.fromkeys(getattr(task, by) for task in tasks):
        group = [task for task in tasks if getattr(task, by) == key]
        groups.append((_rolled(scene, by, key, group, whole=not args["what"]), messages.views(scene, group)))
    return buttons.say(words.listed(title, groups))


def _free(scene: Scene, who: Asker) -> list[Task]:
    """What nobody of one's teams has taken, and waits for nothing."""
    teams = {team.key for team in who.directory.teams_of(who.person)}
    return [
        task for task in _open(scene)
        if not task.assignees and teams & {task.team, *task.teams} and not scene.waits(task)
    ]  # fmt: skip


def _open(scene: Scene) -> list[Task]:
    return [task for task in scene.tasks.values() if not settled(task)]


def _chosen(scene: Scene, who: Asker, what: str) -> tuple[str, list[Task]]:
    tasks = list(scene.tasks.values())
    bare = bare_name(m.unescape(what)).lower()
    wanted = ALSO.get(bare, bare)
    if not what or wanted == "all":
        return f"Tasks of {m.escape(who.directory.plan_name)}", tasks
    found, people = MENTION.match(what), {**who.directory.people, "mine": who.person}
    if somebody := mentioned(who, found[1]) if found else people.get(wanted):
        return f"Tasks of {m.escape(somebody.name)}", [task for task in tasks if somebody.key in task.assignees]
    known = [*LATE, *State, *(word.lower() for key in KEYS for word in task_sets.possible(scene.document, key))]
    if wanted not in known:
        if titled := [task for task in tasks if wanted in folded(f"{task.key} {task.title}")]:
            return f"Tasks with “{m.escape(wanted)}”", titled
        raise unknown(f"No phase, team, area, kind, priority or state is called `{m.clip(what, 40)}`", wanted, known)
    return f"Tasks: {m.escape(wanted)}", [task for task in tasks if wanted in _words(task, scene.tx.now)]


def _words(task: Task, now: datetime) -> set[str]:
    """What a list can be narrowed to so that a task is in it."""
    late = (is_overdue(task, now), is_stuck(task, now), not task.assignees and not settled(task))
    words = (task.status, *task.teams, task.phase, task.area, task.kind, task.priority)
    return {*compress(LATE, late), *(word.lower() for word in words)}


def _rolled(scene: Scene, by: str, key: str, tasks: Sequence[Task], *, whole: bool) -> Rolled:
    """A group summed up; an area that is shown whole counts all tasks it will have in the end."""
    area = (scene.document.values.get("areas") or {}).get(key) if by == "area" else None
    name = (m.escape(key) if by == "area" else named(scene.document, key)) if key else f"without {by}"
    owners = scene.directory.names_of(scene.directory.areas.get(key, ())) if by == "area" else ""
    name += f" (owner: {m.escape(owners)})" if owners else ""
    return rolled(name, tasks, scene.tx.now, (area.planned or 0) if area and whole else 0)
