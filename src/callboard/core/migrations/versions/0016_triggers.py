"""What triggers of plans did and for which cause; what was decided about conflicts, and merges that git makes."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "firings",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("blocker", BigId, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("over_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    standing = sa.text("over_at IS NULL")
    op.create_index(
        "firings_standing", "firings", ["plan_id", "trigger", "cause"], unique=True, sqlite_where=standing,
        postgresql_where=standing,
    )  # fmt: skip
    op.create_index("firings_of", "firings", ["plan_id", "trigger", "id"])
    for column in (
        sa.Column("decision", sa.String(), nullable=True), sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
    ):  # fmt: skip
        op.add_column("conflicts", column)
    op.create_table(
        "merges",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("mirror_id", BigId, nullable=False),
        sa.Column("about", BigId, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("one", "other", "one_head", "other_head", "by")),
        sa.Column("asked_at", Instant(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("commit", "trouble")),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    still = sa.text("ended_at IS NULL")
    op.create_index("merges_open", "merges", ["mirror_id", "id"], sqlite_where=still, postgresql_where=still)
    op.create_index("merges_about", "merges", ["about", "id"])
    opened = sa.text("blocker IS NOT NULL")
    op.create_index("firings_blocker", "firings", ["plan_id", "blocker"], sqlite_where=opened, postgresql_where=opened)
