"""Lessons and kudos that people write outside of minutes."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    for table, what in (("lessons", "about"), ("kudos", "to")):
        op.create_table(
            table,
            sa.Column("id", BIG, primary_key=True),
            sa.Column("plan_id", sa.Integer(), nullable=False),
            sa.Column("at", Instant(), nullable=False),
            sa.Column("by", sa.String(), nullable=False),
            sa.Column("text", sa.String(), nullable=False),
            sa.Column("withdrawn_at", Instant()),
            sa.Column(what, sa.String(), nullable=False),
        )
        op.create_index(f"{table}_at", table, ["plan_id", "at", "id"])
