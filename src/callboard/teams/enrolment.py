"""Makes the rows of roles, people and teams what an applied plan says; live absences and links stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from callboard.planfile.sections import Document
from callboard.teams import store
from callboard.teams.models import Absence, PersonRow, RoleRow, TeamRow
from callboard.teams.parts import PersonPart, RolePart, TeamPart

if TYPE_CHECKING:
    from callboard.core.db import Tx

Row = TypeVar("Row", PersonRow, RoleRow, TeamRow)
AnyPart = PersonPart | RolePart | TeamPart


def roles(tx: Tx, plan_id: int, parts: Mapping[str, RolePart]) -> None:
    """Keep the roles that the plan names."""
    _keep(
        tx, plan_id, RoleRow, store.roles(tx, plan_id), parts, {key: {"name": part.name} for key, part in parts.items()}
    )


def teams(tx: Tx, plan_id: int, document: Document, parts: Mapping[str, TeamPart]) -> None:
    """Keep the teams."""
    _keep(tx, plan_id, TeamRow, store.teams(tx, plan_id), parts, document.body.get("teams") or {})


def people(tx: Tx, plan_id: int, document: Document, parts: Mapping[str, PersonPart]) -> None:
    """Keep the people, the Slack ids that were looked up, and the absences that were noted since."""
    before = {
        row.key: (row.email, row.slack_id, str(row.written.get("slack", ""))) for row in store.people(tx, plan_id)
    }
    rows = _keep(tx, plan_id, PersonRow, store.people(tx, plan_id), parts, document.body.get("people") or {})
    written = {part.slack for part in parts.values() if part.slack}
    for key, part in parts.items():
        email, slack_id, was_written = before.get(key, ("", "", ""))
        looked_up = slack_id if not was_written and email == part.email and slack_id not in written else ""
        rows[key].email, rows[key].slack_id = part.email, part.slack or looked_up
    tx.session.flush()
    _absences(tx, plan_id, parts)


def _keep(
    tx: Tx,
    plan_id: int,
    kind: type[Row],
    there: Sequence[Row],
    parts: Mapping[str, AnyPart],
    written: Mapping[str, Any],
) -> dict[str, Row]:
    rows = {row.key: row for row in there}
    for key, row in rows.items():
        row.gone = key not in parts
    for position, (key, part) in enumerate(parts.items()):
        row = rows.setdefault(key, kind(plan_id=plan_id, key=key, name=part.name))
        row.sqlmodel_update({"name": part.name, "position": position, "written": dict(written[key])})
    tx.session.add_all(rows.values())
    return rows


def _absences(tx: Tx, plan_id: int, parts: Mapping[str, PersonPart]) -> None:
    wanted = {(key, days.first, days.last) for key, part in parts.items() for days in part.away}
    for absence in store.absences(tx, plan_id):
        if absence.source != "plan":
            continue
        if (absence.person, absence.first_day, absence.last_day) in wanted:
            wanted.remove((absence.person, absence.first_day, absence.last_day))
        else:
            tx.session.delete(absence)
    for person, first, last in sorted(wanted):
        tx.session.add(
            Absence(plan_id=plan_id, person=person, first_day=first, last_day=last, source="plan", told_at=tx.now)
        )
    tx.session.flush()
