"""Every SELECT of Homes: visits, and the pages that their duties are shown with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, ScalarResult, and_, bindparam, case, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.board.home.models import BREATH, LATELY, Visit
from callboard.core.db import Tx
from callboard.core.glance import NOW
from callboard.core.outbox import PAGE, Delivery
from callboard.core.ticks import hindered
from callboard.core.timeline import Entry, Subject

HOMES = "homes"


def open_visit(tx: Tx, workspace: str, slack_id: str) -> Visit:
    """Somebody looks now: their visit, held until the end of the transaction."""
    tx.flush()
    now = dict.fromkeys(("fresh_until", "rests_until", "look_at"), tx.now)
    tx.insert_new(
        Visit.__table__, workspace=workspace, slack_id=slack_id, plan_id=0, opens=0, entry_id=0, **now  # type: ignore[attr-defined]
    )  # fmt: skip
    visit = _own(tx, workspace, slack_id).one()
    visit.fresh_until, visit.opens = tx.now + LATELY, visit.opens + 1
    return visit


def held(tx: Tx, numbers: Sequence[int]) -> Sequence[Visit]:
    wanted = select(Visit).where(col(Visit.id).in_(numbers)).order_by(col(Visit.id))
    return tx.session.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()


def stays(tx: Tx, workspace: str, slack_id: str) -> Visit | None:
    """Somebody did something at home; None where nobody knows that they are there."""
    visit = _own(tx, workspace, slack_id).first()
    if visit is not None:
        visit.fresh_until = tx.now + LATELY
    return visit


def find(tx: Tx, number: int) -> Visit | None:
    return tx.get(Visit, number)


def latest_pages(tx: Tx, person: str, subjects: Sequence[Subject]) -> Sequence[Delivery]:
    """The last page to somebody about each subject."""
    found: dict[Subject, Delivery] = {}
    for kind in dict.fromkeys(subject.kind for subject in subjects):
        about = [subject.id for subject in subjects if subject.kind == kind]
        wanted = select(Delivery).where(
            Delivery.subject_kind == kind, col(Delivery.subject_id).in_(about), Delivery.recipient == person,
            col(Delivery.key).startswith(PAGE), ~col(Delivery.superseded),
        )  # fmt: skip
        found |= {page.subject: page for page in tx.session.exec(wanted.order_by(col(Delivery.id)))}
    return list(found.values())


def note_shown(tx: Tx, visits: Iterable[Visit]) -> None:
    """All that is known now is about to be shown in these Homes."""
    last = tx.session.exec(select(func.max(Entry.id))).one() or 0
    for visit in visits:
        visit.entry_id, visit.rests_until = last, tx.now + BREATH
        tx.session.add(visit)
    tx.session.flush()


def _own(tx: Tx, workspace: str, slack_id: str) -> ScalarResult[Visit]:
    own = select(Visit).where(Visit.workspace == workspace, Visit.slack_id == slack_id)
    return tx.session.exec(own.with_for_update().execution_options(populate_existing=True))


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
