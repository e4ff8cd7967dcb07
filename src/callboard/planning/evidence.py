"""What the timeline has of tokens of the API, against their rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.plans import evidence
from callboard.web import tokens


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Tokens that may do more than they were issued for, or for longer, in sentences."""
    known = evidence.told(tx, plan_id, tokens.KIND, _learn)
    yield from evidence.differences(tokens.KIND, tokens.listed(tx, plan_id), known)


def _learn(columns: evidence.Columns, entry: Entry) -> None:
    facts = entry.facts
    if entry.verb == "issued":
        columns |= {"person": facts["person"], "scopes": facts["scopes"], "made_by": entry.actor, "made_at": entry.at}
        columns |= {"expires_at": datetime.fromisoformat(facts["until"]), "revoked_at": None, "revoked_by": ""}
    elif entry.verb == "revoked":
        columns |= {"revoked_at": entry.at, "revoked_by": entry.actor}
