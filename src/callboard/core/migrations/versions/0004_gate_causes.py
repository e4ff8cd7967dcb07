"""Gates that are late because of another one, and when they are expected once that is gone."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gates", sa.Column("cause", sa.String(), nullable=False, server_default=""))
    op.add_column("gates", sa.Column("expected_at", Instant(), nullable=True))
