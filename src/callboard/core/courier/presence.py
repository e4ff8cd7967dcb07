"""Whether processes live: on PostgreSQL each holds a lock in a session of its own, and dies with it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import structlog
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean

from callboard.core.db import Database
from callboard.core.engine import SESSION

log = structlog.get_logger()

KIND, NUMBERS = 0x0CA11B, 2**31
"""The two halves of a lock: ours, and the number of a session."""
AGAIN_AFTER = 1.0
WATCHED = {"connect_timeout": 10, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
"""Each end hears within seconds that the other is gone, and no router forgets a session that says nothing."""


class Presence:
    """The lock of this process. Its session may end while it lives: it then soon has another, with a new number."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.number: int | None = None
        """What others know it by; None while it has no lock."""

    async def run(self) -> None:
        """Live until cancelled, or known to be behind a pooler."""
        import psycopg

        is_ours = True
        while is_ours:
            try:
                is_ours = await self._live()
            except psycopg.Error as error:
                log.info("presence.lost", why=str(error).strip())
            await asyncio.sleep(AGAIN_AFTER)

    async def _live(self) -> bool:
        """Hold a lock for as long as the session lasts; False where it is a pooler's, and outlasts the process."""
        from psycopg import AsyncConnection

        places, options = self._db.engine.dialect.create_connect_args(self._db.url)
        async with await AsyncConnection.connect(*places, **{**options, **WATCHED}, autocommit=True) as session:
            if await (await session.execute(SESSION)).fetchone() != (session.info.backend_pid,):
                log.info("presence.pooled")
                return False
            number = secrets.randbelow(NUMBERS)
            await session.execute("SELECT pg_advisory_lock(%s, %s)", (KIND, number))
            self.number = number
            try:
                async for _ in session.notifies():
                    pass  # nobody notifies: it ends with the session
            finally:
                self.number = None
        return True


class is_gone(FunctionElement[bool]):  # noqa: N801 - a function of SQL
    """Whether no session holds the lock with this number; on SQLite none ever did."""

    type = Boolean()
    inherit_cache = True


@compiles(is_gone, "postgresql")
def _on_postgres(element: Any, compiler: Any, **how: Any) -> str:
    return f"pg_try_advisory_xact_lock_shared({KIND}, {compiler.process(element.clauses, **how)})"


@compiles(is_gone, "sqlite")
def _on_sqlite(_element: Any, _compiler: Any, **_how: Any) -> str:
    return "0"
