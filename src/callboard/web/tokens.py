"""Tokens of programs, for the automation API and for git: issued, revoked, and checked with every request."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import JSON, Index, Row, UniqueConstraint, bindparam, select
from sqlmodel import Field, col
from sqlmodel import select as select_rows

from callboard.core import timeline
from callboard.core.db import Instant, Tx
from callboard.core.errors import Refused
from callboard.core.memory import remembered
from callboard.core.timeline import Numbered, Subject
from callboard.web.problems import Problem

A = TypeVar("A", covariant=True)  # noqa: PLC0105 - whoever asks, as the capabilities know them

PREFIX = "callboard_"
SECRET_BYTES = 32
LONGEST = timedelta(days=366)
KIND = "token"


class ApiToken(Numbered, table=True):
    """A bearer token: it acts for a person of one plan, within its scopes. Of the secret only the digest is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("digest"), Index("api_tokens_plan", "plan_id"))

    subjects = KIND
    plan_id: int
    plan: str
    person: str
    name: str = ""
    scopes: list[str] = Field(default=[], sa_type=JSON)
    digest: str
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str = ""


TOKENS = ApiToken.__table__  # type: ignore[attr-defined]
_READ = TOKENS.c["id", "plan_id", "plan", "person", "name", "scopes", "expires_at", "revoked_at"]
BEARER = select(*_READ).where(TOKENS.c.digest == bindparam("with_digest"))


class Company(Protocol[A]):
    """What tokens need to know of people; whoever knows them fills it in."""

    def asker(self, tx: Tx, plan_id: int, person: str) -> A:
        """Give who acts, as the verbs take them. Raises Refused for whoever is not in the plan any more."""
        ...

    def plain(self, tx: Tx, plan_id: int, sentence: str) -> str: ...


class Wanted(NamedTuple):
    """A token that somebody asks for: whose, what for and for how long; `name` is what lists call it."""

    plan: str
    person: str
    scopes: Sequence[str]
    lasts: timedelta
    name: str = ""


class Bearer(NamedTuple):
    """Whose token it is, and what for."""

    token_id: int
    plan_id: int
    plan: str
    person: str
    name: str


@dataclass(eq=False)
class Barred(Exception):
    """A token that is known may not do this: what its client reads, and whose it is, for the timeline."""

    bearer: Bearer
    problem: Problem


def issue(tx: Tx, plan_id: int, wanted: Wanted, author: str) -> str:
    """Issue a token without further checks, and return its secret."""
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken(
        plan_id=plan_id, plan=wanted.plan, person=wanted.person, name=wanted.name.strip(),
        scopes=list(wanted.scopes), digest=digest(secret), made_by=author, made_at=tx.now,
        expires_at=tx.now + wanted.lasts,
    )  # fmt: skip
    tx.session.add(token)
    tx.session.flush()
    facts: dict[str, Any] = {"person": token.person, "scopes": token.scopes, "until": token.expires_at.isoformat()}
    timeline.record(tx, plan_id, token.subject, "issued", actor=author, **facts)
    return secret


def listed(tx: Tx, plan_id: int | None = None) -> Sequence[ApiToken]:
    """The tokens of a plan, or all of them, oldest first; ended ones too."""
    wanted = select_rows(ApiToken).order_by(col(ApiToken.id))
    return tx.session.exec(wanted if plan_id is None else wanted.where(ApiToken.plan_id == plan_id)).all()


def revoke(tx: Tx, number: int, author: str) -> ApiToken:
    """End a token now. Raises Refused for none, and for one that was revoked before."""
    token = tx.get(ApiToken, number) if 0 < number < 2**63 else None
    if token is None:
        raise Refused(f"There is no token {number}. `callboard token list` shows all.")
    if token.revoked_at:
        raise Refused(f"Token {number} was revoked by {token.revoked_by} at {token.revoked_at:%Y-%m-%d %H:%M} UTC.")
    end(tx, token, author)
    return token


def end(tx: Tx, token: ApiToken, author: str) -> None:
    token.revoked_at, token.revoked_by = tx.now, author
    tx.session.add(token)
    timeline.record(tx, token.plan_id, token.subject, "revoked", actor=author, person=token.person)


def bearer(tx: Tx, of: str, plan: str, scope: str) -> Bearer:
    """Whose token this is; an empty `plan` is whichever it was made for.

    Raises Problem when it is unknown, Barred when it may not do this.
    """
    row = _issued(tx, of)
    if row is None:
        raise unknown()
    found = Bearer(row.id, row.plan_id, row.plan, row.person, row.name)
    if row.revoked_at:
        sentence = f"This token was revoked at {row.revoked_at:%Y-%m-%d %H:%M} UTC: ask for a new one."
        raise Barred(found, unauthorized("revoked-token", sentence))
    if row.expires_at <= tx.now:
        sentence = f"This token expired at {row.expires_at:%Y-%m-%d %H:%M} UTC: ask for a new one."
        raise Barred(found, unauthorized("expired-token", sentence))
    if plan not in ("", row.plan):
        sentence = f"This token works only for the plan `{row.plan}`, not for `{plan}`."
        raise Barred(found, Problem(HTTPStatus.FORBIDDEN, "other-plan", sentence))
    if not {scope, scope.partition(":")[0]} & set(row.scopes):
        sentence = f"This needs the scope `{scope}`; the token has only {', '.join(row.scopes)}."
        raise Barred(found, Problem(HTTPStatus.FORBIDDEN, "out-of-scope", sentence))
    return found


def was_issued(tx: Tx, of: str) -> bool:
    """Whether there is such a token, whatever has become of it."""
    return _issued(tx, of) is not None


@remembered(ApiToken, shared=True)
def _issued(tx: Tx, of: str) -> Row[Any] | None:
    """A token by its digest, read once for all requests that are committed together."""
    return tx.connection.execute(BEARER, {"with_digest": of}).first()


def refused(tx: Tx, by: Bearer, tried: str, why: str) -> None:
    """Keep on the timeline what somebody tried with a token, and what they were told."""
    about = Subject(KIND, by.token_id)
    timeline.record(tx, by.plan_id, about, "refused", actor=by.person, tried=tried, why=why, token=by.name)


def unauthorized(kind: str, sentence: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, kind, sentence, {"WWW-Authenticate": 'Bearer realm="callboard"'})


def unknown() -> Problem:
    return unauthorized("unknown-token", "Unknown token. `callboard token create` issues one.")


def digest(secret: str) -> str:
    """What is kept of a secret that is too long to be guessed: no salt is needed."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
