"""What the plan's channel reads of mirrors: that one cannot be fetched, and that it can again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.branches import store
from callboard.branches.models import KIND
from callboard.core.outbox import Delivery, Drop, Message, Renderer

if TYPE_CHECKING:
    from callboard.core.db import Tx


def cannot_fetch(repository: str, why: str, fetched_at: datetime | None) -> Message:
    """A repository that cannot be fetched."""
    name = b.escape(repository)
    since = (
        f"What I know of its branches is of {b.date(fetched_at, 'both')}." if fetched_at else "I know no branch of it."
    )
    said = f":warning: *I cannot fetch {name}*: {b.escape(b.clip(why, 300))}\n{since} I go on trying."
    return Message(text=f"I cannot fetch {repository}", blocks=[b.section(said)])


def fetched_again(repository: str) -> Message:
    """One that can be fetched again."""
    said = f":white_check_mark: I can fetch {b.escape(repository)} again."
    return Message(text=b.unescape(said), blocks=[b.section(said)])


def trouble(tx: Tx, delivery: Delivery) -> Message | Drop:
    """That a repository cannot be fetched, or that it can again."""
    mirror = store.mirror(tx, delivery.subject_id)
    if mirror is None:
        return Drop("the repository is not followed any more")
    if mirror.trouble:
        return cannot_fetch(mirror.repository, mirror.trouble, mirror.fetched_at)
    return fetched_again(mirror.repository) if delivery.posted_as else Drop("it was fetched meanwhile")


renderers: dict[str, Renderer] = {f"{KIND}.trouble": trouble}
