"""Which versions can live with this schema: an older one that starts again during an update asks."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alembic_version", sa.Column("lives_with", sa.String(32)))
    op.execute("UPDATE alembic_version SET lives_with = '0034'")  # this one: those before it do not ask
