"""What locks make of pushes: each that touches one is logged, its holder is told, and their own keep it alive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from callboard.branches import service as branches
from callboard.branches.events import BranchesSeen, Moved
from callboard.branches.models import Branch
from callboard.core import timeline
from callboard.locks import notices, service, store, targets
from callboard.locks.messages.git_activity import PUSHED, depending
from callboard.locks.models import Lock, State
from callboard.locks.targets import Target
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


KEPT = 20


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


def _reached(branch: Branch, wanted: Sequence[Target]) -> list[str]:
    return [
        path for path, stacks in branches.touched(branch)
        if any(targets.reaches(one, branch.repository, path, stacks) for one in wanted)
    ]  # fmt: skip


def _log(tx: Tx, lock: Lock, moved: Moved, files: Sequence[str]) -> None:
    branch = moved.branch
    tasks = depending(tx, lock.plan_id, store.targets(tx, [lock.number])[lock.number])
    facts: dict[str, Any] = {
        "branch": branch.name, "repository": branch.repository, "team": branch.team, "commit": branch.head,
        "files": list(files[:KEPT]), "tasks": tasks, "pushed": moved.pushed_at.isoformat(),
    }  # fmt: skip
    timeline.record(tx, lock.plan_id, lock.subject, PUSHED, actor=branch.person or timeline.BOT, **facts)
    told = tx.local.setdefault("told of pushes", set())
    if branch.person != lock.holder and (lock.number, branch.name) not in told:
        told.add((lock.number, branch.name))
        directory = teams.directory(tx, lock.plan_id)
        notices.once(tx, directory, lock, lock.holder, "pushed", branch.name, branch=branch.id)


def _sayable(paths: Iterable[str]) -> list[str]:
    """Those that can be the path of a target."""
    return [path for path in paths if not targets.CONTROL.search(path) and len(path) <= targets.LONGEST_PATH]
