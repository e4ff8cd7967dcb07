"""The tokens with which git locks are tokens like all others."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from callboard.core.db import Instant
from callboard.core.timeline import BigId

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LASTED = timedelta(days=366)
SCOPES, NAME = ["locks"], "git"

plans = sa.table("plans", sa.column("id", sa.Integer()), sa.column("key", sa.String()))
of_locks = sa.table(
    "lock_tokens", sa.column("plan_id", sa.Integer()), sa.column("person", sa.String()),
    sa.column("digest", sa.String()), sa.column("made_at", Instant()), sa.column("ended_at", Instant()),
)  # fmt: skip
of_api = sa.table(
    "api_tokens", sa.column("plan_id", sa.Integer()), sa.column("plan", sa.String()), sa.column("person", sa.String()),
    sa.column("name", sa.String()), sa.column("scopes", sa.JSON()), sa.column("digest", sa.String()),
    sa.column("made_by", sa.String()), sa.column("made_at", Instant()), sa.column("expires_at", Instant()),
    sa.column("revoked_at", Instant()), sa.column("revoked_by", sa.String()),
)  # fmt: skip


def upgrade() -> None:
    db = op.get_bind()
    kept = sa.select(of_locks, plans.c.key).join(plans, plans.c.id == of_locks.c.plan_id).order_by(of_locks.c.made_at)
    moved = [
        {
            "plan_id": one.plan_id, "plan": one.key, "person": one.person, "name": NAME, "scopes": SCOPES,
            "digest": one.digest, "made_by": one.person, "made_at": one.made_at, "expires_at": one.made_at + LASTED,
            "revoked_at": one.ended_at, "revoked_by": one.person if one.ended_at else "",
        }
        for one in db.execute(kept)
    ]  # fmt: skip
    if moved:
        db.execute(of_api.insert(), moved)
    op.drop_table("lock_tokens")


def downgrade() -> None:
    op.create_table(
        "lock_tokens",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_lock_tokens_plan_id", "lock_tokens", ["plan_id"], unique=False)
    own = (of_api.c.name == NAME) & (of_api.c.person == of_api.c.made_by)
    back = sa.select(*(of_api.c[name] for name in ("plan_id", "person", "digest", "made_at", "revoked_at"))).where(own)
    op.get_bind().execute(of_locks.insert().from_select([one.name for one in of_locks.c], back))
    op.get_bind().execute(of_api.delete().where(own))
