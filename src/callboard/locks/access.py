"""The tokens with which git locks in somebody's name; they are shown once, and only their digest is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import Field, SQLModel, col, select

from callboard.core import timeline
from callboard.core.db import Instant
from callboard.core.subject import Subject
from callboard.core.timeline import BigId
from callboard.teams.service import Asker, Directory
from callboard.web.address import Address

if TYPE_CHECKING:
    from callboard.core.db import Tx

PREFIX, SECRET_BYTES = "lock_", 24


class LockToken(SQLModel, table=True):
    """A token of one person in one plan. `digest` is the SHA-256 of what is too long to be guessed."""

    __tablename__ = "lock_tokens"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int = Field(index=True)
    person: str
    digest: str = Field(unique=True)
    made_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


def make(tx: Tx, asker: Asker) -> str:
    """Make somebody's token and return it; what they had before ends."""
    end(tx, asker)
    secret, person = f"{PREFIX}{secrets.token_urlsafe(SECRET_BYTES)}", asker.person.key
    made = LockToken(plan_id=asker.directory.plan_id, person=person, digest=_digest(secret), made_at=tx.now)
    tx.session.add(made)
    tx.session.flush()
    timeline.record(tx, asker.directory.plan_id, Subject("token", made.id or 0), "made", actor=person, scope="locks")
    return secret


def end(tx: Tx, asker: Asker) -> int:
    """End somebody's token; return how many there were."""
    standing = (LockToken.plan_id == asker.directory.plan_id, LockToken.person == asker.person.key)
    tx.session.flush()
    ended = tx.connection.execute(
        update(LockToken).where(*standing, col(LockToken.ended_at).is_(None)).values(ended_at=tx.now)  # type: ignore[arg-type]
    )
    return int(ended.rowcount)


def asking(tx: Tx, directory: Directory, handle: str, secret: str) -> Asker | None:
    """Who asks with a name and a token; None for whoever is not known so. The name may also be an e-mail address."""
    found = tx.session.exec(
        select(LockToken).where(
            LockToken.plan_id == directory.plan_id, LockToken.digest == _digest(secret),
            col(LockToken.ended_at).is_(None),
        )
    ).first()  # fmt: skip
    person = directory.people.get(found.person) if found else None
    if person is None or handle.casefold() not in (
        person.key.casefold(),
        person.email.casefold() or person.key.casefold(),
    ):
        return None
    return Asker(directory, person)


def address(tx: Tx, plan_key: str, repository: str) -> str:
    """Where git finds the locks of a repository, for `lfs.url`."""
    asked = Address(f"/lfs/{plan_key}/{repository}")
    tx.publish(asked)
    return asked.found or f"https://YOUR-CALLBOARD{asked.path}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
