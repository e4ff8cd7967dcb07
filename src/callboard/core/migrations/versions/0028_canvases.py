"""Whether the teams of a plan have canvases, and when these are looked at next; indexes of what a plan file places."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("canvases", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("workspaces", sa.Column("canvases_at", Instant()))
    op.create_index("workspaces_canvases", "workspaces", ["canvases_at"])
    for table in ("absences", "holds"):
        written = sa.text("source = 'plan'")
        op.create_index(f"{table}_written", table, ["plan_id", "id"], sqlite_where=written, postgresql_where=written)
