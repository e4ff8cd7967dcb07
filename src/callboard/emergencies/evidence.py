"""What the timeline has of emergencies and triggers, against their rows."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.db import Tx
from callboard.core.timeline import BOT, Entry
from callboard.emergencies.models import KIND, Emergency, State, Verb
from callboard.emergencies.triggers import evidence as triggers
from callboard.plans import evidence
from callboard.plans.evidence import Columns


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Emergencies and triggers that are not as the timeline has them, in sentences."""
    rows = evidence.rows(tx, plan_id, Emergency)
    yield from evidence.differences(KIND, rows, evidence.told(tx, plan_id, KIND, _learn))
    yield from triggers.differences(tx, plan_id)


def _learn(columns: Columns, entry: Entry) -> None:
    facts = entry.facts
    columns |= {"changes": facts["change"]} if "change" in facts else {}
    match entry.verb:
        case Verb.DECLARED:
            columns |= {"level": facts["level"], "cause": facts["cause"], "declared_at": entry.at, "roles": {}}
            columns |= {"by": entry.actor if entry.actor != BOT else None, "state": State.OPEN, "ended_at": None}
            evidence.learn_said(columns, "what", entry)
        case Verb.TOOK | Verb.HANDED:
            columns["roles"] = {**columns.get("roles", {}), facts["role"]: facts.get("to") or entry.actor}
        case Verb.LEFT:
            columns["roles"] = {role: key for role, key in columns.get("roles", {}).items() if role != facts["role"]}
        case Verb.UPDATED:
            columns["updated_at"] = entry.at
            evidence.learn_said(columns, "last_update", entry)
        case Verb.LEVELLED:
            columns["level"] = facts["level"]
        case Verb.ENDED | Verb.WITHDRAWN:
            state = State.ENDED if entry.verb == Verb.ENDED else State.WITHDRAWN
            columns |= {"state": state, "ended_at": entry.at, "ended_by": entry.actor}
            evidence.learn_said(columns, "summary", entry, "")
        case Verb.REOPENED:
            columns |= {"state": State.OPEN, "ended_at": None, "ended_by": None, "summary": ""}
