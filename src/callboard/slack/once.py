"""Runs what Slack delivered: once however often it is delivered, and to its end even when nobody waits any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from callboard.core.db import Database, Tx, current_trace
from callboard.core.errors import Refused
from callboard.slack import receipts
from callboard.slack.answers import Answer, Errors
from callboard.slack.receipts import Refusal, Trouble

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing to do, and the key of the delivery that asked for it.

    `reads` promises no effect: it needs no receipt. `explain` makes the answer of a refusal. `reopens` says that the
    person may send the same again after a refusal (a form stays open), so that none is kept. `after` runs once it is
    committed, and only the first time.
    """

    key: str
    run: Callable[[Tx], Answer]
    reads: bool = False
    reopens: bool = False
    explain: Callable[[Refused], Refusal] = lambda refused: Refusal(refused.sentence)
    after: Callable[[Answer], None] | None = None


class _RepeatedError(Exception):
    """Somebody has answered this delivery: what was just done again is undone."""


class _UndoneError(Exception):
    def __init__(self, errors: Errors) -> None:
        super().__init__()
        self.errors = errors


class Once:
    """The deeds that are being done in this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._running: dict[str, asyncio.Task[Answer]] = {}

    def start(self, deed: Deed) -> asyncio.Task[Answer]:
        """Begin, or join what the same delivery has begun. Waiting for the task never cancels it; it raises nothing."""
        running = self._running.get(deed.key)
        if running is None:
            running = self._running[deed.key] = asyncio.create_task(self._done(deed))
            running.add_done_callback(lambda _: self._running.pop(deed.key, None))
        return running

    async def finish(self) -> None:
        """Wait until everything that was begun is done."""
        while self._running:
            await asyncio.wait(self._running.values())

    async def _done(self, deed: Deed) -> Answer:
        try:
            answer = await self._answered(deed)
        except _UndoneError as undone:
            return undone.errors
        except Exception as error:  # noqa: BLE001 - logged there, once it is clear that it is no repetition
            return await self._failed(deed, error)
        if deed.after is not None:
            deed.after(answer)
        return answer

    async def _answered(self, deed: Deed) -> Answer:
        if deed.reads:
            return await self._db.read(deed.run)
        return await self._db.write(_run, deed)

    async def _failed(self, deed: Deed, error: Exception) -> Answer:
        """The same delivery may have been answered before, and what fails now be only its repetition."""
        try:
            refusal = deed.explain(error) if isinstance(error, Refused) else None
            if refusal is not None and not deed.reads and not deed.reopens:
                return await self._db.write(_refuse, deed.key, refusal)
            before = None if deed.reads else await self._db.read(receipts.kept, deed.key)
            if before is not None or refusal is not None:
                return before or refusal or _trouble()
        except Exception:
            log.exception("deed.receipt_failed", key=deed.key)
        log.error("deed.failed", key=deed.key, exc_info=error)
        return _trouble()


def _run(tx: Tx, deed: Deed) -> Answer:
    answer = deed.run(tx)
    if isinstance(answer, Errors):
        raise _UndoneError(answer)
    if not receipts.keep(tx, deed.key, answer):
        raise _RepeatedError
    return answer


def _refuse(tx: Tx, key: str, refusal: Refusal) -> Answer:
    return refusal if receipts.keep(tx, key, refusal) else receipts.kept(tx, key) or refusal


def _trouble() -> Trouble:
    return Trouble(
        f"Something went wrong on my side (id `{current_trace()}`); nothing was changed. "
        "Try again, and tell whoever runs Callboard that id."
    )
