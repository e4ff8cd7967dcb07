"""What a plan's row and version are sealed as on the timeline, so that a change behind Callboard's back is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from callboard.core.db import Tx
from callboard.core.timeline import Entry, Subject, history
from callboard.plans import store
from callboard.plans.models import Plan

FACT = "row"
"""The fact of an entry that says what the plan was when it was made."""
COLUMNS = ("workspace", "key", "name", "timezone", "from_at", "to_at", "header", "version", "state")


def digest(tx: Tx, plan: Plan) -> dict[str, str]:
    """What a plan is now: a digest of each column of its row, of its version and of what people changed since."""
    tx.session.flush()
    columns = {name: _digest(getattr(plan, name)) for name in COLUMNS}
    version = store.version(tx, plan.id or 0, plan.version)
    file = (
        [version.number, version.file, version.source, version.body, version.author, version.changes] if version else []
    )
    edits = [[e.path, e.added, e.removed, e.base, e.value, e.author] for e in store.edits(tx, plan.id or 0)]
    return {**columns, "file": _digest(file), "edits": _digest(edits)}


def changed(tx: Tx, plan: Plan) -> Iterator[str]:
    """What of a plan is not as the timeline last said, in sentences. One that ran before this was kept says nothing."""
    entries: list[Entry] = [each for each in history(tx, Subject("plan", plan.id or 0)) if FACT in each.facts]
    if not entries:
        return
    last = entries[-1]
    for name, mark in digest(tx, plan).items():
        if mark != last.facts[FACT].get(name, mark):
            what = {"file": f"the file of version {plan.version}", "edits": "a live change"}.get(name, f"its {name}")
            place = f"entry {last.seq}" if last.seq else "its last entry"
            yield f"plan `{plan.key}`: {what} was changed since {place} ({last.verb}), and no entry says so"


def _digest(value: Any) -> str:
    plain = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _plain(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
