"""What the timeline has of groups of alerts and of heartbeats, against their rows."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.alerts.models import HEARTBEAT, KIND, AlertGroup, Heartbeat, Source, Verb
from callboard.core.db import Tx
from callboard.core.timeline import BOT, Entry
from callboard.plans import evidence
from callboard.plans.evidence import Columns


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Groups and heartbeats that are not as the timeline has them, in sentences."""
    groups = evidence.rows(tx, plan_id, AlertGroup)
    yield from evidence.differences(KIND, groups, evidence.told(tx, plan_id, KIND, _learn))
    known = evidence.told(tx, plan_id, HEARTBEAT, _learn_heartbeat)
    for heartbeat in evidence.rows(tx, plan_id, Heartbeat):
        columns = known.get(heartbeat.id or 0, {"missing_at": None})
        yield from evidence.unlike(f"heartbeat {heartbeat.name}", heartbeat, columns)


def _learn(columns: Columns, entry: Entry) -> None:
    facts, open_again = entry.facts, {"closed_at": None, "closed_by": ""}
    match entry.verb:
        case Verb.FIRED:
            columns |= {"title": facts["title"], "rule": facts["rule"], "source": facts["source"], "times": 1}
            columns |= {"opened_at": entry.at, "blocker": None, "paged_at": None, **open_again}
        case Verb.FIRED_AGAIN:
            columns |= {"times": facts["times"], **open_again}
        case Verb.PAGED:
            columns |= {"blocker": facts["blocker"], "paged_at": entry.at}
        case Verb.RESOLVED:
            by = frozenset(map(str, Source)) if entry.actor == BOT else entry.actor
            columns |= {"closed_at": entry.at, "closed_by": by}


def _learn_heartbeat(columns: Columns, entry: Entry) -> None:
    columns["missing_at"] = entry.at if entry.verb == Verb.STOPPED else None
