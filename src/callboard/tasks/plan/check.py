"""What the plan's tasks, kinds, priorities and types must satisfy besides their form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from callboard.planfile import task_sets
from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Path, Problem
from callboard.planfile.times import show_day
from callboard.planfile.timetable import instant_of, span_of, timetable
from callboard.planfile.types import HUNDRED
from callboard.plans.plan import PHASES
from callboard.tasks.plan.types import COMPLETED, AreaPart, TaskPart, TaskTypePart

TYPE_NAME = re.compile(r"[A-Za-z][\w-]*(\.[A-Za-z0-9][\w-]*)*")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the tasks of a document may refer to: the values of `words`, its people and teams in their order.

    `prefixes` are those of ids, with the kind that each stands for.
    """

    document: Document
    people: Mapping[str, Any]
    teams: Mapping[str, frozenset[str]]
    vacant: frozenset[str]
    words: Mapping[str, list[str]]
    prefixes: Mapping[str, str]


def _known(document: Document) -> Known:
    people, teams = _entries(document, "people"), _entries(document, "teams")
    return Known(
        document=document, people=people, teams={team: frozenset(_members(entry)) for team, entry in teams.items()},
        vacant=frozenset(person for person, entry in people.items() if entry.get("vacant") is True),
        words={key: task_sets.possible(document, key) for key in ("phase", "area", "kind", "priority")},
        prefixes=task_sets.kinds_by_prefix(document.body),
    )  # fmt: skip


def _entries(document: Document, section: str) -> dict[str, Mapping[str, Any]]:
    written = {key: document.body[section][key] for key in document.keys(section)}
    return {key: entry if isinstance(entry, Mapping) else {} for key, entry in written.items()}


def _members(team: Mapping[str, Any]) -> Iterator[str]:
    for listed in (team.get("lead", []), team.get("members", [])):
        yield from map(str, listed if isinstance(listed, list) else [listed])


def check_tasks(document: Document, tasks: Mapping[str, TaskPart]) -> Iterator[Problem]:
    """Tasks belong to teams, are for their people, end within their phases, and consist of known tasks."""
    known = _known(document)
    for key, part in tasks.items():
        at = ("tasks", key)
        yield from _check_words(known, at, part)
        yield from _check_teams(known, at, part)
        yield from _check_people(known, at, part)
        yield from _check_kind(known, key, part)
        yield from _check_progress(document, at, part)
        yield from _check_phase(document, at, part)
        for number, sentence in task_sets.strangers(document, part.components):
            yield document.error(("tasks", key, "components", number), sentence)
    yield from _check_circles(document, tasks)


def _check_words(known: Known, at: Path, part: TaskPart) -> Iterator[Problem]:
    """A plan without areas takes any."""
    for word, possible in known.words.items():
        written = getattr(part, word)
        if written and written not in possible and (possible or word != "area"):
            yield known.document.error(
                (*at, word), f"there is no {word} `{written}`; {nearest(known.document, written, possible)}"
            )


def _check_teams(known: Known, at: Path, part: TaskPart) -> Iterator[Problem]:
    if not part.owner:
        sentence = "no team has this task: write `team:`, or `lead_team:` and `support_teams:` where several work on it"
        yield known.document.error(at, sentence)
    named: list[tuple[Path, str]] = [((word,), getattr(part, word)) for word in ("team", "lead_team")]
    named += [(("support_teams", number), team) for number, team in enumerate(part.support_teams)]
    named += [(("points", point), team) for point, team in part.points.items()]
    for where, team in named:
        if team and team not in known.teams:
            sentence = f"there is no team `{team}`; {nearest(known.document, team, known.teams)}"
            yield known.document.error((*at, *where), sentence)
    if part.owner and part.owner in part.support_teams:
        number = part.support_teams.index(part.owner)
        yield known.document.warning((*at, "support_teams", number), f"{part.owner} leads this task: leave it out here")


def _check_people(known: Known, at: Path, part: TaskPart) -> Iterator[Problem]:
    own = frozenset().union(*(known.teams.get(team, ()) for team in part.teams))
    knows_teams = any(team in known.teams for team in part.teams)
    for word in ("assignee", "assignees"):
        for number, person in enumerate(getattr(part, word)):
            path = (*at, word, number)
            if person not in known.people:
                sentence = f"there is no person `{person}`; {nearest(known.document, person, known.people)}"
                sentence = f"`{person}` is a team: name its people" if person in known.teams else sentence
                yield known.document.error(path, sentence)
            elif knows_teams and person not in own and any(person in members for members in known.teams.values()):
                yield known.document.warning(path, f"{person} is not in {' or '.join(part.teams)}, which has this task")
            if person in known.vacant and part.status != COMPLETED:
                yield known.document.vacant(path, f"the seat {person} is vacant, and this task waits for it")


def _check_kind(known: Known, key: str, part: TaskPart) -> Iterator[Problem]:
    prefix = task_sets.kind_of_prefix(key, known.prefixes)
    if part.kind and prefix and part.kind != prefix:
        sentence = f"the id {key} says that this is of the kind `{prefix}`: leave `kind` out, or rename the task"
        yield known.document.warning(("tasks", key, "kind"), sentence)
    members = task_sets.members(known.document, part.components)
    several = {*part.teams, *(team for task in members for team in task_sets.teams(known.document, task))}
    if task_sets.kind(known.document, key) == task_sets.MOLECULE and len(several) == 1:
        sentence = "a molecule joins the work of two teams or more, and this has one: write `support_teams:`"
        yield known.document.warning(("tasks", key), sentence)


def _check_progress(document: Document, at: Path, part: TaskPart) -> Iterator[Problem]:
    if part.status == COMPLETED and part.percent not in (None, HUNDRED):
        yield document.error((*at, "percent"), "what is completed is done to 100%: leave `percent` out, or `status`")
    if part.from_ and part.start:
        yield document.error((*at, "start"), "`from` says when it begins already: leave one of them out")


def _check_phase(document: Document, at: Path, part: TaskPart) -> Iterator[Problem]:
    phase, table = (document.of(PHASES) or {}).get(part.phase), timetable(document)
    due = instant_of(table, part.due)
    if phase is None or table is None or due is None:
        return
    span = span_of(table, phase.from_, phase.to)
    if span and not span[0] <= due <= span[1]:
        when, edge = ("after", phase.to) if due > span[1] else ("before", phase.from_)
        word = "ends" if when == "after" else "begins"
        there = table.wall(edge)
        sentence = f"this is due {when} its phase {part.phase} {word}, {show_day(there.day)}: move it, or the phase"
        yield document.warning((*at, "due"), sentence)


def _check_circles(document: Document, tasks: Mapping[str, TaskPart]) -> Iterator[Problem]:
    consists: dict[str, Collection[str]] = {
        key: task_sets.members(document, part.components) for key, part in tasks.items() if part.components
    }
    try:
        TopologicalSorter(consists).prepare()
    except CycleError as found:
        circle = list(reversed(found.args[1]))
        sentence = f"this consists of itself: {' -> '.join(circle)}; take one of these components out"
        yield document.error(("tasks", circle[0], "components"), sentence)


def check_kinds(document: Document, prefixes: Mapping[str, str]) -> Iterator[Problem]:
    for prefix, kind in prefixes.items():
        if not kind.strip():
            yield document.error(("task_kinds", prefix), "a kind has a name: atom, molecule, tissue or your own")


def check_priorities(document: Document, priorities: Sequence[str]) -> Iterator[Problem]:
    for number, priority in enumerate(priorities):
        if priority in priorities[:number]:
            yield document.error(("priorities", number), f"`{priority}` is there twice: take one out")


def check_areas(document: Document, areas: Mapping[str, AreaPart]) -> Iterator[Problem]:
    written = Counter(task.area for task in (document.values.get("tasks") or {}).values())
    people = document.keys("people")
    for key, area in areas.items():
        for number, person in enumerate(area.owner):
            if person not in people:
                sentence = f"there is no person `{person}`; {nearest(document, person, people)}"
                yield document.error(("areas", key, "owner", number), sentence)
        if area.planned and area.planned < written[key]:
            sentence = f"{area.planned} tasks are planned and {written[key]} are in this area: these do not add up"
            yield document.warning(("areas", key, "planned"), sentence)


def check_types(document: Document, types: Mapping[str, TaskTypePart]) -> Iterator[Problem]:
    """Types have names with dots, claims that hold for a while, and describe the parameters that they require."""
    for name, part in types.items():
        at = ("task_types", name)
        if not TYPE_NAME.fullmatch(name):
            yield document.error(at, "a type has a name like Harbor.Import.Run: words, with dots between them")
        if not part.lease:
            yield document.error((*at, "lease"), "a claim that holds for no time cannot be kept: write 5m")
        known, required = part.params.get("properties", {}), part.params.get("required", [])
        for number, word in enumerate(required if isinstance(required, list) else []):
            if isinstance(known, Mapping) and str(word) not in known:
                sentence = f"`{word}` is required and not among the properties: add it there"
                yield document.warning((*at, "params", "required", number), sentence)
