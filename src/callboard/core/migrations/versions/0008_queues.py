"""Merge queues have a status; what is locked is found in any case and composition."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
LONGEST_STEM = 200


def upgrade() -> None:
    op.add_column("pulls", sa.Column("queued", sa.String(), nullable=False, server_default=""))
    rows = sa.table("lock_targets", *map(sa.column, ("id", "kind", "text", "stem", "live")))
    known = sa.select(rows.c.id, rows.c.kind, rows.c.text, rows.c.stem).where(rows.c.kind != "thing")
    for number, kind, text, stem in op.get_bind().execute(known.where(rows.c.live)).all():
        plain = [each.replace("\\", "/") if kind == "file" else each for each in (text, stem)]
        now = {"text": _composed(plain[0]), "stem": _composed(_composed(plain[1]).casefold())[:LONGEST_STEM]}
        if now != {"text": text, "stem": stem}:
            op.get_bind().execute(sa.update(rows).where(rows.c.id == number).values(**now))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
