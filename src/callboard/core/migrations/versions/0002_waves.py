"""Conflicts that one push made are told as one, and those from before its first look are quiet."""

import sqlalchemy as sa
from alembic import op

from callboard.core.timeline import BigId

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conflicts", sa.Column("wave", BigId, nullable=True))
    op.add_column("conflicts", sa.Column("parts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("conflicts", sa.Column("quiet", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_conflicts_wave", "conflicts", ["wave"])


def downgrade() -> None:
    op.drop_index("ix_conflicts_wave", "conflicts")
    for column in ("wave", "parts", "quiet"):
        op.drop_column("conflicts", column)
