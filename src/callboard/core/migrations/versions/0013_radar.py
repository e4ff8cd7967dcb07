"""Mirrors of repositories, the branches in them, and conflicts between branches."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _mirrors()
    _branches()
    _conflicts()


def downgrade() -> None:
    for table in ("conflicts", "branches", "mirror_files", "mirrors"):
        op.drop_table(table)


def _mirrors() -> None:
    op.create_table(
        "mirrors",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("repository", "clone", "trouble", "main_head")),
        *(
            sa.Column(name, Instant(), nullable=True)
            for name in ("next_at", "leased_until", "pushed_at", "fetched_at", "told_at")
        ),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("fence", "failures")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "repository"),
    )
    op.create_index("mirrors_next", "mirrors", ["next_at"], unique=False)
    op.create_table(
        "mirror_files",
        sa.Column("mirror_id", BigId, nullable=False),
        sa.Column("paths", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("mirror_id"),
    )


def _branches() -> None:
    texts = ("repository", "name", "head", "base", "team", "person", "author")
    op.create_table(
        "branches",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("mirror_id", BigId, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("touched", sa.JSON(), nullable=False),
        *(sa.Column(name, Instant(), nullable=False) for name in ("committed_at", "moved_at")),
        sa.Column("gone_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mirror_id", "name"),
    )
    op.create_index("branches_plan", "branches", ["plan_id", "gone_at"], unique=False)


def _conflicts() -> None:
    texts = ("repository", "one", "other", "kind", "degree", "state")
    op.create_table(
        "conflicts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("why", "files", "hunks", "teams", "people", "heads", "verdicts")
        ),
        *(
            sa.Column(name, sa.String(), nullable=True)
            for name in ("answered_by", "ended_how", "ended_by", "ended_why")
        ),
        *(sa.Column(name, Instant(), nullable=False) for name in ("pushed_at", "found_at")),
        *(
            sa.Column(name, Instant(), nullable=True)
            for name in ("answered_at", "resolve_at", "validate_at", "next_at", "ended_at")
        ),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("conflicts_plan", "conflicts", ["plan_id", "state"], unique=False)
    op.create_index("conflicts_next", "conflicts", ["next_at"], unique=False)
