"""What locks make of pushes: each that touches one is logged, its holder is told, and their own pushes renew it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.branches import service as branches
from callboard.branches.events import BranchesSeen, Moved
from callboard.core import timeline
from callboard.locks import notices, pushes, service, store, targets
from callboard.locks.models import Lock, State, Verb
from callboard.locks.targets import Target
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

MOST_FILES = 20


def on_branches_seen(tx: Tx, seen: BranchesSeen) -> None:
    """Log each push that touches a lock, and keep alive what its author has locked there."""
    if not seen.moved:
        return
    held = [lock for lock in store.live(tx, seen.plan_id, (State.HELD,)) if lock.keeps(tx.now)]
    wanted = store.targets(tx, [lock.number for lock in held])
    for moved in seen.moved:
        touched = list(branches.touched(moved.branch))
        for lock in held:
            files = [
                path for path, stacks in touched
                if any(targets.reaches(target, seen.repository, path, stacks) for target in wanted[lock.number])
            ]  # fmt: skip
            if files:
                _log(tx, lock, wanted[lock.number], moved, files[:MOST_FILES])
        if moved.branch.person:
            paths = [path for path, _ in touched[:MOST_FILES] if targets.is_path(path)]
            store.take_turn(tx, seen.plan_id)
            service.stir(tx, seen.plan_id, moved.branch.person, seen.repository, paths)


def _log(tx: Tx, lock: Lock, wanted: Sequence[Target], moved: Moved, files: list[str]) -> None:
    branch = moved.branch
    timeline.record(
        tx, lock.plan_id, lock.subject, Verb.PUSHED, actor=branch.person or timeline.BOT, branch=branch.name,
        repository=branch.repository, team=branch.team, commit=branch.head, files=files,
        tasks=pushes.depending(tx, lock.plan_id, wanted), pushed=moved.pushed_at.isoformat(),
    )  # fmt: skip
    if branch.person != lock.holder:
        notices.tell_pushed(tx, teams.directory(tx, lock.plan_id), lock, branch)
