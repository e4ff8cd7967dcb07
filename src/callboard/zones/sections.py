"""Files that belong to teams by section: a heading of Markdown, a top-level key of YAML, TOML, JSON or INI.

The names of sections are like those of paths, `Backend*`, with a slash as a character like any other. The first wins.
"""

from __future__ import annotations

from callboard.zones.parts import ZonePart
from callboard.zones.patterns import Pattern
from callboard.zones.reading import ANY, SOMETHING, STAR

SLASH = "\x03"
STANDS_FOR_ALL = "*"


def team(zone: ZonePart, section: str) -> str:
    """The team that a section of a zone's files belongs to; empty where nobody has it."""
    name = section.replace("/", SLASH)
    return next((team for written, team in zone.sections.items() if pattern(written).matches(name)), "")


def of_stack(zone: ZonePart, stack: tuple[str, ...]) -> str:
    """The team of a section by its names from the outside in: the innermost that the plan names, else what is left."""
    named = {written: team for written, team in zone.sections.items() if written != STANDS_FOR_ALL}
    for name in reversed(stack):
        whole = name.replace("/", SLASH)
        if found := next((team for written, team in named.items() if pattern(written).matches(whole)), ""):
            return found
    return zone.sections.get(STANDS_FOR_ALL, "")


def pattern(written: str) -> Pattern:
    """The name of a section as a pattern."""
    name = written.replace("/", SLASH).replace("?", ANY).replace("*", STAR)
    return Pattern(written, (SOMETHING if name == STAR else name,))
