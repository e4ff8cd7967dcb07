"""What is sent about mirrors, from their state as it then is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.branches import messages, store
from callboard.branches.models import KIND
from callboard.core.outbox import Delivery, Drop, Message, Renderer

if TYPE_CHECKING:
    from callboard.core.db import Tx


def trouble(tx: Tx, delivery: Delivery) -> Message | Drop:
    """That a repository cannot be fetched, or that it can again."""
    mirror = store.mirror(tx, delivery.subject_id)
    if mirror is None:
        return Drop("the repository is not followed any more")
    if mirror.trouble:
        return messages.trouble(mirror.repository, mirror.trouble, mirror.fetched_at)
    return messages.recovered(mirror.repository) if delivery.posted_as else Drop("it was fetched meanwhile")


renderers: dict[str, Renderer] = {f"{KIND}.trouble": trouble}
