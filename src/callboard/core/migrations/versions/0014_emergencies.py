"""Emergencies, and freezes that last until somebody lifts them."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXTS = ("level", "name", "what", "cause", "key", "state", "channel", "last_update", "summary")
LISTS = ("written", "roles", "actions", "absent", "told", "decisions", "lessons", "frozen")
INSTANTS = ("commanded_at", "resolve_at", "update_at", "updated_at", "ended_at", "wake_at")


def upgrade() -> None:
    op.create_table(
        "emergencies",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("team", "by", "ended_by")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in LISTS),
        sa.Column("declared_at", Instant(), nullable=False),
        *(sa.Column(name, Instant(), nullable=True) for name in INSTANTS),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _partial("emergencies_open", "ended_at IS NULL", "plan_id", "id")
    _partial("emergencies_over", "ended_at IS NOT NULL", "plan_id", "id")
    _partial("emergencies_wake", "wake_at IS NOT NULL", "wake_at")
    _partial("emergencies_once", "ended_at IS NULL AND key <> ''", "plan_id", "key", unique=True)
    op.add_column("freezes", sa.Column("live", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("freezes", sa.Column("like", sa.String(), nullable=False, server_default=""))


def _partial(name: str, condition: str, *columns: str, unique: bool = False) -> None:
    op.create_index(
        name, "emergencies", list(columns), unique=unique, sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )  # fmt: skip
