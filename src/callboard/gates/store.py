"""Every query about gates, ticks, measurements, signatures and waivers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, or_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from callboard.blocks import markup
from callboard.core.db import Tx
from callboard.core.memory import Each, remembered
from callboard.gates.models import BETWEEN, Call, Gate, Measurement, Poll, Signature, Tick, Waiver
from callboard.plans.models import Hold

_GATES: BindParameter[Any] = bindparam("gates", expanding=True)
EVERY = select(Gate).where(col(Gate.plan_id) == bindparam("plan")).order_by(col(Gate.id))
LOCKED = (
    select(Gate)
    .where(col(Gate.id).in_(_GATES))
    .order_by(col(Gate.id))
    .with_for_update()
    .execution_options(populate_existing=True)
)
NAMED = (
    select(Gate)
    .where(col(Gate.plan_id) == bindparam("plan"), col(Gate.key).in_(bindparam("keys", expanding=True)))
    .order_by(col(Gate.id))
    .with_for_update()
    .execution_options(populate_existing=True)
)
TICKS = select(Tick).where(col(Tick.gate_id).in_(_GATES)).order_by(col(Tick.id))
SIGNATURES = (
    select(Signature)
    .where(col(Signature.gate_id).in_(_GATES), col(Signature.ended_at).is_(None))
    .order_by(col(Signature.id))
)
HELD_BY = (
    select(Hold).where(col(Hold.plan_id) == bindparam("plan"), col(Hold.by) == bindparam("gate")).order_by(col(Hold.id))
)
CALLS = select(Call).where(col(Call.gate_id).in_(_GATES))
WAIVERS = select(Waiver).where(col(Waiver.gate_id).in_(_GATES), col(Waiver.ended_at).is_(None)).order_by(col(Waiver.id))


def gates(tx: Tx, plan_id: int) -> Sequence[Gate]:
    """The gates of a plan, in the order in which they are due."""
    return _present(every_gate(tx, plan_id))


def _present(found: Iterable[Gate]) -> list[Gate]:
    present = (gate for gate in found if not gate.gone)
    return sorted(present, key=lambda gate: (gate.due_at is None, gate.due_at, gate.id))


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


@remembered(Gate, updates=False)
def every_gate(tx: Tx, plan_id: int) -> Sequence[Gate]:
    """The same with those that left the plan, in the order in which they came."""
    return tx.session.exec(EVERY, params={"plan": plan_id}).all()


def gate(tx: Tx, gate_id: int, *, lock: bool = False) -> Gate | None:
    """One gate; with `lock` as it is now, until the transaction ends."""
    return tx.get(Gate, gate_id, lock=lock)


def name_of(tx: Tx, gate_id: int) -> str:
    return tx.get_one(Gate, gate_id).name


def find(tx: Tx, gate_id: int) -> Gate | None:
    """The gate of a row, unless it has left the plan."""
    found = gate(tx, gate_id)
    return None if found is None or found.gone else found


def lock(tx: Tx, numbers: Collection[int]) -> Sequence[Gate]:
    """Keep others from changing these gates until the transaction ends, and read them as they are now."""
    return tx.session.exec(LOCKED, params={"gates": list(numbers)}).all() if numbers else ()


def lock_named(tx: Tx, plan_id: int, keys: Collection[str]) -> Sequence[Gate]:
    """The same for gates of a plan by their keys, in the order in which they are due."""
    return _present(tx.session.exec(NAMED, params={"plan": plan_id, "keys": sorted(keys)})) if keys else ()


def known(tx: Tx, gate_id: int, *, lock: bool = False) -> Gate:
    """One that there must be."""
    return tx.get_one(Gate, gate_id, lock=lock)


def _ticks(tx: Tx, gates: list[int]) -> Mapping[int, list[Tick]]:
    found = defaultdict(list)
    for row in tx.session.exec(TICKS, params={"gates": gates}):
        found[row.gate_id].append(row)
    return found


def _standing(tx: Tx, gates: list[int]) -> Mapping[int, list[Signature]]:
    found = defaultdict(list)
    for row in tx.session.exec(SIGNATURES, params={"gates": gates}):
        found[row.gate_id].append(row)
    return found


def _calls(tx: Tx, gates: list[int]) -> Mapping[int, dict[str, Call]]:
    found = defaultdict[int, dict[str, Call]](dict)
    for row in tx.session.exec(CALLS, params={"gates": gates}):
        found[row.gate_id][row.person] = row
    return found


def _waivers(tx: Tx, gates: list[int]) -> Mapping[int, Waiver]:
    return {row.gate_id: row for row in tx.session.exec(WAIVERS, params={"gates": gates})}


def _polls(tx: Tx, gates: list[int]) -> Mapping[int, Poll]:
    asked = select(Poll).join(Gate, (col(Gate.id) == Poll.gate_id) & (col(Gate.attempt) == Poll.attempt))
    return {row.gate_id: row for row in tx.session.exec(asked.where(col(Poll.gate_id).in_(gates)))}


def _newest(tx: Tx, measures: list[tuple[int, str]]) -> Mapping[tuple[int, str], Measurement]:
    about: dict[str, Any] = {f"plan_{place}": plan_id for place, (plan_id, _) in enumerate(measures)}
    about |= {f"measure_{place}": name for place, (_, name) in enumerate(measures)}
    rows = tx.session.exec(_newest_of(len(measures)), params=about)
    return {(row.plan_id, row.measure): row for row in rows}


@lru_cache(64)
def _newest_of(count: int) -> SelectOfScalar[Measurement]:
    """The statement that finds the newest report of so many measures, however many there were of each."""

    def last(place: int) -> ColumnElement[bool]:
        own = (col(Measurement.plan_id) == bindparam(f"plan_{place}"),
               col(Measurement.measure) == bindparam(f"measure_{place}"))  # fmt: skip
        return col(Measurement.id) == select(func.max(Measurement.id)).where(*own).scalar_subquery()

    return select(Measurement).where(or_(*map(last, range(count))))


ticks = Each[int, list[Tick]](_ticks, list, Tick)
"""The ticks of a gate, oldest first."""
standing = Each[int, list[Signature]](_standing, list, Signature)
"""The signatures and rejections of a gate that count, oldest first."""
calls = Each[int, dict[str, Call]](_calls, dict, Call)
"""What people have to do with the sign-offs of a gate, by person."""
waiver = Each[int, Waiver | None](_waivers, lambda: None, Waiver)
"""The waiver that a gate has now."""
poll = Each[int, Poll | None](_polls, lambda: None, Poll, Gate)
"""The poll of the attempt at a decision that is on now, also when it is over; ask only where the plan has one."""
newest = Each[tuple[int, str], Measurement | None](_newest, lambda: None, Measurement)
"""The newest report of a measure of a plan."""


def read_ahead(tx: Tx, gates: Iterable[Gate]) -> None:
    """Read what there is about many gates, one statement for each kind."""
    numbers = [gate.number for gate in gates]
    for about in (ticks, standing, calls, waiver):
        about.of(tx, numbers)


def known_poll(tx: Tx, poll_id: int) -> Poll:
    """One that there must be."""
    return tx.get_one(Poll, poll_id)


def signature(tx: Tx, signature_id: int) -> Signature | None:
    return tx.get(Signature, signature_id)


def measurements(tx: Tx, plan_id: int, names: Iterable[str]) -> dict[str, Measurement]:
    """The newest report of each of these measures."""
    return {name: row for (_, name), row in newest.of(tx, ((plan_id, name) for name in names)).items() if row}


def signatures(tx: Tx, gate_id: int) -> Sequence[Signature]:
    """Every signature and rejection of a gate, also what no longer counts, oldest first."""
    asked = select(Signature).where(Signature.gate_id == gate_id)
    return tx.session.exec(asked.order_by(col(Signature.id))).all()


def call(tx: Tx, gate_id: int, person: str) -> Call:
    """The same of one person, from now on where there was nothing."""
    row = calls(tx, gate_id).get(person) or Call(gate_id=gate_id, person=person)
    tx.session.add(row)
    tx.session.flush()
    return row


def meant(tx: Tx, plan_id: int, text: str) -> tuple[list[Gate], str]:
    """The gates that a text begins with, by the longest of their names, and the rest of the text.

    A gate goes by its key, its title, its item or else the head of its title (`Gate 1` of `Gate 1: Omega`), and by
    that number.
    """
    text = text.strip()
    found, rest = markup.meant(text, ((name, row) for row in gates(tx, plan_id) for name in _names(row)))
    exact = [row for row in found if markup.means(text.removesuffix(rest), row.key)]
    return exact or found, rest


def _names(gate: Gate) -> Iterator[str]:
    head = gate.item or re.split(r":|\s[-\u2013\u2014]\s", gate.name, maxsplit=1)[0].strip()
    yield from (gate.key, gate.name, head, f"gate {gate.key}")
    if numbered := re.fullmatch(r"gate\s*#?(\w+)", head, re.IGNORECASE):
        yield from (f"{lead}{numbered[1]}" for lead in ("", "#", "gate", "gate ", "gate-", "gate_", "gate #"))


def held_before(tx: Tx, plan_id: int, by: str) -> dict[str, Hold]:
    """The last hold by a gate on each target, standing or lifted."""
    return {hold.target: hold for hold in tx.session.exec(HELD_BY, params={"plan": plan_id, "gate": by})}
