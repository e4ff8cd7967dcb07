"""What a plan file says about conflicts between the branches of different teams."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from callboard.planfile.types import Many, Part, Span, shorthand


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


Degree = Annotated[DegreePart, shorthand("resolve")]


class ConflictsPart(Part):
    """The section: a violation of a zone, the four degrees of conflicts in rising order, and their clocks."""

    violation: Degree | None = None
    simple: Degree | None = None
    medium: Degree | None = None
    complex: Degree | None = None
    critical: Degree | None = None
    clocks: ClocksPart = ClocksPart()
