"""What stands in whose way, whose turn it is, and what is over by itself. Whoever calls this has taken their turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.branches import service as branches
from callboard.core import calendar, outbox
from callboard.locks import models, notices, store
from callboard.locks.models import KEEPING, KIND, Lock, State
from callboard.locks.plan import rules
from callboard.locks.rights import Verdict
from callboard.locks.store import rivals
from callboard.locks.targets import clash
from callboard.teams import service as teams
from callboard.teams.service import Asker, Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx


def over(tx: Tx, lock: Lock, how: str, by: str, why: str | None = None) -> None:
    """End a lock, and see whose turn it is."""
    models.end(lock, how, by, tx.now, why)
    notices.changed(tx, lock, how, actor=by, said=why)
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
    notices.changed(tx, lock, "offered")
    notices.direct(tx, directory, lock, lock.holder, "turn")


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
    notices.by_asker(tx, lock, asker, "asked" if lock.missing else "acquired", said=lock.reason, until=ends)
    notices.cards(tx, asker.directory, lock)


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
        notices.direct(tx, directory, lock, lock.holder, "ended")
