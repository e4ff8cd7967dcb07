"""What goes on around a lock in git: branches that touch it already, pushes while it is held, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from callboard.branches import ci
from callboard.branches import service as branches
from callboard.branches.ci import Report
from callboard.branches.models import Branch, BranchesSeen, Moved
from callboard.core import blocks as b
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.core.words import counted, few
from callboard.locks import allowing, service, store, targets, telling
from callboard.locks.models import Lock, State
from callboard.locks.targets import Target
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.tasks.models import Task

FEW, KEPT = 4, 20
PUSHED = "was pushed to"


def touching(tx: Tx, plan_id: int, wanted: Iterable[Target], besides: str = "") -> list[tuple[Branch, list[str]]]:
    """The live branches, others than somebody's own, that change any of this, with the files."""
    files = [one for one in wanted if one.kind != "thing"]
    if not files:
        return []
    return branches.touching(
        tx, plan_id, lambda *place: any(allowing.reaches(one, *place) for one in files), besides=besides
    )


def line(directory: Directory, branch: Branch, files: Sequence[str]) -> str:
    """A branch that touches something: whose it is, and which files."""
    person, team = directory.people.get(branch.person), directory.teams.get(branch.team)
    who = directory.called(person) if person else shown(branch.author) or "somebody"
    whose = f"{who}{f' ({b.escape(team.name)})' if team else ''}"
    return f":eyes: `{shown(branch.name)}` of {whose} touches {few([f'`{shown(one)}`' for one in files], FEW, ' ')}"


def shown(text: str) -> str:
    """A name from git as a message may hold it."""
    return b.escape(text.replace("`", "'").replace("\n", "\\n"))


def scanned(tx: Tx, directory: Directory, lock: Lock) -> str:
    """What is said to whoever locks: who works there already. Empty where nobody does, or nothing is mirrored."""
    found = touching(tx, lock.plan_id, store.targets(tx, [lock.number])[lock.number], lock.holder)
    more = [f"and {len(found) - FEW} more branches"] * (len(found) > FEW)
    return "\n".join([*(line(directory, *one) for one in found[:FEW]), *more])


def on_branches_seen(tx: Tx, seen: BranchesSeen) -> None:
    """Log with its team each push that touches a lock; the holder's own keep it alive, others' are told to them."""
    if not seen.moved:
        return
    held = [lock for lock in store.live(tx, seen.plan_id, (State.HELD,)) if lock.keeps(tx.now)]
    wanted = store.targets(tx, [lock.number for lock in held])
    for moved in seen.moved:
        for lock in held:
            files = _reached(moved.branch, wanted[lock.number])
            if files:
                _log(tx, lock, moved, files)
        if moved.branch.person:
            paths = [path for path, _ in branches.touched(moved.branch)][:KEPT]
            store.take_turn(tx, seen.plan_id)
            service.stir(tx, seen.plan_id, moved.branch.person, seen.repository, _sayable(paths))


def after(tx: Tx, directory: Directory, lock: Lock) -> str:
    """What changed while it was held, from where on, and whom that concerns."""
    pushes = [one for one in timeline.history(tx, lock.subject) if one.verb == PUSHED]
    names = dict.fromkeys(f"`{shown(one.facts['branch'])}` ({shown(one.facts['team']) or '–'})" for one in pushes)
    lines = [f"Meanwhile {counted(len(pushes), 'push', 'pushes')} touched it: {', '.join(names)}."] if pushes else []
    lines += [
        f"Rollback point of {b.escape(repository)}: `{point[:12]}`"
        for repository, point in lock.points.items() if _is_about(tx, lock, repository)
    ]  # fmt: skip
    wanted = store.targets(tx, [lock.number])[lock.number]
    lines += [line(directory, *one) for one in touching(tx, lock.plan_id, wanted, lock.holder)[:FEW]]
    waiting = _depending(tx, lock.plan_id, wanted)
    return "\n".join([*lines, *([f"Tasks that build on it: {', '.join(map(b.escape, waiting))}."] if waiting else [])])


def reported(tx: Tx, lock: Lock) -> list[str]:
    """What CI has reported of the newest commit of each branch that was pushed under it, or that nobody has."""
    pushed = {
        (one.facts["repository"], one.facts["branch"]): one.facts["commit"]
        for one in timeline.history(tx, lock.subject) if one.verb == PUSHED
    }  # fmt: skip
    lines = [
        f"`{shown(branch)}` at `{commit[:12]}`: {_verdict(ci.reports(tx, lock.plan_id, repository, commit))}"
        for (repository, branch), commit in list(pushed.items())[-FEW:]
    ]
    return [*lines, *[f"and {len(pushed) - FEW} more branches"] * (len(pushed) > FEW)]


def _verdict(reports: Sequence[Report]) -> str:
    """What checks say, those that failed first."""
    said = []
    for state, light in (
        (ci.FAILED, ":x:"),
        (ci.RUNNING, ":hourglass_flowing_sand:"),
        (ci.PASSED, ":white_check_mark:"),
    ):
        names = [shown(one.name) for one in reports if one.state == state]
        said += [f"{light} {state}: {few(names, FEW)}"] * bool(names)
    return ", ".join(said) or "no check has reported"


def _reached(branch: Branch, wanted: Sequence[Target]) -> list[str]:
    return [
        path for path, stacks in branches.touched(branch)
        if any(allowing.reaches(one, branch.repository, path, stacks) for one in wanted)
    ]  # fmt: skip


def _log(tx: Tx, lock: Lock, moved: Moved, files: Sequence[str]) -> None:
    branch = moved.branch
    tasks = _depending(tx, lock.plan_id, store.targets(tx, [lock.number])[lock.number])
    facts: dict[str, Any] = {
        "branch": branch.name, "repository": branch.repository, "team": branch.team, "commit": branch.head,
        "files": list(files[:KEPT]), "tasks": tasks, "pushed": moved.pushed_at.isoformat(),
    }  # fmt: skip
    timeline.record(tx, lock.plan_id, lock.subject, PUSHED, actor=branch.person or timeline.BOT, **facts)
    told = tx.local.setdefault("told of pushes", set())
    if branch.person != lock.holder and (lock.number, branch.name) not in told:
        told.add((lock.number, branch.name))
        directory = teams.directory(tx, lock.plan_id)
        telling.once(tx, directory, lock, lock.holder, "pushed", branch.name, branch=branch.id)


def _depending(tx: Tx, plan_id: int, wanted: Sequence[Target]) -> list[str]:
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


def _sayable(paths: Iterable[str]) -> list[str]:
    """Those that can be the path of a target."""
    return [path for path in paths if not targets.CONTROL.search(path) and len(path) <= targets.LONGEST_PATH]
