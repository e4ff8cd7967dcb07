"""Every query about emergencies."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import literal_column
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.emergencies.models import Emergency

LARGEST = 2**63 - 1
WEIGHTS = {"1": "critical", "2": "high", "3": "medium"}
"""How much each level matters, as `mediums` of the plan has it."""
IS_OPEN = col(Emergency.ended_at).is_(None)
HAS_KEY = col(Emergency.key) != literal_column("''")


def find(tx: Tx, number: int, *, lock: bool = False) -> Emergency | None:
    if number > LARGEST:
        return None
    return tx.get(Emergency, number, lock=lock)


def known(tx: Tx, number: int) -> Emergency:
    """One that there must be."""
    return tx.get_one(Emergency, number)


def weight(tx: Tx, number: int) -> str:
    """How much one matters, by its level."""
    return WEIGHTS[known(tx, number).level]


def open_in(tx: Tx, plan_id: int) -> Sequence[Emergency]:
    """Those of a plan that are not over, oldest first."""
    return tx.session.exec(
        select(Emergency).where(Emergency.plan_id == plan_id, IS_OPEN).order_by(col(Emergency.id))
    ).all()


def keyed(tx: Tx, plan_id: int, key: str) -> Emergency | None:
    """The open one that was declared with a key."""
    return tx.session.exec(
        select(Emergency).where(Emergency.plan_id == plan_id, Emergency.key == key, IS_OPEN, HAS_KEY)
    ).first()


def latest(tx: Tx, plan_id: int, count: int) -> Sequence[Emergency]:
    """Those of a plan that are over, newest first."""
    over = select(Emergency).where(Emergency.plan_id == plan_id, col(Emergency.ended_at).is_not(None))
    return tx.session.exec(over.order_by(col(Emergency.id).desc()).limit(count)).all()


def page(tx: Tx, plan_id: int, after: int, limit: int, *, is_open: bool) -> Sequence[Emergency]:
    """Those with a number above `after`, in their order."""
    state = IS_OPEN if is_open else col(Emergency.ended_at).is_not(None)
    wanted = select(Emergency).where(Emergency.plan_id == plan_id, state, col(Emergency.id) > after)
    return tx.session.exec(wanted.order_by(col(Emergency.id)).limit(limit)).all()


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[Emergency]:
    """These, locked."""
    wanted = select(Emergency).where(col(Emergency.id).in_(numbers)).order_by(col(Emergency.id))
    return tx.session.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()
