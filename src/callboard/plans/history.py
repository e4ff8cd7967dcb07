"""The versions that a plan has had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.plans.models import PlanVersion

if TYPE_CHECKING:
    from callboard.core.db import Tx


def versions(tx: Tx, plan_id: int, most: int) -> Sequence[PlanVersion]:
    """The last versions of a plan, the newest first."""
    return tx.session.exec(
        select(PlanVersion).where(PlanVersion.plan_id == plan_id).order_by(col(PlanVersion.number).desc()).limit(most)
    ).all()
