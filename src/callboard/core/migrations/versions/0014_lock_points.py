"""Where each repository stood when something was locked."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("locks") as locks:
        locks.add_column(sa.Column("points", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("locks") as locks:
        locks.drop_column("points")
