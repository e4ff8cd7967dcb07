"""Every SELECT of workspaces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_
from sqlmodel import col, select

from callboard.board.workspace.models import Commit, Workspace
from callboard.core import leases
from callboard.core.db import Tx
from callboard.core.deliveries import Delivery, Medium, is_in
from callboard.core.ticks import hindered
from callboard.core.timeline import Entry

MOST_AT_ONCE = 500
LOOKS = "workspace looks"
NEWER = col(Entry.plan_id) == Workspace.plan_id, col(Entry.seq) > Workspace.seq
FIRST = select(Entry.at).where(*NEWER).order_by(col(Entry.seq)).limit(1).correlate(Workspace).scalar_subquery()
KEPT = or_(col(Workspace.repository) != "", col(Workspace.canvases))
MAY = KEPT, FIRST.is_not(None), ~hindered(LOOKS, col(Workspace.id))
UNSEEN = select(FIRST).select_from(Workspace).where(*MAY).limit(1)
"""When one of the entries was made that no workspace has looked at."""


LESSER_WAITS = timedelta(hours=1)
GATHERS = "workspace gathers"
FREE = ~hindered(GATHERS, col(Workspace.id))
LESSER = select(func.min(Workspace.lesser_at)).where(FREE)
"""Since when lesser changes have waited."""


def unseen(tx: Tx, limit: int) -> Sequence[int]:
    """The workspaces with sealed entries that were not looked at, held until the end of the transaction."""
    wanted = select(Workspace.id).where(*MAY).order_by(col(Workspace.id))
    held = wanted.limit(limit).with_for_update(skip_locked=True)
    return list(tx.connection.execute(held, {"now": tx.now}).scalars())


def lesser(tx: Tx, limit: int) -> Sequence[int]:
    """The workspaces in which lesser changes have waited long enough, held until the end of the transaction."""
    waited = col(Workspace.lesser_at) <= tx.now - LESSER_WAITS
    held = select(Workspace.id).where(waited, FREE).order_by(col(Workspace.id)).limit(limit)
    return list(tx.connection.execute(held.with_for_update(skip_locked=True), {"now": tx.now}).scalars())


def entries(tx: Tx, workspace: Workspace) -> Sequence[Entry]:
    """The next sealed entries, in the order of the chain."""
    wanted = select(Entry).where(col(Entry.plan_id) == workspace.plan_id, col(Entry.seq) > workspace.seq)
    return tx.session.exec(wanted.order_by(col(Entry.seq)).limit(MOST_AT_ONCE)).all()


def entry(tx: Tx, plan_id: int, seq: int) -> Entry | None:
    """The entry with this place in the chain."""
    return tx.session.exec(select(Entry).where(col(Entry.plan_id) == plan_id, col(Entry.seq) == seq)).first()


def sealed(tx: Tx, plan_id: int) -> int:
    """The place of the last sealed entry of a plan."""
    return tx.session.exec(select(func.max(Entry.seq)).where(col(Entry.plan_id) == plan_id)).one() or 0


def workspace(tx: Tx, number: int) -> Workspace | None:
    return tx.get(Workspace, number, fresh=True)


def of_plan(tx: Tx, plan_id: int) -> Workspace | None:
    return tx.session.exec(select(Workspace).where(Workspace.plan_id == plan_id)).first()


def refused(tx: Tx, plan_id: int) -> Sequence[Delivery]:
    """The canvases that Slack does not take, oldest first."""
    tx.flush()
    wanted = select(Delivery).where(
        Delivery.plan_id == plan_id, is_in("parked"), col(Delivery.medium) == str(Medium.CANVAS)
    )
    return tx.session.exec(wanted.order_by(col(Delivery.id))).all()


def waiting(tx: Tx, number: int) -> Sequence[Commit]:
    """The commits of a workspace that wait, in order."""
    return tx.session.exec(select(Commit).where(Commit.workspace_id == number).order_by(col(Commit.id))).all()


def newest(tx: Tx, number: int) -> int:
    """The number of the last commit that waits; 0 for none."""
    return tx.session.exec(select(func.max(Commit.id)).where(Commit.workspace_id == number)).one() or 0


def forget(tx: Tx, number: int, upto: int | None = None) -> None:
    """Delete the commits of a workspace, or those up to one."""
    wanted = delete(Commit).where(col(Commit.workspace_id) == number)
    tx.connection.execute(wanted if upto is None else wanted.where(col(Commit.id) <= upto))


def due(tx: Tx) -> Sequence[int]:
    return leases.due(tx, Workspace)


def claim(tx: Tx, number: int, until: datetime) -> bool:
    """Keep other processes from pushing until then; whether it was free."""
    return leases.claim(tx, Workspace, number, until)


def next_at(tx: Tx) -> datetime | None:
    """When one may be pushed next: not while another process has it."""
    return leases.next_at(tx, Workspace)
