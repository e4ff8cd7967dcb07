"""Lists of tasks in Slack: mine, all, who waits for whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.errors import Refused, did_you_mean
from callboard.planfile import task_sets
from callboard.planning.duties import named
from callboard.slack.answers import Answer
from callboard.slack.grammar import Arguments
from callboard.slack.requests import Request
from callboard.tasks.dependencies import Scene
from callboard.tasks.messages import lists, views
from callboard.tasks.models import State, Task, is_overdue, is_stuck, rolled, settled
from callboard.tasks.slack import buttons
from callboard.tasks.slack.buttons import asker
from callboard.teams.service import Asker, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

MENTION = re.compile(r"<@([UW][A-Z0-9]+)")
PRESSING = {State.BLOCKED: 1, State.IN_PROGRESS: 0, State.NOT_STARTED: 2}


def mine(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """One's tasks, with buttons; and what nobody of one's teams has taken."""
    who = asker(tx, request)
    scene, me = Scene(tx, who.directory.plan_id), who.person.key
    own = _pressing(scene, (task for task in scene.tasks.values() if me in task.assignees and not settled(task)))
    teams = {team.key for team in who.directory.teams_of(who.person)}
    free = [task for task in scene.tasks.values() if _is_free(scene, task, teams)]
    return buttons.say(lists.mine(views.views(scene, own, me), views.views(scene, free[: lists.FREE], me)))


def waiting(tx: Tx, request: Request, _args: Arguments) -> Answer:
    """Who waits for the asker's tasks, and whom these wait for."""
    who = asker(tx, request)
    scene, me = Scene(tx, who.directory.plan_id), who.person.key
    own = [task for task in scene.tasks.values() if me in task.assignees and not settled(task)]
    if who.directory.is_lead(who.person):
        led = [team.key for team in who.directory.teams_of(who.person) if me in team.leads]
        own = [task for task in scene.tasks.values() if (task in own or task.team in led) and not settled(task)]
    shown = views.views(scene, own, me)
    on_me = [one for one in shown if one.waiting]
    return buttons.say(lists.waiting(on_me, [one for one in shown if one.waits or one.blocker]))


def every(tx: Tx, request: Request, args: Arguments) -> Answer:
    """All tasks, or those of one phase, team, area, kind, priority, state or person, by phase."""
    who = asker(tx, request)
    scene = Scene(tx, who.directory.plan_id)
    title, chosen = _chosen(scene, who, (args["what"] or "").strip())
    by = (args["by"] or "by phase").removeprefix("by ")
    groups = [
        (
            rolled(_named(scene, by, key), tasks, tx.now, _planned(scene, by, key, args["what"])),
            views.views(scene, tasks),
        )
        for key, tasks in _grouped(chosen, by).items()
    ]
    return buttons.say(lists.listed(title, groups))


def _chosen(scene: Scene, who: Asker, what: str) -> tuple[str, list[Task]]:
    """What is asked for: a title, and the tasks."""
    tasks = list(scene.tasks.values())
    found = MENTION.match(what)
    if not what:
        return f"Tasks of {b.escape(who.directory.plan_name)}", tasks
    if found:
        person: Person = buttons.person(who, found[1])
        return f"Tasks of {b.escape(person.name)}", [task for task in tasks if person.key in task.assignees]
    wanted = b.unescape(what).lower()
    tests: dict[str, Callable[[Task], bool]] = {
        **{state.value: partial(_is, state) for state in State},
        "overdue": lambda task: is_overdue(task, scene.tx.now),
        "stuck": lambda task: is_stuck(task, scene.tx.now),
        "free": lambda task: not task.assignees and not settled(task),
        **{word.lower(): partial(_has, word) for word in _possible(scene)},
    }
    if wanted not in tests:
        near = did_you_mean(wanted, tests)
        raise Refused(f"No phase, team, area, kind, priority or state is called `{b.clip(what, 40)}`; {near}")
    return f"Tasks: {b.escape(wanted)}", [task for task in tasks if tests[wanted](task)]


def _is(state: State, task: Task) -> bool:
    return task.status == state


def _has(word: str, task: Task) -> bool:
    return word in (*task.teams, task.phase, task.area, task.kind, task.priority)


def _possible(scene: Scene) -> Iterable[str]:
    return (
        word
        for key in ("phase", "team", "area", "kind", "priority")
        for word in task_sets.possible(scene.document, key)
    )


def _grouped(tasks: Iterable[Task], by: str) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(getattr(task, by), []).append(task)
    return found


def _named(scene: Scene, by: str, key: str) -> str:
    if not key:
        return f"of no {by}"
    return named(scene.document, key) if by != "area" else b.escape(key)


def _planned(scene: Scene, by: str, key: str, what: str | None) -> int:
    """How many tasks an area will have in the end, where all of it is shown."""
    part = (scene.document.values.get("areas") or {}).get(key) if by == "area" and not what else None
    return part.planned or 0 if part else 0


def _pressing(scene: Scene, tasks: Iterable[Task]) -> Sequence[Task]:
    """What is late first, then what is under way, then what may start, then what waits."""
    now = scene.tx.now

    def order(task: Task) -> tuple[bool, int, bool, float]:
        due = task.due_at.timestamp() if task.due_at else float("inf")
        waits = not task.started_at and bool(scene.waits(task))
        return not is_overdue(task, now), PRESSING.get(State(task.status), 3), waits, due

    return sorted(tasks, key=order)


def _is_free(scene: Scene, task: Task, teams: set[str]) -> bool:
    own = bool(teams & {task.team, *task.teams})
    return own and not task.assignees and not settled(task) and not scene.waits(task)
