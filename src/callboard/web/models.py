"""What the automation API keeps: tokens, and the answers to requests that may be sent again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Subject

KIND = "token"


class ApiToken(SQLModel, table=True):
    """A bearer token: it acts for a person of one plan, within its scopes. Of the secret only the digest is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("digest"), Index("api_tokens_plan", "plan_id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    plan: str
    person: str
    name: str = ""
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    digest: str
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str = ""

    @property
    def subject(self) -> Subject:
        """What the timeline is about."""
        return Subject(KIND, self.id or 0)


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
