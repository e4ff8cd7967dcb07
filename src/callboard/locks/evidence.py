"""What the timeline has of locks and allowances, against their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.locks.models import ALLOWANCE, KIND, Allowance, End, Lock, LockTarget, State, Verb
from callboard.plans import evidence
from callboard.plans.evidence import Columns
from callboard.zones.paths import folded

ENDS = tuple(End)


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Locks and allowances that are not as the timeline has them, in sentences."""
    locks = evidence.rows(tx, plan_id, Lock)
    yield from evidence.differences(KIND, locks, evidence.told(tx, plan_id, KIND, _learn))
    allowed = evidence.rows(tx, plan_id, Allowance)
    yield from evidence.differences(ALLOWANCE, allowed, evidence.told(tx, plan_id, ALLOWANCE, _learn_allowance))
    targets: dict[int, list[LockTarget]] = defaultdict(list)
    for target in evidence.rows(tx, plan_id, LockTarget):
        targets[target.lock_id].append(target)
    for lock in locks:
        rows, live = targets.pop(lock.number, []), lock.state != State.OVER
        found = any(folded(row.stem) != row.target.stem or row.live != live for row in rows)
        if found or [str(row.target) for row in rows] != lock.targets:
            yield f"lock {lock.number}: what it keeps others from is not what it is for"
    for number in targets:
        yield f"lock {number} is gone, and what it keeps others from is here"


def _learn(columns: Columns, entry: Entry) -> None:
    facts = entry.facts
    if "state" not in facts:  # somebody pushed to it
        return
    columns |= {"state": facts["state"], "holder": facts["holder"], "targets": facts["targets"]}
    columns |= {"changes": facts["change"]} if "change" in facts else {}
    if "until" in facts:
        columns["expires_at"] = datetime.fromisoformat(facts["until"])
    if entry.verb in (Verb.ACQUIRED, Verb.ASKED, Verb.WAITED):
        columns |= dict.fromkeys(("ended_at", "ended_by", "ended_how", "ended_why"))
    if entry.verb in ENDS:
        columns |= {"ended_at": entry.at, "ended_by": entry.actor, "ended_how": entry.verb}
        evidence.learn_said(columns, "ended_why", entry)


def _learn_allowance(columns: Columns, entry: Entry) -> None:
    columns |= {"person": entry.facts["person"], "by": entry.actor, "targets": entry.facts["targets"]}
    columns["until"] = datetime.fromisoformat(entry.facts["until"])
    evidence.learn_said(columns, "reason", entry)
