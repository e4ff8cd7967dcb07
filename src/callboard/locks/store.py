"""Every query about locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, or_, update
from sqlmodel import col, select

from callboard.core.timeline import Entry
from callboard.locks.models import KEEPING, KIND, LIVE, Allowance, Lock, LockBook, LockTarget, State
from callboard.locks.targets import Target, clash

if TYPE_CHECKING:
    from callboard.core.db import Tx

MOST = 10_000


@dataclass(frozen=True)
class Rival:
    """A lock that stands in the way, and what both are for, as an example."""

    lock: Lock
    example: str


def take_turn(tx: Tx, plan_id: int) -> None:
    """Wait until nobody else is locking anything in this plan, until the end of the transaction."""
    if tx.local.get(("locking", plan_id)):
        return
    there = select(LockBook.plan_id).where(LockBook.plan_id == plan_id).with_for_update()
    if tx.session.exec(there).first() is None:
        tx.connection.execute(tx.insert(LockBook).values(plan_id=plan_id).on_conflict_do_nothing())
        tx.session.exec(there).first()
    tx.local["locking", plan_id] = True


def find(tx: Tx, number: int) -> Lock | None:
    """A lock by its number, as it is now."""
    if number >= 2**63:
        return None
    wanted = select(Lock).where(Lock.id == number).execution_options(populate_existing=True)
    return tx.session.exec(wanted).first()


def live(tx: Tx, plan_id: int, states: Collection[str] = LIVE, limit: int = MOST) -> Sequence[Lock]:
    """The locks of a plan that are in one of these states, the oldest first."""
    wanted = select(Lock).where(Lock.plan_id == plan_id, col(Lock.state).in_(states)).order_by(col(Lock.id))
    return tx.session.exec(wanted.limit(limit)).all()


def moved_by_work(tx: Tx, plan_id: int, person: str) -> Sequence[Lock]:
    """What somebody holds without having named an end."""
    wanted = select(Lock).where(
        Lock.plan_id == plan_id, Lock.state == State.HELD, Lock.holder == person, ~col(Lock.fixed)
    )
    return tx.session.exec(wanted.order_by(col(Lock.id))).all()


def near(tx: Tx, plan_id: int, target: Target) -> Sequence[LockTarget]:
    """What is locked or waited for and may clash with a target, as far as the beginnings of paths say."""
    row, stem = LockTarget, target.stem
    alike = or_(
        col(row.stem).in_([stem[:n] for n in range(len(stem) + 1)]), col(row.stem).startswith(stem, autoescape=True)
    )
    wanted = select(row).where(row.plan_id == plan_id, col(row.live), alike)
    if target.kind == "thing":
        wanted = select(row).where(
            row.plan_id == plan_id, col(row.live), row.kind == "thing", row.text == target.text
        )  # fmt: skip
    return tx.session.exec(wanted.order_by(col(row.lock_id), col(row.id))).all()


def rivals(tx: Tx, plan_id: int, targets: Iterable[Target], besides: int = 0) -> list[Rival]:
    """The locks that clash with any of these targets, held or waited for, the oldest first."""
    examples: dict[int, str] = {}
    for target in targets:
        for row in near(tx, plan_id, target):
            if row.lock_id != besides and row.lock_id not in examples and (both := clash(row.target, target)):
                examples[row.lock_id] = both
    return [Rival(lock, examples[lock.number]) for lock in numbered(tx, examples)]


def targets(tx: Tx, numbers: Collection[int]) -> dict[int, list[Target]]:
    """What these locks are for."""
    found: dict[int, list[Target]] = {number: [] for number in numbers}
    wanted = select(LockTarget).where(col(LockTarget.lock_id).in_(numbers)).order_by(col(LockTarget.id))
    for row in tx.session.exec(wanted):
        found[row.lock_id].append(row.target)
    return found


def table(tx: Tx, plan_id: int) -> dict[int, tuple[str, list[Target]]]:
    """How each lock of a plan stands that is not over, and what it is for."""
    tx.session.flush()
    wanted = select(LockTarget, Lock.state).join(Lock, col(Lock.id) == col(LockTarget.lock_id))
    found: dict[int, tuple[str, list[Target]]] = {}
    for row, state in tx.session.exec(wanted.where(LockTarget.plan_id == plan_id, col(LockTarget.live))):
        found.setdefault(row.lock_id, (state, []))[1].append(row.target)
    return found


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[Lock]:
    """These locks, the oldest first, as they are now."""
    wanted = select(Lock).where(col(Lock.id).in_(numbers)).order_by(col(Lock.id))
    return tx.session.exec(wanted.execution_options(populate_existing=True)).all()


def forget(tx: Tx, number: int) -> None:
    """The targets of a lock that is over stand in nobody's way."""
    tx.session.flush()
    tx.connection.execute(update(LockTarget).where(col(LockTarget.lock_id) == number).values(live=False))


def add(tx: Tx, rows: Iterable[LockTarget]) -> None:
    """Keep what a lock is for."""
    tx.session.add_all(rows)
    tx.session.flush()


def late(tx: Tx, plan_id: int) -> Sequence[Lock]:
    """The locks of a plan that are over by now, or offered in vain, and that nobody has looked at yet."""
    wanted = select(Lock).where(
        Lock.plan_id == plan_id, or_(
            (col(Lock.state).in_((State.HELD, State.ASKED))) & (col(Lock.expires_at) <= tx.now),
            (col(Lock.state) == State.OFFERED) & (col(Lock.offered_until) <= tx.now),
        )
    )  # fmt: skip
    return tx.session.exec(wanted.order_by(col(Lock.id))).all()


def keeping(tx: Tx, plan_id: int, repository: str, *, upto: int | None, limit: int) -> Sequence[LockTarget]:
    """The targets in a repository that somebody keeps now, the newest first, from the one with id `upto` on."""
    row = LockTarget
    ends = case((col(Lock.state) == State.OFFERED, col(Lock.offered_until)), else_=col(Lock.expires_at))
    wanted = (
        select(row)
        .join(Lock, col(Lock.id) == col(row.lock_id))
        .where(
            row.plan_id == plan_id, col(row.live), row.kind != "thing", col(row.repository).in_(("", repository)),
            col(Lock.state).in_(KEEPING), or_(ends.is_(None), ends > tx.now),
        )
    )  # fmt: skip
    wanted = wanted.where(col(row.id) <= upto) if upto is not None else wanted
    return tx.session.exec(wanted.order_by(col(row.id).desc()).limit(limit)).all()


def changes_since(tx: Tx, lock: Lock, change: int) -> Sequence[Entry]:
    """What happened to a lock after its `change`-th change."""
    entries = tx.session.exec(
        select(Entry).where(Entry.subject_kind == KIND, Entry.subject_id == lock.number).order_by(col(Entry.id))
    ).all()
    return [entry for entry in entries if entry.facts.get("change", 0) > change]


def allowances_of(tx: Tx, plan_id: int, people: Collection[str]) -> Sequence[Allowance]:
    """What these people may do now, beyond what is their teams'."""
    wanted = select(Allowance).where(
        Allowance.plan_id == plan_id, col(Allowance.until) > tx.now, col(Allowance.person).in_(people)
    )
    return tx.session.exec(wanted.order_by(col(Allowance.id))).all()
