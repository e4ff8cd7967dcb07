"""What comes due in workspaces: what happened becomes a commit as soon as it is sealed, lesser things once an hour."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import col

from callboard.board.workspace import service, store
from callboard.board.workspace.models import Workspace
from callboard.core.db import Tx
from callboard.core.ticks import DueWork, hindered

GATHERS = "workspace gathers"
FREE = ~hindered(GATHERS, col(Workspace.id))


def _waited(tx: Tx, limit: int) -> list[int]:
    """The workspaces in which lesser changes have waited long enough, held until the end of the transaction."""
    waited = col(Workspace.lesser_at) <= tx.now - service.LESSER_WAITS
    wanted = select(col(Workspace.id)).where(waited, FREE).order_by(col(Workspace.id)).limit(limit)
    found = tx.connection.execute(wanted.with_for_update(skip_locked=True), {"now": tx.now}).scalars()
    return [number for number in found if number is not None]


looks = DueWork(store.LOOKS, store.unseen, service.look, store.UNSEEN)
lesser = DueWork(
    GATHERS, _waited, service.gather, select(func.min(col(Workspace.lesser_at))).where(FREE), service.LESSER_WAITS
)
