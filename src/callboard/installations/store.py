"""Every query about installations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.installations.models import Installation

STANDING = select(Installation).where(col(Installation.ended_at).is_(None)).order_by(col(Installation.team_id))


def standing(tx: Tx) -> Sequence[Installation]:
    """The workspaces in which Callboard is installed now."""
    return tx.session.exec(STANDING).all()


def every(tx: Tx) -> Sequence[Installation]:
    """Those that ended, too."""
    return tx.session.exec(select(Installation).order_by(col(Installation.team_id))).all()


def of(tx: Tx, team_id: str, *, lock: bool = False) -> Installation | None:
    return tx.get(Installation, team_id, fresh=True, lock=lock)


def called(tx: Tx, name: str) -> Installation:
    """The one that is meant by an id or a name; by nothing, the only one. Raises Refused where that says too little."""
    known = standing(tx)
    if not known:
        raise Refused("Callboard is installed in no workspace yet: an admin opens /slack/install.")
    meant = [each for each in known if not name or name in (each.team_id, each.name)]
    if len(meant) == 1:
        return meant[0]
    those = ", ".join(each.called for each in known)
    why = f"Callboard is installed in no workspace `{name}`." if name and not meant else "Which workspace?"
    raise Refused(f"{why} Name one with --workspace: {those}.")
