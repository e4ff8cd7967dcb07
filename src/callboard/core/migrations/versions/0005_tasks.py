"""Tasks."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXTS = ("team", "kind", "priority", "phase", "area", "complexity", "status", "note", "why", "freed_by")
LISTS = (
    "teams", "assignees", "needs", "wants", "components", "criteria", "points", "files", "deliverable", "brief",
    "written", "overridden",
)  # fmt: skip
INSTANTS = (
    "from_at", "due_at", "blocked_at", "started_at", "completed_at", "moved_at", "freed_at", "next_at", "told_due",
    "told_stuck",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in LISTS),
        *(sa.Column(name, Instant(), nullable=True) for name in INSTANTS),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("least", "most", "spent")),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("blocker", BigId, nullable=True),
        sa.Column("completed_by", sa.String(), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "key"),
    )
    op.create_index("tasks_next", "tasks", ["next_at"], unique=False)
    op.create_index("tasks_blocker", "tasks", ["blocker"], unique=False)


def downgrade() -> None:
    op.drop_table("tasks")
