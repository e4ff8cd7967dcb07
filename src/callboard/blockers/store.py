"""Every query about blockers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam
from sqlmodel import col, select

from callboard.blockers.models import KIND, Blocker, Settings, State
from callboard.core.db import Tx
from callboard.core.outbox import Delivery

FOUND = select(Blocker).where(col(Blocker.id) == bindparam("number"))
# Whoever locks a row wants it as it is then, even where it was read before.
FOUND_LOCKED = FOUND.with_for_update().execution_options(populate_existing=True)
OPEN = (State.OPEN, State.ACKNOWLEDGED)
LARGEST = 2**63 - 1


def find(tx: Tx, number: int, *, lock: bool = False) -> Blocker | None:
    if number > LARGEST:
        return None
    return tx.session.execute(FOUND_LOCKED if lock else FOUND, {"number": number}).scalar()


def read_ahead(tx: Tx, numbers: Collection[int]) -> None:
    """Read several at once. The session gives away whatever nobody holds on to."""
    tx.local["blockers read"] = tx.session.exec(select(Blocker).where(col(Blocker.id).in_(numbers))).all()


def open_in(tx: Tx, plan_id: int) -> Sequence[Blocker]:
    """The open blockers of a plan, oldest first."""
    of_plan = select(Blocker).where(Blocker.plan_id == plan_id, col(Blocker.state).in_(OPEN))
    return tx.session.exec(of_plan.order_by(col(Blocker.opened_at), col(Blocker.id))).all()


def page(tx: Tx, plan_id: int, states: Sequence[str], after: int, limit: int) -> Sequence[Blocker]:
    """Blockers of a plan in one of these states with a number above `after`, in their order."""
    wanted = select(Blocker).where(Blocker.plan_id == plan_id, col(Blocker.state).in_(states), col(Blocker.id) > after)
    return tx.session.exec(wanted.order_by(col(Blocker.id)).limit(limit)).all()


def closed_lately(tx: Tx, plan_id: int, limit: int) -> Sequence[Blocker]:
    closed = select(Blocker).where(Blocker.plan_id == plan_id, col(Blocker.state).not_in(OPEN))
    return tx.session.exec(closed.order_by(col(Blocker.closed_at).desc()).limit(limit)).all()


def paged_to(tx: Tx, plan_id: int, person: str) -> set[int]:
    """Numbers of the blockers for which somebody was ever paged."""
    about = (Delivery.plan_id == plan_id, Delivery.subject_kind == KIND, Delivery.recipient == person)
    return set(tx.session.exec(select(Delivery.subject_id).where(*about)))


def settings(tx: Tx, plan_id: int) -> Settings | None:
    return tx.session.exec(select(Settings).where(Settings.plan_id == plan_id)).first()
