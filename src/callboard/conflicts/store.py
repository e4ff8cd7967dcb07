"""Every query about conflicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.conflicts.models import KIND, STANDING, Conflict
from callboard.core.timeline import Entry

if TYPE_CHECKING:
    from callboard.core.db import Tx


def find(tx: Tx, number: int, *, lock: bool = False) -> Conflict | None:
    """One by its number, as it is now."""
    if number >= 2**63:
        return None
    wanted = select(Conflict).where(Conflict.id == number).execution_options(populate_existing=True)
    return tx.session.exec(wanted.with_for_update() if lock else wanted).first()


def standing(tx: Tx, plan_id: int, repository: str = "", *, lock: bool = False) -> Sequence[Conflict]:
    """Those of a plan, or of one repository, that are not over, the oldest first."""
    wanted = select(Conflict).where(Conflict.plan_id == plan_id, col(Conflict.state).in_(STANDING))
    wanted = wanted.where(Conflict.repository == repository) if repository else wanted
    wanted = wanted.order_by(col(Conflict.id))
    return tx.session.exec(wanted.with_for_update() if lock else wanted).all()


def every(tx: Tx, plan_id: int) -> Sequence[Conflict]:
    """All that there ever were in a plan."""
    return tx.session.exec(select(Conflict).where(Conflict.plan_id == plan_id).order_by(col(Conflict.id))).all()


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[Conflict]:
    """These, as they are now."""
    wanted = select(Conflict).where(col(Conflict.id).in_(numbers)).order_by(col(Conflict.id))
    return tx.session.exec(wanted.execution_options(populate_existing=True)).all()


def changes_since(tx: Tx, conflict: Conflict, change: int) -> Sequence[Entry]:
    """What happened to one after its `change`-th change."""
    entries = tx.session.exec(
        select(Entry).where(Entry.subject_kind == KIND, Entry.subject_id == conflict.number).order_by(col(Entry.id))
    ).all()
    return [entry for entry in entries if entry.facts.get("change", 0) > change]
