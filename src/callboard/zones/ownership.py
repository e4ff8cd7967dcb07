"""Zones, and whose a path is: of all patterns of all zones, the last one that matches it wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.planfile.sections import Path, several
from callboard.planfile.types import Many, Part
from callboard.zones.patterns import Pattern, overlap, together


def _pattern(written: Any) -> Any:
    return written if isinstance(written, Pattern) else Pattern.parse(str(written))


PatternText = Annotated[
    Pattern,
    BeforeValidator(_pattern),
    WithJsonSchema({"type": "string", "examples": ["/src/api/**", "*.css", "/deploy/"]}),
]
"""A path pattern."""
Patterns = Annotated[tuple[PatternText, ...], BeforeValidator(several, json_schema_input_type=str | tuple[str, ...])]
"""One path pattern or a list of them."""


class ZonePart(Part):
    """Paths that belong to a team, to several jointly, or to a team by section of the file."""

    name: str = ""
    key: str = ""
    about: str = ""
    team: str = ""
    joint: Many = ()
    paths: Patterns = Field(min_length=1, examples=["[/src/api/**]"])
    sections: dict[str, str] = Field(default_factory=dict)

    @property
    def owners(self) -> tuple[str, ...]:
        """The teams that it belongs to."""
        return tuple(dict.fromkeys(filter(None, (self.team, *self.joint, *self.sections.values()))))

    @property
    def called(self) -> str:
        """Whose it is, in words."""
        if self.sections:
            return f"{', '.join(self.owners)} by section"
        return " and ".join(self.owners)


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
