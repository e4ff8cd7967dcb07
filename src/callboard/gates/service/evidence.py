"""What the timeline has of gates, their signatures, waivers, ticks, measurements and polls, against their rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.timeline import Entry
from callboard.gates.models import KIND, NO, YES, Gate, Mark, Measurement, Signature, State, Tick, Verb, Waiver
from callboard.gates.plan.measures import Amount
from callboard.gates.service import ballots
from callboard.plans import evidence
from callboard.plans.evidence import Columns

UNSETTLED: Columns = {
    "state": frozenset({State.PENDING, State.READY}), "settled_at": None, "settled_by": "", "owner": None,
}  # fmt: skip


@dataclass
class Known:
    """What the timeline has of one gate; the signatures, waivers and ticks oldest first."""

    columns: Columns = field(default_factory=lambda: dict(UNSETTLED))
    signatures: list[Columns] = field(default_factory=list)
    waivers: list[Columns] = field(default_factory=list)
    ticks: dict[str, Columns] = field(default_factory=dict)
    ticked: set[tuple[Any, ...]] = field(default_factory=set)


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """What of the gates of a plan is not as the timeline has it, in sentences."""
    known: dict[int, Known] = defaultdict(Known)
    reported: Counter[tuple[Any, ...]] = Counter()
    for entry in evidence.entries(tx, plan_id, KIND, "plan"):
        if entry.verb == Verb.REPORTED:
            reported[entry.actor, entry.at, _amount(entry)] += 1
        elif entry.subject_kind == KIND:
            _learn(known[entry.subject_id], entry)
    gates = {row.number: row for row in evidence.rows(tx, plan_id, Gate)}
    for number in sorted(gates.keys() | known.keys()):
        if number in gates:
            yield from _unlike(tx, gates[number], known[number])
        else:
            yield f"gate {number} is gone, and the timeline has it"
    yield from _measured(tx, plan_id, reported)
    yield from ballots.differences(tx, plan_id)


def _unlike(tx: Tx, gate: Gate, known: Known) -> Iterator[str]:
    name = f"gate `{gate.key}`"
    yield from evidence.unlike(name, gate, known.columns)
    yield from evidence.pairs(f"{name}, signatures", _of(tx, Signature, gate), known.signatures)
    yield from evidence.pairs(f"{name}, waivers", _of(tx, Waiver, gate), known.waivers)
    ticks = {row.criterion: row for row in _of(tx, Tick, gate)}
    for criterion, row in ticks.items():
        if (row.by, row.at) not in known.ticked:
            yield f"{name}: {row.by} did not tick `{criterion}` then, as the timeline has it"
    for criterion, columns in known.ticks.items():
        if criterion in ticks:
            yield from evidence.unlike(f"{name}, `{criterion}`", ticks[criterion], columns)
        else:
            yield f"{name}: the tick of `{criterion}` is gone, and the timeline has it"


def _of(tx: Tx, kind: Any, gate: Gate) -> Sequence[Any]:
    return tx.session.exec(select(kind).where(kind.gate_id == gate.number).order_by(col(kind.id))).all()


def _learn(known: Known, entry: Entry) -> None:
    columns = known.columns
    match entry.verb:
        case Verb.PASSED | Verb.WAIVED:
            columns |= {**UNSETTLED, "state": entry.verb, "settled_at": entry.at, "settled_by": entry.actor}
        case Verb.WAIVER_ENDED | Verb.OPENED_AGAIN:
            columns |= UNSETTLED
        case Verb.MISSED:
            columns |= {"state": State.FAILED, "missed_at": entry.at}
        case Verb.NO_GO:
            columns |= {"state": frozenset({State.FAILED, *UNSETTLED["state"]}), "missed_at": entry.at}
            columns.pop("owner", None)
        case Verb.ACKNOWLEDGED:
            columns["owner"] = entry.actor
    _learn_signature(known, entry)
    _learn_tick(known, entry)
    if entry.verb == Verb.WAIVED:
        waiver: Columns = {"by": entry.actor, "at": entry.at, "ended_at": None}
        evidence.learn_said(waiver, "why", entry)
        known.waivers.append(waiver)
    elif entry.verb == Verb.WAIVER_ENDED and known.waivers:
        known.waivers[-1]["ended_at"] = entry.at


def _learn_signature(known: Known, entry: Entry) -> None:
    """A signature ends when its person signs again, withdraws it, or it is void; all of them by a no-go."""
    signing = entry.verb in (Verb.SIGNED, Verb.REJECTED)
    ends: dict[str, Mark] = {Verb.WITHDREW: Mark.WITHDRAWN, Verb.VOIDED: Mark.VOID, Verb.NO_GO: Mark.VOID}
    mark = Mark.REPLACED if signing else ends.get(entry.verb)
    whose = entry.facts.get("to") if entry.verb == Verb.VOIDED else None if entry.verb == Verb.NO_GO else entry.actor
    for row in known.signatures if mark else ():
        if row["state"] == Mark.STANDING and whose in (None, row["person"]):
            row |= {"state": mark, "ended_at": entry.at}
    if not signing:
        return
    row = {"person": entry.actor, "seat": entry.on_behalf_of or entry.actor, "at": entry.at}
    row |= {"state": Mark.STANDING, "ended_at": None, "verdict": YES if entry.verb == Verb.SIGNED else NO}
    row |= {"digest": entry.facts["digest"]} if "digest" in entry.facts else {}
    if entry.verb == Verb.REJECTED:
        evidence.learn_said(row, "reason", entry)
    known.signatures.append(row)


def _learn_tick(known: Known, entry: Entry) -> None:
    key = str(entry.facts.get("key", ""))
    if entry.verb == Verb.TICKED:
        known.ticked.add((entry.actor, entry.at))
        if key:
            known.ticks[key] = {"by": entry.actor, "at": entry.at}
            evidence.learn_said(known.ticks[key], "evidence", entry, "")
    elif entry.verb == Verb.UNTICKED:
        known.ticks.pop(key, None)
    elif entry.verb == Verb.TICKS_CLEARED:
        known.ticks.clear()


def _measured(tx: Tx, plan_id: int, reported: Counter[tuple[Any, ...]]) -> Iterator[str]:
    given = {(row.by, row.at, _shown(row)): row for row in evidence.rows(tx, plan_id, Measurement)}
    for row in (given[key] for key in given.keys() - reported.keys()):
        yield f"the report of `{row.measure}` by {row.by} is not as the timeline has it"
    for by, at, amount in reported.keys() - given.keys():
        yield f"the report of {amount} by {by} at {at:%Y-%m-%d %H:%M} UTC is gone, and the timeline has it"


def _amount(entry: Entry) -> str:
    """`68` of `68 of 72`."""
    return str(entry.facts.get("amount", "")).partition(" of ")[0]


def _shown(row: Measurement) -> str:
    return str(Amount(row.value, row.unit))
