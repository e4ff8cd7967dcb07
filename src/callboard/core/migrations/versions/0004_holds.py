"""Holds; what teams, people and coordinators were told; drafts of plans; whether the bot is in a channel."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STANDING = sa.text("lifted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=False),
        sa.Column("lifted_why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("holds_target", "holds", ["plan_id", "target"], unique=False)
    op.create_index(
        "holds_once", "holds", ["plan_id", "target", "by"], unique=True, sqlite_where=STANDING,
        postgresql_where=STANDING,
    )  # fmt: skip
    op.create_table(
        "briefings",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "kind", "key"),
    )
    op.create_table(
        "plan_drafts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "trouble_notices",
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("work", "row_id"),
    )
    op.add_column("channels", sa.Column("member", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("channels", "member")
    op.drop_table("trouble_notices")
    op.drop_table("plan_drafts")
    op.drop_table("briefings")
    op.drop_table("holds")
