"""What messages show of locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.timeline import Entry
from callboard.core.words import lasted
from callboard.locks import around, line, store, wording
from callboard.locks.models import KEEPING, Lock, State
from callboard.teams import service as teams
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True, kw_only=True)
class LockView:
    """A lock as its card shows it; people and teams as they are called."""

    number: int
    changes: int
    state: str
    targets: tuple[str, ...]
    reason: str
    holder: str
    team: str
    since: datetime
    age: str
    expires_at: datetime | None
    offered_until: datetime | None
    waiting: tuple[str, ...]
    behind: tuple[str, ...]
    agreed: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    from_git: bool
    ended_at: datetime | None
    ended_by: str
    ended_how: str
    ended_why: str
    reported: tuple[str, ...]
    """What CI said of what was pushed under it, once it is over."""


@dataclass(frozen=True)
class LineView:
    """One thing that happened to a lock."""

    at: datetime
    verb: str
    actor: str
    said: str
    to: str


def card(tx: Tx, lock: Lock, *, brief: bool = False) -> LockView:
    """A lock as it stands now; `brief` without who waits."""
    directory = teams.directory(tx, lock.plan_id)
    waiting = [] if brief or lock.state not in KEEPING else wording.waiting(tx, lock)
    team = directory.teams.get(lock.team or "")
    return LockView(
        number=lock.number, changes=lock.changes, state=lock.state, targets=tuple(map(b.escape, lock.targets)),
        reason=lock.reason, holder=directory.called(lock.holder), team=b.escape(team.name) if team else "",
        since=lock.since, age=lasted((lock.ended_at or tx.now) - lock.since), expires_at=lock.expires_at,
        offered_until=lock.offered_until, waiting=tuple(directory.called(one.holder) for one in waiting),
        behind=_behind(tx, directory, lock) if lock.state == State.WAITING and not brief else (),
        agreed=tuple(
            (_team(directory, one["team"]), directory.called(one["by"])) for one in lock.consents if one.get("by")
        ),
        missing=tuple(_team(directory, team) for team in lock.missing), from_git=lock.source == "git",
        ended_at=lock.ended_at, ended_by=directory.called(lock.ended_by) if lock.ended_by in directory.people else "",
        ended_how=lock.ended_how or "", ended_why=lock.ended_why or "",
        reported=tuple(around.reported(tx, lock)) if lock.state == State.OVER and lock.held_at and not brief else (),
    )  # fmt: skip


def history(directory: Directory, entries: Sequence[Entry]) -> list[LineView]:
    """What happened to a lock."""
    return [
        LineView(
            one.at, one.verb, directory.called(one.actor) if one.actor in directory.people else "", one.said or "",
            directory.called(one.facts["to"]) if one.facts.get("to") else "",
        ) for one in entries
    ]  # fmt: skip


def _behind(tx: Tx, directory: Directory, lock: Lock) -> tuple[str, ...]:
    targets = store.targets(tx, [lock.number])[lock.number]
    found = line.rivals(tx, lock.plan_id, targets, lock.number)
    before = [one.lock for one in found if one.lock.state in KEEPING or one.lock.number < lock.number]
    return tuple(directory.called(one.holder) for one in before)


def _team(directory: Directory, key: str) -> str:
    return b.escape(directory.teams[key].name) if key in directory.teams else b.escape(key)
