"""Messages that are parked are tried again; those that cannot be edited are posted anew."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = {
    "deliveries_parked_due": ("due_at", "state = 'parked'"),
    "deliveries_troubled": ("address", "parked_at IS NOT NULL"),
}


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("left_as", sa.String(), nullable=True))
    op.add_column("deliveries", sa.Column("parked_at", Instant(), nullable=True))
    op.execute("UPDATE deliveries SET parked_at = due_at WHERE state = 'parked'")
    for name, (column, where) in INDEXES.items():
        only = sa.text(where)
        op.create_index(name, "deliveries", [column], sqlite_where=only, postgresql_where=only)
