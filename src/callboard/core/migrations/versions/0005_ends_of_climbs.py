"""Climbs know who has their subject, how often they have repeated a page, and when they end with their plan."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("repeats", "idle_told"):
        op.add_column("climbs", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in ("holder", "phase"):
        op.add_column("climbs", sa.Column(name, sa.String(), nullable=True))
    op.add_column("climbs", sa.Column("ends_at", Instant(), nullable=True))
