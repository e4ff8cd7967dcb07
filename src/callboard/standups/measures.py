"""What is measured of standups: how many of those who were asked reported."""

from __future__ import annotations

from collections import Counter

from callboard.core.db import Tx
from callboard.core.measures import Figure, share
from callboard.standups import service, store
from callboard.standups.models import State


def reported(tx: Tx, plan_id: int) -> tuple[int, int]:
    """How many reported in the last thirty days, of how many who were asked; late counts, excused does not."""
    rows = store.every(tx, plan_id, (tx.now - service.LATELY).date())
    asked: Counter[str] = service.count("", [row for row in rows if row.state != State.WAITING]).states
    answered = asked[State.SUBMITTED] + asked[State.LATE]
    return answered, answered + asked[State.MISSED]


def standup_rate(tx: Tx, plan_id: int) -> Figure:
    """The same in percent."""
    part, whole = reported(tx, plan_id)
    return Figure((share(part, whole),), f"{part} of {whole}" if whole else "nobody was asked yet")
