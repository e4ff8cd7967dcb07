"""The `conflicts` section of the plan file: who is told of which degree, and within which times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Protocol

from pydantic import Field

from callboard.conflicts.models import Conflict, Degree
from callboard.core.db import Tx
from callboard.core.errors import did_you_mean
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.times import show_span
from callboard.planfile.types import Part, Span, Whom, shorthand
from callboard.plans import service as plans
from callboard.teams.plan.directory import check_who
from callboard.teams.recipients import OF_A_TEAM


class DegreePart(Part):
    """One degree: who is told, which policy, emergency or rollback follows, how it is resolved."""

    policy: str = ""
    tell: Whom = ()
    resolve: str = ""
    emergency: str = ""
    rollback: str = ""


class ClocksPart(Part):
    """How long after the push a conflict is detected, answered, resolved, and seen to be gone."""

    detect: Span | None = None
    respond: Span | None = None
    resolve: Span | None = None
    validate_: Span | None = Field(None, alias="validate")


WrittenDegree = Annotated[DegreePart, shorthand("resolve")]


class ConflictsPart(Part):
    """A violation of a zone, the four degrees of conflicts in rising order, and their clocks."""

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
    """Whoever is told exists, and so does each policy, emergency and rollback."""
    for degree in Degree:
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
    """What conflicts read of a level of emergency in the plan."""

    policy: str
    channel: str


def rules(tx: Tx, plan_id: int) -> ConflictsPart:
    return plans.live(tx, plan_id).of(CONFLICTS) or ConflictsPart()


def part(tx: Tx, conflict: Conflict) -> DegreePart:
    return getattr(rules(tx, conflict.plan_id), conflict.degree) or USUAL[Degree(conflict.degree)]


def policy(tx: Tx, conflict: Conflict) -> str:
    """The policy of its degree; a critical one falls back to that of its emergency, a lesser degree, the default."""
    own = part(tx, conflict).policy
    if own or conflict.degree != Degree.CRITICAL:
        return own
    emergency, section = emergency_of(tx, conflict), rules(tx, conflict.plan_id)
    lesser = [degree.policy for degree in (section.complex, section.medium) if degree]
    known = plans.live(tx, conflict.plan_id).values.get("escalation") or {}
    return next((name for name in (emergency.policy if emergency else "", *lesser, "default") if name in known), "")


def emergency_of(tx: Tx, conflict: Conflict) -> Emergency | None:
    """The level of emergency that the plan gives this degree."""
    level = part(tx, conflict).emergency
    found: Emergency | None = (plans.live(tx, conflict.plan_id).values.get("emergencies") or {}).get(level)
    return found


CLOCKS = {
    "detect": timedelta(minutes=2), "respond": timedelta(minutes=5), "resolve": timedelta(minutes=15),
    "validate": timedelta(minutes=30),
}  # fmt: skip
"""Where the plan says nothing."""


def clocks(tx: Tx, plan_id: int) -> Mapping[str, timedelta]:
    """The time from the push to each of detect, respond, resolve and validate."""
    return CLOCKS | rules(tx, plan_id).clocks.model_dump(by_alias=True, exclude_none=True)


def _check_degree(document: Document, at: Path, part: DegreePart) -> Iterator[Problem]:
    yield from check_who(document, (*at, "tell"), part.tell, (*OF_A_TEAM, "assignees"))
    for word, (section, kind) in NAMED.items():
        written, known = getattr(part, word), document.keys(section)
        if written and written not in known:
            yield document.error((*at, word), f"there is no {kind} `{written}`; {did_you_mean(written, known)}")
    if part == DegreePart():
        sentence = "nothing happens about these conflicts: write `tell`, `policy`, `emergency` or `resolve`"
        yield document.warning(at, sentence)


def _check_clocks(document: Document, clocks: ClocksPart) -> Iterator[Problem]:
    """Each clock begins with the push, so each is longer than those before it."""
    for (before, earlier), (word, span) in pairwise(clocks.model_dump(by_alias=True, exclude_none=True).items()):
        if span < earlier:
            sentence = f"{show_span(span)} to {word} is shorter than the {show_span(earlier)} to {before}: write more"
            yield document.warning(("conflicts", "clocks", word), sentence)


CONFLICTS: Section[ConflictsPart] = Section(name="conflicts", model=ConflictsPart, check=check)
