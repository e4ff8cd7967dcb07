"""Who may give a turn on call to whom."""

from __future__ import annotations

from datetime import datetime

from callboard.blocks import markup as m
from callboard.core.errors import Refused
from callboard.teams.directory import Asker, Person
from callboard.teams.plan.turns import Rotation
from callboard.teams.rights import looks_on


def may_give(asker: Asker, team: str, rotation: Rotation, holder: Person | None, to: Person, now: datetime) -> None:
    """Raise Refused for whoever may not give somebody the turn of a team.

    Who takes turns, or leads the team, may take one over themselves; who has it, leads and coordinators may give it to
    others. So nobody comes into a rotation by themselves.
    """
    directory, by = asker.directory, asker.person
    if looks_on(directory, to):
        raise Refused(f"{directory.called(to)} only follows {m.escape(directory.plan_name)}. Choose somebody else.")
    leads = [directory.standing_in(lead, now) or lead for lead in directory.leads_of(team)]
    own = [*directory.named(rotation.people), *directory.leads_of(team)]
    if to.key == by.key and by.key in {person.key for person in own}:
        return
    able = [*directory.leads_of(team), *leads, *directory.coordinators, *([holder] if holder else [])]
    if to.key != by.key and by.key in {person.key for person in able}:
        return
    name = m.escape(directory.teams[team].name)
    others = {person.key: person for person in able if person.key != by.key}
    if to.key == by.key:
        may = directory.one_of(others.values())
        raise Refused(f"You take no turns on call for {name}. {may or 'A coordinator'} can give you this one.")
    only = directory.one_of({person.key: person for person in able}.values())
    raise Refused(f"Only {only} can give this turn to somebody. Who takes turns can take it over themselves.")
