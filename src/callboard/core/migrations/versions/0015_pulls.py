"""Pull and merge requests, and the requests of forges that were received."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = ("repository", "forge", "project", "head", "branch", "base", "author", "said")
    op.create_table(
        "pulls",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("fork", "open")),
        sa.Column("heard_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "repository", "number"),
    )
    op.create_table(
        "hooks_received",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )


def downgrade() -> None:
    for table in ("hooks_received", "pulls"):
        op.drop_table(table)
