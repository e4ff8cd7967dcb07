"""What stands in whose way, whose turn it is, and what is over by itself. Whoever calls this has taken their turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callboard.branches import service as branches
from callboard.core import calendar, outbox
from callboard.locks import models, store, telling
from callboard.locks.models import KEEPING, KIND, Lock, State
from callboard.locks.owning import Verdict
from callboard.locks.parts import LocksPart
from callboard.locks.targets import Target, clash
from callboard.plans import service as plans
from callboard.teams import service as teams
from callboard.teams.service import Asker, Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Rival:
    """A lock that stands in the way, and what both are for, as an example."""

    lock: Lock
    example: str


def rules(tx: Tx, plan_id: int) -> LocksPart:
    """What the plan says about locks."""
    found: LocksPart | None = plans.live(tx, plan_id).values.get("locks")
    return found or LocksPart()


def rivals(tx: Tx, plan_id: int, targets: Iterable[Target], besides: int = 0) -> list[Rival]:
    """The locks that clash with any of these targets, held or waited for, the oldest first."""
    examples: dict[int, str] = {}
    for target in targets:
        for row in store.near(tx, plan_id, target):
            if row.lock_id != besides and row.lock_id not in examples and (both := clash(row.target, target)):
                examples[row.lock_id] = both
    return [Rival(lock, examples[lock.number]) for lock in store.numbered(tx, examples)]


def over(tx: Tx, lock: Lock, how: str, by: str, why: str | None = None) -> None:
    """End a lock, and see whose turn it is."""
    models.end(lock, how, by, tx.now, why)
    telling.changed(tx, lock, how, actor=by, said=why)
    store.forget(tx, lock.number)
    move(tx, lock)


def move(tx: Tx, ended: Lock) -> None:
    """Offer what is free now to those who wait longest for it."""
    targets = store.targets(tx, [ended.number])[ended.number]
    found = rivals(tx, ended.plan_id, targets, ended.number)
    outbox.touch(tx, KIND, [one.lock.number for one in found])
    waiting = [one.lock for one in found if one.lock.state == State.WAITING]
    table = store.table(tx, ended.plan_id) if waiting else {}
    for lock in waiting:
        _, theirs = table[lock.number]
        before = (kept for number, (state, kept) in table.items() if state in KEEPING or number < lock.number)
        if not any(clash(x, y) for kept in before for x in kept for y in theirs):
            table[lock.number] = (State.OFFERED, theirs)
            _offer(tx, lock)


def _offer(tx: Tx, lock: Lock) -> None:
    directory = teams.directory(tx, lock.plan_id)
    models.offer(lock, tx.now)
    telling.changed(tx, lock, "offered")
    telling.direct(tx, directory, lock, lock.holder, "turn")


def take(tx: Tx, asker: Asker, lock: Lock, verdict: Verdict) -> None:
    """Hold it, or ask for the consent that it takes."""
    lock.team = verdict.team
    concerned = (verdict.team, *verdict.concerned)
    homes = (asker.directory.home_channel(team) for team in concerned if team)
    lock.points = branches.heads(tx, lock.plan_id)
    lock.homes = [home for home in dict.fromkeys(homes) if home] or [asker.directory.home_channel()]
    if verdict.consents:
        models.ask(lock, verdict.consents, tx.now)
    else:
        models.hold(lock, tx.now)
    remind(tx, asker.directory, lock)
    ends = lock.expires_at.isoformat() if lock.expires_at else None
    telling.by_asker(tx, lock, asker, "asked" if lock.missing else "acquired", said=lock.reason, until=ends)
    telling.cards(tx, asker.directory, lock)


def remind(tx: Tx, directory: Directory, lock: Lock) -> None:
    """Note when its holder is asked next whether to keep it: in the morning, on a day they work."""
    person = directory.people.get(lock.holder)
    lock.remind_at = None
    if lock.state != State.HELD or person is None or lock.expires_at is None:
        return
    try:
        morning = calendar.next_occurrence(
            tx.now, person.working_hours.days, rules(tx, lock.plan_id).remind_at, person.zone,
            directory.calendar.holidays,
        )  # fmt: skip
    except ValueError:  # who never works is never reminded
        return
    lock.remind_at = morning if morning < lock.expires_at else None


def settle(tx: Tx, plan_id: int) -> None:
    """End what is over by now, whether or not the tick has come round to it."""
    late = store.late(tx, plan_id)
    directory = teams.directory(tx, plan_id) if late else None
    for lock in late:
        if directory is None or lock.state == State.OVER:
            continue
        how = "missed" if lock.state == State.OFFERED else "expired"
        over(tx, lock, how, "callboard")
        telling.direct(tx, directory, lock, lock.holder, "ended")
