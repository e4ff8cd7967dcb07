"""Alembic's entry: runs the revisions on the connection that `callboard.core.schema` hands over.

A migration whose schema versions before another revision can't live with names that one: `lives_with = "0040"`.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context


def note(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:  # noqa: ARG001 - called by these names
    """Write down, with the migration, which versions can live with what it leaves."""
    if oldest := getattr(step.up_revision.module, "lives_with", None):
        ctx.connection.execute(sa.text("UPDATE alembic_version SET lives_with = :oldest"), {"oldest": oldest})


context.configure(
    connection=context.config.attributes["connection"], transaction_per_migration=True, on_version_apply=note
)
with context.begin_transaction():
    context.run_migrations()
