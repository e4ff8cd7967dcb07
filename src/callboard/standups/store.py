"""Every query about standups, rounds and check-ins."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Date, Table, and_, bindparam, exists
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from callboard.core.db import Instant, Tx
from callboard.core.memory import Each
from callboard.standups.models import ANSWERED, CheckIn, Round, Standup, State

LONGEST = timedelta(days=14)
"""No check-in is open for longer."""
ROUNDS: Table = Round.__table__  # type: ignore[attr-defined]


class Place(NamedTuple):
    """A day of somebody in a standup."""

    plan_id: int
    standup: str
    person: str
    day: date


def standups(tx: Tx, plan_id: int) -> Sequence[Standup]:
    return tx.session.exec(select(Standup).where(Standup.plan_id == plan_id).order_by(col(Standup.id))).all()


def standup(tx: Tx, number: int) -> Standup | None:
    return tx.get(Standup, number, lock=True)


def round_of(tx: Tx, number: int, *, lock: bool = False) -> Round | None:
    return tx.get(Round, number, lock=lock)


def last_round(tx: Tx, plan_id: int, key: str) -> Round | None:
    """The newest round of a standup in which somebody was asked."""
    wanted = select(Round).where(Round.plan_id == plan_id, Round.standup == key, col(Round.digest_at).is_not(None))
    return tx.session.exec(wanted.order_by(col(Round.day).desc()).limit(1)).first()


def put_round(tx: Tx, plan_id: int, key: str, day: date, name: str) -> Round:
    """The round of a standup on a date, made if need be, held until the end of the transaction."""
    tx.flush()
    tx.insert_new(ROUNDS, plan_id=plan_id, standup=key, day=day, name=name)
    return tx.session.exec(ROUND_ON, params={"plan": plan_id, "named": key, "on": day}).one()


def check_in_on(tx: Tx, place: Place, *, lock: bool = False) -> tuple[CheckIn, bool] | None:
    """The check-in of a day, and whether the next round has begun since."""
    found = tx.session.exec(HELD_ON_DAY if lock else ON_DAY, params={**_about(place), "at_present": tx.now})
    return (row[0], bool(row[1])) if (row := found.first()) else None


def check_in(tx: Tx, number: int, *, lock: bool = False) -> CheckIn | None:
    return tx.get(CheckIn, number, lock=lock)


def of_round(tx: Tx, round_id: int) -> Sequence[CheckIn]:
    return tx.session.exec(OF_ROUND, params={"number": round_id}).all()


def of_person(tx: Tx, plan_id: int, person: str, key: str = "") -> Sequence[CheckIn]:
    """Somebody's check-ins, the newest first; of one standup, or of all."""
    wanted = select(CheckIn).where(CheckIn.plan_id == plan_id, CheckIn.person == person)
    of = wanted.where(CheckIn.standup == key) if key else wanted
    return tx.session.exec(of.order_by(col(CheckIn.day).desc(), col(CheckIn.at).desc()).limit(60)).all()


def waiting(tx: Tx, standup: Standup, since: date) -> Sequence[CheckIn]:
    """Who has not reported in the open rounds of a standup, of those that began on a day or later, locked."""
    open_ones = (CheckIn.day >= since, col(CheckIn.next_at).is_not(None), CheckIn.closes_at > tx.now)
    wanted = select(CheckIn).where(CheckIn.plan_id == standup.plan_id, CheckIn.standup == standup.key, *open_ones)
    locked = (
        wanted.order_by(col(CheckIn.day), col(CheckIn.id)).with_for_update().execution_options(populate_existing=True)
    )
    return tx.session.exec(locked).all()


def place_of(row: CheckIn) -> Place:
    return Place(row.plan_id, row.standup, row.person, row.day)


def _last_answered(tx: Tx, places: list[Place]) -> Mapping[Place, CheckIn]:
    if len(places) == 1:
        (place,) = places
        last = tx.session.exec(LAST_ANSWERED, params=_about(place)).first()
        return {place: last} if last else {}
    newest = (
        select(CheckIn.id)
        .where(_is_own(*place[:3]), CheckIn.day < place.day, col(CheckIn.state).in_(ANSWERED))
        .order_by(col(CheckIn.day).desc()).limit(1).scalar_subquery()
        for place in places
    )  # fmt: skip
    numbers = tx.session.execute(select_columns(*newest)).one()
    found = {row.number: row for row in numbered(tx, [number for number in numbers if number])} if any(numbers) else {}
    return {place: found[number] for place, number in zip(places, numbers, strict=True) if number}


last_answered = Each[Place, CheckIn | None](_last_answered, lambda: None, CheckIn)
"""What somebody reported last before a day."""


def every(tx: Tx, plan_id: int, day: date) -> Sequence[CheckIn]:
    wanted = select(CheckIn).where(CheckIn.plan_id == plan_id, CheckIn.day >= day)
    return tx.session.exec(wanted.order_by(col(CheckIn.day), col(CheckIn.id))).all()


def asked(tx: Tx, plan_id: int) -> Sequence[CheckIn]:
    """The check-ins that wait for an answer now, the newest first."""
    wanted = select(CheckIn).where(
        CheckIn.plan_id == plan_id, CheckIn.day >= (tx.now - LONGEST).date(), CheckIn.state == State.WAITING,
        CheckIn.asked_at <= tx.now, CheckIn.closes_at > tx.now,
    )  # fmt: skip
    return tx.session.exec(wanted.order_by(col(CheckIn.day).desc(), col(CheckIn.at).desc(), col(CheckIn.id))).all()


def numbered(tx: Tx, numbers: Collection[int]) -> Sequence[CheckIn]:
    return tx.session.exec(NUMBERED, params={"numbers": list(numbers)}).all()


def _is_own(plan_id: Any, key: Any, person: Any) -> ColumnElement[bool]:
    return and_(CheckIn.plan_id == plan_id, CheckIn.standup == key, CheckIn.person == person)


def _about(place: Place) -> dict[str, Any]:
    return {"of_plan": place.plan_id, "of_standup": place.standup, "of_person": place.person, "on_day": place.day}


OWN = _is_own(bindparam("of_plan"), bindparam("of_standup"), bindparam("of_person"))
DAY: BindParameter[date] = bindparam("on_day", type_=Date)
NUMBER: BindParameter[int] = bindparam("number")
LAST_ANSWERED = (
    select(CheckIn).where(OWN, col(CheckIn.day) < DAY, col(CheckIn.state).in_(ANSWERED))
    .order_by(col(CheckIn.day).desc()).limit(1)
)  # fmt: skip
NEXT = aliased(CheckIn)
IS_OVER = exists().where(
    col(NEXT.plan_id) == CheckIn.plan_id, col(NEXT.standup) == CheckIn.standup, col(NEXT.person) == CheckIn.person,
    col(NEXT.day) > CheckIn.day, col(NEXT.asked_at) <= bindparam("at_present", type_=Instant()),
)  # fmt: skip
ON_DAY = select(CheckIn, IS_OVER).where(OWN, col(CheckIn.day) == DAY)
HELD_ON_DAY = ON_DAY.with_for_update().execution_options(populate_existing=True)
ROUND_ON = (
    select(Round)
    .where(
        col(Round.plan_id) == bindparam("plan"), col(Round.standup) == bindparam("named"),
        col(Round.day) == bindparam("on"),
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)  # fmt: skip
NUMBERED = select(CheckIn).where(col(CheckIn.id).in_(bindparam("numbers", expanding=True))).order_by(col(CheckIn.id))
OF_ROUND = select(CheckIn).where(col(CheckIn.round_id) == NUMBER).order_by(col(CheckIn.asked_at), col(CheckIn.id))
