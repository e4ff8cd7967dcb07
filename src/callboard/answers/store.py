"""Every query about links."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import select

from callboard.answers.models import ANSWERS, SigningKey
from callboard.core.db import Tx
from callboard.core.deliveries import DELIVERIES, Delivery


def key(tx: Tx) -> bytes:
    """What links are signed with."""
    memo: dict[str, bytes] = tx.memo.setdefault("signing keys", {})
    if ANSWERS not in memo:
        found = tx.session.exec(select(SigningKey.key).where(SigningKey.name == ANSWERS)).one()
        memo[ANSWERS] = bytes.fromhex(found)
    return memo[ANSWERS]


def page(tx: Tx, number: int, *, lock: bool = False) -> Delivery | None:
    return tx.get(Delivery, number, fresh=True, lock=lock)


def use(tx: Tx, number: int) -> bool:
    """Note that a page was answered by its link; False where it was already."""
    row = DELIVERIES.c
    used = update(DELIVERIES).where(row.id == number, row.answered_at.is_(None)).values(answered_at=tx.now)
    return bool(tx.connection.execute(used).rowcount)
