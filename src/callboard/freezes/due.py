"""What comes due with freezes: they begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.core import outbox, timeline
from callboard.core.ticks import rows_due
from callboard.freezes import notices, store
from callboard.freezes.models import FREEZE, Freeze, Told
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


def handle(tx: Tx, ids: Sequence[int]) -> None:
    """Announce freezes that begin or end now."""
    for freeze_id in ids:
        freeze = store.freeze(tx, freeze_id)
        if freeze is not None and freeze.wake_at is not None and freeze.wake_at <= tx.now:
            _announce(tx, freeze, Told.OVER if tx.now >= freeze.to_at else Told.BEGUN)


def _announce(tx: Tx, freeze: Freeze, told: Told) -> None:
    freeze.told, freeze.wake_at = told, freeze.to_at if told == Told.BEGUN else None
    tx.session.add(freeze)
    timeline.record(tx, freeze.plan_id, freeze.subject, told, freeze=freeze.key)
    directory = teams.directory(tx, freeze.plan_id)
    key = f"{FREEZE}:{freeze.id}:{told}:{freeze.from_at.isoformat()}"
    post = notices.FREEZE_NEWS.post(directory, directory.home_channel(), freeze.subject, key, args={"what": told})
    outbox.enqueue(tx, [post])


freezes = rows_due("freezes", handle, Freeze.id, Freeze.wake_at)
