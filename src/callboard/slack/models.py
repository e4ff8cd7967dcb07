"""The rows of this layer: a receipt for each delivery from Slack that had an effect or was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant


class Receipt(SQLModel, table=True):
    """What was answered to one delivery. `key` names workspace, kind and Slack's own id of the delivery."""

    __tablename__ = "receipts"

    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    answer: dict[str, Any] = Field(sa_type=JSON)
