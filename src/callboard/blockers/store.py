"""Every query about blockers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import bindparam
from sqlmodel import col, select

from callboard.blockers.models import KIND, Blocker, Settings, State
from callboard.core.outbox import Delivery
from callboard.core.timeline import Entry

if TYPE_CHECKING:
    from callboard.core.db import Tx

FOUND = select(Blocker).where(col(Blocker.id) == bindparam("number"))
# Whoever locks a row wants it as it is then, even where it was read before.
FOUND_LOCKED = FOUND.with_for_update().execution_options(populate_existing=True)
OPEN = (State.OPEN, State.ACKNOWLEDGED)


def find(tx: Tx, number: int, *, lock: bool = False) -> Blocker | None:
    """A blocker by its number."""
    if number >= 2**63:
        return None
    return tx.session.execute(FOUND_LOCKED if lock else FOUND, {"number": number}).scalar()


def open_in(tx: Tx, plan_id: int) -> Sequence[Blocker]:
    """The open blockers of a plan, oldest first."""
    return tx.session.exec(
        select(Blocker)
        .where(Blocker.plan_id == plan_id, col(Blocker.state).in_(OPEN))
        .order_by(col(Blocker.opened_at), col(Blocker.id))
    ).all()


def page(tx: Tx, plan_id: int, states: Sequence[str], after: int, limit: int) -> Sequence[Blocker]:
    """Blockers of a plan in one of these states, by number, from behind `after` on."""
    wanted = select(Blocker).where(Blocker.plan_id == plan_id, col(Blocker.state).in_(states), col(Blocker.id) > after)
    return tx.session.exec(wanted.order_by(col(Blocker.id)).limit(limit)).all()


def closed_lately(tx: Tx, plan_id: int, limit: int) -> Sequence[Blocker]:
    """The blockers of a plan that were closed last."""
    return tx.session.exec(
        select(Blocker)
        .where(Blocker.plan_id == plan_id, col(Blocker.state).not_in(OPEN))
        .order_by(col(Blocker.closed_at).desc())
        .limit(limit)
    ).all()


def paged_to(tx: Tx, plan_id: int, person: str) -> set[int]:
    """Numbers of the blockers for which somebody was ever paged."""
    return set(
        tx.session.exec(
            select(Delivery.subject_id).where(
                Delivery.plan_id == plan_id, Delivery.subject_kind == KIND, Delivery.recipient == person
            )
        )
    )


def settings(tx: Tx, plan_id: int) -> Settings | None:
    """What the plan says about blockers."""
    return tx.session.exec(select(Settings).where(Settings.plan_id == plan_id)).first()


def changes_since(tx: Tx, blocker: Blocker, change: int) -> Sequence[Entry]:
    """What people did to a blocker after its `change`-th change."""
    entries = tx.session.exec(
        select(Entry).where(Entry.subject_kind == KIND, Entry.subject_id == blocker.number).order_by(col(Entry.id))
    ).all()
    return [entry for entry in entries if entry.facts.get("change", 0) > change]
