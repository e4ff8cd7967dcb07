"""Retrospectives of phases: whom they ask, and the lines that people answer; and awards."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = Instant()


def upgrade() -> None:
    op.create_table(
        "awards",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("withdrawn_at", INSTANT),
    )
    op.create_index("awards_at", "awards", ["plan_id", "at", "id"])
    op.create_table(
        "retrospectives",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("leads", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.UniqueConstraint("plan_id", "key"),
    )
    op.create_index("retrospectives_next", "retrospectives", ["next_at"])
    op.create_table(
        "retrospective_seats",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("retrospective_id", BIG, nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.UniqueConstraint("retrospective_id", "person"),
    )
    op.create_table(
        "retrospective_lines",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("retrospective_id", BIG, nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("lesson", BIG),
        sa.Column("changes", sa.Integer(), nullable=False),
    )
    op.create_index("retrospective_lines_of", "retrospective_lines", ["retrospective_id", "id"])
    op.create_index("retrospective_lines_tasks", "retrospective_lines", ["plan_id", "task"])
