"""Locks as git sees them: one row for each file. Where no mirror names the files, a pattern stands for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callboard.branches import service as branches
from callboard.locks import store
from callboard.locks.models import Lock, LockTarget, State
from callboard.locks.targets import Target, clash, file
from callboard.plans import service as plans
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Row:
    """One path that is locked. `alone`: it is all that its lock is for."""

    lock: Lock
    path: str
    alone: bool

    @property
    def id(self) -> str:
        """What git calls it: the number of the lock, and a mark behind it where it is a part."""
        return str(self.lock.number) if self.alone else f"{self.lock.number}.{mark(self.path)}"


@dataclass(frozen=True)
class Page:
    """Some rows, and where the next page begins; empty behind the last."""

    rows: Sequence[Row]
    cursor: str


def page(tx: Tx, plan_id: int, repository: str, cursor: str, limit: int) -> Page:
    """The rows of a repository, the newest lock first, so that a page stays as it is when something new is locked."""
    begin, _, after = cursor.partition("/")
    upto = int(begin) if begin.isdigit() and len(begin) < len(str(2**63)) else None
    found = store.keeping(tx, plan_id, repository, upto=upto, limit=limit + 2)  # the last page's last, and one more
    rows: list[Row] = []
    last: tuple[int, str] = (0, "")
    for target, row in _rows(tx, plan_id, repository, found):
        if target.id == upto and after and row.path <= after:
            continue
        if len(rows) == limit:
            return Page(rows, f"{last[0]}/{last[1]}")
        rows.append(row)
        last = (target.id or 0, row.path)
    return Page(rows, "")


def at(tx: Tx, plan_id: int, repository: str, path: str, person: str) -> Row | None:
    """The row of one path, a lock of `person` before others; None where nobody keeps it."""
    wanted = file(path, repository)
    found = [row for row in store.near(tx, plan_id, wanted) if clash(row.target, wanted)]
    locks = [lock for lock in store.numbered(tx, {row.lock_id for row in found}) if lock.keeps(tx.now)]
    lock = next((one for one in sorted(locks, key=lambda one: one.holder != person)), None)
    return Row(lock, path, is_alone(store.targets(tx, [lock.number])[lock.number], path)) if lock else None


def numbered(tx: Tx, plan_id: int, repository: str, identifier: str) -> Row | None:
    """The row with an id; None where there is none any more."""
    number, _, part = identifier.partition(".")
    lock = store.find(tx, int(number)) if number.isdigit() and len(number) < len(str(2**63)) else None
    if lock is None or lock.plan_id != plan_id or not lock.keeps(tx.now):
        return None
    targets = [one for one in store.targets(tx, [lock.number])[lock.number] if one.repository in ("", repository)]
    if not part:
        whole = next((one for one in targets if one.is_one_file), None)
        return Row(lock, _path(whole), alone=True) if whole and is_alone(targets, _path(whole)) else None
    shown = [path for target in targets for path in _paths(tx, plan_id, repository, target)]
    return Row(lock, next((path for path in shown if mark(path) == part), ", ".join(lock.targets)), alone=False)


def is_alone(targets: Sequence[Target], path: str) -> bool:
    """Whether a path is all of it."""
    return len(targets) == 1 and targets[0].is_one_file and _path(targets[0]) == path


def shown(row: Row, directory: Directory) -> dict[str, Any]:
    """A row as git reads it."""
    person = directory.people.get(row.lock.holder)
    owner = {"name": person.name if person else row.lock.holder}
    return {"id": row.id, "path": row.path, "locked_at": f"{row.lock.since:%Y-%m-%dT%H:%M:%SZ}", "owner": owner}


def mark(path: str) -> str:
    """A path as a short word."""
    return hashlib.sha256(path.encode()).hexdigest()[:12]


def is_held_by(row: Row, person: str) -> bool:
    """Whether somebody has it: what they have asked for or may take is not theirs yet."""
    return row.lock.holder == person and row.lock.state == State.HELD


def _rows(
    tx: Tx, plan_id: int, repository: str, found: Sequence[LockTarget]
) -> Iterator[tuple[LockTarget, Row]]:  # fmt: skip
    numbers = {row.lock_id for row in found}
    locks = {lock.number: lock for lock in store.numbered(tx, numbers)}
    whole = store.targets(tx, numbers)
    for target in found:
        for path in _paths(tx, plan_id, repository, target.target):
            yield target, Row(locks[target.lock_id], path, is_alone(whole[target.lock_id], path))


def _paths(tx: Tx, plan_id: int, repository: str, target: Target) -> list[str]:
    if target.is_one_file:
        return [_path(target)]
    if target.kind == "thing":
        return []
    matching = sorted(path for path in _files(tx, plan_id, repository) if target.pattern.matches(path))
    return matching or [str(target).removeprefix(f"{target.repository}:")]


def _files(tx: Tx, plan_id: int, repository: str) -> Sequence[str]:
    kept: Sequence[str] | None = tx.local.get(("files", plan_id, repository))
    if kept is None:
        only = next(iter(plans.live(tx, plan_id).values.get("repositories") or ()), "")
        kept = tx.local["files", plan_id, repository] = branches.files(tx, plan_id, repository or only)
    return kept


def _path(target: Target) -> str:
    return target.text if target.kind == "file" else target.text.removeprefix("/")
