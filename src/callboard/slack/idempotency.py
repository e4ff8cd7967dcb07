"""Runs what Slack delivered once, however often and to whichever process it is delivered, and keeps the receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import structlog
from sqlalchemy import JSON, select
from sqlmodel import Field, SQLModel, col

from callboard.blocks.markup import dated
from callboard.core import traces
from callboard.core.db import Database, Instant, Tx
from callboard.core.engine import is_out_of_order, trouble
from callboard.core.errors import Refused
from callboard.core.retention import Sweep
from callboard.core.rows import Bulk
from callboard.slack.answers import Answer, Done, Errors, Modal, Refusal, Say, Trouble

log = structlog.get_logger()


class Receipt(SQLModel, table=True):
    """What was answered to one delivery. `key` names workspace, kind and Slack's own id of the delivery."""

    __tablename__ = "receipts"

    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    answer: dict[str, Any] = Field(sa_type=JSON)


KINDS: dict[str, Callable[..., Answer]] = {kind.__name__: kind for kind in (Say, Refusal, Modal, Errors, Done)}
RECEIPTS = Receipt.__table__  # type: ignore[attr-defined]
KEEPING = Bulk(RECEIPTS)
OLD_RECEIPTS = Sweep(RECEIPTS.c.at, kept=timedelta(days=1))


Run = Callable[[Tx], Answer]


async def _nothing() -> None:
    """What most deeds need from elsewhere before they run."""


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing to do, and the key of the delivery that asked for it.

    `reads` promises no effect: it needs no receipt. `explain` words a refusal. `reopens`: the same may be sent again
    after a refusal (a form stays open), so that none is kept. `before` gets what is to be run instead, from elsewhere
    and outside of any transaction. `after` runs once, when it is committed.
    """

    key: str
    run: Run
    reads: bool = False
    reopens: bool = False
    explain: Callable[[Refused], Refusal] = lambda refused: Refusal(refused.sentence)
    before: Callable[[], Awaitable[Run | None]] = _nothing
    after: Callable[[Answer], None] | None = None
    name: str = "event"


class _RepeatedError(Exception):
    """Raised to undo what was just done again: its delivery was answered before."""


class _WrongFieldsError(Exception):
    """Raised with the `Errors` of a form, to undo what was done."""


class Once:
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
        while self._running:
            await asyncio.wait(self._running.values())

    async def _done(self, deed: Deed) -> Answer:
        with self._db.spans.span(f"slack {deed.name}", first=True):
            return await self._outcome(deed)

    async def _outcome(self, deed: Deed) -> Answer:
        try:
            if run := await deed.before():
                deed = replace(deed, run=run)
            answer = await (self._db.read(_answered, deed) if deed.reads else self._db.write(_run, deed))
        except _WrongFieldsError as wrong:
            errors: Errors = wrong.args[0]
            return errors
        except Exception as error:  # noqa: BLE001 - logged there, unless it only repeats what was answered
            return await self._failed(deed, error)
        if deed.after is not None:
            deed.after(answer)
        return answer

    async def _failed(self, deed: Deed, error: Exception) -> Answer:
        """The same delivery may have been answered before: then this failure is only its repetition."""
        try:
            refusal = deed.explain(error) if isinstance(error, Refused) else None
            if refusal is not None:
                refusal = replace(refusal, **dated(vars(refusal), self._db.clock.now()))
            if refusal is not None and not deed.reads and not deed.reopens:
                return await self._db.write(_refuse, deed.key, refusal)
            before = None if deed.reads else await self._db.read(kept, deed.key)
            if before is not None or refusal is not None:
                return before or refusal or Trouble.of(traces.current())
        except Exception as failed:
            log.exception("deed.receipt_failed", key=deed.key)
            # What failed may have been another try, after one whose commit nobody could see.
            if any(is_out_of_order(each) and not trouble(each) for each in (error, failed)) and not deed.reads:
                return Trouble.of_lost_database(traces.current())
            error = failed if trouble(failed) else error
        log.error("deed.failed", key=deed.key, exc_info=error)
        why = trouble(error)
        return Trouble(why) if why else Trouble.of(traces.current())


def keep(tx: Tx, key: str, answer: Answer) -> bool:
    """Store the answer to a delivery; False when it has one already: then nothing else of `tx` may be kept.

    Waits for whoever is storing the same receipt at this moment.
    """
    return tx.insert_new(RECEIPTS, **_receipt(tx, key, answer))


def kept(tx: Tx, key: str) -> Answer | None:
    answer = tx.connection.execute(select(col(Receipt.answer)).where(col(Receipt.key) == key)).scalar()
    return None if answer is None else unpacked(answer)


def packed(answer: Answer) -> dict[str, Any]:
    """The answer as JSON can hold it, without what is as it usually is; no secret is ever kept."""
    if isinstance(answer, Say) and answer.again:
        answer = Say(answer.again)
    fields = {name: value for name, value in vars(answer).items() if value not in ((), False) and name != "again"}
    return {"kind": type(answer).__name__, **fields}


def unpacked(packed: dict[str, Any]) -> Answer:
    fields = dict(packed)
    return KINDS[fields.pop("kind")](**fields)


def _answered(tx: Tx, deed: Deed) -> Answer:
    """What it answers, with the day beside times that are not near."""
    answer = deed.run(tx)
    return replace(answer, **dated(vars(answer), tx.now))


def _run(tx: Tx, deed: Deed) -> Answer:
    answer = _answered(tx, deed)
    if isinstance(answer, Errors):
        raise _WrongFieldsError(answer)
    tx.later(_keep_all, _receipt(tx, deed.key, answer))
    return answer


def _keep_all(tx: Tx, receipts: list[dict[str, Any]]) -> None:
    """Store the receipts of a transaction. One of them may be there already: then each deed has to run by itself."""
    if KEEPING.run(tx.connection, sorted(receipts, key=itemgetter("key"))) < len(receipts):
        raise _RepeatedError


def _receipt(tx: Tx, key: str, answer: Answer) -> dict[str, Any]:
    return {"key": key, "at": tx.now, "answer": packed(answer)}


def _refuse(tx: Tx, key: str, refusal: Refusal) -> Answer:
    return refusal if keep(tx, key, refusal) else kept(tx, key) or refusal
