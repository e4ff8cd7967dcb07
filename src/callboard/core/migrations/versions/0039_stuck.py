"""When a task counts as stuck, by the working hours of its plan; those in progress keep the instant they had."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

TASKS = sa.table(
    "tasks",
    sa.column("id", sa.Integer), sa.column("status", sa.Text), sa.column("most", sa.Integer),
    sa.column("moved_at", Instant), sa.column("stuck_at", Instant),
)  # fmt: skip
A_DAY = 24 * 60 * 60


def upgrade() -> None:
    op.add_column("tasks", sa.Column("stuck_at", Instant(), nullable=True))
    begun = sa.select(TASKS.c.id, TASKS.c.moved_at, TASKS.c.most).where(
        TASKS.c.status == "in progress", TASKS.c.moved_at.is_not(None)
    )
    for number, moved_at, most in op.get_bind().execute(begun).all():
        at = moved_at + timedelta(seconds=most or A_DAY)
        op.execute(TASKS.update().where(TASKS.c.id == number).values(stuck_at=at))
