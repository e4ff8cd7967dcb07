"""Risks, and the questions of their indicators."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = Instant()


def upgrade() -> None:
    op.create_table(
        "risks",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.Column("blocker", BIG),
        sa.Column("emergency", BIG),
        sa.Column("tripped", sa.JSON(), nullable=False),
        sa.Column("trips", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.UniqueConstraint("plan_id", "key"),
    )
    op.create_table(
        "risk_questions",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("risk_id", BIG, nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.UniqueConstraint("risk_id", "indicator", "person", "at"),
    )
