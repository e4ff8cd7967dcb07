"""Since when a gate is ready, and who is asked to sign it, wants to be told, or handed their sign-off over."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gates", sa.Column("ready_at", Instant(), nullable=True))
    op.create_table(
        "gate_calls",
        sa.Column("id", BigId, nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("wants", sa.Boolean(), nullable=False),
        sa.Column("called_at", Instant(), nullable=True),
        sa.Column("handed_to", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("gate_id", "person"),
    )
