"""What the timeline has of exceptions from freezes, against their rows."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.freezes.models import EXCEPTION, FreezeException, State
from callboard.gates.models import NO, YES, Verb
from callboard.plans import evidence
from callboard.plans.evidence import Columns

VERDICTS = {Verb.SIGNED: YES, Verb.REJECTED: NO}


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Exceptions that are not as the timeline has them, in sentences."""
    rows = evidence.rows(tx, plan_id, FreezeException)
    yield from evidence.differences(EXCEPTION, rows, evidence.told(tx, plan_id, EXCEPTION, _learn))


def _learn(columns: Columns, entry: Entry) -> None:
    columns |= {"changes": entry.facts["change"]} if "change" in entry.facts else {}
    match entry.verb:
        case State.ASKED:
            columns |= {"by": entry.actor, "at": entry.at, "state": State.ASKED, "votes": {}, "settled_at": None}
            columns |= {"answers": entry.facts["answers"]} if "answers" in entry.facts else {}
            evidence.learn_said(columns, "item", entry)
        case Verb.SIGNED | Verb.REJECTED:
            vote = {"verdict": VERDICTS[Verb(entry.verb)], "at": entry.at.isoformat()}
            columns["votes"] = {**columns.get("votes", {}), entry.actor: vote}
        case State.GRANTED | State.DENIED:
            columns |= {"state": entry.verb, "settled_at": entry.at}
            evidence.learn_said(columns, "reason", entry, "")
