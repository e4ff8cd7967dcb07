"""Every query about status requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.cadences.models import State, StatusRequest

if TYPE_CHECKING:
    from callboard.core.db import Tx

CADENCES = "cadences"


def request(tx: Tx, number: int, *, lock: bool = False) -> StatusRequest | None:
    return tx.session.get(StatusRequest, number, with_for_update=lock, populate_existing=lock)


def of_person(tx: Tx, plan_id: int, person: str, limit: int = 2) -> Sequence[StatusRequest]:
    """The newest requests to somebody, newest first."""
    wanted = select(StatusRequest).where(StatusRequest.plan_id == plan_id, StatusRequest.person == person)
    return tx.session.exec(wanted.order_by(col(StatusRequest.at).desc()).limit(limit)).all()


def current(tx: Tx, plan_id: int) -> Sequence[StatusRequest]:
    """What is asked until the next time, answered or not."""
    wanted = select(StatusRequest).where(StatusRequest.plan_id == plan_id, col(StatusRequest.closes_at) > tx.now)
    return tx.session.exec(wanted.order_by(col(StatusRequest.id))).all()


def silent_since(tx: Tx, plan_id: int, instant: datetime) -> Sequence[StatusRequest]:
    """What nobody answered, from an instant on, oldest first."""
    wanted = select(StatusRequest).where(
        StatusRequest.plan_id == plan_id, StatusRequest.state == State.SILENT, StatusRequest.at >= instant
    )
    return tx.session.exec(wanted.order_by(col(StatusRequest.at))).all()
