"""What the plan's channel reads of mirrors: that a repository cannot be fetched, and that it can again."""

from __future__ import annotations

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.branches import store
from callboard.branches.models import KIND, Mirror
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message
from callboard.teams import service as teams


def tell_trouble(tx: Tx, mirror: Mirror) -> None:
    directory = teams.directory(tx, mirror.plan_id)
    key = f"{KIND}:{mirror.number}:trouble:{tx.now.isoformat()}"
    outbox.enqueue(tx, [TROUBLE.post(directory, directory.home_channel(), mirror.subject, key)])


def _trouble(tx: Tx, delivery: Delivery) -> Message | Drop:
    mirror = store.mirror(tx, delivery.subject_id)
    if mirror is None:
        return Drop("the repository is not followed any more")
    if not mirror.trouble and not delivery.posted_as:
        return Drop("it was fetched meanwhile")
    if not mirror.trouble:
        fetched = f":white_check_mark: I can fetch {m.escape(mirror.repository)} again."
        return Message(text=fetched, blocks=[b.section(fetched)])
    known = (
        f"I know its branches as of {m.date(mirror.fetched_at, 'both')}." if mirror.fetched_at
        else "I know none of its branches yet."
    )  # fmt: skip
    why = m.escape(m.clip(mirror.trouble, 300))
    text = f":warning: *I cannot fetch {m.escape(mirror.repository)}*: {why}\n{known} I keep trying."
    return Message(text=f"I cannot fetch {mirror.repository}", blocks=[b.section(text)])


TROUBLE = Notice(
    kind=f"{KIND}.trouble", render=_trouble, editable=True,
    told="the plan's channel, once a repository cannot be fetched twice in a row, edited when it can again",
)  # fmt: skip
NOTICES = (TROUBLE,)
