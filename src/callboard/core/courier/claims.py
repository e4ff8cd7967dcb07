"""Which messages may go now, and taking them: one a lane, as many as there is room for, leased and fenced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, update

from callboard.core.courier.presence import is_gone
from callboard.core.db import Instant, Tx
from callboard.core.deliveries import ALL, DELIVERIES, EDITS, LANES, LONG_AGO, Delivery, Lane, Medium, is_in
from callboard.core.memory import remembered
from callboard.core.rows import bare, upsert

LEASE = timedelta(seconds=15)
BURST = timedelta(seconds=2)
AHEAD = 200
LONGEST_WAIT = 300.0  # seconds; a medium that asks for more is asked again after this
LONGEST_HOLD = timedelta(seconds=LONGEST_WAIT) + LEASE
"""No lease is believed that ends later than one can: whoever took it had another clock."""
SHOWN_AFTER = timedelta(seconds=10)
"""After a lost answer: what is not found by then was not accepted."""
DRIFT = timedelta(minutes=1)
"""Between the clocks of processes that share one time."""
NEVER_MIND = ("parked", "dropped", "folded")
"""States of a message that is not posted: what belongs into its thread does not wait for it."""
NAMES = tuple(DELIVERIES.c.keys())

# Built once: these run for every message, and to build a statement costs more than to run it.
_ROW, _PARENT, _OF_ALL = DELIVERIES.c, DELIVERIES.alias("parent").c, LANES.alias("of_all").c
_NOW = bindparam("at_present", type_=Instant())
_WAITS = is_in("waiting")


def lane_of_all(row: Any) -> ColumnElement[str]:
    """The lane of all addresses to which a message may go like this one; edits are counted apart."""
    edited = sa.case((row.posted_as.is_(None), ""), else_=EDITS)
    return sa.type_coerce(row.workspace + "/" + row.medium + "/" + ALL + edited, sa.String)


def _has_place(row: Any, parent: Any) -> ColumnElement[bool]:
    """Whether the message that it answers is posted, or will not be soon: then it goes beside the thread."""
    nowhere = or_(parent.key.is_(None), parent.state.in_(NEVER_MIND))
    return or_(row.parent_key.is_(None), parent.posted_as.is_not(None), nowhere)


def _may_go(row: Any, parent: Any) -> ColumnElement[bool]:
    in_media = row.medium.in_(bindparam("media", expanding=True))
    return and_(row.due_at <= _NOW, in_media, _has_place(row, parent))


_LATEST = bindparam("latest", type_=Instant())
_LEASABLE = bindparam("leasable", type_=Instant())
_BURST_UNTIL = bindparam("burst_until", type_=Instant())


def _is_over(at: Any, latest: Any, until: Any = _NOW) -> ColumnElement[bool]:
    return or_(at <= until, at > latest)


_LANE_IS_FREE = and_(
    or_(_is_over(LANES.c.leased_until, _LATEST), is_gone(LANES.c.leased_by)),
    _is_over(LANES.c.free_at, _LATEST, _BURST_UNTIL),
)
_IS_FREE = or_(LANES.c.lane.is_(None), _LANE_IS_FREE)
_ALL_ARE_FREE = or_(_OF_ALL.lane.is_(None), _is_over(_OF_ALL.leased_until, _LATEST))
_IS_OVER = _is_over(_ROW.leased_until, _LEASABLE)
_ITS_LANE = and_(LANES.c.lane == _ROW.lane, LANES.c.leased_until == _ROW.leased_until)
_IS_ORPHANED = and_(_ROW.posted_as.is_(None), exists().where(_ITS_LANE, is_gone(LANES.c.leased_by)))
_HAS_LAPSED = and_(is_in("sending"), or_(_IS_OVER, _IS_ORPHANED))
LAPSED = select(_ROW.id, _ROW.lane, (_ROW.leased_until > _LEASABLE).label("strange")).where(_HAS_LAPSED)
RECLAIMING = (
    update(DELIVERIES)
    .where(_HAS_LAPSED, _ROW.id.in_(bindparam("lapsed", expanding=True)))
    .values(
        state="waiting",
        doubtful_since=sa.case(
            (_IS_OVER, func.coalesce(_ROW.doubtful_since, _ROW.created_at)),
            (_ROW.doubtful_since > bindparam("shown_since", type_=Instant()), _ROW.doubtful_since),
            else_=_NOW,
        ),
    )
)
"""What a process that died was sending is in doubt from now on, unless it was only looking for it: what Slack hears at
this moment is found before it is said again, and a process that lives after all has given up by then."""

_FIRST = (
    select(_ROW.id, _ROW.lane, _ROW.parent_key, _ROW.due_at, _ROW.workspace, _ROW.medium, _ROW.posted_as, _ROW.priority)
    .where(_WAITS)
    .order_by(_ROW.priority, _ROW.due_at, _ROW.id)
    .limit(AHEAD)
    .subquery("first")
)
_MAY_GO_NOW = and_(_may_go(_FIRST.c, _PARENT), _IS_FREE, _ALL_ARE_FREE).label("ready")
URGENT = (
    select(_FIRST.c.id, _FIRST.c.lane, _MAY_GO_NOW)
    .outerjoin(LANES, LANES.c.lane == _FIRST.c.lane)
    .outerjoin(_OF_ALL.lane.table, _OF_ALL.lane == lane_of_all(_FIRST.c))
    .outerjoin(_PARENT.key.table, _PARENT.key == _FIRST.c.parent_key)
    .order_by(_FIRST.c.priority, _FIRST.c.due_at, _FIRST.c.id)
)
"""The most urgent that wait, whether they may go or not."""

_LEAST = select(func.min(_ROW.lane).label("lane")).where(_WAITS)
_LANES = _LEAST.cte("waiting_lanes", recursive=True)
_NEXT_LANE = _LEAST.where(_ROW.lane > _LANES.c.lane).scalar_subquery()
_EACH = _LANES.union_all(select(_NEXT_LANE).where(_LANES.c.lane.is_not(None)))
_IN_LANE = (
    select(_ROW.id)
    .outerjoin(_PARENT.key.table, _PARENT.key == _ROW.parent_key)
    .where(_WAITS, _ROW.lane == _EACH.c.lane, _may_go(_ROW, _PARENT))
    .order_by(_ROW.priority, _ROW.due_at, _ROW.id)
    .limit(1)
    .correlate(_EACH)
    .scalar_subquery()
)
_HEADS = (
    select(_IN_LANE.label("id"))
    .select_from(_EACH.outerjoin(LANES, LANES.c.lane == _EACH.c.lane))
    .where(_EACH.c.lane.is_not(None), _IS_FREE)
    .subquery("heads")
)
BY_LANE = (
    select(_ROW.id, _ROW.lane)
    .join(_HEADS, _HEADS.c.id == _ROW.id)
    .outerjoin(_OF_ALL.lane.table, _OF_ALL.lane == lane_of_all(_ROW))
    .where(_ALL_ARE_FREE, (_ROW.workspace + "/" + _ROW.medium).not_in(bindparam("full", expanding=True)))
    .order_by(_ROW.priority, _ROW.due_at, _ROW.id)
    .limit(bindparam("most"))
)
"""The first of every lane that is free, however many wait in those that are not."""

LEASING = (
    update(DELIVERIES)
    .where(_ROW.id.in_(bindparam("rows", expanding=True)), _ROW.state == "waiting", _ROW.due_at <= _NOW)
    .values(state="sending", fence=_ROW.fence + 1, attempts=_ROW.attempts + 1)
    .values(leased_until=bindparam("lease_ends", type_=Instant()))
    .returning(*_ROW)
)
WAITING_IN_LANES = (
    select(
        func.min(_ROW.due_at),
        *(
            func.coalesce(func.min(at), LONG_AGO, type_=Instant())
            for at in (LANES.c.leased_until, LANES.c.free_at, _OF_ALL.leased_until)
        ),
    )
    .outerjoin(LANES, LANES.c.lane == _ROW.lane)
    .outerjoin(_OF_ALL.lane.table, _OF_ALL.lane == lane_of_all(_ROW))
    .outerjoin(_PARENT.key.table, _PARENT.key == _ROW.parent_key)
    .where(_WAITS, _has_place(_ROW, _PARENT))
    .group_by(_ROW.lane)
)
"""When the first message of each lane is due, and from when on the lane and that of all addresses are free."""


class Room(NamedTuple):
    """How many more messages each medium takes: `most` in any workspace, and what is `left` in those that have some.

    So that one workspace where nothing goes on takes no place of another.
    """

    most: Mapping[str, int]
    left: Mapping[str, int]

    def of(self, road: str) -> int:
        """What a medium of a workspace takes."""
        return self.left.get(road, self.most[road.rpartition("/")[2]])

    @property
    def full(self) -> list[str]:
        return [road for road, left in self.left.items() if left <= 0]


def road(delivery: Delivery) -> str:
    """The medium of a workspace."""
    return f"{delivery.workspace}/{delivery.medium}"


class Ready(NamedTuple):
    """What may go: the message to take in each lane, and those whose lease has lapsed.

    The lease of a `strange` one ends later than it can: whoever has it goes by another time, and may be sending it.
    """

    lapsed: Sequence[int]
    chosen: Mapping[str, int]
    strange: frozenset[int] = frozenset()


def look(tx: Tx, room: Room, busy: Collection[int] = (), *, alone: bool = False, agreed: bool = True) -> Ready:
    """What may go now, the most urgent first: one a lane, and as many as there is `room` for.

    Needs no right to write. Whoever is `alone` knows when something may go, and loses nothing. Unless all have `agreed`
    on the time, a lease may go on by another's: nothing has lapsed, and nothing goes beside what is strange.
    """
    if alone and not is_due(tx):
        return Ready((), {})
    sending = () if alone else tx.connection.execute(LAPSED, _leasable(tx)).all()
    over = [row for row in sending if row.id not in busy]
    held = set() if agreed else {row.lane for row in over if row.strange}
    parameters = {
        "at_present": tx.now, "burst_until": tx.now + BURST, "latest": tx.now + LONGEST_HOLD, "media": list(room.most),
    }  # fmt: skip
    urgent = tx.connection.execute(URGENT, parameters).all()
    chosen = _one_a_lane(((row_id, lane) for row_id, lane, ready in urgent if ready), room, held)
    most = sum(room.most.values())
    if len(urgent) == AHEAD and len(chosen) < most:
        found = tx.connection.execute(BY_LANE, {**parameters, "most": most, "full": room.full})
        chosen = _one_a_lane(found, room, held)
    lapsed = [row.id for row in over] if agreed else ()
    return Ready(lapsed, chosen, frozenset(row.id for row in over if row.strange))


def claim(
    tx: Tx, room: Room, busy: Collection[int] = (), ready: Ready | None = None, holder: int | None = None
) -> Sequence[Delivery]:
    """Take messages to send now, of those that were `ready` at a look before.

    `busy` are those this process is sending, which a clock that jumps leaves to it. When the `holder` dies, others have
    what it took.
    """
    ready = ready or look(tx, room, busy)
    if ready.lapsed:
        # What a replica took and never settled may have been accepted: it waits again, in doubt.
        shown = {"shown_since": tx.now - SHOWN_AFTER}
        tx.connection.execute(RECLAIMING, {**_leasable(tx), **shown, "lapsed": ready.lapsed})
        ready = look(tx, room, busy)
    won = _take_lanes(tx, ready.chosen, holder) if ready.chosen else []
    if not won:
        return []
    taken = {"rows": [ready.chosen[lane] for lane in won], "lease_ends": tx.now + LEASE, "at_present": tx.now}
    leased = [bare(Delivery, zip(NAMES, row, strict=True)) for row in tx.connection.execute(LEASING, taken)]
    return sorted(leased, key=lambda delivery: (delivery.priority, delivery.id))


def taken_at(delivery: Delivery) -> datetime:
    """When its claim began: by the lease, since a process may be held up before it hears that it has one."""
    assert delivery.leased_until is not None  # noqa: S101 - it was claimed
    return delivery.leased_until - LEASE


def next_due(tx: Tx) -> datetime | None:
    """When the next waiting message may go, as far as is known now; None when nothing waits."""
    latest = tx.now + LONGEST_HOLD
    holds = (
        (due, *(at for at in (leased, free - BURST, all_free) if at <= latest))
        for due, leased, free, all_free in _waiting(tx)
    )
    return min(map(max, holds), default=None)


@remembered(Delivery, Lane, shared=True)
def _waiting(tx: Tx) -> Sequence[Any]:
    return tx.connection.execute(WAITING_IN_LANES).all()


def is_due(tx: Tx) -> bool:
    """Whether a message may go now, where nobody else sends any."""
    at = next_due(tx)
    return at is not None and at <= tx.now


def _leasable(tx: Tx) -> dict[str, Any]:
    return {"at_present": tx.now, "leasable": tx.now + LEASE + DRIFT}


def _one_a_lane(rows: Iterable[Any], room: Room, held: Collection[str]) -> dict[str, int]:
    chosen, taken = dict[str, int](), Counter[str]()
    for row_id, lane in rows:
        road = "/".join(lane.split("/", 2)[:2])
        if lane not in chosen and lane not in held and room.of(road) > taken[road]:
            chosen[lane] = row_id
            taken[road] += 1
    return chosen


@cache
def _taking(on_postgres: bool) -> Any:  # noqa: FBT001
    """The statement that leases a lane unless somebody has it. Who has no lock after all is not known by it."""
    holder = bindparam("holder", type_=sa.Integer())
    taking = upsert(LANES, on_postgres=on_postgres).values(leased_by=sa.case((is_gone(holder), None), else_=holder))
    leased = {name: taking.excluded[name] for name in ("leased_until", "leased_by")}
    winning = taking.on_conflict_do_update(index_elements=["lane"], set_=leased, where=_LANE_IS_FREE)
    return winning.returning(LANES.c.lane)


def _take_lanes(tx: Tx, lanes: Iterable[str], holder: int | None) -> list[str]:
    same = {
        "leased_until": tx.now + LEASE, "free_at": LONG_AGO, "at_present": tx.now, "latest": tx.now + LONGEST_HOLD,
        "burst_until": tx.now + BURST,
    }  # fmt: skip
    taken = [{"lane": lane, "holder": holder if is_free_by_a_death(lane) else None, **same} for lane in sorted(lanes)]
    return list(tx.connection.execute(_taking(tx.on_postgres), taken).scalars())


def is_free_by_a_death(lane: str) -> bool:
    """Whether what is sent there may cross, and can be looked up: else no lane is taken before its lease ends."""
    medium = Medium(lane.split("/", 2)[1])
    return medium.looks_up and not medium.rest and not lane.endswith(EDITS)
