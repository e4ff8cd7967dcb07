"""Criteria that people tick: found by number or words, ticked, unticked."""

from __future__ import annotations

from contextlib import suppress

from callboard.blocks import markup
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import few, folded
from callboard.gates import rights, store
from callboard.gates.assessment import Look
from callboard.gates.criteria import key_of, leaves
from callboard.gates.models import Tick, Verb
from callboard.gates.plan.types import TickPart, of_kind
from callboard.gates.service.changes import changed, open_gate
from callboard.teams.directory import Asker

FEW = 12


def tick(tx: Tx, asker: Asker, key: str, which: str, evidence: str = "", expected: int | None = None) -> Look:
    """Say that a criterion is met, having looked at it."""
    look = open_gate(tx, asker, key, expected)
    part, behind = _criterion(look, which)
    evidence = evidence or behind
    seat = rights.ticks(look, asker, part)
    earlier = look.facts.ticks.get(key_of(part))
    if earlier and earlier.evidence == evidence:
        raise Refused(
            f"{look.directory.called(earlier.by)} has already ticked that: {part.tick}. `/gate untick` undoes it."
        )
    _delete_tick(look, key_of(part))
    row = Tick(gate_id=look.gate.number, criterion=key_of(part), by=asker.person.key, at=tx.now, evidence=evidence)
    tx.session.add(row)
    return changed(look, asker, Verb.TICKED, on_behalf_of=seat, said=evidence or None, **_named(part))


def may_tick(tx: Tx, asker: Asker, key: str) -> tuple[Look, list[TickPart]]:
    """A gate and what the asker can tick there. Raises Refused where that is nothing."""
    look = open_gate(tx, asker, key)
    lacking = {leaf.key for leaf in leaves(look.lacking) if not leaf.holds}
    parts = [part for part in of_kind(TickPart, look.part.criteria) if key_of(part) in lacking]
    if not parts:
        raise Refused(f"Everything in {markup.escape(look.gate.name)} that can be ticked is ticked.")
    own: list[TickPart] = []
    for part in parts:
        with suppress(Refused):
            rights.ticks(look, asker, part)
            own.append(part)
    if not own:
        rights.ticks(look, asker, parts[0])
    return look, own


def untick(tx: Tx, asker: Asker, key: str, which: str) -> Look:
    look = open_gate(tx, asker, key)
    part, _ = _criterion(look, which)
    earlier = look.facts.ticks.get(key_of(part))
    if earlier is None:
        raise Refused(f"Nobody has ticked that: {part.tick}.")
    seat = None if earlier.by == asker.person.key else rights.ticks(look, asker, part)
    _delete_tick(look, key_of(part))
    return changed(look, asker, Verb.UNTICKED, on_behalf_of=seat, **_named(part))


def _criterion(look: Look, which: str) -> tuple[TickPart, str]:
    """The criterion meant by its number on the card, its key or its words, and what is behind the number.

    Raises Refused.
    """
    every = of_kind(TickPart, look.part.criteria)
    if not every:
        gate = look.gate
        raise Refused(f"{markup.escape(gate.name)} has nothing to tick. `/gate show {gate.key}` shows how it stands.")
    if keyed := [part for part in every if key_of(part) == which]:
        return keyed[0], ""
    wanted = markup.as_typed(which)
    exact = [part for part in every if wanted in (key_of(part), folded(part.tick))]
    near = exact or [part for part in every if wanted and wanted in folded(part.tick)]
    number, _, behind = which.strip().partition(" ")
    if number.isdecimal() and 0 < int(number) <= len(every) and (not behind or not near):
        return every[int(number) - 1], behind.strip()
    if len(near) == 1:
        return near[0], ""
    numbered = few([f"{n} {part.tick}" for n, part in enumerate(every, 1) if part in (near or every)], FEW, "; ")
    asked = markup.clip(which, 60)
    what = f"`{asked}` could be several." if near else f"No criterion is called `{asked}`." if asked else "Which one?"
    raise Refused(f"{what} Type its number: {numbered}.")


def _named(part: TickPart) -> dict[str, str]:
    return {"criterion": part.tick, "key": key_of(part)}


def _delete_tick(look: Look, criterion: str) -> None:
    for row in store.ticks(look.tx, look.gate.number):
        if row.criterion == criterion:
            look.tx.session.delete(row)
    look.tx.session.flush()
