"""What the timeline has of triggers that fired, against their rows."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.db import Tx
from callboard.emergencies.triggers.models import ENDED, FIRED, KIND, Firing
from callboard.emergencies.triggers.store import kept
from callboard.plans import evidence
from callboard.plans.evidence import Columns


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Firings that are not as the timeline has them, in sentences. Of what was quiet it has none."""
    told: dict[tuple[str, str, object], Columns] = {}
    over = {}
    for entry in evidence.entries(tx, plan_id, KIND):
        facts = entry.facts
        if entry.verb == FIRED:
            columns = {"event": facts["on"], "blocker": facts["blocker"], "over_at": None, "quiet": False}
            told |= {(facts["trigger"], kept(cause), entry.at): dict(columns) for cause in facts["causes"]}
        elif entry.verb == ENDED:
            over[entry.subject_id] = entry.at
    for row in evidence.rows(tx, plan_id, Firing):
        columns = told.pop((row.trigger, row.cause, row.at), {})
        if columns:
            yield from evidence.unlike(f"trigger {row.number}", row, columns | {"over_at": over.get(row.number)})
        elif not row.quiet:
            yield f"trigger {row.number} is here, and no entry says where it comes from"
    for trigger, cause, _ in told:
        yield f"that trigger `{trigger}` fired for {cause} is gone, and the timeline has it"
