"""What somebody did behind Callboard's back to a plan's timeline, chain and published heads, and to its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from sqlalchemy import select, union
from sqlmodel import col

from callboard.core import seal
from callboard.core.db import Tx
from callboard.core.deliveries import DELIVERIES
from callboard.core.errors import Refused
from callboard.core.words import counted
from callboard.plans import evidence
from callboard.plans import service as plans
from callboard.plans.models import Plan, PlanVersion
from callboard.teams import service as teams


class Finding(NamedTuple):
    """How many entries of a plan are sealed, and what is wrong, in sentences."""

    plan: str
    sealed: int
    wrong: Sequence[str]


def verify(tx: Tx, key: str = "", heads: Mapping[int, str] | None = None) -> list[Finding]:
    """Look at one plan, or at all; and, either way, for what is left of plans whose row is gone.

    Raises Refused for a key that no plan has, if nothing anywhere looks as if one had had it.
    """
    asked = plans.every(tx, key)
    found = [_plan(tx, plan, heads) for plan in asked or plans.every(tx)]
    found += [_lost(tx, plan_id, heads) for plan_id in _without_row(tx)]
    if key and not asked and not any(finding.wrong for finding in found):
        raise Refused(f"There is no plan `{key}`, and no trace of one.")
    return found


def _plan(tx: Tx, plan: Plan, heads: Mapping[int, str] | None) -> Finding:
    plan_id = plan.id or 0
    sealed, wrong = seal.verify(tx, plan_id, heads)
    more = (_unpublished(tx, plan_id), evidence.changed(tx, plan), _emptied(tx, plan))
    rows = (_rows(tx, plan, each) for each in tx.of(evidence.EVIDENCE))
    return Finding(plan.key, sealed, [*wrong, *chain(*more, *rows)])


def _rows(tx: Tx, plan: Plan, differences: evidence.Differences) -> Sequence[str]:
    """What a capability finds in its rows: what was changed may be so that nobody can read it."""
    try:
        return [f"plan `{plan.key}`: {sentence}" for sentence in differences(tx, plan.id or 0)]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        place = differences.__module__.split(".")[1]
        return [f"plan `{plan.key}`: {place} can't be read ({error}), so something in it was changed"]


def _lost(tx: Tx, plan_id: int, heads: Mapping[int, str] | None) -> Finding:
    sealed, wrong = seal.verify(tx, plan_id, heads)
    gone = f"the row of the plan with id {plan_id} is gone: {counted(sealed, 'sealed entry', 'sealed entries')} remain"
    return Finding(f"plan {plan_id}", sealed, [gone, *wrong])


def _without_row(tx: Tx) -> list[int]:
    """The ids that timeline, chains, versions or messages have of plans that are not here."""
    entries, chains = seal.ENTRIES, seal.Chain.__table__  # type: ignore[attr-defined]
    versions = PlanVersion.__table__  # type: ignore[attr-defined]
    ids = (table.c.plan_id for table in (entries, chains, versions, DELIVERIES))
    every = union(*(select(each).where(each > 0) for each in ids)).subquery()
    known = select(col(Plan.id))
    return sorted(tx.connection.execute(select(every.c[0]).where(every.c[0].not_in(known))).scalars())


def _emptied(tx: Tx, plan: Plan) -> Iterator[str]:
    """A plan that was applied has entries."""
    if plan.version and tx.connection.execute(
        select(seal.ENTRIES.c.id).where(seal.ENTRIES.c.plan_id == plan.id).limit(1)
    ).first() is None:  # fmt: skip
        yield f"plan `{plan.key}` has version {plan.version}, and no entry at all: its timeline was deleted"


def _unpublished(tx: Tx, plan_id: int) -> Iterator[str]:
    """Where a chain is older than a day, a head was given to the channel."""
    head = tx.get(seal.Chain, plan_id)
    told = len(seal.announced(tx, plan_id))
    first = tx.connection.execute(
        select(seal.ENTRIES.c.at).where(seal.ENTRIES.c.plan_id == plan_id, seal.ENTRIES.c.seq == 1)
    ).scalar()
    if (
        head
        and first
        and not told
        and head.publish_at >= first + 2 * seal.DAY
        and teams.directory(tx, plan_id).home_channel()
    ):
        yield f"no published head is here, although one was due by {head.publish_at - seal.DAY:%Y-%m-%d %H:%M} UTC"
