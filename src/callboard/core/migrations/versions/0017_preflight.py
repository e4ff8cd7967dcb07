"""Preflights, and whom they ask."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preflights",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("reached_at", Instant(), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
    )
    op.create_index("preflights_plan", "preflights", ["plan_id", "id"])
    waiting = sa.text("next_at IS NOT NULL")
    op.create_index("preflights_due", "preflights", ["next_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "preflight_pages",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("preflight_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("instead_of", sa.JSON(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.UniqueConstraint("preflight_id", "person"),
    )
