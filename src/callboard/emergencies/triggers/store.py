"""Every query about what triggers did, and the triggers of a plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.emergencies.plan import TRIGGERS, key_of
from callboard.emergencies.triggers.models import Cause, Firing, Trigger
from callboard.planfile.sections import Document
from callboard.plans import service as plans

FIRINGS = Firing.__table__  # type: ignore[attr-defined]
LONGEST = 120
STANDING = (
    select(Firing)
    .where(
        col(Firing.plan_id) == bindparam("plan"),
        col(Firing.trigger).in_(bindparam("triggers", expanding=True)),
        col(Firing.over_at).is_(None),
        col(Firing.stands),
    )
    # In this order the index of what stands has them, and no planner takes the one of all that ever fired.
    .order_by(col(Firing.trigger), col(Firing.cause))
)
STANDING_LOCKED = STANDING.with_for_update()


def triggers(tx: Tx, plan_id: int) -> Sequence[Trigger]:
    """The triggers of a plan, read once for each version of it."""
    document = plans.live(tx, plan_id)
    known: tuple[Document, Sequence[Trigger]] | None = tx.memo.get(("triggers", plan_id))
    if known is None or known[0] is not document:
        found = [Trigger(key_of(part), part) for part in document.of(TRIGGERS) or ()]
        known = tx.memo["triggers", plan_id] = document, found
    return known[1]


def kept(cause: str) -> str:
    """The key of a cause as a row has it."""
    return cause if len(cause) <= LONGEST else hashlib.sha256(cause.encode()).hexdigest()


def begin(tx: Tx, trigger: Trigger, cause: Cause, *, quiet: bool = False) -> Firing | None:
    """Note that a trigger fires; None where it has fired for this cause, which still stands."""
    about = {"plan_id": cause.plan_id, "trigger": trigger.key, "cause": kept(cause.key)}
    new = tx.insert_new(
        FIRINGS, **about, event=trigger.part.on, said=cause.said, stands=cause.stands, quiet=quiet, team=cause.team,
        at=tx.now,
    )  # fmt: skip
    if not new:
        return None
    wanted = select(Firing).where(*(FIRINGS.c[name] == value for name, value in about.items()))
    return tx.session.exec(wanted.where(col(Firing.over_at).is_(None))).one()


def standing(tx: Tx, plan_id: int, triggers: Sequence[str], *, lock: bool = True) -> Mapping[str, dict[str, Firing]]:
    """What is so, as far as each of these triggers has seen it, by cause."""
    found: dict[str, dict[str, Firing]] = {key: {} for key in triggers}
    about = {"plan": plan_id, "triggers": list(triggers)}
    for row in tx.session.exec(STANDING_LOCKED if lock else STANDING, params=about) if triggers else ():
        found[row.trigger][row.cause] = row
    return found


def of_cause(tx: Tx, plan_id: int, trigger: str, cause: str) -> Firing | None:
    """What a trigger did for a cause that still stands."""
    own = select(Firing).where(Firing.plan_id == plan_id, Firing.trigger == trigger, Firing.cause == cause)
    return tx.session.exec(own.where(col(Firing.over_at).is_(None))).first()


def last_blocker(tx: Tx, firing: Firing) -> int | None:
    """The blocker that the trigger opened the last time that it fired."""
    own = select(Firing.blocker).where(Firing.plan_id == firing.plan_id, Firing.trigger == firing.trigger)
    earlier = own.where(col(Firing.id) < firing.id, col(Firing.quiet).is_(False))
    return tx.session.exec(earlier.order_by(col(Firing.id).desc()).limit(1)).first()


def latest(tx: Tx, plan_id: int, keys: Sequence[str]) -> Mapping[str, Firing]:
    """The last time that each trigger fired and did something."""
    found = {}
    for key in keys:
        own = select(Firing).where(Firing.plan_id == plan_id, Firing.trigger == key, col(Firing.quiet).is_(False))
        if row := tx.session.exec(own.order_by(col(Firing.id).desc()).limit(1)).first():
            found[key] = row
    return found


def opened_by(tx: Tx, plan_id: int, blocker: int) -> Firing | None:
    """What opened a blocker, where a trigger did."""
    own = select(Firing).where(Firing.plan_id == plan_id, Firing.blocker == blocker, col(Firing.blocker).is_not(None))
    return tx.session.exec(own.order_by(col(Firing.id)).limit(1)).first()


def so_now(tx: Tx, plan_id: int, keys: Sequence[str]) -> set[str]:
    """The triggers that have fired for what is still so."""
    found = standing(tx, plan_id, keys, lock=False)
    return {key for key, rows in found.items() if any(not row.quiet for row in rows.values())}
