"""Pictures that are kept, once a day and at the end of each phase; each is also where a fold of later begins."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import LargeBinary, bindparam, func, select
from sqlmodel import Field, SQLModel, col
from sqlmodel import select as select_rows

from callboard.board.picture.fold import Entry, fold
from callboard.board.picture.state import State, packed, unpacked
from callboard.core.db import Instant, Tx
from callboard.core.timeline import ERASED, BigId
from callboard.core.timeline import Entry as EntryRow

BEGINNING, NEVER = datetime(1970, 1, 1, tzinfo=UTC), 2**62
MINUTE = timedelta(minutes=1)
"""By then an entry is written and seen by all, and what the clocks of replicas may differ."""
MOST = 16
"""How many plans have their present state in memory."""
BASES, CHECKED = "states of plans", "pictures without gaps"
EACH, SOME = 5_000, 50
"""So many entries are folded at most before a state is kept; and how many kept ones are looked through at once."""
ENTRIES = EntryRow.__table__  # type: ignore[attr-defined]
COLUMNS = ENTRIES.c
AFTER = (
    select(
        COLUMNS.id, COLUMNS.at, COLUMNS.subject_kind, COLUMNS.subject_id, COLUMNS.verb, COLUMNS.actor, COLUMNS.facts,
        COLUMNS.said,
    )
    .where(COLUMNS.plan_id == bindparam("plan"), COLUMNS.id > bindparam("after"))
    .order_by(COLUMNS.id)
    .execution_options(yield_per=1000)
)  # fmt: skip
ERASED_ONES = select(COLUMNS.facts).where(
    COLUMNS.subject_kind == "entry", COLUMNS.plan_id + 0 == bindparam("plan"), COLUMNS.verb == ERASED
)
_FIRST_FEW = (
    select(COLUMNS.at)
    .where(
        COLUMNS.plan_id == bindparam("plan"), COLUMNS.id > bindparam("after"), COLUMNS.id <= bindparam("until"),
        COLUMNS.at <= bindparam("settled", type_=Instant()),
    )
    .order_by(COLUMNS.id).limit(EACH).subquery()
)  # fmt: skip
FOLLOWING = select(func.count(), func.max(_FIRST_FEW.c.at))


class Kept(SQLModel, table=True):
    """What a plan looked like at an instant: the state that was folded, and the picture as JSON; both compressed."""

    __tablename__ = "pictures"

    plan_id: int = Field(primary_key=True, sa_type=BigId)
    at: datetime = Field(primary_key=True, sa_type=Instant)
    revision: int = Field(sa_type=BigId)
    state: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)

    @property
    def picture(self) -> bytes:
        return zlib.decompress(self.body)


_OF_PLAN = col(Kept.plan_id) == bindparam("plan")
KEPT_SINCE = (
    select_rows(Kept.at, Kept.revision).where(_OF_PLAN, col(Kept.at) > bindparam("since"))
    .order_by(col(Kept.at)).limit(SOME)
)  # fmt: skip
LAST_KEPT = (
    select_rows(Kept.state).where(_OF_PLAN, col(Kept.at) <= bindparam("until")).order_by(col(Kept.at).desc()).limit(1)
)


def present(tx: Tx, plan_id: int) -> State:
    """The state of a plan now. What is older than a minute is folded once in a process, whoever asks."""
    bases: dict[int, State] = tx.memo.setdefault(BASES, {})
    base = bases.get(plan_id) or _last(tx, plan_id, tx.now)
    ahead: State | None = None
    settled, revision = base.copy(), base.revision
    for at, entry in _after(tx, plan_id, revision):
        if ahead is None and at > tx.now - MINUTE:
            ahead = settled.copy()
        fold(ahead or settled, entry)
    bases.pop(plan_id, None)
    while len(bases) >= MOST:
        bases.pop(next(iter(bases)), None)
    bases[plan_id] = settled
    return ahead or settled.copy()


def then(tx: Tx, plan_id: int, at: datetime, *, anew: bool = False) -> State:
    """The state of a plan at an instant: up to its last entry, gone on from what was kept; `anew` from nothing."""
    state = State() if anew else _last(tx, plan_id, at)
    ahead: list[Entry] = []
    for when, entry in _after(tx, plan_id, state.revision):
        if when > at + MINUTE:
            break
        ahead.append(entry)
        if when <= at:
            for each in ahead:
                fold(state, each)
            ahead = []
    return state


def erased(tx: Tx, plan_id: int) -> frozenset[int]:
    """The entries whose text is gone by now. They are few, and found by their kind: not by all that the plan has."""
    return frozenset(facts["entry"] for facts in tx.connection.execute(ERASED_ONES, {"plan": plan_id}).scalars())


def kept(tx: Tx, plan_id: int, at: datetime) -> Kept | None:
    return tx.get(Kept, (plan_id, at))


def put(tx: Tx, plan_id: int, at: datetime, state: State, body: bytes) -> None:
    """Keep a picture, and the state that it was made of."""
    tx.session.add(Kept(plan_id=plan_id, at=at, revision=state.revision, state=packed(state), body=zlib.compress(body)))
    tx.session.flush()


def take_out(tx: Tx, plan_id: int, entry: int) -> list[datetime]:
    """Throw away what was kept since an entry; return the instants, oldest first."""
    wanted = select_rows(Kept).where(Kept.plan_id == plan_id, Kept.revision >= entry).order_by(col(Kept.at))
    rows = list(tx.session.exec(wanted))
    for row in rows:
        tx.session.delete(row)
    tx.session.flush()
    return [row.at for row in rows]


def gap(tx: Tx, plan_id: int) -> datetime | None:
    """When a state is to be kept, since more than `EACH` entries follow one that is: the first such instant."""
    checked: dict[int, tuple[datetime, int]] = tx.memo.setdefault(CHECKED, {})
    first = checked.get(plan_id, (BEGINNING, 0))
    found = list(tx.session.exec(KEPT_SINCE, params={"plan": plan_id, "since": first[0]}))
    last = [(tx.now, NEVER)] if len(found) < SOME else []
    for (at, revision), (end, following) in pairwise([first, *found, *last]):
        within = {"plan": plan_id, "after": revision, "until": following, "settled": tx.now - 2 * MINUTE}
        count, newest = tx.connection.execute(FOLLOWING, within).one()
        if count == EACH and at < newest < end:
            ended: datetime = newest
            return ended
        checked[plan_id] = at, revision
    return None


def _last(tx: Tx, plan_id: int, at: datetime) -> State:
    """The state that was kept last, at an instant or before."""
    found = tx.session.exec(LAST_KEPT, params={"plan": plan_id, "until": at}).first()
    return unpacked(found) if found else State()


def _after(tx: Tx, plan_id: int, revision: int) -> Iterator[tuple[datetime, Entry]]:
    tx.flush()
    with tx.connection.execute(AFTER, {"plan": plan_id, "after": revision}) as rows:
        for number, at, *rest in rows:
            yield at, Entry(number, at.isoformat(), *rest)
