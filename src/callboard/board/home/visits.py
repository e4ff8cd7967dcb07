"""Who looked at their Home lately, and at which plan; what changes there is shown only to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Index, UniqueConstraint, and_, bindparam, case, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Field, col, select

from callboard.core.db import Instant, Tx
from callboard.core.glance import NOW
from callboard.core.ticks import hindered
from callboard.core.timeline import Entry, Numbered

KIND, HOMES = "home", "homes"
LATELY = timedelta(minutes=30)
"""So long after somebody looked, their Home is kept fresh."""
BREATH, SOON, SOMETIME = timedelta(seconds=1), timedelta(seconds=5), timedelta(minutes=1)
"""After news it is not looked for more at once; looked again for what was committed late; and looked what time does."""


class Visit(Numbered, table=True):
    """Somebody's Home. Up to entry `entry_id` of the timeline all is shown; at `look_at` it is shown anew anyway.

    `plan_id` is the plan that they look at, 0 for none. `opens` counts how often they came.
    """

    __tablename__ = "home_visits"
    __table_args__ = (UniqueConstraint("workspace", "slack_id"), Index("home_visits_fresh", "fresh_until"))

    subjects = KIND
    workspace: str
    slack_id: str
    plan_id: int = 0
    opens: int = 0
    fresh_until: datetime = Field(sa_type=Instant)
    rests_until: datetime = Field(sa_type=Instant)
    look_at: datetime = Field(sa_type=Instant)
    entry_id: int = Field(default=0, sa_type=BigInteger)


def open_visit(tx: Tx, workspace: str, slack_id: str) -> Visit:
    """Somebody looks now: their visit, held until the end of the transaction."""
    tx.flush()
    now = dict.fromkeys(("fresh_until", "rests_until", "look_at"), tx.now)
    tx.insert_new(
        Visit.__table__, workspace=workspace, slack_id=slack_id, plan_id=0, opens=0, entry_id=0, **now  # type: ignore[attr-defined]
    )  # fmt: skip
    visit = _one(tx, workspace, slack_id)
    visit.fresh_until, visit.opens = tx.now + LATELY, visit.opens + 1
    return visit


def held(tx: Tx, numbers: Sequence[int]) -> Sequence[Visit]:
    wanted = select(Visit).where(col(Visit.id).in_(numbers)).order_by(col(Visit.id))
    return tx.session.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()


def stays(tx: Tx, workspace: str, slack_id: str) -> Visit | None:
    """Somebody did something at home; None where nobody knows that they are there."""
    own = select(Visit).where(Visit.workspace == workspace, Visit.slack_id == slack_id)
    visit = tx.session.exec(own.with_for_update().execution_options(populate_existing=True)).first()
    if visit is not None:
        visit.fresh_until = tx.now + LATELY
    return visit


def find(tx: Tx, number: int) -> Visit | None:
    return tx.get(Visit, number)


def note_shown(tx: Tx, visits: Iterable[Visit]) -> None:
    """All that is known now is about to be shown in these Homes."""
    last = tx.session.exec(select(func.max(Entry.id))).one() or 0
    for visit in visits:
        visit.entry_id, visit.rests_until = last, tx.now + BREATH
        tx.session.add(visit)
    tx.session.flush()


def _one(tx: Tx, workspace: str, slack_id: str) -> Visit:
    own = select(Visit).where(Visit.workspace == workspace, Visit.slack_id == slack_id)
    return tx.session.exec(own.with_for_update().execution_options(populate_existing=True)).one()


def _news() -> ColumnElement[bool]:
    """Whether the timeline has more than is shown: the first such entry, so that nobody reads it whole."""
    entry = Entry.__table__.c  # type: ignore[attr-defined]
    of_plan = or_(entry.plan_id == col(Visit.plan_id), col(Visit.plan_id) == 0)
    first = select_columns(entry.id).where(entry.id > col(Visit.entry_id), of_plan).order_by(entry.id).limit(1)
    return first.correlate(Visit).scalar_subquery().is_not(None)


_LOOKED_AT = and_(col(Visit.fresh_until) > NOW, ~hindered(HOMES, Visit.id))
_NEXT = case((_news(), col(Visit.rests_until)), else_=col(Visit.look_at))
_DUE = or_(col(Visit.look_at) <= NOW, and_(col(Visit.rests_until) <= NOW, _news()))
_CLAIMING = (
    select(Visit.id)
    .where(_LOOKED_AT, _DUE)
    .order_by(col(Visit.look_at))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Visit)
)
WAITING = select(func.min(_NEXT)).where(_LOOKED_AT)


def claim(tx: Tx, limit: int) -> Sequence[int]:
    return list(tx.connection.execute(_CLAIMING, {"now": tx.now, "most": limit}).scalars())
