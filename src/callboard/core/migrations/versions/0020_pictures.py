"""Kept pictures of plans, what the timeline has of how gates stand, and the timeline of one plan in its order."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("plan_id", BIG, primary_key=True),
        sa.Column("at", Instant(), primary_key=True),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("timeline_plan", "timeline", ["plan_id", "id"])
    op.add_column("gates", sa.Column("standing", sa.String(), nullable=False, server_default=""))
    _begin()


def _begin() -> None:
    """The timeline soon says how each gate stands, and pictures of plans that run are kept from now on."""
    now = sa.func.current_timestamp()
    gates = sa.table("gates", sa.column("wake_at", Instant()), sa.column("gone", sa.Boolean()))
    op.execute(gates.update().where(~gates.c.gone).values(wake_at=now))
    plans = sa.table("plans", sa.column("id", BIG))
    watches = sa.table(
        "watches", sa.column("plan_id"), sa.column("name"), sa.column("seen_until"), sa.column("wake_at"),
    )  # fmt: skip
    running = sa.select(plans.c.id, sa.literal("pictures"), now, now)
    op.execute(watches.insert().from_select(["plan_id", "name", "seen_until", "wake_at"], running))
