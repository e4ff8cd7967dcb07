"""Every query about gates, ticks, measurements, signatures and waivers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import func
from sqlmodel import col, select

from callboard import blocks
from callboard.core.db import Tx
from callboard.gates.models import BETWEEN, Call, Gate, Measurement, Signature, Tick, Waiver
from callboard.plans.models import Hold


def gates(tx: Tx, plan_id: int) -> Sequence[Gate]:
    """The gates of a plan, in the order in which they are due; read once per transaction."""
    if ("gates", plan_id) not in tx.local:
        tx.local["gates", plan_id] = [gate for gate in every_gate(tx, plan_id) if not gate.gone]
    kept: Sequence[Gate] = tx.local["gates", plan_id]
    return sorted(kept, key=lambda gate: (gate.due_at is None, gate.due_at, gate.id))


def listed(tx: Tx, plan_id: int) -> Sequence[Gate]:
    """The same as the plan file has them: without a row for each item of a gate that is for several."""
    return [gate for gate in gates(tx, plan_id) if BETWEEN not in gate.key]


def late_because_of(tx: Tx, gate: Gate) -> list[Gate]:
    """The gates of a plan that are late only because of one."""
    return [other for other in listed(tx, gate.plan_id) if other.cause == gate.key and not other.settled]


def items(tx: Tx, gate: Gate) -> Sequence[Gate]:
    """The gates of the items of a gate, in the order in which they came."""
    own = (other for other in gates(tx, gate.plan_id) if other.key.startswith(f"{gate.key}{BETWEEN}"))
    return sorted(own, key=lambda other: other.number)


def every_gate(tx: Tx, plan_id: int) -> Sequence[Gate]:
    """The same with those that left the plan, in the order in which they came."""
    return tx.session.exec(select(Gate).where(Gate.plan_id == plan_id).order_by(col(Gate.id))).all()


def gate(tx: Tx, gate_id: int, *, lock: bool = False) -> Gate | None:
    """One gate; with `lock` as it is now, until the transaction ends."""
    return tx.session.get(Gate, gate_id, with_for_update=lock, populate_existing=lock)


def known(tx: Tx, gate_id: int, *, lock: bool = False) -> Gate:
    """One that there must be."""
    return tx.session.get_one(Gate, gate_id, with_for_update=lock, populate_existing=lock)


def ticks(tx: Tx, gate_id: int) -> Sequence[Tick]:
    return tx.session.exec(select(Tick).where(Tick.gate_id == gate_id).order_by(col(Tick.id))).all()


def measurements(tx: Tx, plan_id: int, names: Iterable[str]) -> dict[str, Measurement]:
    """The newest report of each of these measures."""
    newest = (
        select(func.max(Measurement.id))
        .where(Measurement.plan_id == plan_id, col(Measurement.measure).in_(list(names)))
        .group_by(col(Measurement.measure))
    )
    return {row.measure: row for row in tx.session.exec(select(Measurement).where(col(Measurement.id).in_(newest)))}


def signatures(tx: Tx, gate_id: int) -> Sequence[Signature]:
    """Every signature and rejection of a gate, also what no longer counts, oldest first."""
    asked = select(Signature).where(Signature.gate_id == gate_id)
    return tx.session.exec(asked.order_by(col(Signature.id))).all()


def calls(tx: Tx, gate_id: int) -> dict[str, Call]:
    """What people have to do with the sign-offs of a gate, by person."""
    return {row.person: row for row in tx.session.exec(select(Call).where(Call.gate_id == gate_id))}


def call(tx: Tx, gate_id: int, person: str) -> Call:
    """The same of one person, from now on where there was nothing."""
    row = calls(tx, gate_id).get(person) or Call(gate_id=gate_id, person=person)
    tx.session.add(row)
    return row


def waiver(tx: Tx, gate_id: int) -> Waiver | None:
    """The waiver that a gate has now."""
    asked = select(Waiver).where(Waiver.gate_id == gate_id, col(Waiver.ended_at).is_(None))
    return tx.session.exec(asked.order_by(col(Waiver.id).desc())).first()


def meant(tx: Tx, plan_id: int, text: str) -> tuple[list[Gate], str]:
    """The gates that a text begins with, by the longest of their names, and the rest of the text.

    A gate goes by its key, its title, its item or else the head of its title (`Gate 1` of `Gate 1: Omega`), and by
    that number.
    """
    text, longest, found = text.strip(), 0, list[Gate]()
    for row in gates(tx, plan_id):
        length = max((len(name[0]) for pattern in _names(row) if (name := pattern.match(text))), default=0)
        if length > longest:
            longest, found = length, []
        found += [row] if length == longest > 0 else []
    exact = [row for row in found if row.key.lower() == text[:longest].strip(QUOTES).lower()]
    return exact or found, text[longest:].lstrip(" :,").strip()


QUOTES = "\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb"


def _names(gate: Gate) -> Iterator[re.Pattern[str]]:
    """What finds each name of a gate at the beginning of a text, in quotes or without."""
    head = gate.item or re.split(r":|\s[-\u2013\u2014]\s", gate.name, maxsplit=1)[0].strip()
    numbered = re.fullmatch(r"gate\s*#?(\w+)", head, re.IGNORECASE)
    names = [gate.key, gate.name, head]
    patterns = [r"\s+".join(map(re.escape, blocks.escape(name).split())) for name in names if name]
    patterns += [rf"(?:gate[\s_-]*)?#?{re.escape(numbered[1])}"] if numbered else []
    patterns += [rf"gate\s+{re.escape(gate.key)}"]
    for pattern in patterns:
        yield re.compile(rf"[{QUOTES}]?{pattern}[{QUOTES}]?(?=[\s:,]|$)", re.IGNORECASE)


def held_before(tx: Tx, plan_id: int, by: str) -> dict[str, Hold]:
    """The last hold by a gate on each target, standing or lifted."""
    asked = select(Hold).where(Hold.plan_id == plan_id, Hold.by == by).order_by(col(Hold.id))
    return {hold.target: hold for hold in tx.session.exec(asked)}
