"""The `conflicts` section of the plan file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from callboard.conflicts.parts import ClocksPart, ConflictsPart, DegreePart
from callboard.core.errors import did_you_mean
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.times import show_span
from callboard.teams.plan.directory import check_who

DEGREES = ("violation", "simple", "medium", "complex", "critical")
NAMED = {
    "policy": ("escalation", "escalation policy"),
    "emergency": ("emergencies", "emergency"),
    "rollback": ("rollbacks", "rollback"),
}


def check(document: Document, part: ConflictsPart) -> Iterator[Problem]:
    """Whoever is told is there, and so is what is escalated, declared or rolled back."""
    for degree in DEGREES:
        found: DegreePart | None = getattr(part, degree)
        if found:
            yield from _check_degree(document, ("conflicts", degree), found)
    yield from _check_clocks(document, part.clocks)


def _check_degree(document: Document, at: Path, part: DegreePart) -> Iterator[Problem]:
    yield from check_who(document, (*at, "tell"), part.tell)
    for word, (section, kind) in NAMED.items():
        written, known = getattr(part, word), document.keys(section)
        if written and written not in known:
            yield document.error((*at, word), f"there is no {kind} `{written}`; {did_you_mean(written, known)}")
    if part == DegreePart():
        sentence = "nothing follows from these conflicts: write `tell`, `policy`, `emergency` or `resolve`"
        yield document.warning(at, sentence)


def _check_clocks(document: Document, clocks: ClocksPart) -> Iterator[Problem]:
    """Each clock begins with the push, so each is longer than those before it."""
    spans = {
        "detect": clocks.detect,
        "respond": clocks.respond,
        "resolve": clocks.resolve,
        "validate": clocks.validate_,
    }
    running: list[tuple[str, timedelta]] = [(word, span) for word, span in spans.items() if span is not None]
    for (before, earlier), (word, span) in pairwise(running):
        if span < earlier:
            sentence = f"{show_span(span)} to {word} is over before the {show_span(earlier)} to {before}: write more"
            yield document.warning(("conflicts", "clocks", word), sentence)


CONFLICTS: Section[ConflictsPart] = Section(name="conflicts", model=ConflictsPart, check=check)
