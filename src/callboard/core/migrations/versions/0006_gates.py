"""Gates and what people make of them; freezes and their exceptions."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _gates()
    _signing()
    _freezes()


def _gates() -> None:
    op.create_table(
        "gates",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decision", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("seen_until", Instant(), nullable=False),
        sa.Column("wake_at", Instant(), nullable=True),
        sa.Column("missed_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("passed_on", sa.JSON(), nullable=False),
        sa.Column("doubt", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "key"),
    )
    op.create_index("gates_wake", "gates", ["wake_at"], unique=False)
    op.create_table(
        "gate_ticks",
        sa.Column("id", BigId, nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("gate_id", "criterion"),
    )
    op.create_table(
        "measurements",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("measurements_of", "measurements", ["plan_id", "measure", "id"], unique=False)


def _signing() -> None:
    op.create_table(
        "gate_signatures",
        sa.Column("id", BigId, nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("signed", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("gate_signatures_of", "gate_signatures", ["gate_id", "id"], unique=False)
    op.create_table(
        "gate_waivers",
        sa.Column("id", BigId, nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("risk_of_adding", sa.String(), nullable=False),
        sa.Column("risk_of_cutting", sa.String(), nullable=False),
        sa.Column("until_at", Instant(), nullable=True),
        sa.Column("open_then", sa.JSON(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("gate_waivers_of", "gate_waivers", ["gate_id", "id"], unique=False)


def _freezes() -> None:
    op.create_table(
        "freezes",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("to_at", Instant(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("wake_at", Instant(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "key"),
    )
    op.create_index("freezes_wake", "freezes", ["wake_at"], unique=False)
    op.create_table(
        "freeze_exceptions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("freeze_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("votes", sa.JSON(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("freeze_exceptions_of", "freeze_exceptions", ["freeze_id", "id"], unique=False)


def downgrade() -> None:
    for table in (
        "freeze_exceptions", "freezes", "gate_waivers", "gate_signatures", "measurements", "gate_ticks", "gates",
    ):  # fmt: skip
        op.drop_table(table)
