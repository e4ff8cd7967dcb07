"""Pages that are answered by a link, and what signs these."""

import secrets

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("answered_at", Instant(), nullable=True))
    unsent = sa.text("kind = 'teams.away' AND posted_at IS NULL")
    op.create_index("deliveries_away", "deliveries", ["plan_id"], sqlite_where=unsent, postgresql_where=unsent)
    columns = (sa.Column("name", sa.String(), primary_key=True), sa.Column("key", sa.String(), nullable=False))
    keys = op.create_table("signing_keys", *columns)
    op.bulk_insert(keys, [{"name": "answers", "key": secrets.token_hex(32)}])
