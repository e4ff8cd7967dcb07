"""Every query about alerts, their groups, heartbeats and counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, literal_column, union_all
from sqlalchemy import select as select_columns
from sqlalchemy import update as change
from sqlmodel import col, select

from callboard.alerts.models import Alert, AlertGroup, Heartbeat, Ignored, State, Tally
from callboard.core.db import Tx
from callboard.core.memory import Each
from callboard.core.retention import Sweep
from callboard.core.rows import Bulk
from callboard.plans import service as plans

ALERTS = Alert.__table__  # type: ignore[attr-defined]
GROUPS = AlertGroup.__table__  # type: ignore[attr-defined]
TALLIES = Tally.__table__  # type: ignore[attr-defined]
MOVED = (
    *("id", "group_id", "title", "said", "url", "labels", "state"),
    *("started_at", "ended_at", "received_at", "received"),
)
NEW, CHANGED = Bulk(ALERTS), Bulk(ALERTS, changes=MOVED)
AT_ONCE, MOST_SHOWN = 1000, 5
IS_OPEN = col(AlertGroup.closed_at).is_(None)
FRESH = {"populate_existing": True}


class Counts(NamedTuple):
    """The alerts of a group: all, those that fire, and when the source was last heard."""

    every: int
    firing: int
    last: datetime | None


def group(tx: Tx, number: int, *, lock: bool = False) -> AlertGroup | None:
    return tx.get(AlertGroup, number, lock=lock)


def latest(tx: Tx, plan_id: int, key: str) -> AlertGroup | None:
    """The newest group with a key, locked; the open one, if there is one."""
    wanted = select(AlertGroup).where(AlertGroup.plan_id == plan_id, AlertGroup.key == key)
    newest = wanted.order_by(col(AlertGroup.id).desc()).limit(1)
    return tx.session.exec(newest.with_for_update().execution_options(**FRESH)).first()


def open_of(tx: Tx, plan_id: int, rule: str, most: int) -> int:
    """How many groups of a rule are open, up to `most`."""
    wanted = select(AlertGroup.id).where(AlertGroup.plan_id == plan_id, AlertGroup.rule == rule, IS_OPEN)
    return len(tx.session.exec(wanted.limit(most)).all())


def open_in(tx: Tx, plan_id: int) -> Sequence[AlertGroup]:
    wanted = select(AlertGroup).where(AlertGroup.plan_id == plan_id, IS_OPEN)
    return tx.session.exec(wanted.order_by(col(AlertGroup.id))).all()


def last_of(tx: Tx, plan_id: int, rule: str) -> AlertGroup | None:
    """The newest group of a rule."""
    wanted = select(AlertGroup).where(AlertGroup.plan_id == plan_id, AlertGroup.rule == rule)
    return tx.session.exec(wanted.order_by(col(AlertGroup.id).desc()).limit(1)).first()


def of_blocker(tx: Tx, blocker: int) -> AlertGroup | None:
    """The newest group that a blocker stands for."""
    wanted = select(AlertGroup).where(AlertGroup.blocker == blocker)
    return tx.session.exec(wanted.order_by(col(AlertGroup.id).desc()).limit(1)).first()


def known(tx: Tx, plan_id: int, fingerprints: Collection[str]) -> dict[str, Alert]:
    """The alerts with these fingerprints. Whoever asks has locked their groups."""
    found: dict[str, Alert] = {}
    wished = sorted(fingerprints)
    for first in range(0, len(wished), AT_ONCE):
        some = wished[first : first + AT_ONCE]
        wanted = select(Alert).where(Alert.plan_id == plan_id, col(Alert.fingerprint).in_(some))
        found |= {alert.fingerprint: alert for alert in tx.session.exec(wanted.execution_options(**FRESH))}
    return found


def _counts(tx: Tx, groups: list[int]) -> dict[int, Counts]:
    row = ALERTS.c
    firing: ColumnElement[int] = literal_column("CASE WHEN state = 'firing' THEN 1 ELSE 0 END")
    asked = select_columns(row.group_id, func.count(), func.sum(firing), func.max(row.received_at))
    found = tx.connection.execute(asked.where(row.group_id.in_(groups)).group_by(row.group_id))
    return {group: Counts(*numbers) for group, *numbers in found}


counts = Each[int, Counts](_counts, lambda: Counts(0, 0, None), Alert)


def is_firing(tx: Tx, group_id: int) -> bool:
    tx.flush()
    wanted = select(Alert.id).where(Alert.group_id == group_id, Alert.state == State.FIRING)
    return tx.session.exec(wanted.limit(1)).first() is not None


def _newest(tx: Tx, groups: list[int]) -> dict[int, list[Alert]]:
    """In one statement, which reads of each group no more than is shown."""
    order, found = (col(Alert.state), col(Alert.received_at).desc()), dict[int, list[Alert]]()
    some = [select(Alert.id).where(Alert.group_id == group).order_by(*order).limit(MOST_SHOWN) for group in groups]
    first = union_all(*(each.subquery().select() for each in some))
    for alert in tx.session.exec(select(Alert).where(col(Alert.id).in_(first)).order_by(*order)):
        found.setdefault(alert.group_id, []).append(alert)
    return found


newest = Each[int, list[Alert]](_newest, list, Alert)
"""Some alerts of a group, those that fire first, the last heard before others."""


def move(tx: Tx, group_id: int, to: int) -> None:
    """The alerts of one group belong to another."""
    tx.flush()
    tx.connection.execute(change(ALERTS).where(ALERTS.c.group_id == group_id).values(group_id=to))


def settle(tx: Tx, group_id: int) -> None:
    """What fires in a group is over, because somebody says so."""
    tx.flush()
    row = ALERTS.c
    settled = change(ALERTS).where(row.group_id == group_id, row.state == State.FIRING)
    tx.connection.execute(settled.values(state=State.SETTLED))


def heartbeats(tx: Tx, plan_id: int) -> Sequence[Heartbeat]:
    return tx.session.exec(select(Heartbeat).where(Heartbeat.plan_id == plan_id).order_by(col(Heartbeat.id))).all()


def heartbeat(tx: Tx, plan_id: int, name: str) -> Heartbeat | None:
    """One heartbeat, locked."""
    wanted = select(Heartbeat).where(Heartbeat.plan_id == plan_id, Heartbeat.name == name)
    return tx.session.exec(wanted.with_for_update().execution_options(**FRESH)).first()


def missed(tx: Tx, numbers: Sequence[int]) -> Iterator[Heartbeat]:
    """Those of these heartbeats that are due, locked."""
    wanted = select(Heartbeat).where(col(Heartbeat.id).in_(numbers), col(Heartbeat.due_at) <= tx.now)
    yield from tx.session.exec(wanted.order_by(col(Heartbeat.id)).with_for_update().execution_options(**FRESH))


def counted_from(tx: Tx, heartbeat: Heartbeat, heard_at: datetime) -> datetime:
    """From when the span of a heartbeat is counted: nothing is missing before the plan starts."""
    return max(heard_at, plans.starts_at(tx, heartbeat.plan_id) or heard_at)


def tally(tx: Tx, plan_id: int, why: Ignored, count: int, last: str) -> bool:
    """Count alerts that did nothing; whether they are the first."""
    new = tx.insert_new(TALLIES, plan_id=plan_id, why=why, count=0, last="", last_at=tx.now)
    row = TALLIES.c
    tx.connection.execute(
        change(TALLIES).where(row.plan_id == plan_id, row.why == why)
        .values({"count": row["count"] + count, "last": last, "last_at": tx.now})
    )  # fmt: skip
    return new


def tallies(tx: Tx, plan_id: int) -> Sequence[Tally]:
    return tx.session.exec(select(Tally).where(Tally.plan_id == plan_id).order_by(col(Tally.why))).all()


_ENDED = ALERTS.c.state != literal_column("'firing'")
_OPEN_GROUPS = select_columns(GROUPS.c.id).where(GROUPS.c.closed_at.is_(None))
SWEEPS = (Sweep(ALERTS.c.received_at, (_ENDED, ALERTS.c.group_id.not_in(_OPEN_GROUPS))),)
"""Groups stay, with how many alerts they had on their timeline."""
