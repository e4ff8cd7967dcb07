"""What was expected of gates and phases, and when each plan is forecast next."""

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = Instant()


def upgrade() -> None:
    courses = op.create_table(
        "forecast_courses",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT),
        sa.Column("next_at", INSTANT),
        sa.Column("leased_until", INSTANT),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("slip", sa.Float(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("open_tasks", sa.Integer(), nullable=False),
        sa.Column("guessed", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.UniqueConstraint("plan_id"),
    )
    op.create_index("forecast_courses_next", "forecast_courses", ["next_at"])
    op.create_table(
        "forecasts",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("chance", sa.Float()),
        sa.Column("early_at", INSTANT),
        sa.Column("middle_at", INSTANT),
        sa.Column("often_at", INSTANT),
        sa.Column("late_at", INSTANT),
        sa.Column("pace_at", INSTANT),
        sa.Column("paths", sa.JSON(), nullable=False),
        sa.Column("helps", sa.JSON(), nullable=False),
        sa.Column("over_at", INSTANT),
        sa.Column("judged_at", INSTANT),
        sa.Column("counted_at", INSTANT),
    )
    op.create_index("forecasts_of", "forecasts", ["plan_id", "at"])
    _of_few("forecasts_open", ["plan_id", "key"], "over_at IS NULL")
    _of_few("forecasts_counted", ["plan_id"], "counted_at IS NOT NULL")
    plans = sa.table("plans", sa.column("id"), sa.column("from_at"))
    made = {"fence": 0, "slip": 1.0, "seen": 0, "open_tasks": 0, "guessed": 0}
    columns = [sa.literal(value) for value in made.values()]
    every = sa.select(plans.c.id, plans.c.from_at, *columns, sa.literal({}, sa.JSON))
    op.execute(courses.insert().from_select(["plan_id", "next_at", *made, "told"], every))


def _of_few(name: str, columns: list[str], condition: str) -> None:
    op.create_index(
        name, "forecasts", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
    )  # fmt: skip
