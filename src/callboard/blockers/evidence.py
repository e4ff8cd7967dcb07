"""What the timeline has of blockers, against their rows."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.blockers.models import KIND, Blocker, ClassState, State, Verb
from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.plans import evidence
from callboard.plans.evidence import Columns

NOBODY: Columns = {"owner": None, "owner_at": None, "handed_to": None}
NOT_OVER: Columns = {"state": State.OPEN, "closed_at": None, "closed_by": None, "outcome": None}
NO_CLASS: Columns = {"class_name": None, "class_state": None, "class_by": None, "class_change": None}
OVER = {Verb.RESOLVED: State.RESOLVED, Verb.WITHDRAWN: State.WITHDRAWN}
DECIDED = {Verb.CLASSED: ClassState.ACCEPTED, Verb.DECLINED: ClassState.REJECTED}


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Blockers that are not as the timeline has them, in sentences."""
    rows = evidence.rows(tx, plan_id, Blocker)
    yield from evidence.differences(KIND, rows, evidence.told(tx, plan_id, KIND, _learn))


def _learn(columns: Columns, entry: Entry) -> None:
    columns |= {"changes": entry.facts["change"]} if "change" in entry.facts else {}
    match entry.verb:
        case Verb.RAISED:
            begun = {"reporter": entry.actor, "opened_at": entry.at, "votes": None}
            columns |= {**NOBODY, **NOT_OVER, **NO_CLASS, **begun}
            columns |= {name: entry.facts[name] for name in ("severity", "team") if name in entry.facts}
            evidence.learn_said(columns, "what", entry)
        case Verb.ACKNOWLEDGED:
            columns |= {**NOBODY, "state": State.ACKNOWLEDGED, "owner": entry.actor, "owner_at": entry.at}
        case Verb.GAVE_BACK | Verb.HANDED_ON:
            columns |= {**NOBODY, "state": State.OPEN, "handed_to": entry.facts.get("to")}
        case Verb.RESOLVED | Verb.WITHDRAWN:
            state = OVER[Verb(entry.verb)]
            columns |= {"state": state, "closed_at": entry.at, "closed_by": entry.actor, "handed_to": None}
            evidence.learn_said(columns, "outcome", entry)
        case Verb.GRADED:
            columns |= {"severity": entry.facts["severity"]}
        case Verb.REOPENED:
            columns |= {**NOT_OVER, "owner": None, "owner_at": None}
        case _:
            _learn_class(columns, entry)


def _learn_class(columns: Columns, entry: Entry) -> None:
    match entry.verb:
        case Verb.PROPOSED:
            columns |= {"class_name": entry.facts.get("name"), "class_state": ClassState.PROPOSED}
            columns |= {"class_by": entry.actor, "class_change": entry.facts.get("change"), "votes": []}
        case Verb.UNPROPOSED:
            columns |= {**NO_CLASS, "votes": None}
        case Verb.CLASSED | Verb.DECLINED:
            columns["class_state"] = DECIDED[Verb(entry.verb)]
        case Verb.ACCEPTED | Verb.REJECTED if columns.get("votes") is not None:
            _learn_vote(columns, entry)


def _learn_vote(columns: Columns, entry: Entry) -> None:
    seat, yes = entry.on_behalf_of or entry.actor, entry.verb == Verb.ACCEPTED
    if entry.said is None and entry.commitment is not None:
        del columns["votes"]  # why somebody voted was erased
        return
    vote = {"by": seat, "yes": yes, "why": entry.said or "", "at": entry.at.isoformat()}
    vote |= {"deputy": entry.actor} if entry.on_behalf_of else {}
    columns["votes"] = [*(each for each in columns["votes"] if each["by"] != seat), vote]
