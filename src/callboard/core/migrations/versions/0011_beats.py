"""Checkpoints, status requests, meetings, reports, and who keeps an eye on the calendar."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_until", Instant(), nullable=False),
        sa.Column("wake_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "name"),
    )
    op.create_index("ix_watches_wake_at", "watches", ["wake_at"], unique=False)
    _checkpoints()
    _requests()
    _reports()
    _meetings()


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "name", "by")),
        *(sa.Column(name, Instant(), nullable=False) for name in ("at", "looked_at")),
        sa.Column("missed", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("teams", "on_hold", "items", "percents", "progress")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "key", "at"),
    )
    op.create_table(
        "inquiries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", BigId, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("seat", "state", "how", "by")),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("people", "teams", "places", "questions", "answers", "blockers")
        ),
        *(sa.Column(name, Instant(), nullable=False) for name in ("asked_at", "closes_at")),
        *(sa.Column(name, Instant(), nullable=True) for name in ("next_at", "answered_at")),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("checkpoint_id", "seat"),
    )
    op.create_index("inquiries_next", "inquiries", ["next_at"], unique=False)
    op.create_index("inquiries_open", "inquiries", ["plan_id", "state"], unique=False)


def _requests() -> None:
    op.create_table(
        "status_requests",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("person", "state")),
        *(sa.Column(name, Instant(), nullable=False) for name in ("at", "closes_at")),
        *(sa.Column(name, Instant(), nullable=True) for name in ("next_at", "answered_at")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("cadences", "items", "replies")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "person", "at"),
    )
    op.create_index("status_requests_next", "status_requests", ["next_at"], unique=False)
    op.create_index("status_requests_open", "status_requests", ["plan_id", "state"], unique=False)


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, Instant(), nullable=False) for name in ("at", "since")),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "name", "day"),
    )


def _meetings() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "name", "state", "notes", "by")),
        *(sa.Column(name, Instant(), nullable=False) for name in ("at", "ends_at")),
        *(sa.Column(name, Instant(), nullable=True) for name in ("next_at", "recorded_at")),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("people", "leads", "decisions", "lessons", "actions")
        ),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "key", "at"),
    )
    op.create_index("meetings_next", "meetings", ["next_at"], unique=False)


def downgrade() -> None:
    for table in ("meetings", "reports", "status_requests", "inquiries", "checkpoints", "watches"):
        op.drop_table(table)
