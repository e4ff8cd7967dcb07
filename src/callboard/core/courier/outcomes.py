"""What became of a message that was taken: a medium has it, it waits on, or nothing more will be tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Boolean, and_, bindparam, case, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.core import timeline
from callboard.core.courier.claims import BURST, LEASE, LONGEST_HOLD, SHOWN_AFTER
from callboard.core.db import Instant, Tx
from callboard.core.deliveries import ALL, DELIVERIES, EDITS, LANES, LONG_AGO, Delivery, Medium, Priority, is_in
from callboard.core.outbox import (
    PAGE,
    REPLACES,
    DeliveriesParked,
    DeliveryFolded,
    PagesUnaccepted,
    addresses,
    take_over,
    touch,
)
from callboard.core.ticks import rows_due

PACE = timedelta(seconds=1)
DOUBT = timedelta(seconds=3)
REPEAT_AFTER, MOST_TRIES = timedelta(minutes=1), 4
"""How what nobody can look up is repeated while it is uncertain: after 1, 2, 4 minutes, and no more by itself."""
MOMENT = timedelta(seconds=2)
PAUSE_OF_A_PAGE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=60)
MADE_KNOWN = 8
"""So many times a message is tried for which somebody must mend something, three minutes, before they are told."""
STUCK_AFTER = timedelta(minutes=5)
ANEW_EVERY = timedelta(minutes=10)
"""What can't be edited is posted anew at once, and then not more often than this."""
AGAIN_AFTER, A_DAY = timedelta(hours=1), timedelta(days=1)
"""So long after it was parked, a message is tried again: what kept it may be gone, and nobody says so.

After a day of that it is tried once a day.
"""

_ROW = DELIVERIES.c
_NOW = bindparam("at_present", type_=Instant())
MINE = select(Delivery).where(_ROW.id == bindparam("row")).with_for_update()
_STILL_MINE = and_(_ROW.id == bindparam("row"), _ROW.fence == bindparam("taken_as"), _ROW.state == "sending")
_SHOWS: BindParameter[int] = bindparam("shows")
_CHANGED = or_(_ROW.revision > _SHOWS, bindparam("unlike", type_=Boolean()))
ACCEPTING = (
    update(DELIVERIES)
    .where(_STILL_MINE)
    .values(
        posted_in=func.coalesce(bindparam("in_place"), _ROW.posted_in),
        posted_as=func.coalesce(bindparam("as_stamp"), _ROW.posted_as),
        posted_at=case((_ROW.posted_as == _ROW.left_as, _NOW), else_=func.coalesce(_ROW.posted_at, _NOW)),
        shown=func.coalesce(bindparam("looks"), _ROW.shown),
        lane=bindparam("next_lane"),
        attempts=0,
        state=case((_CHANGED, "waiting"), else_="sent"),
        priority=case((_CHANGED, int(Priority.UPDATE)), else_=_ROW.priority),
        due_at=case((_CHANGED, _NOW), else_=_ROW.due_at),
        **dict.fromkeys(("fallback_at", "doubtful_since", "error", "parked_at")),
    )
    .returning(_ROW.id)
)
LEAVING = (
    update(DELIVERIES)
    .where(_STILL_MINE)
    .values(
        state=case((_ROW.revision == _SHOWS, "sent"), else_="waiting"),
        attempts=0,
        **dict.fromkeys(("error", "parked_at")),
    )
    .returning(_ROW.id)
)
LANE = select_columns(LANES.c.free_at).where(LANES.c.lane == bindparam("name")).with_for_update()
PACING = (
    update(LANES)
    .where(LANES.c.lane == bindparam("name"))
    .values(leased_until=_NOW, leased_by=None, free_at=bindparam("free_again", type_=Instant()))
)
BEGINNING_A_BURST = PACING.where(or_(LANES.c.free_at <= _NOW, LANES.c.free_at > bindparam("latest", type_=Instant())))
"""Of a lane that was free, or held for longer than can be."""
FREEING = update(LANES).where(LANES.c.lane == bindparam("name")).values(leased_until=_NOW, leased_by=None)


def accepted(
    tx: Tx, taken: Delivery, *, posted_in: str | None = None, posted_as: str | None = None, shown: str | None = None
) -> None:
    """The medium has it. What was touched meanwhile waits again, as an edit; so does what looks nobody knows how."""
    edit_lane = f"{taken.workspace}/{taken.medium}/{posted_in or taken.posted_in}{EDITS}"
    settled = tx.connection.execute(
        ACCEPTING,
        {
            "row": taken.id, "taken_as": taken.fence, "at_present": tx.now, "shows": taken.revision,
            "unlike": shown is None and taken.editable, "in_place": posted_in or None, "as_stamp": posted_as or None,
            "looks": shown or None, "next_lane": edit_lane if _moves(taken, posted_as) else taken.lane,
        },
    ).first()  # fmt: skip
    if settled is None:
        return
    _release(tx, taken, used=True)
    troubled = taken.delayed_until is not None or taken.error is not None
    if taken.parked_at is not None or (taken.posted_at is None and (troubled or taken.key.startswith(PAGE))):
        touch(tx, taken.subject_kind, [taken.subject_id], urgent=troubled, parked=False)
    if taken.posted_at is None and REPLACES in taken.args:
        take_over(tx, taken)
    if taken.parked_at is not None:
        addresses.unpark(tx, taken.workspace, [taken.address])
    tx.nudge("outbox")


def dropped(tx: Tx, taken: Delivery, reason: str) -> None:
    """It was no longer true: it is not sent, and the timeline says why."""
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    _release(tx, taken, used=False)
    if delivery.parked_at is not None:
        touch(tx, delivery.subject_kind, [delivery.subject_id], parked=False)
    delivery.fallback_at = delivery.parked_at = None
    delivery.state = "sent" if delivery.posted_as else "dropped"
    if delivery.state == "dropped":
        _record(tx, delivery, "dropped a message", reason)
    tx.session.add(delivery)


def folded(tx: Tx, taken: Delivery, reason: str) -> None:
    """It is not sent, by no medium: whoever subscribes to `DeliveryFolded` has another message tell it."""
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    _release(tx, taken, used=False)
    delivery.state, delivery.folded_at = "folded", tx.now
    delivery.fallback_at = delivery.delayed_until = delivery.parked_at = None
    tx.session.add(delivery)
    _record(tx, delivery, "folded a message", reason)
    tx.publish(DeliveryFolded(delivery))
    tx.session.flush()
    touch(tx, delivery.subject_kind, [delivery.subject_id], parked=False)


def unchanged(tx: Tx, taken: Delivery) -> None:
    """It already shows what it should: nothing was sent."""
    found = {"row": taken.id, "taken_as": taken.fence, "shows": taken.revision}
    if tx.connection.execute(LEAVING, found).first() is not None:
        _release(tx, taken, used=False)
        if taken.parked_at is not None:
            touch(tx, taken.subject_kind, [taken.subject_id], parked=False)


def delayed(tx: Tx, taken: Delivery, until: datetime) -> None:
    """The medium asks for patience with this address: its whole lane waits, and what is said elsewhere says so."""
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    delivery.state, delivery.due_at, delivery.attempts = "waiting", until, 0
    tx.session.add(delivery)
    tx.session.flush()
    tx.connection.execute(update(LANES).where(LANES.c.lane == taken.lane).values(leased_until=until, leased_by=None))
    if taken.doubtful_since is None:
        _hold_all(tx, taken, until)
    row = DELIVERIES.c
    held = and_(row.lane == taken.lane, row.state == "waiting", row.posted_as.is_(None))
    subjects = tx.connection.execute(
        update(DELIVERIES).where(held).values(delayed_until=until).returning(row.subject_kind, row.subject_id)
    ).all()
    for kind in {kind for kind, _ in subjects}:
        touch(tx, kind, {subject_id for of, subject_id in subjects if of == kind}, parked=False)


def _hold_all(tx: Tx, taken: Delivery, until: datetime) -> None:
    """A medium that asks for patience with two addresses at a time may mean all: a moment later one finds out again.

    It does not say whom it means; without this every address would find out by itself, again and again.
    """
    of_all = f"{taken.workspace}/{taken.medium}/{ALL}{EDITS if taken.posted_as else ''}"
    first = tx.insert(LANES).values(lane=of_all, leased_until=LONG_AGO, free_at=until)
    again = bindparam("tried_again", min(until, tx.now + MOMENT), type_=Instant())
    held = case((LANES.c.free_at > tx.now, again), else_=LANES.c.leased_until)
    tx.connection.execute(
        first.on_conflict_do_update(index_elements=["lane"], set_={"leased_until": held, "free_at": until})
    )


def doubtful(tx: Tx, taken: Delivery, error: str) -> None:
    """The answer was lost: it is looked up before it is sent again. Where nobody can, it is repeated a few times."""
    if Medium(taken.medium).looks_up:
        _retry(tx, taken, tx.now + DOUBT, error, in_doubt=True)
        return
    if taken.attempts < MOST_TRIES:
        _retry(tx, taken, tx.now + REPEAT_AFTER * 2 ** max(taken.attempts - 1, 0), error, in_doubt=True)
    else:
        park(tx, taken, error, in_doubt=True)
    touch(tx, taken.subject_kind, [taken.subject_id], parked=False)


def failed(tx: Tx, taken: Delivery, error: str) -> None:
    """It was not accepted, for a reason that passes: it is tried again, less and less often."""
    longest = PAUSE_OF_A_PAGE if taken.priority == Priority.PAGE else LONGEST_PAUSE
    pause = min(timedelta(seconds=2 ** min(taken.attempts, 6)), longest)
    at = tx.now + pause
    if taken.doubtful_since and taken.doubtful_since + SHOWN_AFTER > tx.now:
        at = min(at, taken.doubtful_since + SHOWN_AFTER)
    _retry(tx, taken, at, error, in_doubt=False)


def withheld(tx: Tx, taken: Delivery, error: str) -> None:
    """It is tried again, and where that has not helped for some minutes it is made known as if it were parked."""
    failed(tx, taken, error)
    delivery = tx.get_one(Delivery, taken.id)
    if taken.attempts >= MADE_KNOWN and delivery.parked_at is None and delivery.fence == taken.fence:
        delivery.parked_at = tx.now
        tx.session.add(delivery)
        tx.session.flush()
        touch(tx, delivery.subject_kind, [delivery.subject_id], parked=False)
        tx.publish(DeliveriesParked([delivery]))


def uneditable(tx: Tx, taken: Delivery, error: str) -> None:
    """It can't be changed where it is. What a channel shows is posted anew; what one person was told is told once."""
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    _release(tx, taken, used=False)
    delivery.attempts = 0
    if delivery.recipient or delivery.superseded or delivery.key.startswith(PAGE):
        delivery.state = "sent" if delivery.revision == taken.revision else "waiting"
        _record(tx, delivery, "could not change a message", error)
    else:
        before = delivery.posted_at if delivery.left_as else None
        delivery.due_at = max(tx.now, before + ANEW_EVERY) if before else tx.now
        delivery.state, delivery.left_as = "waiting", delivery.posted_as
        delivery.lane = f"{delivery.workspace}/{delivery.medium}/{delivery.address}"
        _record(tx, delivery, "posts a message anew", error)
    tx.session.add(delivery)


def park(tx: Tx, taken: Delivery, error: str, *, in_doubt: bool = False) -> None:
    """No further try will help as things are. Whoever subscribes to `DeliveriesParked` makes it known, once."""
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    again = delivery.parked_at is not None
    delivery.state, delivery.error = "parked", error
    delivery.parked_at, delivery.left_as = delivery.parked_at or tx.now, None
    delivery.due_at = tx.now + (AGAIN_AFTER if delivery.parked_at > tx.now - A_DAY else A_DAY)
    if in_doubt:
        delivery.doubtful_since = tx.now
    tx.session.add(delivery)
    tx.session.flush()
    _release(tx, taken, used=False)
    if again:
        return
    _record(tx, delivery, "parked a message", error)
    touch(tx, delivery.subject_kind, [delivery.subject_id], parked=False)
    tx.publish(DeliveriesParked([delivery]))


def try_again(tx: Tx, ids: Sequence[int]) -> None:
    """Of what is parked for one address, try the message that was tried least: if it arrives, the others follow.

    What belongs into the thread of another one comes after it.
    """
    lanes = select_columns(_ROW.lane).where(_ROW.id.in_(ids))
    turn = func.row_number().over(
        partition_by=_ROW.lane, order_by=(_ROW.parent_key.is_not(None), _ROW.attempts, _ROW.id)
    )
    found = select_columns(_ROW.id, turn.label("turn")).where(is_in("parked"), _ROW.lane.in_(lanes)).subquery()
    first = select_columns(found.c.id).where(found.c.turn == 1)
    is_first, is_old = _ROW.id.in_(first), _ROW.parked_at <= bindparam("a_day_ago", tx.now - A_DAY, type_=Instant())
    later, tomorrow = (bindparam(f"after_{each.days}", tx.now + each, type_=Instant()) for each in (AGAIN_AFTER, A_DAY))
    tx.connection.execute(
        update(DELIVERIES)
        .where(is_in("parked"), _ROW.id.in_(select_columns(found.c.id)))
        .values(
            state=case((is_first, "waiting"), else_=_ROW.state),
            due_at=case((is_first, bindparam("now", tx.now, type_=Instant())), (is_old, tomorrow), else_=later),
        )
    )  # fmt: skip
    tx.nudge("outbox")


def fall_back(tx: Tx, ids: Sequence[int]) -> None:
    """Publish pages that no medium has accepted in time, once each. One that only waits its turn gets some minutes."""
    pages = tx.session.exec(
        select(Delivery).where(col(Delivery.id).in_(ids), col(Delivery.fallback_at).is_not(None))
    ).all()
    unaccepted = []
    for page in pages:
        refused = page.error or page.delayed_until or page.doubtful_since
        if refused or page.due_at + STUCK_AFTER <= tx.now:
            unaccepted.append(page)
            page.fallback_at = None
            touch(tx, page.subject_kind, [page.subject_id], parked=False)
        else:
            page.fallback_at = page.due_at + STUCK_AFTER
        tx.session.add(page)
    tx.session.flush()
    if unaccepted:
        tx.publish(PagesUnaccepted(unaccepted))


UNACCEPTED = rows_due("pages unaccepted", fall_back, Delivery.id, Delivery.fallback_at)
PARKED = rows_due("messages parked", try_again, Delivery.id, Delivery.due_at, is_in("parked"))


def _record(tx: Tx, delivery: Delivery, verb: str, reason: str) -> None:
    to = delivery.recipient or delivery.address
    timeline.record(tx, delivery.plan_id, delivery.subject, verb, kind=delivery.kind, to=to, reason=reason)


def _mine(tx: Tx, taken: Delivery) -> Delivery | None:
    """The row as it is now, locked; None when another replica has taken it since."""
    delivery = tx.session.execute(MINE, {"row": taken.id}).scalar_one()
    return delivery if delivery.fence == taken.fence and delivery.state == "sending" else None


def _moves(taken: Delivery, posted_as: str | None) -> bool:
    """Whether what it shows from now on is an edit, with a pace of its own."""
    return taken.editable and bool(posted_as) and not Medium(taken.medium).rest


def _release(tx: Tx, taken: Delivery, *, used: bool) -> None:
    """Give its lane back; where it was `used`, with the instant from which it may be used again, and a burst before."""
    freed: dict[str, Any] = {"name": taken.lane, "at_present": tx.now}
    if not used:
        tx.connection.execute(FREEING, freed)
    elif rest := Medium(taken.medium).rest:
        begun = (taken.leased_until or tx.now + LEASE) - LEASE  # for all at once that went together
        tx.connection.execute(PACING, {**freed, "free_again": begun + rest + BURST})
    else:
        _pace(tx, freed)


def _pace(tx: Tx, freed: dict[str, Any]) -> None:
    """Begin a burst; or go on with it, where the lane was not free yet."""
    begun = {**freed, "free_again": tx.now + PACE, "latest": tx.now + LONGEST_HOLD}
    if tx.connection.execute(BEGINNING_A_BURST, begun).rowcount:
        return
    free_at = tx.connection.execute(LANE, {"name": freed["name"]}).scalar()
    if free_at is not None:
        tx.connection.execute(PACING, {**freed, "free_again": free_at + PACE})


def _retry(tx: Tx, taken: Delivery, at: datetime, error: str, *, in_doubt: bool) -> None:
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    delivery.state, delivery.due_at, delivery.error = "waiting", at, error
    if in_doubt and not delivery.is_posted:
        delivery.doubtful_since = tx.now
    _release(tx, taken, used=in_doubt)
    tx.session.add(delivery)
