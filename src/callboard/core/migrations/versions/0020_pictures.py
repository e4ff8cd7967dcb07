"""Kept pictures of plans, what the timeline has of how gates stand, and the timeline of one plan in its order."""

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
        "pictures",
        sa.Column("plan_id", BIG, primary_key=True),
        sa.Column("at", Instant(), primary_key=True),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("timeline_plan", "timeline", ["plan_id", "id"])
    op.add_column("gates", sa.Column("standing", sa.String(), nullable=False, server_default=""))
