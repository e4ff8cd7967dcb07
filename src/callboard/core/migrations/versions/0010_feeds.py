"""Who made a calendar feed, and what it last showed of each event. A feed of a team whose maker nobody knows ends."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendar_feeds", sa.Column("made_by", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE calendar_feeds SET made_by = person")
    op.create_table(
        "calendar_events",
        sa.Column("feed_id", BigId, autoincrement=False, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("placed", sa.String(), nullable=False),
        sa.Column("looks", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("feed_id", "uid"),
    )
