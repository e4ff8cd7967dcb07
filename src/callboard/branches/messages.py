"""How mirrors read in Slack: that one cannot be fetched, and that it can again."""

from __future__ import annotations

from datetime import datetime

from callboard.core import blocks as b
from callboard.core.outbox import Message


def trouble(repository: str, why: str, fetched_at: datetime | None) -> Message:
    """A repository that cannot be fetched."""
    name = b.escape(repository)
    since = (
        f"What I know of its branches is of {b.date(fetched_at, 'both')}." if fetched_at else "I know no branch of it."
    )
    said = f":warning: *I cannot fetch {name}*: {b.escape(b.clip(why, 300))}\n{since} I go on trying."
    return Message(text=f"I cannot fetch {repository}", blocks=[b.section(said)])


def recovered(repository: str) -> Message:
    """One that can be fetched again."""
    said = f":white_check_mark: I can fetch {b.escape(repository)} again."
    return Message(text=b.unescape(said), blocks=[b.section(said)])
