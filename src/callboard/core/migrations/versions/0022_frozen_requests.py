"""Which branch a request is to be merged into. What was ticked when a blocker was resolved stands on the timeline."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pulls", sa.Column("base", sa.String(), nullable=False, server_default=""))
    op.drop_column("blockers", "ticked")
