"""Preflights begin at their time, remind once at half of it, and end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from callboard.core import ticks
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.planfile.timetable import placed, timetable
from callboard.plans import service as plans
from callboard.preflight import service, store
from callboard.preflight.models import Preflight
from callboard.preflight.plan import PREFLIGHT
from callboard.teams import service as teams

PREFLIGHTS = "preflights"


def _attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Begin the preflight of a plan at its time, late after an outage; return when that is."""
    document, plan = teams.document(tx, plan_id), plans.plan(tx, plan_id)
    part = document.of(PREFLIGHT)
    due = placed(timetable(document), part.at) if part and part.at else None
    if due is None or tx.now > plan.to_at:
        return None
    last = store.latest(tx, plan_id)
    if since < due[0] <= tx.now and not (last and last.is_open):
        try:
            service.begin(tx, plan_id)
        except Refused:
            return None
    return due[0] if due[0] > tx.now else None


def _turn(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        flight = store.flight(tx, number, lock=True)
        if flight is None or flight.next_at is None or flight.next_at > tx.now:
            continue
        if tx.now >= flight.closes_at:
            service.end(tx, flight, reached=False)
        else:
            service.remind(tx, flight)


again = ticks.again(PREFLIGHTS)
planned = ticks.watch(PREFLIGHTS, _attend)
open_ones = ticks.rows_due("preflight steps", _turn, Preflight.id, Preflight.next_at)
