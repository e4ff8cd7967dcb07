"""Every query about locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import case, or_, update
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.locks.models import KEEPING, LIVE, Allowance, Lock, LockBook, LockTarget, Rival, State
from callboard.locks.targets import Target, clash

MOST = 10_000
IS_LIVE = col(Lock.ended_at).is_(None)
LARGEST = 2**63


def take_turn(tx: Tx, plan_id: int) -> None:
    """Wait until nobody else locks anything in this plan; it lasts as long as the transaction."""
    if tx.local.get(("locking", plan_id)):
        return
    book = select(LockBook.plan_id).where(LockBook.plan_id == plan_id).with_for_update()
    if tx.session.exec(book).first() is None:
        tx.connection.execute(tx.insert(LockBook).values(plan_id=plan_id).on_conflict_do_nothing())
        tx.session.exec(book).first()
    tx.local["locking", plan_id] = True


def find(tx: Tx, number: int) -> Lock | None:
    found = numbered(tx, [number]) if number < LARGEST else ()
    return found[0] if found else None


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[Lock]:
    """These locks, the oldest first, as they are now."""
    wanted = select(Lock).where(col(Lock.id).in_(numbers)).order_by(col(Lock.id))
    return tx.session.exec(wanted.execution_options(populate_existing=True)).all()


def live(tx: Tx, plan_id: int, states: Collection[str] = LIVE, holder: str = "") -> Sequence[Lock]:
    """The locks of a plan in one of these states, or those of one holder, the oldest first."""
    wanted = select(Lock).where(Lock.plan_id == plan_id, IS_LIVE, col(Lock.state).in_(states))
    wanted = wanted.where(Lock.holder == holder) if holder else wanted
    return tx.session.exec(wanted.order_by(col(Lock.id)).limit(MOST)).all()


def near(tx: Tx, plan_id: int, target: Target) -> Sequence[LockTarget]:
    """What is locked or waited for and may clash with a target: its paths begin alike."""
    row, stem = LockTarget, target.stem
    starts = [stem[:length] for length in range(len(stem) + 1)]
    alike = or_(col(row.stem).in_(starts), col(row.stem).startswith(stem, autoescape=True))
    if target.kind == "thing":
        alike = col(row.kind).in_(("thing", "path")) & (col(row.stem) == stem)
    wanted = select(row).where(row.plan_id == plan_id, col(row.live), alike)
    return tx.session.exec(wanted.order_by(col(row.lock_id), col(row.id))).all()


def rivals(tx: Tx, plan_id: int, targets: Iterable[Target], besides: int = 0) -> list[Rival]:
    """The locks that clash with any of these targets, held or waited for, the oldest first."""
    examples: dict[int, str] = {}
    for target in targets:
        for row in near(tx, plan_id, target):
            if row.lock_id != besides and row.lock_id not in examples and (both := clash(row.target, target)):
                examples[row.lock_id] = both
    return [Rival(lock, examples[lock.number]) for lock in numbered(tx, examples)] if examples else []


def neighbours(tx: Tx, lock: Lock) -> list[Lock]:
    """The other locks on anything that a lock is for, the oldest first."""
    return [rival.lock for rival in rivals(tx, lock.plan_id, targets_of(tx, lock), lock.number)]


def with_lines(tx: Tx, found: Iterable[Rival]) -> list[Rival]:
    """The rivals with who waits for each, the first in line first."""
    return [
        replace(rival, waiting=[other for other in neighbours(tx, rival.lock) if other.state == State.WAITING])
        for rival in found
    ]


def targets(tx: Tx, numbers: Collection[int]) -> dict[int, list[Target]]:
    found: dict[int, list[Target]] = {number: [] for number in numbers}
    wanted = select(LockTarget).where(col(LockTarget.lock_id).in_(numbers)).order_by(col(LockTarget.id))
    for row in tx.session.exec(wanted):
        found[row.lock_id].append(row.target)
    return found


def targets_of(tx: Tx, lock: Lock) -> list[Target]:
    return targets(tx, [lock.number])[lock.number]


def table(tx: Tx, plan_id: int) -> dict[int, tuple[str, list[Target]]]:
    """The state and the targets of each lock of a plan that is not over."""
    tx.session.flush()
    wanted = select(LockTarget, Lock.state).join(Lock, col(Lock.id) == col(LockTarget.lock_id))
    found: dict[int, tuple[str, list[Target]]] = {}
    for row, state in tx.session.exec(wanted.where(LockTarget.plan_id == plan_id, col(LockTarget.live))):
        found.setdefault(row.lock_id, (state, []))[1].append(row.target)
    return found


def forget(tx: Tx, number: int) -> None:
    """The targets of a lock that is over stand in nobody's way."""
    tx.session.flush()
    tx.connection.execute(update(LockTarget).where(col(LockTarget.lock_id) == number).values(live=False))


def late(tx: Tx, plan_id: int) -> Sequence[Lock]:
    """The locks of a plan that have expired, or whose offer has, and that are not ended yet."""
    wanted = select(Lock).where(
        Lock.plan_id == plan_id, IS_LIVE, or_(
            (col(Lock.state).in_((State.HELD, State.ASKED))) & (col(Lock.expires_at) <= tx.now),
            (col(Lock.state) == State.OFFERED) & (col(Lock.offered_until) <= tx.now),
        )
    )  # fmt: skip
    return tx.session.exec(wanted.order_by(col(Lock.id))).all()


def kept(tx: Tx, plan_id: int, repository: str, *, upto: int | None, limit: int) -> Sequence[LockTarget]:
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


def allowances(tx: Tx, plan_id: int, person: str) -> Sequence[Allowance]:
    row = Allowance
    wanted = select(row).where(row.plan_id == plan_id, col(row.until) > tx.now, row.person == person)
    return tx.session.exec(wanted.order_by(col(row.id))).all() if person else ()
