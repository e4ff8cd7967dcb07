"""What goes on around a lock in git: branches that touch it already, pushes while it is held, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.branches import models
from callboard.branches import service as branches
from callboard.branches.models import Branch, CheckReport
from callboard.branches.store import check_reports
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.core.words import counted, few
from callboard.locks import store, targets
from callboard.locks.models import Lock
from callboard.locks.targets import Target
from callboard.tasks import service as tasks
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.tasks.models import Task

FEW = 4
PUSHED = "was pushed to"


def touching(tx: Tx, plan_id: int, wanted: Iterable[Target], besides: str = "") -> list[tuple[Branch, list[str]]]:
    """The live branches, others than somebody's own, that change any of this, with the files."""
    files = [one for one in wanted if one.kind != "thing"]
    if not files:
        return []
    return branches.touching(
        tx, plan_id, lambda *place: any(targets.reaches(one, *place) for one in files), besides=besides
    )


def branch_line(directory: Directory, branch: Branch, files: Sequence[str]) -> str:
    """A branch that touches something: whose it is, and which files."""
    person, team = directory.people.get(branch.person), directory.teams.get(branch.team)
    who = directory.called(person) if person else escaped(branch.author) or "somebody"
    whose = f"{who}{f' ({b.escape(team.name)})' if team else ''}"
    return f":eyes: `{escaped(branch.name)}` of {whose} touches {few([f'`{escaped(one)}`' for one in files], FEW, ' ')}"


def escaped(text: str) -> str:
    """A name from git as a message may hold it."""
    return b.escape(text.replace("`", "'").replace("\n", "\\n"))


def others_at_work(tx: Tx, directory: Directory, lock: Lock) -> str:
    """What is said to whoever locks: who works there already. Empty where nobody does, or nothing is mirrored."""
    found = touching(tx, lock.plan_id, store.targets(tx, [lock.number])[lock.number], lock.holder)
    more = [f"and {len(found) - FEW} more branches"] * (len(found) > FEW)
    return "\n".join([*(branch_line(directory, *one) for one in found[:FEW]), *more])


def meanwhile(tx: Tx, directory: Directory, lock: Lock) -> str:
    """What changed while it was held, from where on, and whom that concerns."""
    pushes = [one for one in timeline.history(tx, lock.subject) if one.verb == PUSHED]
    names = dict.fromkeys(f"`{escaped(one.facts['branch'])}` ({escaped(one.facts['team']) or '–'})" for one in pushes)
    lines = [f"Meanwhile {counted(len(pushes), 'push', 'pushes')} touched it: {', '.join(names)}."] if pushes else []
    lines += [
        f"Rollback point of {b.escape(repository)}: `{point[:12]}`"
        for repository, point in lock.points.items() if _is_about(tx, lock, repository)
    ]  # fmt: skip
    wanted = store.targets(tx, [lock.number])[lock.number]
    lines += [branch_line(directory, *one) for one in touching(tx, lock.plan_id, wanted, lock.holder)[:FEW]]
    waiting = depending(tx, lock.plan_id, wanted)
    return "\n".join([*lines, *([f"Tasks that build on it: {', '.join(map(b.escape, waiting))}."] if waiting else [])])


def checks(tx: Tx, lock: Lock) -> list[str]:
    """What CI has reported of the newest commit of each branch that was pushed under it, or that nobody has."""
    pushed = {
        (one.facts["repository"], one.facts["branch"]): one.facts["commit"]
        for one in timeline.history(tx, lock.subject) if one.verb == PUSHED
    }  # fmt: skip
    lines = [
        f"`{escaped(branch)}` at `{commit[:12]}`: {_verdict(check_reports(tx, lock.plan_id, repository, commit))}"
        for (repository, branch), commit in list(pushed.items())[-FEW:]
    ]
    return [*lines, *[f"and {len(pushed) - FEW} more branches"] * (len(pushed) > FEW)]


def _verdict(reports: Sequence[CheckReport]) -> str:
    """What checks say, those that failed first."""
    said = []
    for state, light in (
        (models.FAILED, ":x:"),
        (models.RUNNING, ":hourglass_flowing_sand:"),
        (models.PASSED, ":white_check_mark:"),
    ):
        names = [escaped(one.name) for one in reports if one.state == state]
        said += [f"{light} {state}: {few(names, FEW)}"] * bool(names)
    return ", ".join(said) or "no check has reported"


def depending(tx: Tx, plan_id: int, wanted: Sequence[Target]) -> list[str]:
    """The tasks that wait for one that names any of these files, or name them themselves, and are not done."""
    every = tasks.tasks(tx, plan_id)
    here = {task.key for task in every if task.files and _names(task, wanted)}
    found = [task.key for task in every if task.status != "completed" and (task.key in here or here & set(task.needs))]
    return found[:FEW]


def _names(task: Task, wanted: Sequence[Target]) -> bool:
    for written in task.files:
        try:
            target = targets.read(written)
        except Refused:
            continue
        if any(targets.clash(target, one) for one in wanted if one.kind != "thing"):
            return True
    return False


def _is_about(tx: Tx, lock: Lock, repository: str) -> bool:
    every = store.targets(tx, [lock.number])[lock.number]
    return any(one.kind != "thing" and one.repository in ("", repository) for one in every)
