"""Rows with work that waits until `next_at`: one process has each under a lease; `fence` counts who took it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from callboard.core.db import Database, Tx

MOST = 20


def due(tx: Tx, kind: Any) -> Sequence[int]:
    """The first rows whose time has come and that no process has."""
    wanted = select(kind.id).where(*_is_due(tx, kind)).order_by(col(kind.next_at)).limit(MOST)
    return [number for number in tx.connection.execute(wanted).scalars() if number is not None]


def claim(tx: Tx, kind: Any, number: int, until: datetime) -> bool:
    """Keep other processes from a row until then; whether it was free."""
    claiming = update(kind).where(col(kind.id) == number, *_is_due(tx, kind))
    claimed = tx.connection.execute(claiming.values(leased_until=until, fence=col(kind.fence) + 1))
    return bool(claimed.rowcount)


@asynccontextmanager
async def held(db: Database, kind: Any, number: int, fence: int) -> AsyncIterator[None]:
    """Work under a lease: whoever is stopped within gives it back, so that another process takes over at once."""
    try:
        yield
    except asyncio.CancelledError:
        await db.write(_give_back, kind, number, fence)
        raise


def _give_back(tx: Tx, kind: Any, number: int, fence: int) -> None:
    mine = update(kind).where(col(kind.id) == number, col(kind.fence) == fence)
    tx.connection.execute(mine.values(leased_until=None))


@cache
def waiting(kind: Any) -> Select[Any]:
    """Select when the first row's work may begin: not while another process has it."""
    leased = case((col(kind.leased_until) > col(kind.next_at), col(kind.leased_until)))
    return select_columns(func.min(func.coalesce(leased, kind.next_at)))


def next_at(tx: Tx, kind: Any) -> datetime | None:
    """When the first row's work may begin."""
    found: datetime | None = tx.connection.execute(waiting(kind)).scalar()
    return found


def _is_due(tx: Tx, kind: Any) -> tuple[ColumnElement[bool], ...]:
    free = or_(col(kind.leased_until).is_(None), col(kind.leased_until) <= tx.now)
    return col(kind.next_at) <= tx.now, free
