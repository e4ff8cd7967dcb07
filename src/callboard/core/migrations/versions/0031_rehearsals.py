"""The last rehearsal that somebody asked for of each plan, and what it found."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = Instant()


def upgrade() -> None:
    op.create_table(
        "rehearsals",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("leased_until", INSTANT),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.UniqueConstraint("plan_id"),
    )
    op.create_index("rehearsals_waiting", "rehearsals", ["state", "leased_until"])
