"""Alerts, their groups, heartbeats, and counts of what no rule took."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = Instant()
OPEN, DUE, OF_BLOCKER = "closed_at IS NULL", "due_at IS NOT NULL", "blocker IS NOT NULL"


def _index(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    only = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def upgrade() -> None:
    op.create_table(
        "alert_groups",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("blocker", sa.BigInteger()),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("shown_at", INSTANT, nullable=False),
        sa.Column("paged_at", INSTANT),
        sa.Column("page_at", INSTANT),
        sa.Column("due_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.Column("closed_by", sa.String(), nullable=False),
    )
    _index("alert_groups_open", "alert_groups", ["plan_id", "key"], OPEN, unique=True)
    op.create_index("alert_groups_key", "alert_groups", ["plan_id", "key", "id"])
    op.create_index("alert_groups_rule", "alert_groups", ["plan_id", "rule", "id"])
    _index("alert_groups_due", "alert_groups", ["due_at"], DUE)
    _index("alert_groups_blocker", "alert_groups", ["blocker"], OF_BLOCKER)
    op.create_table(
        "alerts",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.UniqueConstraint("plan_id", "fingerprint"),
    )
    op.create_index("alerts_group", "alerts", ["group_id", "state", "received_at"])
    op.create_table(
        "heartbeats",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("grace", sa.Integer(), nullable=False),
        sa.Column("heard_at", INSTANT),
        sa.Column("missing_at", INSTANT),
        sa.Column("due_at", INSTANT),
        sa.UniqueConstraint("plan_id", "name"),
    )
    _index("heartbeats_due", "heartbeats", ["due_at"], DUE)
    op.create_table(
        "alert_tallies",
        sa.Column("plan_id", BIG, primary_key=True),
        sa.Column("why", sa.String(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
    )
