"""Who may do what with a blocker."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from callboard.blockers import store
from callboard.blockers.models import Blocker
from callboard.blockers.plan import settings
from callboard.blocks import markup
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Person
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on, refuse_onlooker

MOST_NAMED = 8


def known(tx: Tx, asker: Asker, number: int, *, lock: bool = True) -> Blocker:
    blocker = store.find(tx, number, lock=lock)
    if blocker is None or blocker.plan_id != asker.directory.plan_id:
        numbers = [str(each.number) for each in store.open_in(tx, asker.directory.plan_id)[:MOST_NAMED]]
        plan, known = asker.directory.plan_name, ", ".join(numbers) or "none"
        other = teams.elsewhere(tx, asker.directory, blocker, f"Blocker {number}", f"/blocker {{}} show {number}")
        raise Refused(f"There is no blocker {number} in {plan}.{other} Open: {known}. `/blocker list` shows them.")
    return blocker


def still_open(
    tx: Tx, asker: Asker, number: int, expected: int | None, *, lock: bool = True, once: str = ""
) -> Blocker:
    """The blocker with this number, open and as the asker last saw it."""
    blocker = known(tx, asker, number, lock=lock)
    refuse_old(tx, asker, blocker, f"Blocker {number}", expected, once=once)
    if not blocker.is_open:
        when = f", {markup.date(blocker.closed_at, 'both')}" if blocker.closed_at else ""
        by = asker.directory.called(blocker.closed_by)
        raise Refused(f"{by} has {blocker.state} blocker {number}{when}. Is it back? `/blocker reopen {number}`")
    if lock:
        escalation.lock(tx, blocker.subject)
    return blocker


def leads(asker: Asker, blocker: Blocker, now: datetime) -> bool:
    """Whether the asker leads its team, or coordinates the plan; or stands in for somebody who does."""
    directory, leads = asker.directory, asker.directory.leads_of(blocker.team or "")
    return directory.coordinates(asker.person, now) or asker.person in (*leads, *directory.acting(leads, now))


def no_onlooker(tx: Tx, asker: Asker, blocker: Blocker, what: str, *but: str | None) -> None:
    """Refuse whoever only follows the plan, unless it waits for them, was handed to them, or they were paged."""
    if looks_on(asker.directory, asker.person):
        asked = (blocker.handed_to, blocker.waits_for, *escalation.told(tx, blocker.subject))
        refuse_onlooker(asker, f"{what} blocker {blocker.number}", _who(asker, blocker, tx.now), *but, *asked)


def takes(tx: Tx, asker: Asker, blocker: Blocker, to: Person) -> None:
    """Refuse to hand a blocker to somebody who only follows the plan, and whom nobody asked."""
    if looks_on(asker.directory, to) and to.key not in (blocker.waits_for, *escalation.told(tx, blocker.subject)):
        called, plan = asker.directory.called(to), asker.directory.plan_name
        others = _who(asker, blocker, tx.now)
        raise Refused(f"{called} only follows {plan}, so they can't take a blocker. Hand it to {others}.")


def may(tx: Tx, asker: Asker, blocker: Blocker, what: str, *also: str | None) -> None:
    """Leads and coordinators may, whoever stands in for them, the blocker's team may, and whoever is named."""
    own = {team.key for team in asker.directory.teams_of(asker.person)}
    if leads(asker, blocker, tx.now) or asker.person.key in also:
        return
    if blocker.team not in own or looks_on(asker.directory, asker.person):
        raise Refused(f"Only {_who(asker, blocker, tx.now)} can {what} blocker {blocker.number}. "
                      f"{asker.directory.called(blocker.reporter)} raised it.")  # fmt: skip


def resolves(tx: Tx, asker: Asker, blocker: Blocker) -> None:
    involved = (blocker.owner, blocker.reporter, blocker.waits_for, *escalation.told(tx, blocker.subject))
    may(tx, asker, blocker, "resolve", *involved)


def joins(tx: Tx, asker: Asker, blocker: Blocker, other: Blocker) -> None:
    """Refuse to end what is graver than the other one, or what somebody has while nobody has the other."""
    if blocker is other:
        raise Refused(f"Blocker {blocker.number} can't be the same as itself. Name the other one.")
    grades, why = dict(zip(settings(tx, blocker.plan_id).severities, count())), ""
    if grades.get(blocker.severity, -1) > grades.get(other.severity, -1):
        why = f"Blocker {blocker.number} is {blocker.severity}, and blocker {other.number} is only {other.severity}"
    elif blocker.owner and not other.owner:
        has = asker.directory.called(blocker.owner)
        why = f"{has} has blocker {blocker.number}, and nobody has blocker {other.number}"
    if why:
        raise Refused(f"{why}. Close that one: `/blocker resolve {other.number} same as {blocker.number}`")


def reassigns(tx: Tx, asker: Asker, blocker: Blocker) -> None:
    may(tx, asker, blocker, "reassign", blocker.owner, blocker.reporter, *escalation.told(tx, blocker.subject))


def grades(tx: Tx, asker: Asker, blocker: Blocker) -> None:
    what = "change the severity of"
    may(tx, asker, blocker, what, blocker.owner, blocker.reporter, *escalation.told(tx, blocker.subject))


def notes(tx: Tx, asker: Asker, blocker: Blocker) -> None:
    no_onlooker(tx, asker, blocker, "add notes to", blocker.reporter)


def may_withdraw(tx: Tx, asker: Asker, blocker: Blocker) -> None:
    """The reporter may, and leads and coordinators."""
    if asker.person.key != blocker.reporter and not leads(asker, blocker, tx.now):
        reporter = [asker.directory.called(person) for person in asker.directory.named([blocker.reporter])]
        may = joined([*reporter, *_leads(asker, blocker, tx.now)], word="or")
        raise Refused(f"Only {may} can withdraw blocker {blocker.number}.")


def _who(asker: Asker, blocker: Blocker, now: datetime) -> str:
    team = asker.directory.teams.get(blocker.team or "")
    return joined([markup.escape(team.name) if team else "its reporter", *_leads(asker, blocker, now)], word="or")


def _leads(asker: Asker, blocker: Blocker, now: datetime) -> list[str]:
    directory = asker.directory
    people = directory.acting([*directory.leads_of(blocker.team or ""), *directory.coordinators], now)
    return [directory.called(person) for person in people] or ["the coordinator"]
