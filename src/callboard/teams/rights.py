"""Who may act for whom and say that somebody is away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from callboard.blocks import markup as m
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.teams import hindrances
from callboard.teams.directory import COORDINATOR, OBSERVER, STAKEHOLDER, Asker, Directory, Person

CONTACT = ("email", "phone", "fallback", "mediums", "git")
"""What the plan says of a person that holds addresses and numbers."""
OF_CONTACT = re.compile(rf"(?:person (?P<key>[^:\n]+): |people\.(?P<place>[^.\n]+)\.)(?:{'|'.join(CONTACT)})\b")


def acting(directory: Directory, person: Person, for_person: str) -> str | None:
    """For whom `person` acts: None for themselves, `for_person` where they are a deputy. Raises Refused otherwise."""
    if for_person == person.key:
        return None
    other = directory.people.get(for_person)
    if other is None:
        raise Refused(
            f"Nobody in {m.escape(directory.plan_name)} is called `{for_person}`. `/plan people` lists everybody."
        )
    if person.key in other.deputies:
        return other.key
    deputies = directory.one_of(directory.named(other.deputies))
    only = f"Only {deputies} can" if deputies else "The plan names no deputy for them"
    raise Refused(f"You can't act for {directory.called(other)}. {only}. {who_adds([directory])}")


def refuse_lost(people: Iterable[Person]) -> None:
    """Refuse to give anything to whoever can't take it, as their Slack account takes nothing."""
    for person in people:
        if person.lost:
            why = hindrances.of_account(person.lost) or "takes no messages in Slack"
            raise Refused(f"{m.escape(person.name)} {why}. Name somebody else.")


def may_note_absence(asker: Asker, person: Person) -> None:
    """Refuse all but the person, their leads and the coordinators, and of these whoever would act in their place."""
    directory, by = asker.directory, asker.person
    if by.key == person.key:
        return
    leads = [lead for team in directory.teams_of(person) for lead in directory.leads_of(team.key)]
    able = {each.key: each for each in (person, *leads, *directory.coordinators) if each.key not in person.deputies}
    if by.key in able:
        return
    may, called = directory.one_of(able.values()), directory.called(person)
    if by.key in person.deputies:
        raise Refused(f"Only {may} can say when {called} is away: you are their deputy, and would act for them then.")
    raise Refused(f"Only {may} can say when {called} is away.")


def looks_on(directory: Directory, person: Person) -> bool:
    """Whether somebody only follows the plan: an observer, or a stakeholder who is in no team and has no other role."""
    if directory.has_role(person, COORDINATOR) or directory.is_lead(person):
        return False
    only = set(person.roles) <= {STAKEHOLDER, OBSERVER} and not directory.teams_of(person)
    return OBSERVER in person.roles or (STAKEHOLDER in person.roles and only)


def sees_contacts(directory: Directory, reader: Person) -> bool:
    """Whether somebody sees mail addresses and telephone numbers: all but those who only follow the plan."""
    return directory.has_role(reader, COORDINATOR) or not looks_on(directory, reader)


def sees_contact_of(directory: Directory, reader: Person, key: str) -> bool:
    """The same for one person: everybody sees their own."""
    return reader.key == key or sees_contacts(directory, reader)


def discreet(directory: Directory, reader: Person, changes: Iterable[str]) -> list[str]:
    """Changes of a plan, in sentences, as somebody may read them: without what only others see of a person."""
    found = []
    for sentence in changes:
        change = OF_CONTACT.match(sentence)
        hidden = change and not sees_contact_of(directory, reader, change["key"] or change["place"])
        found.append(f"{change[0]} changed" if change and hidden else sentence)
    return found


def works_for(asker: Asker) -> list[str]:
    """The teams in which somebody works, and does not only look on."""
    directory, person = asker.directory, asker.person
    return [] if looks_on(directory, person) else [team.key for team in directory.teams_of(person)]


def refuse_onlooker(asker: Asker, what: str, may: str, *but: str | None) -> None:
    """Refuse whoever only follows the plan, unless they are named in `but`. `may` is who can, `what` a verb."""
    directory, person = asker.directory, asker.person
    if looks_on(directory, person) and person.key not in but:
        roles = joined(directory.role_name(role) for role in person.roles if role in (STAKEHOLDER, OBSERVER))
        raise Refused(f"Only {may} can {what}. You follow {directory.plan_name} as {roles}.")


def who_adds(directories: Sequence[Directory]) -> str:
    """Who can add somebody to these plans, as a sentence."""
    names = joined((plan.called(person) for plan in directories for person in plan.coordinators), word="or")
    return f"{names or 'Whoever keeps the plan file'} can change that in the plan file."
