"""What is measured of blockers: how long until somebody takes one, how long until it is resolved, how many are over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.blockers.models import KIND, Blocker, State, Verb
from callboard.core.db import Tx
from callboard.core.measures import Figure, share
from callboard.core.memory import remembered
from callboard.core.rows import bare
from callboard.core.timeline import Entry
from callboard.core.words import counted

ANSWERS = (Verb.ACKNOWLEDGED, Verb.HANDED_ON, Verb.RESOLVED)
SOON = timedelta(minutes=5)
"""How often what still waits is measured again."""

COLUMNS = Blocker.__table__.c["id", "state", "opened_at", "closed_at"]  # type: ignore[attr-defined]
MEANT = (
    select_columns(*COLUMNS)
    .where(col(Blocker.plan_id) == bindparam("plan"), col(Blocker.state) != State.WITHDRAWN)
    .order_by(col(Blocker.id))
)
ANSWERED = (
    select(Entry.subject_id, func.min(Entry.at))
    .where(
        Entry.subject_kind == KIND, col(Entry.verb).in_(ANSWERS),
        col(Entry.subject_id).in_(select(Blocker.id).where(col(Blocker.plan_id) == bindparam("plan"))),
    )
    .group_by(col(Entry.subject_id))
)  # fmt: skip


def response_time(tx: Tx, plan_id: int) -> Figure:
    """From raised until somebody takes, hands on or resolves it; one that still waits counts with its wait so far."""
    blockers = _blockers(tx, plan_id)
    answered = dict(tx.session.exec(ANSWERED, params={"plan": plan_id}).all()) if blockers else {}
    return _until(tx, [(blocker.opened_at, answered.get(blocker.number)) for blocker in blockers], "not taken yet")


def resolution_time(tx: Tx, plan_id: int) -> Figure:
    """From raised until resolved; an open one counts with its age."""
    blockers = _blockers(tx, plan_id)
    return _until(tx, [(blocker.opened_at, blocker.closed_at) for blocker in blockers], "open")


def over(tx: Tx, plan_id: int) -> Figure:
    """How many of all blockers are over, in percent."""
    blockers = _blockers(tx, plan_id)
    still = sum(blocker.is_open for blocker in blockers)
    return Figure((share(len(blockers) - still, len(blockers)),), f"{still} open")


@remembered(Blocker, shared=True)
def _blockers(tx: Tx, plan_id: int) -> Sequence[Blocker]:
    """Those of a plan that were not raised by mistake, with what is measured."""
    found = tx.connection.execute(MEANT, {"plan": plan_id})
    return [bare(Blocker, zip(COLUMNS.keys(), row, strict=True)) for row in found]


def _until(tx: Tx, spans: Iterable[tuple[datetime, datetime | None]], still: str) -> Figure:
    spans = list(spans)
    waiting = sum(end is None for _, end in spans)
    says = f"{counted(len(spans), 'blocker')}{f', {waiting} {still}' if waiting else ''}" if spans else "no blocker yet"
    seconds = tuple(((end or tx.now) - begin).total_seconds() for begin, end in spans)
    return Figure(seconds or (0.0,), says, tx.now + SOON if waiting else None)
