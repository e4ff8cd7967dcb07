"""Whom a level of emergency tells at once, who is paged after that while nobody has command, and who can't be told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import dropwhile

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.emergencies.plan import EmergencyPart
from callboard.escalation import service as escalation
from callboard.escalation.models import Policy, Step
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Directory
from callboard.teams.service import Concern, Recipients

USUAL, LONGEST_NAME = "default", 80
LEADS = ("lead", "leads")
NOBODY_ELSE = ("all leads", COORDINATOR)
"""Who is told where the level names nobody whom the matter concerns."""


def policy(tx: Tx, directory: Directory, part: EmergencyPart, concern: Concern) -> Policy:
    """The ladder of an emergency: whom the level tells, then the next people of its policy, after its response time."""
    after = part.respond_within or timedelta()
    name = m.clip(part.name, LONGEST_NAME)
    then = _steps(tx, directory, part.policy or (USUAL if part.respond_within else ""))
    told = told_at_once(tx, directory, part, concern)
    if not part.tell and then:
        return Policy(name, then)
    first = Step(name, told, timedelta(), part.respond_within)
    known = {each.person.key for each in teams.who(directory, told, concern, tx.now).people}
    others = tuple(dropwhile(lambda step: _knows(teams.who(directory, step.notify, concern, tx.now), known), then))
    begin = others[0].after if others else timedelta()
    return Policy(name, (first, *(replace(step, after=after + step.after - begin) for step in others)))


def _knows(meant: Recipients, known: Collection[str]) -> bool:
    """Whether whoever is on a step was told already: then the next people are on the one after it."""
    return not meant.channels and all(each.person.key in known for each in meant.people)


def _steps(tx: Tx, directory: Directory, name: str) -> tuple[Step, ...]:
    with suppress(Refused):  # the plan has no such policy
        return escalation.policy_of(tx, escalation.digest(tx, directory, name)).steps if name else ()
    return ()


def told_at_once(tx: Tx, directory: Directory, part: EmergencyPart, concern: Concern) -> tuple[str, ...]:
    """The who-expressions of a level, with the leads of the other teams that it concerns."""
    leads = [lead for team in concern.teams for lead in _leads(directory, team)] if _names_leads(part.tell) else []
    whom = (*part.tell, *leads)
    return whom if not teams.who(directory, whom, concern, tx.now).nobody else NOBODY_ELSE


def absent(tx: Tx, directory: Directory, part: EmergencyPart, concern: Concern) -> list[str]:
    """Whom the level names and nobody can tell: they are away without a stand-in, or have no address."""
    meant = teams.who(directory, told_at_once(tx, directory, part, concern), concern, tx.now)
    unreachable = [each.person for each in meant.people if directory.reach(each.person) is None]
    return [person.key for person in (*meant.missing, *unreachable) if not person.vacant]


def _names_leads(tell: Sequence[str]) -> bool:
    return any(word in tell for word in LEADS)


def _leads(directory: Directory, team: str) -> list[str]:
    return [lead.key for lead in directory.leads_of(team)]
