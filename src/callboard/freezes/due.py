"""What comes due with freezes: they begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.core import outbox, timeline
from callboard.core.outbox import Post, Priority
from callboard.core.ticks import rows_due
from callboard.freezes import store
from callboard.freezes.models import FREEZE, Freeze
from callboard.teams import service as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


def handle(tx: Tx, ids: Sequence[int]) -> None:
    """Announce freezes that begin or end now."""
    for freeze_id in ids:
        freeze = store.freeze(tx, freeze_id)
        if freeze is None or freeze.wake_at is None or freeze.wake_at > tx.now:
            continue
        freeze.told = "over" if tx.now >= freeze.to_at else "begun"
        freeze.wake_at = freeze.to_at if freeze.told == "begun" else None
        tx.session.add(freeze)
        timeline.record(tx, freeze.plan_id, freeze.subject, freeze.told, freeze=freeze.key)
        _announced(tx, freeze, freeze.told)


def _announced(tx: Tx, freeze: Freeze, told: str) -> None:
    directory = teams.directory(tx, freeze.plan_id)
    address = directory.home_channel()
    if address:
        post = Post(
            key=f"{FREEZE}:{freeze.id}:{told}:{freeze.from_at.isoformat()}", plan_id=freeze.plan_id,
            workspace=directory.workspace, address=address, kind=f"{FREEZE}.news", subject=freeze.subject,
            priority=Priority.ANSWER, args={"what": told},
        )  # fmt: skip
        outbox.enqueue(tx, [post])


freezes = rows_due("freezes", handle, Freeze.id, Freeze.wake_at)
