"""Whose a path is: of all patterns of all zones, the last one that matches it wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from callboard.core.sections import Path
from callboard.zones.parts import ZonePart
from callboard.zones.patterns import Pattern, overlap, together


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
