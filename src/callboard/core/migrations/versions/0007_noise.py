"""Messages that are told together with others, and questions that are reminded of, escalated once and closed."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FOLDED = sa.text("told_by IS NOT NULL")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("folds", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("deliveries", sa.Column("cause", sa.String(), nullable=True))
    op.add_column("deliveries", sa.Column("told_by", sa.String(), nullable=True))
    op.add_column("deliveries", sa.Column("folded_at", Instant(), nullable=True))
    op.create_index("deliveries_address", "deliveries", ["address", "posted_at"])
    for name, columns in (("deliveries_folded", ["subject_kind", "subject_id"]), ("deliveries_told_by", ["told_by"])):
        op.create_index(name, "deliveries", columns, sqlite_where=FOLDED, postgresql_where=FOLDED)
    op.add_column("inquiries", sa.Column("reminded_at", Instant(), nullable=True))
    op.add_column("inquiries", sa.Column("told", sa.JSON(), nullable=False, server_default="[]"))
