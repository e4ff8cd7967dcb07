"""Standups, their rounds and check-ins."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANTS = ("remind_at", "next_at", "prompted_at", "reminded_at", "answered_at", "changed_at")


def upgrade() -> None:
    op.create_table(
        "standups",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("seen_until", Instant(), nullable=False),
        sa.Column("wake_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "key"),
    )
    op.create_index("standups_wake", "standups", ["wake_at"], unique=False)
    op.create_table(
        "standup_rounds",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("standup", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest_at", Instant(), nullable=True),
        sa.Column("posted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "standup", "day"),
    )
    op.create_index("standup_rounds_digest", "standup_rounds", ["digest_at"], unique=False)
    _check_ins()


def _check_ins() -> None:
    op.create_table(
        "check_ins",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("standup", "person", "zone", "state", "why")),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("round_id", BigId, nullable=False),
        *(sa.Column(name, Instant(), nullable=False) for name in ("at", "asked_at", "closes_at")),
        *(sa.Column(name, Instant(), nullable=True) for name in INSTANTS),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("raised", sa.JSON(), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "standup", "person", "day"),
    )
    op.create_index("check_ins_round", "check_ins", ["round_id"], unique=False)
    op.create_index("check_ins_next", "check_ins", ["next_at"], unique=False)


def downgrade() -> None:
    for table in ("check_ins", "standup_rounds", "standups"):
        op.drop_table(table)
