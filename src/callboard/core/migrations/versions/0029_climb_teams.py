"""Climbs know every team that their subject concerns, not only the first."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("climbs", sa.Column("teams", sa.JSON(), nullable=True))
