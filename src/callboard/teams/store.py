"""Every query about people, teams, roles and absences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlmodel import col, select

from callboard.core.timeline import Subject
from callboard.teams.models import Absence, PersonRow, RoleRow, TeamRow

if TYPE_CHECKING:
    from callboard.core.db import Tx


def people(tx: Tx, plan_id: int) -> Sequence[PersonRow]:
    """Everybody who is or was in a plan, in the order of the file."""
    return tx.session.exec(
        select(PersonRow).where(PersonRow.plan_id == plan_id).order_by(col(PersonRow.position), col(PersonRow.id))
    ).all()


def person(tx: Tx, plan_id: int, key: str) -> PersonRow | None:
    """One person of a plan."""
    return tx.session.exec(select(PersonRow).where(PersonRow.plan_id == plan_id, PersonRow.key == key)).first()


def subject(tx: Tx, plan_id: int, key: str) -> Subject:
    """What the timeline calls a person."""
    row = person(tx, plan_id, key)
    return Subject("person", row.id or 0 if row else 0)


def teams(tx: Tx, plan_id: int) -> Sequence[TeamRow]:
    """Every team that is or was in a plan, in the order of the file."""
    return tx.session.exec(
        select(TeamRow).where(TeamRow.plan_id == plan_id).order_by(col(TeamRow.position), col(TeamRow.id))
    ).all()


def roles(tx: Tx, plan_id: int) -> Sequence[RoleRow]:
    """The roles that a plan has named."""
    return tx.session.exec(
        select(RoleRow).where(RoleRow.plan_id == plan_id).order_by(col(RoleRow.position), col(RoleRow.id))
    ).all()


def absences(tx: Tx, plan_id: int) -> Sequence[Absence]:
    """The absences of a plan, removed ones too, in the order of their days."""
    return tx.session.exec(
        select(Absence).where(Absence.plan_id == plan_id).order_by(col(Absence.first_day), col(Absence.id))
    ).all()
