"""What comes due with conflicts: the time to resolve one is over, and the time until it must be seen to be gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.conflicts import models, service, store
from callboard.conflicts.models import GOING, Conflict
from callboard.core.ticks import rows_due

if TYPE_CHECKING:
    from callboard.core.db import Tx


def _handle(tx: Tx, numbers: Sequence[int]) -> None:
    for conflict in store.numbered(tx, numbers):
        if conflict.next_at is None or conflict.next_at > tx.now or conflict.state not in GOING:
            continue
        late = conflict.validate_at is not None and conflict.validate_at <= tx.now
        models.look(conflict, tx.now)
        service.run_out(tx, conflict, "validated" if late else "resolved")


conflicts = rows_due("conflicts", _handle, Conflict.id, Conflict.next_at)
