"""Every query about checkpoints and inquiries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import bindparam, literal_column
from sqlmodel import col, select

from callboard.checkpoints.models import OPEN, Checkpoint, Inquiry, State
from callboard.core.db import Tx
from callboard.core.memory import Each, remembered

CHECKPOINTS = "checkpoints"
# Written out: an index of few rows is used only where its condition is seen.
IS_OPEN = col(Inquiry.state).in_([literal_column(f"'{state}'") for state in OPEN])

CHECKED = (
    select(Checkpoint)
    .where(col(Checkpoint.plan_id) == bindparam("plan"))
    .order_by(col(Checkpoint.at), col(Checkpoint.id))
)
LOOKED_AT = (
    select(Checkpoint)
    .where(
        col(Checkpoint.plan_id) == bindparam("plan"), col(Checkpoint.key) == bindparam("named"),
        col(Checkpoint.at) == bindparam("moment"),
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)  # fmt: skip
ASKED = (
    select(Inquiry)
    .where(col(Inquiry.checkpoint_id).in_(bindparam("checkpoints", expanding=True)))
    .order_by(col(Inquiry.id))
)
OPEN_ONES = select(Inquiry).where(col(Inquiry.plan_id) == bindparam("plan"), IS_OPEN).order_by(col(Inquiry.id))


@remembered(Checkpoint)
def checkpoints(tx: Tx, plan_id: int) -> Sequence[Checkpoint]:
    """All that were checked, in their order."""
    return tx.session.exec(CHECKED, params={"plan": plan_id}).all()


def checkpoint(tx: Tx, number: int) -> Checkpoint:
    return tx.get_one(Checkpoint, number)


def name_of(tx: Tx, number: int) -> str:
    return checkpoint(tx, number).name


def looked_at(tx: Tx, plan_id: int, key: str, at: datetime) -> Checkpoint | None:
    """The checkpoint of a key at a moment, locked."""
    return tx.session.exec(LOOKED_AT, params={"plan": plan_id, "named": key, "moment": at}).first()


def _inquiries(tx: Tx, checkpoints: list[int]) -> Mapping[int, list[Inquiry]]:
    found = defaultdict[int, list[Inquiry]](list)
    for inquiry in tx.session.exec(ASKED, params={"checkpoints": checkpoints}):
        found[inquiry.checkpoint_id].append(inquiry)
    return found


inquiries = Each[int, list[Inquiry]](_inquiries, list, Inquiry)
"""What was asked at a checkpoint."""


def inquiry(tx: Tx, number: int, *, lock: bool = False) -> Inquiry | None:
    return tx.get(Inquiry, number, lock=lock)


def silent(tx: Tx, checkpoint_id: int) -> Sequence[Inquiry]:
    """What nobody answered in time at a checkpoint, and may still be answered."""
    return [inquiry for inquiry in inquiries(tx, checkpoint_id) if inquiry.state == State.SILENT]


@remembered(Inquiry)
def open_inquiries(tx: Tx, plan_id: int) -> Sequence[Inquiry]:
    """What nobody has answered yet."""
    return tx.session.exec(OPEN_ONES, params={"plan": plan_id}).all()


def called_off(tx: Tx, plan_id: int, since: datetime) -> Sequence[Inquiry]:
    """What was called off at checkpoints since a moment, and may be asked again."""
    lately = select(Checkpoint.id).where(Checkpoint.plan_id == plan_id, Checkpoint.at >= since)
    wanted = select(Inquiry).where(col(Inquiry.checkpoint_id).in_(lately), Inquiry.state == State.CALLED_OFF)
    return tx.session.exec(wanted.order_by(col(Inquiry.id))).all()


def asked_since(tx: Tx, plan_id: int, day: date) -> Sequence[Inquiry]:
    """What was asked on a day or later, by UTC."""
    midnight = datetime.combine(day, time(), UTC)
    return tx.session.exec(select(Inquiry).where(Inquiry.plan_id == plan_id, Inquiry.asked_at >= midnight)).all()
