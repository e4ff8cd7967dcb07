"""Whom the run-books of a plan and their policies name, and so who may be paged on the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from callboard.planfile.expressions import expressions
from callboard.planfile.paths import walk
from callboard.planfile.sections import Document, entries, several
from callboard.planfile.times import parse_moment
from callboard.planfile.timetable import instant_of, timetable
from callboard.planfile.types import ON_CALL
from callboard.teams import recipients
from callboard.teams.directory import Directory, Person
from callboard.teams.plan.directory import OF_A_SUBJECT
from callboard.teams.recipients import Concern

ON_THE_DAY = "everyone on the day"
LED_BY = ("lead", "with", "meanwhile")
USUAL = "default"


def words(document: Document) -> list[str]:
    """The who-expressions of run-books, rollbacks and the policies that they climb."""
    policies = set(_policies(document))
    meant = [word for at, each in _typed(document, policies) for word in each if at]
    return list(dict.fromkeys([*_leaders(document), *meant]))


def people(document: Document, directory: Directory, who: Iterable[str]) -> tuple[Person, ...]:
    """Everybody meant, in the order of the file; with `everyone on the day` also who is paged on it."""
    written = tuple(who)
    named = [*(words(document) if ON_THE_DAY in written else ()), *(word for word in written if word != ON_THE_DAY)]
    known = [word for word in named if word not in OF_A_SUBJECT]
    leading = dict.fromkeys(word.removeprefix(f"{ON_CALL} ") for word in _leaders(document))
    teams = tuple(word for word in leading if word in directory.teams)
    concerns = [Concern(team=team, teams=teams) for team in teams] or [Concern()]
    keys = {person.key for each in concerns for person in recipients.seats(directory, known, each)}
    return tuple(person for key, person in directory.people.items() if key in keys)


def begins(document: Document, now: datetime) -> datetime:
    """When the next run-book begins: who is paged then is asked. `now`, where no run-book is ahead."""
    ahead = [at for at in _moments(document) if at > now]
    return min(ahead, default=now)


def _moments(document: Document) -> Iterator[datetime]:
    table = timetable(document)
    for _, runbook in entries(document.body.get("runbooks")):
        starts = runbook.get("starts")
        written = runbook.get("day") or (starts.get("at") if isinstance(starts, Mapping) else None)
        found = instant_of(table, parse_moment(str(written)), opening=True) if written else None
        if found:
            yield found


def _typed(document: Document, policies: set[str]) -> Iterator[tuple[bool, tuple[str, ...]]]:
    for each in expressions(document):
        section, key = each.path[0], str(each.path[1]) if len(each.path) > 1 else ""
        yield section in ("runbooks", "rollbacks") or (section == "escalation" and key in policies), each.words


def _policies(document: Document) -> Iterator[str]:
    """The policies that run-books name, else the usual one."""
    runbooks = document.body.get("runbooks")
    named = [str(value) for path, value in walk(runbooks) if path and path[-1] == "escalate"]
    yield from named or ([USUAL] if runbooks else [])


def _leaders(document: Document) -> Iterator[str]:
    """Who leads steps, works with them, or does something meanwhile, as who-expressions."""
    for _, runbook in entries(document.body.get("runbooks")):
        for _, step in entries(runbook.get("steps")):
            for key in LED_BY:
                yield from map(_word, _each(step.get(key), of_teams=key == "meanwhile"))


def _each(written: Any, *, of_teams: bool) -> list[Any]:
    if not written or (of_teams and not isinstance(written, Mapping)):
        return []
    return list(written) if of_teams or isinstance(written, list | tuple) else list(several(written))


def _word(leader: Any) -> str:
    if isinstance(leader, dict):
        return f"{ON_CALL} {leader[ON_CALL]}" if ON_CALL in leader else str(leader.get("role", ""))
    return str(leader)
