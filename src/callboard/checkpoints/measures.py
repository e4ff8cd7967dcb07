"""What is measured of questions: how many were answered, in standups and at checkpoints."""

from __future__ import annotations

from callboard.checkpoints import store
from callboard.checkpoints.models import State
from callboard.core.db import Tx
from callboard.core.measures import Figure, share
from callboard.standups import measures as standups
from callboard.standups.service import LATELY


def answer_rate(tx: Tx, plan_id: int) -> Figure:
    """How many of those who were asked in the last thirty days answered, in percent.

    A question at a checkpoint that nobody need answer any more does not count.
    """
    part, whole = standups.reported(tx, plan_id)
    states = [row.state for row in store.asked_since(tx, plan_id, (tx.now - LATELY).date())]
    answered = states.count(State.ANSWERED)
    part, whole = part + answered, whole + answered + states.count(State.SILENT) + states.count(State.CLOSED)
    return Figure((share(part, whole),), f"{part} of {whole}" if whole else "nobody was asked yet")
