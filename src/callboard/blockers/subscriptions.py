"""What a blocker shows when its climb moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.blockers import notices
from callboard.blockers.models import KIND
from callboard.core import outbox
from callboard.escalation.events import StepsDue
from callboard.escalation.models import Why

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_steps_due(tx: Tx, event: StepsDue) -> None:
    """A climb moved: the card shows it, the thread tells it."""
    if event.kind != KIND:
        return
    outbox.touch(tx, KIND, [step.climb.subject_id for step in event.steps if step.move.why != Why.OPENED])
    outbox.enqueue(tx, [notices.step_line(tx, step) for step in event.steps])
