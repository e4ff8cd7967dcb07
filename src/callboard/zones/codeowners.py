r"""Zones written as a CODEOWNERS file, and read from one.

Both say whose a path is by the last pattern that matches. CODEOWNERS knows neither joint zones nor sections: all teams
of such a file are its owners there, and a remark says how the plan has it. A pattern there without owners takes paths
away from everybody, which no zone does: reading one gives a remark in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callboard.zones.owners import ZonePart
from callboard.zones.patterns import Pattern

HEADING = re.compile(r"\^?\[[^\]]*\](\[\d+\])?")
WORD = re.compile(r"(?:\\.|[^\\\s])+")
REMARK = re.compile(r"(?:^|\s)#.*")
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Line:
    """A line of CODEOWNERS: its number, its pattern as zones write it, and the owners as they stand there."""

    number: int
    pattern: str
    owners: tuple[str, ...]


def written(zones: Iterable[ZonePart], handle: Callable[[str], str]) -> str:
    """Zones as CODEOWNERS; `handle` says how a team is called there."""
    lines: list[str] = []
    for zone in zones:
        lines.append(f"# {zone.name or zone.key or zone.called}".rstrip())
        lines += [f"#   section {section}: {handle(team)}" for section, team in zone.sections.items()]
        owners = " ".join(handle(team) for team in zone.owners)
        lines += [f"{_escaped(str(pattern))} {owners}" for pattern in zone.paths]
    return "\n".join([*lines, ""])


def read(text: str) -> Iterator[Line]:
    """The patterns of a CODEOWNERS file, in their order; headings of sections are passed over."""
    default: tuple[str, ...] = ()
    for number, whole in enumerate(text.splitlines(), 1):
        line = REMARK.sub("", whole.replace("\\#", "\\\0")).replace("\\\0", "\\#").strip()
        heading = HEADING.match(line)
        if heading:
            default = tuple(line[heading.end() :].split())
        elif line:
            first, *owners = WORD.findall(line)
            yield Line(number, re.sub(r"\\([ #@])", r"\1", first), tuple(owners) or default)


def section(lines: Iterable[Line], teams: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The `zones:` of a plan file from lines of CODEOWNERS, and what could not be said there.

    `teams` gives the team for each owner, in lower case, without the `@`.
    """
    made, wrong = ["zones:"], []
    for line in lines:
        found = list(dict.fromkeys(_team(owner, teams) or "" for owner in line.owners))
        trouble = _trouble(line, teams)
        if trouble:
            wrong.append(f"line {line.number}: {trouble}")
            made.append(f"  # {line.pattern}: {trouble}")
            continue
        whose = f"team: {found[0]}" if len(found) == 1 else f"joint: [{', '.join(found)}]"
        made.append(f"  - {{{whose}, paths: [{_quoted(line.pattern)}]}}")
    return made, wrong


def owners(teams: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The team for each owner that is meant by its key, or by the handle or address of a person who is in one alone."""
    people: dict[str, set[str]] = {}
    for team, members in teams.items():
        for member in members:
            people.setdefault(member.lower().removeprefix("@"), set()).add(team)
    alone = {person: next(iter(theirs)) for person, theirs in people.items() if len(theirs) == 1}
    return alone | {team.lower(): team for team in teams}


def _team(owner: str, teams: Mapping[str, str]) -> str | None:
    name = owner.lower().removeprefix("@")
    return teams.get(name) or teams.get(name.rpartition("/")[2])


def _trouble(line: Line, teams: Mapping[str, str]) -> str:
    if not line.owners:
        return "nobody's there, which no zone says: give it to a team, or leave it out"
    unknown = [owner for owner in line.owners if _team(owner, teams) is None]
    if unknown:
        return f"no team of the plan is {' or '.join(unknown)}: say which one with --team {unknown[0]}=KEY"
    try:
        Pattern.parse(line.pattern)
    except ValueError as wrong:
        return str(wrong)
    return ""


def _quoted(pattern: str) -> str:
    plain = PLAIN.fullmatch(pattern) or re.fullmatch(r"/[\w./-]*", pattern)
    return pattern if plain else '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(pattern: str) -> str:
    text = pattern.replace(" ", "\\ ")
    return f"\\{text}" if text.startswith("#") else text
