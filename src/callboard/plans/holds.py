"""Holds: a reason why a target may not go on, and who holds it. What a plan `needs` places them, as others may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, and_, bindparam, exists, literal_column
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.memory import Each, remembered
from callboard.core.rows import bare
from callboard.core.ticks import rows_due
from callboard.core.timeline import BOT, Entry, Subject
from callboard.planfile import needs
from callboard.planfile.sections import Document, Waits, entries
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans import evidence, live_plan, store
from callboard.plans.models import Hold, HoldLifted

KIND, PLAN = "hold", "plan"
WRITTEN = col(Hold.source) == literal_column(f"'{PLAN}'")
EVERY_GATE, EVERY_LOCK = "every gate", "every lock"
"""Targets that stand for all of a kind: no gate passes, no lock is given."""


HOLDS: Table = Hold.__table__  # type: ignore[attr-defined]
NAMES = tuple(HOLDS.c.keys())
STANDING = (
    select_columns(*HOLDS.c)
    .where(HOLDS.c.plan_id == bindparam("plan"), HOLDS.c.lifted_at.is_(None))
    .order_by(HOLDS.c.id)
)
NUMBERED = select(Hold).where(col(Hold.id).in_(bindparam("numbers", expanding=True))).order_by(col(Hold.id))


def standing(tx: Tx, plan_id: int, target: str = "") -> Sequence[Hold]:
    """What holds a target now, or all targets of a plan, oldest first; for whoever only looks."""
    return on(tx, (plan_id, target)) if target else _every(tx, plan_id)


@remembered(Hold, shared=True)
def _every(tx: Tx, plan_id: int) -> Sequence[Hold]:
    return [bare(Hold, zip(NAMES, row, strict=True)) for row in tx.connection.execute(STANDING, {"plan": plan_id})]


def _standing(column: Column[Any]) -> Each[tuple[int, str], list[Hold]]:
    wanted = STANDING.where(column.in_(bindparam("names", expanding=True)))

    def read(tx: Tx, keys: list[tuple[int, str]]) -> Mapping[tuple[int, str], list[Hold]]:
        found = defaultdict(list)
        for plan_id in {plan_id for plan_id, _ in keys}:
            names = [key for of, key in keys if of == plan_id]
            for row in tx.connection.execute(wanted, {"plan": plan_id, "names": names}):
                hold = bare(Hold, zip(NAMES, row, strict=True))
                found[plan_id, getattr(hold, column.key)].append(hold)
        return found

    return Each(read, list, Hold, shared=True)


on = _standing(HOLDS.c.target)
"""What holds a target of a plan now, oldest first; for whoever only looks."""
held_by = _standing(HOLDS.c.by)
"""What something holds in a plan now, oldest first."""


def placed_at(tx: Tx, plan_id: int, target: str, by: str) -> datetime | None:
    """Since when something held a target, or did so last."""
    wanted = select(Hold).where(Hold.plan_id == plan_id, Hold.by == by, Hold.target == target)
    last = tx.session.exec(wanted.order_by(col(Hold.id).desc()).limit(1)).first()
    return last.placed_at if last else None


def frozen(tx: Tx, plan_id: int, target: str) -> str:
    """Why all of a kind may not go on now, in a sentence; empty while they may. Asked once for each state of a plan."""
    revision, known = store.revision(tx, plan_id), tx.memo.get(("frozen", plan_id))
    if known is None or known[0] != revision:
        found = on.of(tx, [(plan_id, each) for each in (EVERY_GATE, EVERY_LOCK)])
        known = tx.memo["frozen", plan_id] = (
            revision,
            {each: held[0].reason for (_, each), held in found.items() if held},
        )
    why: str = known[1].get(target, "")
    return why


def unhindered() -> Any:
    """The holds that stand while nothing holds whoever holds them."""
    other = aliased(Hold)
    same = and_(col(other.plan_id) == col(Hold.plan_id), col(other.target) == col(Hold.by))
    return and_(col(Hold.lifted_at).is_(None), ~exists().where(same, col(other.lifted_at).is_(None)))


def place(tx: Tx, plan_id: int, kind: str, target: str, by: str, reason: str = "", *, actor: str = BOT) -> Hold:
    """Hold a target; where `by` holds it already, that stays as it is."""
    present = next((hold for hold in standing(tx, plan_id, target) if hold.by == by), None)
    new = Hold(plan_id=plan_id, kind=kind, target=target, by=by, reason=reason, placed_at=tx.now)
    return present or _placed(tx, new, actor)


def reword(tx: Tx, plan_id: int, by: str, reason: str) -> None:
    """What `by` holds is held for the same reason, which reads otherwise now."""
    own = select(Hold).where(Hold.plan_id == plan_id, Hold.by == by, col(Hold.lifted_at).is_(None))
    held = [hold for hold in tx.session.exec(own).all() if hold.reason != reason]
    for hold in held:
        hold.reason = reason
    tx.session.flush()
    _forget(tx, plan_id, held)


def lift(tx: Tx, plan_id: int, *, target: str = "", by: str = "", actor: str = BOT, reason: str = "") -> Sequence[Hold]:
    """Lift what holds a target, or all that `by` holds, or what `by` holds of it; return what was lifted."""
    of = on(tx, (plan_id, target)) if target else held_by(tx, (plan_id, by)) if by else _every(tx, plan_id)
    numbers = [hold.id for hold in of if by in ("", hold.by)]
    lifted = tx.session.exec(NUMBERED, params={"numbers": numbers}).all() if numbers else ()
    for hold in lifted:
        hold.lifted_at, hold.lifted_by = tx.now, actor
        _record(tx, hold, "lifted", actor, reason)
    tx.session.flush()
    _forget(tx, plan_id, lifted)
    held = {target for (_, target), others in on.of(tx, ((plan_id, hold.target) for hold in lifted)).items() if others}
    for hold in lifted:
        tx.publish(HoldLifted(plan_id, hold.kind, hold.target, hold.by, hold.target not in held, actor == PLAN))
    return lifted


def overrule(tx: Tx, plan_id: int, target: str, actor: str, reason: str) -> Sequence[Hold]:
    """Lift all that holds a target. Raises Refused without a reason, and where nothing holds it."""
    held = list(dict.fromkeys(hold.target for hold in standing(tx, plan_id)))
    if target not in held:
        sentence = f"`{target}` is not on hold"
        raise unknown(sentence, target, held) if held else Refused(f"{sentence}; nothing is.")
    reason = m.needed(reason, f"Say why; it is recorded: `/plan lift {target} because ...`")
    return lift(tx, plan_id, target=target, actor=actor, reason=reason)


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """Hold what waits for something by the plan; lift what no longer waits. What people lifted stays lifted."""
    wanted = {(target, by): (kind, due_at) for kind, target, by, due_at in _wanted(document)}
    written = select(Hold).where(Hold.plan_id == plan_id, WRITTEN).order_by(col(Hold.id))
    last = {(hold.target, hold.by): hold for hold in tx.session.exec(written)}
    for (target, by), hold in last.items():
        if (target, by) not in wanted and hold.lifted_at is None:
            lift(tx, plan_id, target=target, by=by, actor=PLAN, reason="the plan no longer says so")
    for (target, by), (kind, due_at) in wanted.items():
        present = last.get((target, by))
        if present is None or present.lifted_by == PLAN:
            new = Hold(plan_id=plan_id, kind=kind, target=target, by=by, source=PLAN, placed_at=tx.now, due_at=due_at)
            _placed(tx, new, BOT)
        else:
            present.due_at = due_at
    tx.session.flush()


def _wanted(document: Document) -> Iterator[tuple[str, str, str, datetime | None]]:
    """Kind and id of what waits, the id of each thing it needs and that is not done, and when that begins."""
    tasks = entries(document.body.get("tasks"))
    done = {key for key, task in tasks if str(task.get("status", "")).lower() == "completed"}
    phases = set(document.keys("phases"))
    kinds = {section.name: section for section in document.sections}
    for need in needs.written(document):
        kind = kinds[str(need.path[0])]
        for by in need.ids if kind.waits is not Waits.UNHELD else ():
            if by not in done and by != need.of and (kind.waits is Waits.HELD or by in phases):
                yield kind.one, need.of, by, begins(document, by)


def begins(document: Document, phase: str) -> datetime | None:
    """When a phase begins; None for what is none."""
    part = (document.values.get("phases") or {}).get(phase)
    return instant_of(timetable(document), part and part.from_, opening=True)


def _placed(tx: Tx, hold: Hold, actor: str) -> Hold:
    tx.session.add(hold)
    tx.session.flush()
    _forget(tx, hold.plan_id, [hold])
    _record(tx, hold, "placed", actor, hold.reason)
    return hold


def _forget(tx: Tx, plan_id: int, holds: Sequence[Hold]) -> None:
    """Whoever remembers what is frozen asks again."""
    if any(hold.target in (EVERY_GATE, EVERY_LOCK) for hold in holds):
        live_plan.changed(tx, plan_id)


def _record(tx: Tx, hold: Hold, verb: str, actor: str, reason: str) -> None:
    about = Subject(KIND, hold.id or 0)
    timeline.record(tx, hold.plan_id, about, verb, actor=actor, said=reason or None, target=hold.target, by=hold.by)


def differences(tx: Tx, plan_id: int) -> Iterator[str]:
    """Holds that are not as the timeline has them, in sentences."""
    yield from evidence.differences(KIND, evidence.rows(tx, plan_id, Hold), evidence.told(tx, plan_id, KIND, _learn))


def _learn(columns: evidence.Columns, entry: Entry) -> None:
    columns |= {"target": entry.facts["target"], "by": entry.facts["by"]}
    if entry.verb == "lifted":
        columns |= {"lifted_at": entry.at, "lifted_by": entry.actor}
    else:
        columns |= {"placed_at": entry.at, "lifted_at": None, "lifted_by": ""}
        evidence.learn_said(columns, "reason", entry, "")


def _begin(tx: Tx, ids: Sequence[int]) -> None:
    """Lift the holds by phases that begin now; one that is held itself does not begin."""
    for hold in tx.session.exec(select(Hold).where(col(Hold.id).in_(ids), col(Hold.lifted_at).is_(None))).all():
        lift(tx, hold.plan_id, target=hold.target, by=hold.by, reason=f"{hold.by} has begun")


phases_begin = rows_due("holds", _begin, Hold.id, Hold.due_at, unhindered())
