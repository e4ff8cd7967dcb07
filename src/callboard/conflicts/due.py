"""What comes due with conflicts: the time to resolve one, and the time to see that it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.conflicts import models, notices, service, store
from callboard.conflicts.models import GOING, Conflict, Verb
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.core.ticks import rows_due
from callboard.escalation import service as escalation

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _handle(tx: Tx, numbers: Sequence[int]) -> None:
    for conflict in store.numbered(tx, numbers):
        if conflict.next_at and conflict.next_at <= tx.now and conflict.state in GOING:
            late = conflict.validate_at is not None and conflict.validate_at <= tx.now
            models.set_next(conflict, tx.now)
            _run_out(tx, conflict, "validated" if late else "resolved")


def _run_out(tx: Tx, conflict: Conflict, what: str) -> None:
    """The next step of its policy is paged at once; where there is none, the leads are told."""
    notices.changed(tx, conflict, Verb.LATE if what == "resolved" else Verb.NOT_VALIDATED, timeline.BOT)
    if service.climbs(tx, conflict):
        try:
            escalation.go_on(tx, conflict.subject)
        except Refused:  # everybody on the ladder knows
            notices.tell_late(tx, conflict, what)
    else:
        notices.tell_late(tx, conflict, what)


conflicts = rows_due("conflicts", _handle, Conflict.id, Conflict.next_at)
