r"""Zones written as a CODEOWNERS file, and read from one, so that each path keeps its owner.

GitHub's file says whose a path is as zones do: the last pattern that matches wins, and one without owners gives paths
to nobody. It skips lines with `!` or `[ ]`. GitLab's has sections; there a pattern begins at every depth unless a `/`
stands first, a name at its end means a file alone, and `!` takes files out. Neither knows joint zones or sections of a
file: all teams of such a zone are its owners there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callboard.zones.owners import ZonePart
from callboard.zones.patterns import ANY, DEEP, ESCAPED, SOMETHING, STAR, Pattern, overlap

HEADING = re.compile(r"\^?\[([^\]]+)\](?:\[\d+\])?(?=\s|$)")
WORD = re.compile(r"(?:\\.|[^\\\s])*\\?")
REMARK = re.compile(r"(?:^|(?<!\\)\s)#(.*)")
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
RANGE = re.compile(r"(?<!\\)(?:\\\\)*[\[\]]")
SPECIAL = "#!^["
BRACKETS = str.maketrans("[]", "??")
LONGEST_REASON = 200


@dataclass(frozen=True)
class Line:
    """A line of CODEOWNERS: its pattern as zones write it, its owners, its remark, and why it does not count there.

    `alone`: there it means a file, and no folder of that name.
    """

    number: int
    pattern: str
    owners: tuple[str, ...] = ()
    remark: str = ""
    section: str = ""
    trouble: str = ""
    alone: bool = False


def written(zones: Iterable[ZonePart], handle: Callable[[str], str], *, gitlab: bool = False) -> str:
    """Zones as CODEOWNERS; `handle` says how a team is called there."""
    lines: list[str] = []
    for zone in zones:
        lines.append(f"# {' '.join((zone.name or zone.key or zone.called).split())}".rstrip())
        lines += [f"# {' '.join(zone.nobody.split())}"] if zone.nobody else []
        lines += [f"#   section {section}: {handle(team)}" for section, team in zone.sections.items()]
        owners = " ".join(handle(team) for team in zone.owners)
        for pattern in zone.paths:
            if not gitlab and any("[" in name or "]" in name for name in pattern.names):
                lines.append("# GitHub knows no [ ]: each is written as ?")
            lines += [f"{text} {owners}".rstrip() for text in _patterns(pattern, gitlab=gitlab)]
    return "\n".join([*lines, ""])


def read(text: str, *, gitlab: bool | None = None) -> Iterator[Line]:
    """The patterns of a CODEOWNERS file, in their order. One with headings of sections is GitLab's."""
    rows = [row.strip() for row in text.removeprefix("\ufeff").split("\n")]
    gitlab = any(map(HEADING.match, rows)) if gitlab is None else gitlab
    default: tuple[str, ...] = ()
    section = above = ""
    for number, row in enumerate(rows, 1):
        remark = REMARK.search(row) if not gitlab or row.startswith("#") else None
        said = remark[1].strip(" #-=\t") if remark else ""
        line = row[: remark.start()].strip() if remark else row
        heading = HEADING.match(line) if gitlab else None
        if heading:
            section, default, above = heading[1].casefold(), _owners(line[heading.end() :], gitlab=True), ""
        elif line:
            word = WORD.match(line)
            first = word[0] if word else line
            without = gitlab and first.startswith("!")
            owners = () if without else _owners(line[len(first) :], gitlab=gitlab) or default
            pattern, trouble = _read(first[without:], gitlab=gitlab)
            alone = gitlab and not pattern.endswith(("/", "/*", "**")) and pattern != "*"
            yield Line(number, pattern, owners, said or above, section, trouble, alone)
        else:
            above = said


def section(lines: Iterable[Line], teams: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The `zones:` of a plan file from lines of CODEOWNERS, and what does not fit.

    `teams` gives the team for each owner, in lower case, without the `@`.
    """
    lines = list(lines)
    made, wrong, between = ["zones:"], [], dict(_between(lines))
    last = {line.pattern: line.number for line in lines if not line.trouble}
    for line in lines:
        unknown = [owner for owner in line.owners if _team(owner, teams) is None]
        names = " or ".join(unknown)
        who = f"no team of the plan is {names}: say which one with --team {unknown[0]}=KEY" if unknown else ""
        troubles = [line.trouble] if line.trouble else filter(None, [who, between.get(line.number)])
        wrong += [f"line {line.number}: {trouble}" for trouble in troubles]
        if line.trouble or last[line.pattern] != line.number:
            why = line.trouble or f"never counts, as line {last[line.pattern]} has the same pattern"
            made.append(f"  # line {line.number}: {why}")
            continue
        if line.alone and Pattern.parse(line.pattern).of_files == Pattern.parse(line.pattern):
            made.append(f"  # line {line.number} of CODEOWNERS means a file; here also all in a folder of that name")
        made.append(f"  - {{{_whose(line, teams, unknown)}, paths: [{_quoted(line.pattern)}]}}")
    return made, wrong


def owners(teams: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The team for each owner that is meant by its key, or by the handle or address of a person who is in one alone."""
    people: dict[str, set[str]] = {}
    for team, members in teams.items():
        for member in members:
            people.setdefault(member.lower().removeprefix("@"), set()).add(team)
    alone = {person: next(iter(theirs)) for person, theirs in people.items() if len(theirs) == 1}
    return alone | {team.lower(): team for team in teams}


def _owners(text: str, *, gitlab: bool) -> tuple[str, ...]:
    """The owners that a line names; GitLab passes over every word that is none."""
    return tuple(word for word in text.split() if not gitlab or "@" in word)


def _team(owner: str, teams: Mapping[str, str]) -> str | None:
    name = owner.lower().removeprefix("@")
    return teams.get(name) or teams.get(name.rpartition("/")[2])


def _whose(line: Line, teams: Mapping[str, str], unknown: Sequence[str]) -> str:
    """To whom a zone belongs; to nobody, and why, where CODEOWNERS names nobody whom the plan knows."""
    known = list(dict.fromkeys(team for owner in line.owners if (team := _team(owner, teams))))
    if known:
        return f"team: {known[0]}" if len(known) == 1 else f"joint: [{', '.join(known)}]"
    why = f"CODEOWNERS gives it to {' and '.join(unknown)}, no team of this plan" if unknown else line.remark
    reason = why or f"line {line.number} of CODEOWNERS names no owner"
    return f"nobody: {_text(' '.join(reason.split())[:LONGEST_REASON])}"


def _read(first: str, *, gitlab: bool) -> tuple[str, str]:
    """A pattern as zones write it, and why it does not count."""
    try:
        pattern = "/".join(_names(first, gitlab=gitlab))
        Pattern.parse(pattern)
    except ValueError as wrong:
        return first, str(wrong)
    return pattern, ""


def _names(first: str, *, gitlab: bool) -> list[str]:
    """The names of a pattern, as zones write them. Raises ValueError with a sentence."""
    if not gitlab and (first.startswith(("!", "\\#")) or "***" in first or RANGE.search(first)):
        raise ValueError(f"GitHub skips `{first}`: it takes no `!`, no `[ ]`, no `***` and no `\\#`")
    if RANGE.search(first):
        raise ValueError(f"`{first}` chooses between characters, which no zone does: write each path by itself")
    if first.startswith("\\ ") or first.endswith("\\ ") or not first.strip("/"):
        raise ValueError(f"`{first}` is no path that a zone can name")
    parts = [part if part == "**" else _name(part) for part in first.split("/")]
    if gitlab and parts[0] and parts[1:] not in ([], [""]):
        parts = ["**", *parts]
    return [*parts[:-1], "*"] if gitlab and parts[-1] == "**" and parts[:-1] else parts


def _name(part: str) -> str:
    """One name: what is escaped is a character, and `**` within a name is `*`."""
    found = ""
    for escaped, character in re.findall(r"\\(.)|(\*+|.)", part):
        found += character[0] if character[:1] in ("*", "?") and character else _plain(escaped or character)
    return found


def _plain(character: str) -> str:
    return f"\\{character}" if character in ESCAPED else character


def _between(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Where GitLab asks the owners of two sections: in a plan the last line wins."""
    if len({line.section for line in lines}) == 1:
        return
    read = [(line, _there(line)) for line in lines if not line.trouble]
    for place, (line, pattern) in enumerate(read):
        for other, wider in read[place + 1 :]:
            differs = other.section != line.section and other.owners != line.owners
            path = overlap(pattern, wider) if differs else None
            if path:
                both = f"GitLab also asks the owners of line {other.number}, in another section, about {path}"
                yield line.number, f"{both}; in the plan line {other.number} alone has it"
                break


def _there(line: Line) -> Pattern:
    """What a line means on GitLab."""
    pattern = Pattern.parse(line.pattern)
    return Pattern(pattern.text, pattern.names[:-1]) if line.alone else pattern


def _quoted(pattern: str) -> str:
    plain = PLAIN.fullmatch(pattern) or re.fullmatch(r"/[\w./-]*", pattern)
    return pattern if plain else _text(pattern)


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _patterns(pattern: Pattern, *, gitlab: bool) -> list[str]:
    """A pattern as CODEOWNERS; on GitLab a file and a folder of one name are two lines."""
    names, ends = list(pattern.names), [""]
    if pattern.everything:
        return ["*"]
    if names[-2:] == [DEEP, SOMETHING]:
        names, ends = names[:-2], ["/"]
    elif names[-1] == DEEP:
        names, ends = names[:-1], ["", "/"] if gitlab else [""]
    elif names[-1] == SOMETHING:
        names, ends = names[:-1], ["/*"]
    parts = [_written(name, gitlab=gitlab) for name in names]
    at_every_depth = parts[:1] == ["**"] and (gitlab or (len(parts) == len(["**", "name"]) and ends != ["/*"]))
    text = "/".join(parts[1:] if at_every_depth and parts[1][0] not in SPECIAL else parts)
    return [f"{'' if parts[:1] == ['**'] else '/' if parts else ''}{text}{end}" for end in ends]


def _written(name: str, *, gitlab: bool) -> str:
    if name == DEEP:
        return "**"
    escapes = "*?\\ []" if gitlab else "*?\\ "
    text = "".join(f"\\{c}" if c in escapes else c for c in (STAR if name == SOMETHING else name))
    text = text.replace(STAR, "*").replace(ANY, "?")
    return text if gitlab else text.translate(BRACKETS)
