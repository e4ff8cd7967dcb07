"""Sessions in a browser: a signed link that works once begins one, for one person in one plan."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Index, UniqueConstraint, update
from sqlmodel import Field, col, select

from callboard.core.db import Instant, Tx
from callboard.core.retention import Sweep
from callboard.core.rows import fresh
from callboard.core.timeline import Numbered
from callboard.web.tokens import digest

SALT = "callboard.session"
VALID = timedelta(hours=1)
"""How long a link waits for its use."""
IDLE, LASTS = timedelta(hours=12), timedelta(days=30)
TOUCHED_EVERY = timedelta(minutes=10)
"""How exactly the last use is noted."""
KIND, ENDED = "session", "ended:"


class Session(Numbered, table=True):
    """A browser that was let in, or was: the row of a link's use. `at` is its last use; of its secret only the digest.

    It is the Slack account's, so that it ends where the plan gives the person another one.
    """

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("nonce"), UniqueConstraint("digest"), Index("sessions_at", "at"))

    subjects = KIND
    nonce: str
    digest: str
    plan_id: int
    workspace: str
    account: str
    made_at: datetime = Field(sa_type=Instant)
    at: datetime = Field(sa_type=Instant)


SESSIONS = Session.__table__  # type: ignore[attr-defined]
OLD_SESSIONS = Sweep(SESSIONS.c.at, kept=timedelta(days=1))


class Link(NamedTuple):
    """For which account a link was made, in which plan, and until when it may begin a session."""

    plan_id: int
    workspace: str
    account: str
    until: datetime
    nonce: str


def made(tx: Tx, plan_id: int, workspace: str, account: str) -> Link:
    return Link(plan_id, workspace, account, tx.now + VALID, secrets.token_urlsafe(9))


def signed(key: bytes, link: Link) -> str:
    return str(_signer(key).dumps([*link[:3], int(link.until.timestamp()), link.nonce]))


def read(key: bytes, written: str) -> Link | None:
    """The link, unless nobody here signed it."""
    try:
        plan_id, workspace, account, until, nonce = _signer(key).loads(written)
    except BadData:
        return None
    return Link(plan_id, workspace, account, datetime.fromtimestamp(until, UTC), nonce)


def begin(tx: Tx, link: Link) -> tuple[Session, str] | None:
    """Use a link: the session, and the secret that its browser keeps. None where it was used before."""
    secret = secrets.token_urlsafe(32)
    values = {"plan_id": link.plan_id, "workspace": link.workspace, "account": link.account}
    row = fresh(Session, nonce=link.nonce, digest=digest(secret), **values, made_at=tx.now, at=tx.now)
    kept = {name: getattr(row, name) for name in SESSIONS.c.keys() if name != "id"}  # noqa: SIM118 - columns
    return (by_nonce(tx, link.nonce), secret) if tx.insert_new(SESSIONS, **kept) else None  # type: ignore[return-value]


def by_nonce(tx: Tx, nonce: str) -> Session | None:
    return tx.session.exec(select(Session).where(Session.nonce == nonce)).first()


def found(tx: Tx, secret: str) -> Session | None:
    """The session that a browser shows the secret of; None for one that is too old, or was not used for long."""
    row = tx.session.exec(select(Session).where(Session.digest == digest(secret))).first()
    return row if row and tx.now - row.at < IDLE and tx.now - row.made_at < LASTS else None


def lively(tx: Tx, numbers: Collection[int]) -> dict[int, datetime]:
    """Those of some sessions that have not ended, and when they were last in use."""
    asked = select(Session.id, Session.at).where(col(Session.id).in_(numbers), ~col(Session.digest).startswith(ENDED))
    return {number: at for number, at in tx.session.exec(asked) if number is not None}


def touch(tx: Tx, numbers: Collection[int]) -> None:
    """Note that sessions are in use."""
    tx.connection.execute(update(SESSIONS).where(SESSIONS.c.id.in_(numbers)).values(at=tx.now))


def end(tx: Tx, number: int) -> None:
    """End a session; its link stays used."""
    ended = update(SESSIONS).where(SESSIONS.c.id == number).values(digest=f"{ENDED}{number}", at=tx.now)
    tx.connection.execute(ended)


def _signer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
