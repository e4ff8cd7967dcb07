"""What comes due in workspaces: what happened becomes a commit as soon as it is sealed, lesser things once an hour."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import col

from callboard.board.workspace import service, store
from callboard.board.workspace.models import Workspace
from callboard.core.db import Tx
from callboard.core.ticks import DueWork


def _waited(tx: Tx, limit: int) -> list[int]:
    """The workspaces in which lesser changes have waited long enough, held until the end of the transaction."""
    wanted = select(Workspace.id).where(col(Workspace.lesser_at) <= tx.now - service.LESSER_WAITS)
    held = wanted.order_by(col(Workspace.id)).limit(limit).with_for_update(skip_locked=True)
    return list(tx.connection.execute(held).scalars())


looks = DueWork("workspace looks", store.unseen, service.look, store.UNSEEN)
lesser = DueWork(
    "workspace gathers", _waited, service.gather, select(func.min(col(Workspace.lesser_at))), service.LESSER_WAITS
)
