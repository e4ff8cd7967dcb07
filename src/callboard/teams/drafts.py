"""Plan files that were handed in and are not applied yet; after a day they are forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlmodel import col

from callboard.teams.models import Draft

if TYPE_CHECKING:
    from callboard.core.db import Tx

KEPT = timedelta(days=1)


def keep(tx: Tx, draft: Draft) -> Draft:
    """Keep a draft until it is applied, and forget old ones."""
    tx.connection.execute(delete(Draft).where(col(Draft.at) <= tx.now - KEPT))
    tx.session.add(draft)
    tx.session.flush()
    return draft


def find(tx: Tx, draft_id: int) -> Draft | None:
    """A draft, held until the end of the transaction, so that it is applied once."""
    return tx.session.get(Draft, draft_id, with_for_update=True)


def forget(tx: Tx, draft: Draft) -> None:
    """It was applied."""
    tx.session.delete(draft)
    tx.session.flush()
