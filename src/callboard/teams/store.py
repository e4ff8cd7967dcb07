"""Every query about people, teams, roles and absences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import literal_column
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.deliveries import Delivery
from callboard.core.timeline import Subject
from callboard.plans.models import Plan
from callboard.teams.models import Absence, PersonRow, RoleRow, Source, TeamRow

# Written out: an index of few rows is used only where its condition is seen.
IS_SUMMARY = col(Delivery.kind) == literal_column("'teams.away'")
IS_WRITTEN = col(Absence.source) == literal_column(f"'{Source.PLAN}'")
Row = TypeVar("Row", PersonRow, RoleRow, TeamRow)


def every(tx: Tx, kind: type[Row], plan_id: int) -> Sequence[Row]:
    """All people, roles or teams that are or were in a plan, in the order of the file."""
    rows = select(kind).where(kind.plan_id == plan_id).order_by(col(kind.position), col(kind.id))
    return tx.session.exec(rows).all()


def present(tx: Tx, kind: type[Row], plan_id: int) -> list[Row]:
    """Those of them that the plan names now."""
    return [row for row in every(tx, kind, plan_id) if not row.gone]


def unlinked(tx: Tx, workspace: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """The address, and what the plan says, of everybody in a workspace's plans who has no Slack id."""
    wanted = select(PersonRow.email, PersonRow.written).join(Plan, col(Plan.id) == col(PersonRow.plan_id))
    missing = wanted.where(PersonRow.slack_id == "", PersonRow.email != "", ~col(PersonRow.gone))
    running = missing.where(Plan.workspace == workspace, Plan.state == "running")
    return tx.session.exec(running.order_by(col(Plan.key), col(PersonRow.position), col(PersonRow.id))).all()


def lost(tx: Tx, workspace: str) -> Sequence[str]:
    """The Slack accounts of people in a workspace's plans that take nothing."""
    wanted = select(PersonRow.slack_id).join(Plan, col(Plan.id) == col(PersonRow.plan_id))
    accounts = wanted.where(PersonRow.lost != "", ~col(PersonRow.gone))
    return tx.session.exec(accounts.where(Plan.workspace == workspace, Plan.state == "running")).all()


def summaries(tx: Tx, plan_id: int) -> Sequence[Delivery]:
    """What tells the coordinators, once Slack takes it, how pages went meanwhile."""
    unsent = (IS_SUMMARY, col(Delivery.posted_at).is_(None), Delivery.plan_id == plan_id)
    found = tx.session.exec(select(Delivery).where(*unsent).with_for_update()).all()
    return [each for each in found if each.state in ("waiting", "sending")]


def told_of_leavers(tx: Tx, plan_id: int, since: datetime) -> Sequence[Delivery]:
    """What tells the coordinators since an instant of people who left Slack, one by one or together."""
    tx.flush()
    people, about = select(PersonRow.id).where(PersonRow.plan_id == plan_id), col(Delivery.subject_id)
    alone = Delivery.subject_kind == "person", about.in_(people), Delivery.kind == "teams.lost"
    together = Delivery.subject_kind == "plan", about == plan_id, Delivery.kind == "teams.leavers"
    return [
        told for which in (alone, together)
        for told in tx.session.exec(select(Delivery).where(*which, Delivery.created_at > since).with_for_update())
    ]  # fmt: skip


def subject(tx: Tx, plan_id: int, key: str) -> Subject:
    """What the timeline calls a person."""
    found = select(PersonRow.id).where(PersonRow.plan_id == plan_id, PersonRow.key == key)
    return Subject("person", tx.session.exec(found).first() or 0)


def noted(tx: Tx, plan_id: int) -> Sequence[Absence]:
    """The absences of a plan that stand, in the order of their days."""
    standing = select(Absence).where(Absence.plan_id == plan_id, col(Absence.called_off_at).is_(None))
    return tx.session.exec(standing.order_by(col(Absence.first_day), col(Absence.id))).all()


def written_absences(tx: Tx, plan_id: int) -> Sequence[Absence]:
    """The absences that a plan file names, removed ones too."""
    wanted = select(Absence).where(Absence.plan_id == plan_id, IS_WRITTEN).order_by(col(Absence.id))
    return tx.session.exec(wanted).all()
