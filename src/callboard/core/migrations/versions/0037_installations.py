"""Workspaces that are installed by OAuth."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("team_id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in (
            "enterprise_id", "name", "app_id", "bot_id", "bot_user_id", "scopes", "sealed", "ended_by",
        )),
        sa.Column("installed_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
    )  # fmt: skip
