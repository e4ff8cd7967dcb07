"""Awards: titles that the plan has for its teams, given by leads and coordinators, once each."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.meetings import notices, remarks, service, store
from callboard.meetings.models import Award, Verb
from callboard.meetings.service import Title
from callboard.plans import store as plan_rows
from callboard.teams.directory import COORDINATOR, Asker, Team

NONE = "This plan has no awards. They go into the plan file, under `awards`: titles for each team."
HOW = "Which award? `/plan award` lists the titles of each team."


def give(tx: Tx, who: Asker, typed: str) -> Award:
    """`vscode Security framework excellence for the audit`. Raises Refused."""
    every = service.titles(tx, who.directory.plan_id)
    if not every:
        raise Refused(NONE)
    team, rest = _team(who, every, service.plain(typed))
    title, why = _title(team, [each.title for each in every if each.team == team.key], rest)
    return award(tx, who, team, title, why)


def award(tx: Tx, who: Asker, team: Team, title: str, why: str = "") -> Award:
    """Give a team a title of the plan, and tell everybody. Raises Refused for one's own team, and where it has it."""
    directory = who.directory
    if not directory.is_lead(who.person) and not directory.has_role(who.person, COORDINATOR):
        may = directory.one_of([*directory.coordinators, *directory.with_role("lead")])
        raise Refused(f"Only leads and coordinators can give awards: ask {may}. Anybody can thank: `/plan kudos`.")
    if team in directory.teams_of(who.person):
        others = [person for person in directory.with_role("lead") if team not in directory.teams_of(person)]
        may = directory.one_of([*directory.coordinators, *others])
        raise Refused(f"You can't give an award to your own team. {may} can.")
    plan_rows.locked(tx, directory.plan_id)
    before = next((each for each in store.remarks(tx, Award, directory.plan_id) if (each.to, each.title) == (
        team.key, title)), None)  # fmt: skip
    if before:
        by = directory.called(before.by)
        raise Refused(f"{m.escape(team.name)} already has this award, from {by}, {m.date(before.at, 'both')}.")
    text = remarks.fits(why, HOW) if why.strip() else ""
    row = Award(plan_id=directory.plan_id, at=tx.now, by=who.person.key, text=text, to=team.key, title=title)
    remarks.add(tx, row)
    timeline.record(
        tx, row.plan_id, row.subject, Verb.AWARDED, actor=row.by, said=row.text or None, to=team.key, title=title,
        why=bool(row.text),
    )  # fmt: skip
    notices.tell_awarded(tx, directory, row)
    return row


def _team(who: Asker, every: Sequence[Title], typed: str) -> tuple[Team, str]:
    """The team that a text begins with, by its key or name, and the rest."""
    with_titles = {each.team for each in every}
    teams = [team for team in who.directory.teams.values() if team.key in with_titles]
    names = {name.lower(): team for team in teams for name in (f"{team.name} team", team.name, team.key)}
    found, rest = m.meant(typed, names.items())
    if not found:
        word = typed.split(maxsplit=1)[0].lower() if typed.strip() else ""
        raise unknown(f"No team with awards is called `{m.clip(m.escape(word), 40)}`", word, names)
    return found[0], rest


def _title(team: Team, known: Sequence[str], typed: str) -> tuple[str, str]:
    """The title that a text begins with, and what for."""
    names = {title.lower(): title for title in known}
    found, rest = m.meant(typed, names.items())
    if not found:
        if asked := typed.split(" for ", maxsplit=1)[0]:
            raise unknown(f"{m.escape(team.name)} has no award `{m.clip(m.escape(asked), 80)}`", asked.lower(), names)
        raise Refused(f"Which award of {m.escape(team.name)}? Write one of {', '.join(map(m.code, known))}.")
    first, _, words = rest.partition(" ")
    return found[0], m.escape(words if first.lower() == "for" else rest)
