"""Runs of run-books and rollbacks, and their steps."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "kind", "name")),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        *(sa.Column(name, Instant(), nullable=False) for name in ("planned_at", "planned_until", "expected_until")),
        *(
            sa.Column(name, Instant(), nullable=True)
            for name in ("promised_at", "closes_at", "limit_at", "begun_at", "ended_at", "wake_at")
        ),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("blocked", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("held", "called_by", "reason")),
        sa.Column("agreed", sa.JSON(), nullable=False),
        sa.Column("of_run", sa.BigInteger(), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, condition, columns in (
        ("runs_wake", "wake_at IS NOT NULL", ["wake_at"]),
        ("runs_open", "ended_at IS NULL", ["plan_id", "id"]),
        ("runs_closed", "ended_at IS NOT NULL", ["plan_id", "key", "id"]),
    ):
        op.create_index(name, "runs", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
    op.create_table(
        "run_steps",
        sa.Column("id", BigId, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "title", "state")),
        sa.Column("reserve", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("leaders", sa.JSON(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("takes", sa.Integer(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        *(
            sa.Column(name, Instant(), nullable=False)
            for name in ("planned_at", "planned_until", "expected_at", "expected_until")
        ),
        *(sa.Column(name, Instant(), nullable=True) for name in ("started_at", "ended_at")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("ended_by", "reason", "link")),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("ticks", sa.JSON(), nullable=False),
        *(sa.Column(name, Instant(), nullable=True) for name in ("told_at", "asked_at", "paged_at")),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "place"),
        sa.UniqueConstraint("run_id", "key"),
    )
