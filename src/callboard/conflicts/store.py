"""Every query about conflicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlmodel import col, select

from callboard.conflicts.models import STANDING, Conflict
from callboard.core.db import Tx
from callboard.core.memory import Each


def find(tx: Tx, number: int, *, lock: bool = False) -> Conflict | None:
    return tx.get(Conflict, number, fresh=True, lock=lock) if number < 2**63 else None


def weight(tx: Tx, number: int) -> str:
    """The degree of a conflict."""
    conflict = find(tx, number)
    return conflict.degree if conflict else ""


def standing(tx: Tx, plan_id: int, repository: str = "", *, lock: bool = False) -> Sequence[Conflict]:
    """Those of a plan, or of one repository, that are not over, the oldest first."""
    wanted = select(Conflict).where(
        Conflict.plan_id == plan_id, col(Conflict.ended_at).is_(None), col(Conflict.state).in_(STANDING)
    )
    wanted = wanted.where(Conflict.repository == repository) if repository else wanted
    wanted = wanted.order_by(col(Conflict.id))
    return tx.session.exec(wanted.with_for_update() if lock else wanted).all()


def _parts(tx: Tx, waves: list[int]) -> Mapping[int, list[Conflict]]:
    found = defaultdict[int, list[Conflict]](list)
    wanted = select(Conflict).where(col(Conflict.wave).in_(waves), col(Conflict.state).in_(STANDING))
    for part in tx.session.exec(wanted.order_by(col(Conflict.id))):
        found[part.wave or 0].append(part)
    return found


parts = Each[int, list[Conflict]](_parts, list, Conflict)
"""What is told with a wave and is not over, the oldest first."""


def latest(tx: Tx, plan_id: int, limit: int) -> Sequence[Conflict]:
    wanted = select(Conflict).where(Conflict.plan_id == plan_id).order_by(col(Conflict.id).desc())
    return tx.session.exec(wanted.limit(limit)).all()


def every(tx: Tx, plan_id: int) -> Sequence[Conflict]:
    return tx.session.exec(select(Conflict).where(Conflict.plan_id == plan_id).order_by(col(Conflict.id))).all()


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[Conflict]:
    wanted = select(Conflict).where(col(Conflict.id).in_(numbers)).order_by(col(Conflict.id))
    return tx.session.exec(wanted.execution_options(populate_existing=True)).all()
