"""Locks, what they are for, and the tokens with which git locks."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANTS = ("held_at", "expires_at", "offered_until", "remind_at", "next_at", "ended_at")
ENDED = ("ended_by", "ended_how", "ended_why")


def upgrade() -> None:
    op.create_table(
        "locks",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("state", "holder", "reason", "source")),
        sa.Column("team", sa.String(), nullable=True),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("targets", "homes", "consents")),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        *(sa.Column(name, Instant(), nullable=True) for name in INSTANTS),
        *(sa.Column(name, sa.String(), nullable=True) for name in ENDED),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("locks_live", "locks", ["plan_id", "state", "id"], unique=False)
    op.create_index("locks_next", "locks", ["next_at"], unique=False)
    op.create_table(
        "lock_targets",
        sa.Column("id", BigId, nullable=False),
        sa.Column("lock_id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "repository", "text", "section", "stem")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("lock_targets_live", "lock_targets", ["plan_id", "live", "stem"], unique=False)
    op.create_index("lock_targets_lock", "lock_targets", ["lock_id"], unique=False)
    op.create_table(
        "lock_books",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_table(
        "lock_tokens",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_lock_tokens_plan_id", "lock_tokens", ["plan_id"], unique=False)


def downgrade() -> None:
    for table in ("lock_tokens", "lock_books", "lock_targets", "locks"):
        op.drop_table(table)
