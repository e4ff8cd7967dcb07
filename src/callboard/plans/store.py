"""Every query about plans."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, or_
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.memory import remembered
from callboard.plans.models import ChannelRow, Plan, PlanEdit, PlanVersion


class Standing(NamedTuple):
    """What is asked about a plan at every command."""

    id: int
    key: str
    name: str
    revision: str


PLANS = Plan.__table__  # type: ignore[attr-defined]
STANDING = (
    select(PLANS.c.id, PLANS.c.key, PLANS.c.name, PLANS.c.revision)
    .where(PLANS.c.workspace == bindparam("in_workspace"), PLANS.c.state == "running")
    .order_by(PLANS.c.key)
)

REVISION = select(PLANS.c.revision).where(PLANS.c.id == bindparam("plan"))
EDITS = select(PlanEdit).where(col(PlanEdit.plan_id) == bindparam("plan")).order_by(col(PlanEdit.id))
STARTS_AT = select(PLANS.c.from_at).where(PLANS.c.id == bindparam("plan"))


@remembered(Plan, shared=True)
def running(tx: Tx, workspace: str) -> Sequence[Standing]:
    """The plans that run in a workspace, by key."""
    return [Standing(*row) for row in tx.connection.execute(STANDING, {"in_workspace": workspace})]


@remembered(Plan, shared=True)
def revision(tx: Tx, plan_id: int) -> str | None:
    """The mark of the present state of a plan; None where there is no such plan."""
    read = {plan.id: plan.revision for plans in running.answers(tx) for plan in plans}
    return read.get(plan_id) or tx.connection.execute(REVISION, {"plan": plan_id}).scalar()


@remembered(Plan, shared=True)
def starts_at(tx: Tx, plan_id: int) -> datetime | None:
    """When a plan starts; None where there is no such plan."""
    return tx.connection.execute(STARTS_AT, {"plan": plan_id}).scalar()


def plan(tx: Tx, plan_id: int) -> Plan | None:
    return tx.get(Plan, plan_id)


def locked(tx: Tx, plan_id: int) -> Plan:
    """One plan, as it is now, to be changed."""
    return tx.get_one(Plan, plan_id, lock=True)


def every(tx: Tx, key: str = "") -> Sequence[Plan]:
    """All plans, of all workspaces; or those of one key, `release`, or `T0123ABCD/release` in one workspace."""
    workspace, _, bare = key.rpartition("/")
    asked = select(Plan).order_by(col(Plan.key), col(Plan.id))
    asked = asked.where(Plan.key == bare) if key else asked
    return tx.session.exec(asked.where(Plan.workspace == workspace) if workspace else asked).all()


def ended(tx: Tx, plan_id: int, most: int) -> Sequence[int]:
    """The plans of the workspace of a plan whose time was over last, without itself."""
    workspace = select(Plan.workspace).where(Plan.id == plan_id).scalar_subquery()
    others = select(Plan.id).where(Plan.workspace == workspace, Plan.id != plan_id, Plan.to_at < tx.now)
    return [number for number in tx.session.exec(others.order_by(col(Plan.to_at).desc()).limit(most)) if number]


def homeless(tx: Tx) -> Sequence[Plan]:
    """The plans that no workspace has adopted yet."""
    return tx.session.exec(select(Plan).where(Plan.workspace == "").order_by(col(Plan.id)).with_for_update()).all()


def any_homeless(tx: Tx) -> bool:
    """Whether there is a plan that no workspace has adopted yet."""
    return tx.session.exec(select(Plan.id).where(Plan.workspace == "").limit(1)).first() is not None


def applied_at(tx: Tx, plan_id: int) -> datetime:
    """When the first version was applied; long ago where none is kept."""
    first = version(tx, plan_id, 1)
    return first.at if first else datetime.min.replace(tzinfo=UTC)


def version(tx: Tx, plan_id: int, number: int) -> PlanVersion | None:
    return tx.get(PlanVersion, (plan_id, number))


def edits(tx: Tx, plan_id: int) -> Sequence[PlanEdit]:
    """What people changed since the version last applied, the oldest first."""
    return tx.session.exec(EDITS, params={"plan": plan_id}).all()


def is_of_another(tx: Tx, workspace: str, channel: str) -> bool:
    """Whether a channel, by its id, belongs to a plan that runs in another workspace."""
    of_plans = select(ChannelRow.id).join(Plan, col(Plan.id) == col(ChannelRow.plan_id))
    here = of_plans.where(ChannelRow.slack_id == channel, ~col(ChannelRow.gone), Plan.state == "running")
    return bool(channel) and tx.session.exec(here.where(Plan.workspace != workspace)).first() is not None


def channels(tx: Tx, plan_id: int) -> Sequence[ChannelRow]:
    """The channels that a plan has ever named."""
    return tx.session.exec(select(ChannelRow).where(ChannelRow.plan_id == plan_id).order_by(col(ChannelRow.id))).all()


def channels_to_find(tx: Tx, workspace: str, unreached: Collection[str] = ()) -> Sequence[str]:
    """The names of the channels of a workspace's plans that have no Slack id, are not reached, or have no bot."""
    wanted = select(ChannelRow.name).join(Plan, col(Plan.id) == col(ChannelRow.plan_id))
    unknown = col(ChannelRow.slack_id).in_({"", *unreached})
    outside = or_(unknown, col(ChannelRow.member).is_(None), ~col(ChannelRow.member))
    running = wanted.where(Plan.workspace == workspace, Plan.state == "running", ~col(ChannelRow.gone), outside)
    return tx.session.exec(running.order_by(col(Plan.key), col(ChannelRow.id))).all()
