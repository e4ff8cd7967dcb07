"""What is measured of standups: how many of those who were asked reported."""

from __future__ import annotations

from collections import Counter

from callboard.core.db import Tx
from callboard.core.measures import Figure
from callboard.standups import service, store
from callboard.standups.models import State


def standup_rate(tx: Tx, plan_id: int) -> Figure:
    """How many of those who were asked in the last thirty days reported, in percent; late counts, excused does not."""
    rows = store.every(tx, plan_id, (tx.now - service.LATELY).date())
    figures = service.count("", [row for row in rows if row.state != State.WAITING])
    asked: Counter[str] = figures.states
    missed = asked[State.MISSED]
    reported = asked[State.SUBMITTED] + asked[State.LATE]
    exact = 100 * reported / (reported + missed) if reported + missed else 100.0
    return Figure((exact,), f"{reported} of {reported + missed}" if reported + missed else "nobody was asked yet")
