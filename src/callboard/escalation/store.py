"""Every query about climbs and policies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from callboard.core.subject import Subject
from callboard.core.ticks import hindered
from callboard.escalation.models import Climb, PlanPolicy, PolicyText, State

if TYPE_CHECKING:
    from callboard.core.db import Tx

WORK = "climbs"
LATEST = (
    select(Climb)
    .where(col(Climb.subject_kind) == bindparam("of_kind"), col(Climb.subject_id) == bindparam("of_id"))
    .order_by(col(Climb.id).desc())
    .limit(1)
)
# Whoever locks a row wants it as it is then, even where it was read before.
LATEST_LOCKED = LATEST.with_for_update().execution_options(populate_existing=True)


def due(tx: Tx, limit: int) -> Sequence[int]:
    """Ids of climbs whose instant has come, locked, the longest waiting first."""
    ids = tx.session.exec(
        select(Climb.id)
        .where(col(Climb.due_at) <= tx.now, ~hindered(WORK, Climb.id, tx.now))
        .order_by(col(Climb.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [i for i in ids if i is not None]


def still_due(tx: Tx, ids: Collection[int]) -> Sequence[Climb]:
    """Those of these climbs that are due and that nobody else has advanced meanwhile, locked."""
    return tx.session.exec(
        select(Climb)
        .where(col(Climb.id).in_(ids), col(Climb.due_at) <= tx.now)
        .order_by(col(Climb.id))
        .with_for_update()
    ).all()


def next_at(tx: Tx) -> datetime | None:
    """When the next climb does something by itself."""
    return tx.session.exec(
        select(Climb.due_at)
        .where(col(Climb.due_at).is_not(None), ~hindered(WORK, Climb.id, tx.now))
        .order_by(col(Climb.due_at))
        .limit(1)
    ).first()


def latest(tx: Tx, subject: Subject, *, lock: bool = False) -> Climb | None:
    """The climb of a subject, the newest where it was reopened."""
    asked = {"of_kind": subject.kind, "of_id": subject.id}
    return tx.session.execute(LATEST_LOCKED if lock else LATEST, asked).scalar()


def running(tx: Tx, plan_id: int) -> int:
    """How many climbs of a plan have not ended."""
    return tx.session.exec(
        select(func.count()).select_from(Climb).where(Climb.plan_id == plan_id, Climb.state != State.ENDED)
    ).one()


def policy_text(tx: Tx, digest: str) -> PolicyText:
    """The policy that a climb began with."""
    return tx.session.exec(select(PolicyText).where(PolicyText.digest == digest)).one()


def digests(tx: Tx, plan_id: int) -> dict[str, str]:
    """The plan's policies: name to digest."""
    found = tx.session.exec(select(PlanPolicy.name, PlanPolicy.digest).where(PlanPolicy.plan_id == plan_id))
    return dict(found.all())
