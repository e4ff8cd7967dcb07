"""The `conflicts` section of the plan file: who is told of which degree, and within which times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Field

from callboard.conflicts.models import Conflict, Degree
from callboard.core.errors import did_you_mean
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.times import show_span
from callboard.planfile.types import Many, Part, Span, shorthand
from callboard.plans import service as plans
from callboard.teams.plan.directory import check_who

if TYPE_CHECKING:
    from callboard.core.db import Tx

DEGREES = ("violation", "simple", "medium", "complex", "critical")


class DegreePart(Part):
    """What becomes of a conflict of one degree: who is told, what is escalated or declared, how it is resolved."""

    policy: str = ""
    tell: Many = ()
    resolve: str = ""
    emergency: str = ""
    rollback: str = ""


class ClocksPart(Part):
    """Within which time from the push a conflict is detected, answered, resolved, and the whole validated."""

    detect: Span | None = None
    respond: Span | None = None
    resolve: Span | None = None
    validate_: Span | None = Field(None, alias="validate")


WrittenDegree = Annotated[DegreePart, shorthand("resolve")]


class ConflictsPart(Part):
    """The section: a violation of a zone, the four degrees of conflicts in rising order, and their clocks."""

    violation: WrittenDegree | None = None
    simple: WrittenDegree | None = None
    medium: WrittenDegree | None = None
    complex: WrittenDegree | None = None
    critical: WrittenDegree | None = None
    clocks: ClocksPart = ClocksPart()


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


USUAL = {
    Degree.SIMPLE: DegreePart(tell=("assignees",)),
    Degree.VIOLATION: DegreePart(tell=("assignees", "leads")),
    Degree.MEDIUM: DegreePart(tell=("leads",)),
    Degree.COMPLEX: DegreePart(tell=("leads", "coordinator")),
    Degree.CRITICAL: DegreePart(tell=("leads", "coordinator")),
}
"""Where the plan says nothing."""


class Emergency(Protocol):
    """What matters here of a level of emergency in the plan: its ladder and its channel."""

    policy: str
    channel: str


def rules(tx: Tx, plan_id: int) -> ConflictsPart:
    """What the plan says about conflicts."""
    found: ConflictsPart | None = plans.live(tx, plan_id).values.get("conflicts")
    return found or ConflictsPart()


def part(tx: Tx, conflict: Conflict) -> DegreePart:
    """What the plan wants done about one of this degree."""
    return getattr(rules(tx, conflict.plan_id), conflict.degree) or USUAL[Degree(conflict.degree)]


def policy(tx: Tx, conflict: Conflict) -> str:
    """The ladder that it climbs: one that hits main that of its emergency, else of lesser ones, else the default."""
    own = part(tx, conflict).policy
    if own or conflict.degree != Degree.CRITICAL:
        return own
    emergency, said = emergency_of(tx, conflict), rules(tx, conflict.plan_id)
    lesser = [one.policy for one in (said.complex, said.medium) if one]
    known = plans.live(tx, conflict.plan_id).values.get("escalation") or {}
    return next((one for one in (emergency.policy if emergency else "", *lesser, "default") if one in known), "")


def emergency_of(tx: Tx, conflict: Conflict) -> Emergency | None:
    """The emergency of the plan that one of this degree is."""
    level = part(tx, conflict).emergency
    found: Emergency | None = (plans.live(tx, conflict.plan_id).values.get("emergencies") or {}).get(level)
    return found


CLOCKS = ClocksPart(
    detect=timedelta(minutes=2), respond=timedelta(minutes=5), resolve=timedelta(minutes=15),
    validate=timedelta(minutes=30),
)  # fmt: skip
"""Where the plan says nothing."""


def clocks(tx: Tx, plan_id: int) -> Mapping[str, timedelta]:
    """The time for each thing from the push on: detect, respond, resolve, validate."""
    written = rules(tx, plan_id).clocks
    return {
        "detect": written.detect or CLOCKS.detect or timedelta(),
        "respond": written.respond or CLOCKS.respond or timedelta(),
        "resolve": written.resolve or CLOCKS.resolve or timedelta(),
        "validate": written.validate_ or CLOCKS.validate_ or timedelta(),
    }


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
