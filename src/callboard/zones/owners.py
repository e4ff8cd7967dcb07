"""Whose a path is by the zones of a plan: the last pattern that matches wins; in a file by section, the innermost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.planfile.sections import Path, several
from callboard.planfile.types import Many, Part
from callboard.zones.patterns import ANY, SOMETHING, STAR, Pattern, overlap, together
from callboard.zones.sections import SLASH, STANDS_FOR_ALL

PatternText = Annotated[
    Pattern,
    BeforeValidator(lambda written: written if isinstance(written, Pattern) else Pattern.parse(str(written))),
    WithJsonSchema({"type": "string", "examples": ["/src/api/**", "*.css", "/deploy/"]}),
]
Patterns = Annotated[tuple[PatternText, ...], BeforeValidator(several, json_schema_input_type=str | tuple[str, ...])]
"""One path pattern or a list of them."""


class ZonePart(Part):
    """Paths that belong to a team, to several jointly, to a team by section of the file, or to nobody, and why."""

    name: str = ""
    key: str = ""
    about: str = ""
    team: str = ""
    joint: Many = ()
    nobody: str = Field("", examples=["bots update it"])
    paths: Patterns = Field(min_length=1, examples=["[/src/api/**]"])
    sections: dict[str, str] = Field(default_factory=dict)

    @property
    def owners(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (self.team, *self.joint, *self.sections.values()))))

    @property
    def called(self) -> str:
        if self.sections:
            return f"{', '.join(self.owners)} by section"
        return " and ".join(self.owners) or "nobody"


@dataclass(frozen=True, eq=False)
class Rule:
    """One pattern of a zone, and where it stands in the plan."""

    pattern: Pattern
    zone: ZonePart
    at: Path

    @cached_property
    def owner(self) -> tuple[object, ...]:
        """What tells owners apart: the teams, alone or jointly, or those of each section."""
        return tuple(self.zone.sections.items()) or tuple(sorted(self.zone.owners))


def rules(zones: Iterable[ZonePart]) -> tuple[Rule, ...]:
    """Every pattern of the zones, in their order."""
    return tuple(
        Rule(pattern, zone, ("zones", number, "paths", position))
        for number, zone in enumerate(zones)
        for position, pattern in enumerate(zone.paths)
    )


def winner(all_rules: Sequence[Rule], path: str) -> Rule | None:
    """The rule that says whose a path is; None where it is nobody's."""
    return next((rule for rule in reversed(all_rules) if rule.pattern.matches(path)), None)


def winners(all_rules: Sequence[Rule], pattern: Pattern) -> dict[Rule | None, str]:
    """Every rule that says whose a path is among those of a pattern, with such a path; None for those of nobody."""
    near = [rule for rule in all_rules if overlap(rule.pattern, pattern)]
    sets = list(together(pattern, [rule.pattern for rule in near]))
    deciding = {near[max(one)] if one else None for one in sets}
    found: dict[Rule | None, str] = {None: str(pattern)} if None in deciding else {}
    for rule in near:
        path = overlap(rule.pattern.of_files, pattern) or overlap(rule.pattern, pattern) or ""
        if rule in deciding or winner(near, path) is rule:  # the search may have been given up
            found[rule] = path
    return found


def neighbours(all_rules: Sequence[Rule]) -> Iterator[tuple[int, int]]:
    """The pairs of rules, by number, whose patterns begin alike; no others have anything in common."""
    stems = sorted((rule.pattern.stem, number) for number, rule in enumerate(all_rules))
    for place, (stem, number) in enumerate(stems):
        for other_stem, other in stems[place + 1 :]:
            if not other_stem.startswith(stem):
                break
            yield min(number, other), max(number, other)


def section_team(zone: ZonePart, section: str, besides: str = "") -> str:
    """The team that a section of a zone's files belongs to; empty where nobody has it."""
    name = section.replace("/", SLASH)
    found = (team for written, team in zone.sections.items()
             if written != besides and section_pattern(written).matches(name))  # fmt: skip
    return next(found, "")


def stack_team(zone: ZonePart, stack: tuple[str, ...]) -> str:
    """The team of a section by its names from the outside in: the innermost that the plan names, else what is left."""
    named = (section_team(zone, name, besides=STANDS_FOR_ALL) for name in reversed(stack))
    return next(filter(None, named), zone.sections.get(STANDS_FOR_ALL, ""))


def section_pattern(written: str) -> Pattern:
    name = written.replace("/", SLASH).replace("?", ANY).replace("*", STAR)
    return Pattern(written, (SOMETHING if name == STAR else name,))
