"""What is not kept for ever is found by its age."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

FINAL = "state IN ('sent', 'dropped', 'folded')"
NO_CARD = "recipient IS NOT NULL OR NOT editable OR superseded"
INDEXES = {
    "alerts_over": ("alerts", "received_at", "state <> 'firing'"),
    "branches_gone": ("branches", "gone_at", "gone_at IS NOT NULL"),
    "deliveries_final": ("deliveries", "plan_id created_at", FINAL),
    "deliveries_no_card": ("deliveries", "created_at", f"{FINAL} AND ({NO_CARD})"),
    "forecasts_over": ("forecasts", "over_at", "over_at IS NOT NULL AND counted_at IS NULL"),
    "jobs_over": ("jobs", "ended_at", "ended_at IS NOT NULL"),
}
NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'", "postgresql": "now()"}


def upgrade() -> None:
    op.add_column("ci_reports", sa.Column("at", Instant()))
    now = sa.literal_column(NOW[op.get_bind().dialect.name], Instant())
    reports = sa.table("ci_reports", sa.column("at", Instant()))
    op.execute(sa.update(reports).values(at=now))
    op.create_index("ci_reports_at", "ci_reports", ["at"])
    for name, (table, columns, where) in INDEXES.items():
        only = sa.text(where)
        op.create_index(name, table, columns.split(), sqlite_where=only, postgresql_where=only)
