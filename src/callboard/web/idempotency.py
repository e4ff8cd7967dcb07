"""Requests sent again with the same `Idempotency-Key`: one effect and one answer, for a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from sqlalchemy import BigInteger, Index, bindparam, select, update
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant, Tx
from callboard.core.retention import Sweep
from callboard.web.problems import Problem


class KeptReply(SQLModel, table=True):
    """What a request with an `Idempotency-Key` was answered; `status` is 0 until its transaction is through."""

    __tablename__ = "api_replies"
    __table_args__ = (Index("api_replies_at", "at"),)

    token_id: int = Field(primary_key=True, sa_type=BigInteger)
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int = 0
    body: str = ""
    at: datetime = Field(sa_type=Instant)


REPLIES = KeptReply.__table__  # type: ignore[attr-defined]
OLD_REPLIES = Sweep(REPLIES.c.at, kept=timedelta(days=1))
_THIS = (REPLIES.c.token_id == bindparam("of_token"), REPLIES.c.key == bindparam("of_key"))
FOUND = select(REPLIES.c.fingerprint, REPLIES.c.status, REPLIES.c.body).where(*_THIS)
KEEPING = update(REPLIES).where(*_THIS).values(status=bindparam("new_status"), body=bindparam("new_body"))


class Reply(NamedTuple):
    """An answer: its status, its body as JSON, and whether it was given before."""

    status: int
    body: str
    again: bool = False


def begin(tx: Tx, token_id: int, key: str, fingerprint: str) -> Reply | None:
    """Note that this request is being done; returns its former answer when it was done before.

    Waits for whoever is doing the same at this moment. Raises Problem where the key was used for another request.
    """
    if tx.insert_new(REPLIES, token_id=token_id, key=key, fingerprint=fingerprint, status=0, body="", at=tx.now):
        return None
    former = tx.connection.execute(FOUND, {"of_token": token_id, "of_key": key}).one()
    if former.fingerprint != fingerprint:
        sentence = "This Idempotency-Key was used for another request. Make a new one for each request."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "reused-key", sentence)
    return Reply(former.status, former.body, again=True)


def keep(tx: Tx, token_id: int, key: str, reply: Reply) -> None:
    """Keep what the request is answered, in the transaction of its effect."""
    values = {"of_token": token_id, "of_key": key, "new_status": reply.status, "new_body": reply.body}
    tx.connection.execute(KEEPING, values)
