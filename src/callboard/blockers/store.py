"""Every query about blockers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.blockers.models import KIND, SAME_AS, Blocker, Settings, State
from callboard.core.db import Tx
from callboard.core.memory import remembered
from callboard.core.outbox import DELIVERIES, Delivery

IS_OPEN = col(Blocker.closed_at).is_(None)
LARGEST = 2**63 - 1
OPEN_ONES = (
    select(Blocker)
    .where(col(Blocker.plan_id) == bindparam("plan"), IS_OPEN)
    .order_by(col(Blocker.opened_at), col(Blocker.id))
)
_ROW = Blocker.__table__.c  # type: ignore[attr-defined]
COUNTED = (
    select_columns(_ROW.id, _ROW.severity, _ROW.class_name, _ROW.class_state)
    .where(_ROW.plan_id == bindparam("plan"), IS_OPEN)
    .order_by(_ROW.opened_at, _ROW.id)
)
# The numbers come from the index alone, so that no planner reads the table instead.
_PAGE = (
    select(Blocker.id)
    .where(_ROW.plan_id == bindparam("plan"), _ROW.state == bindparam("as"), _ROW.id > bindparam("after"))
    .order_by(_ROW.id)
    .limit(bindparam("most"))
)
PAGE = select(Blocker).where(col(Blocker.id).in_(_PAGE))


def find(tx: Tx, number: int, *, lock: bool = False) -> Blocker | None:
    return tx.get(Blocker, number, lock=lock) if number <= LARGEST else None


def weight(tx: Tx, number: int) -> str:
    """How bad a blocker is, as the plan calls it."""
    blocker = find(tx, number)
    return blocker.severity if blocker else ""


@remembered(Blocker)
def open_in(tx: Tx, plan_id: int, limit: int | None = None) -> Sequence[Blocker]:
    """The open blockers of a plan, or the first of them, oldest first."""
    return tx.session.exec(OPEN_ONES if limit is None else OPEN_ONES.limit(limit), params={"plan": plan_id}).all()


def waiting_for(tx: Tx, plan_id: int, person: str, *, raised: bool = False) -> Sequence[Blocker]:
    """The open blockers of a plan that somebody has or is named in, or was ever paged for while nobody has it.

    Those that they `raised`, too.
    """
    row = Blocker
    untaken = select(row.id).where(row.plan_id == plan_id, IS_OPEN, row.state == State.OPEN)
    about = (Delivery.subject_kind == KIND, tx.among(DELIVERIES.c.subject_id, untaken), Delivery.recipient == person)
    paged = col(row.id).in_(select(Delivery.subject_id).where(*about))
    named = [col(column) == person for column in (row.owner, row.handed_to, row.waits_for)]
    named += [col(row.reporter) == person] if raised else []
    wanted = select(row).where(row.plan_id == plan_id, IS_OPEN, or_(*named, paged))
    return tx.session.exec(wanted.order_by(col(row.opened_at), col(row.id))).all()


def paged(tx: Tx, numbers: Collection[int]) -> Collection[tuple[int, str]]:
    """Who was ever paged for which of some blockers, by their numbers."""
    about = (Delivery.subject_kind == KIND, col(Delivery.subject_id).in_(numbers), col(Delivery.recipient).is_not(None))
    wanted = select(Delivery.subject_id, Delivery.recipient).where(*about)
    return {(number, person or "") for number, person in tx.session.exec(wanted)} if numbers else set()


class OpenOne(NamedTuple):
    """What gates count of an open blocker."""

    number: int
    severity: str
    class_name: str | None
    class_state: str | None


@remembered(Blocker, shared=True)
def counted(tx: Tx, plan_id: int) -> Sequence[OpenOne]:
    """What gates count of the open blockers of a plan, oldest first."""
    return [OpenOne(*found) for found in tx.connection.execute(COUNTED, {"plan": plan_id})]


def page(tx: Tx, plan_id: int, states: Sequence[str], after: int, limit: int) -> Sequence[Blocker]:
    """Blockers of a plan in one of these states with a number above `after`, in their order."""
    found = list[Blocker]()
    for state in states:
        found += tx.session.exec(PAGE, params={"plan": plan_id, "as": state, "after": after, "most": limit})
    return sorted(found, key=lambda blocker: blocker.number)[:limit]


def closed_lately(tx: Tx, plan_id: int, limit: int) -> Sequence[Blocker]:
    closed = select(Blocker).where(Blocker.plan_id == plan_id, col(Blocker.closed_at).is_not(None))
    return tx.session.exec(closed.order_by(col(Blocker.closed_at).desc()).limit(limit)).all()


def closed_since(tx: Tx, plan_id: int, since: datetime) -> Sequence[Blocker]:
    closed = select(Blocker).where(Blocker.plan_id == plan_id, col(Blocker.closed_at) > since)
    return tx.session.exec(closed).all()


def same_as(tx: Tx, blockers: Collection[Blocker]) -> Mapping[int, Sequence[Blocker]]:
    """Those that were closed since they are the same thing as each of these, also by way of another one."""
    meant = {blocker.number: blocker.number for blocker in blockers}
    found: dict[int, list[Blocker]] = {number: [] for number in meant}
    of_plans = col(Blocker.plan_id).in_(dict.fromkeys(blocker.plan_id for blocker in blockers))
    closed = select(Blocker).where(of_plans, Blocker.state == State.WITHDRAWN).order_by(col(Blocker.id))
    asked = {SAME_AS.format(number): number for number in meant}
    while asked:
        rows = tx.session.exec(closed.where(col(Blocker.outcome).in_(asked))).all()
        new = {row.number: asked[row.outcome or ""] for row in rows if row.number not in meant}
        meant |= {number: meant[other] for number, other in new.items()}
        for row in rows:
            if row.number in new:
                found[meant[row.number]].append(row)
        asked = {SAME_AS.format(number): number for number in new}
    return found


def settings(tx: Tx, plan_id: int) -> Settings | None:
    return tx.session.exec(select(Settings).where(Settings.plan_id == plan_id)).first()
