"""A mirror in pictures: it cannot be fetched, and can again."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.branches.models import Mirror
from callboard.branches.notices import TROUBLE
from callboard.gallery.stage import Screen, Stage


def screens(stage: Stage) -> Iterator[Screen]:
    """What the plan's channel reads."""
    mirror = Mirror(
        plan_id=stage.plan_id, repository="harbor", clone="", next_at=stage.tx.now, fetched_at=stage.tx.now,
        trouble="fatal: could not read Username for 'harbor': terminal prompts disabled",
    )  # fmt: skip
    stage.tx.session.add(mirror)
    stage.tx.flush()
    yield stage.sent(TROUBLE.kind, "A repository cannot be fetched", mirror.subject)
    mirror.trouble = ""
    yield stage.sent(TROUBLE.kind, "It can again", mirror.subject, posted_as="1.0")
