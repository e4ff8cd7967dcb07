"""People whose Slack account is deactivated or unknown."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("lost", sa.String(), nullable=False, server_default=""))
