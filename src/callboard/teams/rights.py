"""Who may act for whom and say that somebody is away."""

from __future__ import annotations

from collections.abc import Sequence

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.teams.directory import COORDINATOR, Asker, Directory, Person


def acting(directory: Directory, person: Person, for_person: str) -> str | None:
    """For whom `person` acts: None for themselves, `for_person` where they are a deputy. Raises Refused otherwise."""
    if for_person == person.key:
        return None
    other = directory.people.get(for_person)
    if other is None:
        raise Refused(
            f"Nobody in {b.escape(directory.plan_name)} is called `{for_person}`. `/plan people` lists everybody."
        )
    if person.key in other.deputies:
        return other.key
    deputies = directory.one_of(directory.named(other.deputies))
    only = f"Only {deputies} can" if deputies else "The plan names no deputy for them"
    raise Refused(f"You can't act for {directory.called(other)}. {only}. {who_adds([directory])}")


def may_note_absence(asker: Asker, person: Person) -> None:
    """Refuse all but the person, their deputies, their leads and the coordinators."""
    directory, by = asker.directory, asker.person
    leads = {lead.key for team in directory.teams_of(person) for lead in directory.leads_of(team.key)}
    if by.key in {person.key, *person.deputies, *leads} or directory.has_role(by, COORDINATOR):
        return
    may = directory.one_of([person, *directory.named(leads), *directory.coordinators])
    raise Refused(f"Only {may} can say when {directory.called(person)} is away.")


def who_adds(directories: Sequence[Directory]) -> str:
    """Who can add somebody to these plans, as a sentence."""
    names = joined((plan.called(person) for plan in directories for person in plan.coordinators), word="or")
    return f"{names or 'Whoever keeps the plan file'} can change that in the plan file."
