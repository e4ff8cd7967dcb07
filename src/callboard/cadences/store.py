"""Every query about status requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import col, select

from callboard.cadences.models import State, StatusRequest
from callboard.core.db import Instant, Tx
from callboard.core.memory import remembered

A_DAY = timedelta(days=1)
GOING = (
    select(StatusRequest)
    .where(
        # The numbers come from the index alone, so that no planner reads the table instead.
        col(StatusRequest.id).in_(
            select(StatusRequest.id).where(
                col(StatusRequest.plan_id) == bindparam("plan"),
                col(StatusRequest.closes_at) > bindparam("at_present", type_=Instant()),
            )
        )
    )
    .order_by(col(StatusRequest.id))
)


def request(tx: Tx, number: int, *, lock: bool = False) -> StatusRequest | None:
    return tx.get(StatusRequest, number, lock=lock)


def of_person(tx: Tx, plan_id: int, person: str, limit: int = 2) -> Sequence[StatusRequest]:
    """The newest requests to somebody, newest first."""
    wanted = select(StatusRequest).where(StatusRequest.plan_id == plan_id, StatusRequest.person == person)
    return tx.session.exec(wanted.order_by(col(StatusRequest.at).desc()).limit(limit)).all()


def newest(tx: Tx, plan_id: int) -> Mapping[str, StatusRequest]:
    """The newest request to everybody, by person; none that was over a day ago."""
    wanted = select(StatusRequest).where(StatusRequest.plan_id == plan_id, StatusRequest.closes_at > tx.now - A_DAY)
    return {row.person: row for row in tx.session.exec(wanted.order_by(col(StatusRequest.at)))}


@remembered(StatusRequest)
def going(tx: Tx, plan_id: int) -> Sequence[StatusRequest]:
    """What may still be answered: where there is nothing, time brings nothing."""
    return tx.session.exec(GOING, params={"plan": plan_id, "at_present": tx.now}).all()


def silent(tx: Tx, plan_id: int, since: datetime) -> Sequence[StatusRequest]:
    """Those since an instant that nobody answered, the oldest first."""
    wanted = select(StatusRequest).where(
        StatusRequest.plan_id == plan_id, StatusRequest.state == State.SILENT, StatusRequest.at >= since
    )
    return tx.session.exec(wanted.order_by(col(StatusRequest.at))).all()
