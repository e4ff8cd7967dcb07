"""Where the files of plans are pushed, and the commits that wait."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = Instant()


def upgrade() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("prints", sa.JSON(), nullable=False),
        sa.Column("lesser_at", INSTANT),
        sa.Column("next_at", INSTANT),
        sa.Column("leased_until", INSTANT),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("pushed_at", INSTANT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("told_at", INSTANT),
        sa.UniqueConstraint("plan_id"),
    )
    op.create_index("workspaces_next", "workspaces", ["next_at"])
    op.create_index("workspaces_lesser", "workspaces", ["lesser_at"])
    op.create_table(
        "workspace_commits",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("workspace_id", BIG, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
    )
    op.create_index("workspace_commits_waiting", "workspace_commits", ["workspace_id", "id"])
