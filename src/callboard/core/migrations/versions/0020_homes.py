"""Who looked at their Home lately, and at which plan."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "home_visits",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("slack_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("fresh_until", Instant(), nullable=False),
        sa.Column("rests_until", Instant(), nullable=False),
        sa.Column("look_at", Instant(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("workspace", "slack_id"),
    )
    op.create_index("home_visits_fresh", "home_visits", ["fresh_until"])
