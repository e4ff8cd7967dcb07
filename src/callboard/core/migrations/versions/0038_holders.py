"""Who has a lane, so that what a dead process had is free at once."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lanes", sa.Column("leased_by", sa.Integer(), nullable=True))
