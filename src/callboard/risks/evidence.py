"""What the timeline has of risks, against their rows: what is closed, and what has happened."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.plans import evidence
from callboard.plans.evidence import Columns
from callboard.risks import store
from callboard.risks.models import RISK, State, Verb

BEGUN = {"state": State.OPEN, "settled_by": "", "settled_at": None, "blocker": None, "emergency": None}
"""What a risk of the plan is before anybody does anything with it."""


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Risks that are not as the timeline has them, in sentences."""
    rows, known = store.every_risk(tx, plan_id), evidence.told(tx, plan_id, RISK, _learn)
    begun = {row.number: {**BEGUN, "changes": 0} for row in rows}
    yield from evidence.differences(RISK, rows, {number: {**begun.get(number, {}), **columns} for number, columns in
                                                 (begun | known).items()})  # fmt: skip


def _learn(columns: Columns, entry: Entry) -> None:
    columns |= {"changes": entry.facts["change"]} if "change" in entry.facts else {}
    match entry.verb:
        case Verb.HAPPENED | Verb.CLOSED:
            state = State.HAPPENED if entry.verb == Verb.HAPPENED else State.CLOSED
            columns |= {"state": state, "settled_by": entry.actor, "settled_at": entry.at}
            columns |= {name: entry.facts.get(name) for name in ("blocker", "emergency")}
            evidence.learn_said(columns, "word", entry, "")
        case Verb.RAISED | Verb.REOPENED:
            columns |= {**BEGUN, "word": ""}
