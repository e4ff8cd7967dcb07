"""Where messages can't go, or no longer: those of an address are parked, tried again, or moved to another one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.deliveries import DELIVERIES, Delivery, Medium, is_in
from callboard.core.outbox import touch
from callboard.core.outbox.store import NOW

IN_SLACK = [str(medium) for medium in Medium if medium.edits]
OVER = ("dropped", "folded")
_ROW = DELIVERIES.c
IS_MESSAGE = _ROW.medium != str(Medium.CANVAS)
"""A canvas that can't be written says nothing of whether its channel takes messages."""
_IS_IN_SLACK = _ROW.medium == str(Medium.SLACK)


def unpark(tx: Tx, workspace: str, addresses: Collection[str]) -> int:
    """Try the parked messages to these addresses again; return their number."""
    return _unpark(tx, _ROW.workspace == workspace, _ROW.address.in_(addresses)) if addresses else 0


def retry(tx: Tx, plan_id: int) -> Sequence[Delivery]:
    """Try all parked messages of a plan again; return them as they were, oldest first."""
    tx.flush()
    parked = select(Delivery).where(Delivery.plan_id == plan_id, is_in("parked")).order_by(col(Delivery.id))
    found = tx.session.exec(parked.with_for_update()).all()
    _unpark(tx, _ROW.plan_id == plan_id)
    return found


def _unpark(tx: Tx, *which: ColumnElement[bool]) -> int:
    tx.flush()
    again = update(DELIVERIES).where(*which, is_in("parked")).values(state="waiting", due_at=tx.now, attempts=0)
    tx.nudge("outbox")
    return int(tx.connection.execute(again).rowcount)


def park_all(tx: Tx, workspace: str, error: str, again_at: datetime) -> int:
    """Keep all that waits for Slack in a workspace until it is resumed; return how much that is."""
    tx.flush()
    waits = _ROW.state == literal_column("'waiting'"), _ROW.workspace == workspace, _ROW.medium.in_(IN_SLACK)
    parked_at = func.coalesce(_ROW.parked_at, NOW)
    again = {"error": error, "parked_at": parked_at, "due_at": again_at, "state": "parked"}
    return int(tx.connection.execute(update(DELIVERIES).where(*waits).values(again), {"at_present": tx.now}).rowcount)


def resume(tx: Tx, workspace: str) -> int:
    """Try again all that is parked in a workspace; return how much that is."""
    return _unpark(tx, _ROW.workspace == workspace)


def parked_addresses(tx: Tx, workspace: str) -> set[str]:
    """Where messages are parked."""
    parked = select(Delivery.address).where(Delivery.workspace == workspace, is_in("parked"), IS_MESSAGE)
    return set(tx.session.exec(parked))


def readdress(tx: Tx, plan_id: int, former: Collection[str], address: str) -> None:
    """What is for one channel is for another: what stands there is edited there, and `move` posts it anew."""
    tx.flush()
    kept = or_(_ROW.state == "sending", _ROW.doubtful_since.is_not(None), _ROW.superseded, _ROW.state.in_(OVER))
    here = and_(_ROW.plan_id == plan_id, _ROW.address.in_(former), _IS_IN_SLACK)
    ends = or_(_ROW.editable, _ROW.state != "sent")
    tx.connection.execute(update(DELIVERIES).where(here, ends, ~kept).values(address=address))


def move(tx: Tx, plan_id: int, closed: Collection[str], address: str) -> None:
    """Post what waits for a closed channel as new in another, after the card that it answers."""
    tx.flush()
    waits = and_(
        _ROW.plan_id == plan_id, or_(_ROW.address.in_(closed), _ROW.posted_in.in_(closed)), _IS_IN_SLACK,
        _ROW.state.in_(("waiting", "parked")),
    )  # fmt: skip
    cards = select_columns(_ROW.parent_key).where(waits, _ROW.parent_key.is_not(None))
    found = or_(waits, and_(_ROW.key.in_(cards), _ROW.posted_in.in_(closed)))
    rows = tx.connection.execute(select_columns(_ROW.id, _ROW.subject_kind, _ROW.subject_id).where(found)).all()
    nowhere = dict.fromkeys(("posted_in", "posted_as", "posted_at", "left_as", "parked_at", "error"))
    new = {"address": address, "state": "waiting", "due_at": tx.now, "attempts": 0, **nowhere}
    found = _ROW.id.in_([row.id for row in rows])
    tx.connection.execute(update(DELIVERIES).where(found).values(**new, lane=_lane_to(address)))
    for kind in {row.subject_kind for row in rows}:
        touch(tx, kind, {row.subject_id for row in rows if row.subject_kind == kind}, urgent=False, parked=False)
    tx.nudge("outbox")


def renamed(tx: Tx, workspace: str, former: str, address: str) -> None:
    """An address is called otherwise now: what stands there stands there under its new name."""
    tx.flush()
    posted = update(DELIVERIES).where(_ROW.posted_in == former, _ROW.workspace == workspace)
    tx.connection.execute(posted.values(posted_in=address))
    sent = update(DELIVERIES).where(_ROW.address == former, _ROW.workspace == workspace)
    tx.connection.execute(sent.values(address=address, lane=_lane_to(address)))
    unpark(tx, workspace, [address])


def _lane_to(address: str) -> ColumnElement[str]:
    return _ROW.workspace + "/" + _ROW.medium + "/" + address


def moved_to(tx: Tx, plan_id: int, closed: str) -> set[str]:
    """Where else is for what stands in a channel."""
    stands = (_ROW.posted_in == closed, _ROW.plan_id == plan_id, _ROW.address != closed, _IS_IN_SLACK)
    return set(tx.connection.execute(select_columns(_ROW.address).where(*stands).distinct()).scalars())


def is_parked_at(tx: Tx, workspace: str, address: str) -> bool:
    """Whether messages to an address are parked, or were and are being tried again."""
    tx.flush()
    at = (Delivery.workspace == workspace, Delivery.address == address, col(Delivery.parked_at).is_not(None))
    parked = select(Delivery.id).where(*at, IS_MESSAGE)
    return tx.session.exec(parked.limit(1)).first() is not None


def in_trouble(tx: Tx, plan_id: int) -> Sequence[Delivery]:
    """The parked messages of one plan, newest first."""
    tx.flush()
    return tx.session.exec(
        select(Delivery)
        .where(Delivery.plan_id == plan_id, is_in("parked"), IS_MESSAGE)
        .order_by(col(Delivery.id).desc())
        .limit(50)
    ).all()
