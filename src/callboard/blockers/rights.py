"""Who may do what with a blocker, and whether it still stands as they saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard import blocks
from callboard.blockers import store
from callboard.blockers.models import Blocker
from callboard.core.errors import Refused
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

WATCHERS = {"stakeholder", "observer"}


def known(tx: Tx, asker: Asker, number: int, *, lock: bool = True) -> Blocker:
    """The blocker with this number, of the asker's plan."""
    blocker = store.find(tx, number, lock=lock)
    if blocker is None or blocker.plan_id != asker.directory.plan_id:
        open_ones = ", ".join(str(b.number) for b in store.open_in(tx, asker.directory.plan_id)[:8]) or "none"
        plan = asker.directory.plan_name
        raise Refused(f"There is no blocker {number} in {plan}. Open: {open_ones}. `/blocker list` shows them.")
    return blocker


def still_open(tx: Tx, asker: Asker, number: int, expected: int | None, *, lock: bool = True) -> Blocker:
    """The blocker with this number, open and as the asker last saw it."""
    blocker = known(tx, asker, number, lock=lock)
    guard(tx, asker, blocker, expected)
    if not blocker.is_open:
        when = f", {blocks.date(blocker.closed_at, 'both')}" if blocker.closed_at else ""
        by = asker.directory.called(blocker.closed_by)
        raise Refused(f"Blocker {number} was {blocker.state} by {by}{when}. If it is back: `/blocker reopen {number}`.")
    return blocker


def guard(tx: Tx, asker: Asker, blocker: Blocker, expected: int | None) -> None:
    """An old button does nothing but say what happened since and by whom."""
    if expected is None or expected == blocker.changes:
        return
    since = store.changes_since(tx, blocker, expected)
    called = asker.directory.called
    told = "; ".join(f"{called(e.actor)} {e.verb} it at {blocks.date(e.at)}" for e in since) or "it has changed"
    raise Refused(
        f"That button is older than what happened to blocker {blocker.number}: {told}. Nothing was changed now."
    )


def leads(asker: Asker, blocker: Blocker) -> bool:
    """Whether the asker leads its team, or coordinates the plan."""
    directory = asker.directory
    return directory.has_role(asker.person, "coordinator") or directory.is_lead(asker.person, blocker.team)


def who_leads(asker: Asker, blocker: Blocker) -> str:
    """Who leads its team or coordinates, by name."""
    directory = asker.directory
    people = [*directory.leads_of(blocker.team or ""), *directory.coordinators]
    return directory.one_of(people) or "the coordinator"


def not_a_watcher(asker: Asker, what: str) -> None:
    """Refuse those who only follow the plan."""
    person = asker.person
    if set(person.roles) & WATCHERS and not asker.directory.teams_of(person) and not asker.directory.is_lead(person):
        roles = " and ".join(map(asker.directory.role_name, person.roles))
        raise Refused(
            f"You follow this plan as {roles}; to {what} takes somebody of a team, a lead or the coordinator."
        )


def may(asker: Asker, blocker: Blocker, what: str, *also: str | None) -> None:
    """Leads and coordinators may, the blocker's team may, and whoever is named."""
    own = {team.key for team in asker.directory.teams_of(asker.person)}
    if leads(asker, blocker) or asker.person.key in also or (blocker.team in own):
        return
    team = asker.directory.teams.get(blocker.team or "")
    whose = f"{asker.directory.called(blocker.reporter)}'s{f' ({team.name})' if team else ''}"
    raise Refused(f"Blocker {blocker.number} is {whose}: to {what}, ask its team, {who_leads(asker, blocker)}.")
