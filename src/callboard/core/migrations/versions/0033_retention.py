"""When CI said something, so that it can be forgotten in time."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'", "postgresql": "now()"}


def upgrade() -> None:
    op.add_column("ci_reports", sa.Column("at", Instant()))
    now = sa.literal_column(NOW[op.get_bind().dialect.name], Instant())
    reports = sa.table("ci_reports", sa.column("at", Instant()))
    op.execute(sa.update(reports).values(at=now))
