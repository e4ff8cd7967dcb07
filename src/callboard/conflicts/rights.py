"""Who may do what with a conflict, and whether it still stands as they saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.conflicts import store
from callboard.conflicts.models import GOING, Conflict
from callboard.core.errors import Refused
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

TO_LIST = "`/lock conflicts` shows those that there are."


def known(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Conflict:
    """The one with this number, of the asker's plan, as they last saw it; locked."""
    conflict = store.find(tx, number, lock=True)
    if conflict is None or conflict.plan_id != asker.directory.plan_id:
        raise Refused(f"There is no conflict {number} in {b.escape(asker.directory.plan_name)}. {TO_LIST}")
    if expected is not None and expected != conflict.changes:
        since = store.changes_since(tx, conflict, expected)
        told = "; ".join(f"{_by(asker, one.actor)}{one.verb} at {b.date(one.at)}" for one in since)
        told = told or "it has changed"
        raise Refused(f"That button is older than what happened to conflict {number}: {told}. Nothing was changed now.")
    return conflict


def going(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Conflict:
    """The same, not gone and not accepted."""
    conflict = known(tx, asker, number, expected)
    if conflict.state not in GOING:
        how = f"{conflict.ended_how or 'over'}{f', {b.date(conflict.ended_at)}' if conflict.ended_at else ''}"
        raise Refused(f"Conflict {number} needs nothing any more: it is {how}. {TO_LIST}")
    return conflict


def may(asker: Asker, conflict: Conflict, what: str) -> None:
    """The teams concerned may, the people of the branches, their leads, and whoever coordinates."""
    directory, person = asker.directory, asker.person
    own = {team.key for team in directory.teams_of(person)}
    if own & set(conflict.teams) or person.key in conflict.people or directory.has_role(person, "coordinator"):
        return
    names = " and ".join(b.escape(directory.teams[key].name) for key in conflict.teams if key in directory.teams)
    raise Refused(f"Conflict {conflict.number} is between {names or 'others'}: to {what} is for them.")


def _by(asker: Asker, actor: str) -> str:
    person = asker.directory.people.get(actor)
    return f"{asker.directory.called(person)} " if person else ""
