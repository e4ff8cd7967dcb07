"""Gates on the line of time: how each stood when it was last looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from callboard.board.picture.counts import Count, Row
from callboard.board.picture.parts import Gate
from callboard.board.picture.scene import NOTHING, Scene, instant
from callboard.board.picture.state import Columns
from callboard.gates.criteria import key_of
from callboard.gates.models import NO, SETTLED, State
from callboard.gates.plan.items import gates_of
from callboard.gates.plan.types import GatePart


def gates(scene: Scene) -> tuple[Gate, ...]:
    """Every gate of the plan of then, the one due first in front; without a date last."""
    known = {columns["key"]: columns for _, columns in scene.rows("gate") if "key" in columns}
    drawn = [
        scene.same("gate", key, columns, partial(_gate, scene, key, part, columns))
        for key, part in gates_of(scene.document).items() for columns in (known.get(key, NOTHING),)
    ]  # fmt: skip
    return tuple(sorted(drawn, key=lambda gate: (gate.due is None, gate.due or scene.at)))


def _gate(scene: Scene, key: str, part: GatePart, known: Columns) -> tuple[Gate, datetime | None]:
    state, due = str(known.get("state", State.PENDING)), scene.placed(part.due)
    over = state in SETTLED
    criteria, late_from = tuple(_criteria(scene, part, known)), None if over else due
    made = Gate(
        key=key, name=part.name, state=state, due=due, expected=instant(known.get("expected")),
        settled=instant(known.get("settled")), late=scene.is_past(late_from),
        chance=None if over else known.get("chance"), middle=None if over else instant(known.get("middle")),
        often=None if over else instant(known.get("often")), in_doubt=bool(known.get("doubt")),
        decision=part.decision, criteria=Count(criteria),
        met=Count(tuple(row for row in criteria if row.state == "met")),
        sign_offs=Count(tuple(_signed(scene, each) for each in known.get("signed", ()))),
        missing=Count(tuple(_missing(scene, known))),
        outcome=tuple(map(scene.words, known.get("why", ()))) if state == State.FAILED else (),
    )  # fmt: skip
    return made, late_from


def _criteria(scene: Scene, part: GatePart, known: Columns) -> Iterator[Row]:
    if "criteria" not in known:
        yield from (Row(kind="criterion", key=key_of(each), name=key_of(each), state="open") for each in part.criteria)
    for key, says, holds, stands in known.get("criteria", ()):
        state = "met" if holds else f"open: {scene.words(stands)}" if stands else "open"
        yield Row(kind="criterion", key=key, name=scene.words(says), state=state)


def _signed(scene: Scene, signature: list[Any]) -> Row:
    person, verdict, at = signature
    state = "said no" if verdict == NO else "signed"
    return Row(kind="person", key=person, name=scene.person(person), state=state, at=instant(at))


def _missing(scene: Scene, known: Columns) -> Iterator[Row]:
    for says, people in known.get("missing", ()):
        yield Row(kind="sign-off", key=" ".join(people), name=scene.words(says), state=scene.people(people) or "nobody")
