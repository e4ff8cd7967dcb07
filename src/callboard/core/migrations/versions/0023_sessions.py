"""Sessions in a browser, each begun by a link that works once."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = Instant()


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("nonce"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("sessions_at", "sessions", ["at"])
