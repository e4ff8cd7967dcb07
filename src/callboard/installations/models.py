"""The workspaces in which Callboard is installed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.outbox import UNINSTALLED

CHANGED = "installations"
"""What is nudged when a workspace comes or goes."""
ENDED = {UNINSTALLED: "the app was uninstalled", "tokens_revoked": "the token was revoked"}


class Installation(SQLModel, table=True):
    """A workspace that was installed; the token is sealed, and gone once the installation has ended."""

    __tablename__ = "installations"

    team_id: str = Field(primary_key=True)
    enterprise_id: str = ""
    name: str
    app_id: str = ""
    bot_id: str = ""
    bot_user_id: str = ""
    scopes: str = ""
    sealed: str
    installed_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str = ""

    @property
    def called(self) -> str:
        """What people call it, and its id."""
        return f"{self.name} ({self.team_id})"


INSTALLATIONS = Installation.__table__  # type: ignore[attr-defined]
