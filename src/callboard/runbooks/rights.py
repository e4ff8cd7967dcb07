"""Who may lead a run: confirm, delay, skip and fail its steps, stop it, call a rollback; and why somebody may not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import only
from callboard.runbooks.models import Run, RunStep
from callboard.teams import recipients
from callboard.teams.directory import COORDINATOR, OBSERVER, Asker, Directory, Person
from callboard.teams.service import Concern

ANY_LEAD = {"lead": "all leads", "leads": "all leads", "member": "everyone", "members": "everyone"}


def people(tx: Tx, directory: Directory, words: Iterable[str], team: str = "") -> tuple[Person, ...]:
    """Whom who-expressions mean now, and whoever acts for those who are away."""
    known, concern = list(words), Concern(team=team or None)
    acting = [told.person for told in recipients.who(directory, known, concern, tx.now).people]
    seats = recipients.seats(directory, known, concern, tx.now)
    return tuple(dict.fromkeys((*acting, *(person for person in seats if not person.vacant))))


def present(
    tx: Tx, directory: Directory, words: Iterable[str], team: str = "", at: datetime | None = None
) -> tuple[Person, ...]:
    """The same without those who are away, now or at an instant."""
    told = recipients.who(directory, list(words), Concern(team=team or None), at or tx.now)
    return tuple(each.person for each in told.people)


def standing_in(tx: Tx, directory: Directory, words: Iterable[str], team: str, away: str) -> tuple[Person, ...]:
    """Who stands in now for somebody whom who-expressions mean."""
    told = recipients.who(directory, list(words), Concern(team=team or None), tx.now).people
    return tuple(each.person for each in told if each.instead_of and each.instead_of.key == away)


def leads(tx: Tx, directory: Directory, step: RunStep, at: datetime | None = None) -> tuple[Person, ...]:
    """Who leads a step, now or at an instant: of a team its leads, or all of it where nobody leads it."""
    who = present(tx, directory, leaders(directory, step), step.team, at)
    return who or directory.coordinating(at or tx.now)


def leaders(directory: Directory, step: RunStep) -> list[str]:
    """Who leads a step, as who-expressions."""
    return [word for leader in step.leaders for word in _leads(directory, leader)]


def _leads(directory: Directory, leader: str) -> list[str]:
    return list(directory.teams[leader].leads) or [leader] if leader in directory.teams else [leader]


def confirms(tx: Tx, directory: Directory, step: RunStep) -> tuple[Person, ...]:
    """Who says that a step is done."""
    return people(tx, directory, step.plan.get("confirm") or step.leaders, step.team)


def works_on(tx: Tx, directory: Directory, step: RunStep) -> tuple[Person, ...]:
    """Who may say how a step goes: who leads or confirms it, and the teams that help."""
    return people(tx, directory, [*step.leaders, *step.plan.get("confirm", ()), *step.plan.get("with", ())], step.team)


def may_confirm(tx: Tx, asker: Asker, step: RunStep) -> None:
    _only(tx, asker, confirms(tx, asker.directory, step), f"confirm {m.escape(step.title)}")


def may_work(tx: Tx, asker: Asker, step: RunStep, what: str) -> None:
    _only(tx, asker, works_on(tx, asker.directory, step), f"{what} {m.escape(step.title)}")


def may_run(tx: Tx, asker: Asker, run: Run, what: str) -> None:
    """For coordinators alone, and whoever stands in for them."""
    _only(tx, asker, (), f"{what} {m.escape(run.name)}")


def may_start(tx: Tx, asker: Asker, run: Run, first: Iterable[RunStep]) -> None:
    """For coordinators and whoever leads its first steps."""
    directory = asker.directory
    words = [(word, step.team) for step in first for leader in step.leaders for word in _leads(directory, leader)]
    who = [person for word, team in words for person in people(tx, directory, [word], team)]
    _only(tx, asker, who, f"start {m.escape(run.name)}")


def may_drill(tx: Tx, asker: Asker) -> None:
    directory = asker.directory
    _only(tx, asker, [person for person in directory.people.values() if directory.is_lead(person)], "begin a drill")


def asked(tx: Tx, directory: Directory, run: Run) -> tuple[Person, ...]:
    """Whose word a rollback waits for: to call it, or to confirm it. Whoever is away is asked only if all are."""
    able = able_to_agree(tx, directory, run)
    return tuple(person for person in able if person.present(tx.now)) or able


def able_to_agree(tx: Tx, directory: Directory, run: Run) -> tuple[Person, ...]:
    """Who may call a rollback that is proposed, or confirm one that was called."""
    return (agreeing if run.called_by else orderers)(tx, directory, run)


def orderers(tx: Tx, directory: Directory, run: Run) -> tuple[Person, ...]:
    """Who may call a rollback; everybody where the plan names nobody."""
    return ordering(tx, directory, run.plan["order"])


def ordering(tx: Tx, directory: Directory, order: Iterable[str]) -> tuple[Person, ...]:
    """Whom the `order` of a rollback means; everybody where it is empty."""
    return people(tx, directory, [ANY_LEAD.get(word, word) for word in order] or ["everyone", COORDINATOR])


def may_order(tx: Tx, asker: Asker, run: Run) -> None:
    who = orderers(tx, asker.directory, run)
    if asker.person not in who:
        raise Refused(
            f"{only(asker.directory.one_of(who))} can call {m.escape(run.name)}. "
            f"Ask them to type `/run rollback {run.key} because ...`"
        )


def may_agree(tx: Tx, asker: Asker, run: Run) -> None:
    """A second person agrees, who neither called it nor has agreed before."""
    if asker.person.key == run.called_by:
        others = asker.directory.one_of(asked(tx, asker.directory, run))
        raise Refused(f"You called {m.escape(run.name)}, so somebody else must confirm it: {others or 'nobody can'}.")
    if asker.person.key in run.agreed:
        raise Refused(f"You have already confirmed {m.escape(run.name)}. Nobody confirms twice.")
    _only(tx, asker, agreeing(tx, asker.directory, run), f"confirm {m.escape(run.name)}")


def agreeing(tx: Tx, directory: Directory, run: Run) -> tuple[Person, ...]:
    """Who can still confirm a rollback that somebody called."""
    words = [ANY_LEAD.get(word, word) for word in run.plan.get("confirmers") or ("all leads", *run.plan["order"])]
    done = {run.called_by, *run.agreed}
    every = dict.fromkeys(people(tx, directory, [*words, COORDINATOR]))
    return tuple(person for person in every if person.key not in done)


def _only(tx: Tx, asker: Asker, who: Iterable[Person], what: str) -> None:
    directory = asker.directory
    may = dict.fromkeys((*who, *people(tx, directory, [COORDINATOR])))
    if asker.person not in may or OBSERVER in asker.person.roles:
        raise Refused(f"{only(directory.one_of(may))} can {what}.")
