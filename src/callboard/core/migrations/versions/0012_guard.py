"""Leave to change what is another team's."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lock_allowances",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("person", "by", "reason")),
        sa.Column("targets", sa.JSON(), nullable=False),
        *(sa.Column(name, Instant(), nullable=False) for name in ("given_at", "until")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("lock_allowances_plan", "lock_allowances", ["plan_id", "until"], unique=False)


def downgrade() -> None:
    op.drop_table("lock_allowances")
