"""What a task most likely takes, what a forecast rests on, and what later plans may learn from a plan."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("likely", sa.Integer()))
    for column in (
        sa.Column("ground", sa.String(), nullable=False, server_default=""),
        sa.Column("history", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("took", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("usual", sa.Float(), nullable=False, server_default="0"),
    ):
        op.add_column("forecast_courses", column)
    op.create_index("plans_over", "plans", ["workspace", "to_at"])
