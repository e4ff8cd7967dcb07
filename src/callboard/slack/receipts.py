"""Receipts: the same delivery has one effect and gets the same answer, in whichever process it arrives again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col

from callboard.core.db import Instant, Tx
from callboard.core.ticks import DueWork, once_due
from callboard.slack.answers import Answer, Done, Errors, Modal, Say


class Receipt(SQLModel, table=True):
    """What was answered to one delivery. `key` names workspace, kind and Slack's own id of the delivery."""

    __tablename__ = "receipts"

    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    answer: dict[str, Any] = Field(sa_type=JSON)


KEPT = timedelta(days=1)
SWEPT_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Refusal(Say):
    """The sentence of a verb that was refused; nothing was changed."""


@dataclass(frozen=True)
class Trouble(Say):
    """The sentence for a fault of the program; nothing was changed, and no receipt is kept."""


_KINDS: dict[str, type[Say]] = {"say": Say, "refusal": Refusal}
_NAMES = {kind: name for name, kind in _KINDS.items()}


RECEIPTS = Receipt.__table__  # type: ignore[attr-defined]
KEEPING = {
    True: postgresql.insert(RECEIPTS).on_conflict_do_nothing().returning(RECEIPTS.c.key),
    False: sqlite.insert(RECEIPTS).on_conflict_do_nothing().returning(RECEIPTS.c.key),
}


def keep(tx: Tx, key: str, answer: Answer) -> bool:
    """Store the answer to a delivery; False when it has one already, and then nothing else of `tx` may be kept.

    Waits for whoever is storing the same receipt at this moment.
    """
    row = {"key": key, "at": tx.now, "answer": packed(answer)}
    return tx.connection.execute(KEEPING[tx.on_postgres], row).scalar() is not None


def kept(tx: Tx, key: str) -> Answer | None:
    """What this delivery was answered before."""
    answer = tx.connection.execute(select(col(Receipt.answer)).where(col(Receipt.key) == key)).scalar()
    return None if answer is None else unpacked(answer)


def packed(answer: Answer) -> dict[str, Any]:
    """The answer as JSON can hold it."""
    match answer:
        case Say():
            return {_NAMES[type(answer)]: [answer.text, list(answer.blocks), answer.everyone]}
        case Modal():
            return {"modal": answer.view}
        case Errors():
            return {"errors": dict(answer.by_block)}
        case Done():
            return {}


def unpacked(packed: dict[str, Any]) -> Answer:
    """The answer that `packed` was made of."""
    for name, content in packed.items():
        if name in _KINDS:
            text, shown, everyone = content
            return _KINDS[name](text, shown or (), everyone)
        return Modal(content) if name == "modal" else Errors(content)
    return Done()


def sweeping() -> DueWork:
    """Due work that deletes receipts after a day, once an hour."""

    def handle(tx: Tx) -> None:
        tx.connection.execute(delete(Receipt).where(col(Receipt.at) <= tx.now - KEPT))

    return once_due("receipts", handle, select(func.min(col(Receipt.at))), KEPT + SWEPT_EVERY)
