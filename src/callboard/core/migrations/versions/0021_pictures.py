"""Kept pictures of plans, what the timeline has of how gates stand, and the timeline of one plan in its order."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0021"
down_revision = "0020"
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
    timeline = sa.table("timeline", sa.column("plan_id", BIG), sa.column("at", Instant()))
    last = sa.func.max(timeline.c.at)
    gates = sa.table("gates", sa.column("plan_id"), sa.column("wake_at", Instant()), sa.column("gone", sa.Boolean()))
    of_plan = sa.select(last).where(timeline.c.plan_id == gates.c.plan_id).scalar_subquery()
    op.execute(gates.update().where(~gates.c.gone).values(wake_at=of_plan))
    columns = ["plan_id", "name", "seen_until", "wake_at"]
    watches = sa.table("watches", *map(sa.column, columns))
    begun = sa.select(timeline.c.plan_id, sa.literal("pictures"), last, last).group_by(timeline.c.plan_id)
    op.execute(watches.insert().from_select(columns, begun))
