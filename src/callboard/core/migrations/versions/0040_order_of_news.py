"""When a request was as a forge told it, so that what arrives late changes nothing."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pulls", sa.Column("as_of", Instant(), nullable=True))
