"""What a plan file says about reports and the velocity that the work is measured against."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from callboard.planfile.sections import several
from callboard.planfile.types import Many, Part, Weekdays
from callboard.standups.plan.types import At


class ReportPart(Part):
    """A report: when it is sent, and to whom."""

    at: At = Field(examples=['"18:00"'])
    days: Weekdays | None = None
    to: Many = ()
    mail: Many = ()


class ReportsPart(Part):
    """The reports of a plan."""

    daily: ReportPart | None = None
    weekly: ReportPart | None = None


class VelocityPart(Part):
    """How many tasks are to be completed in each day or week of the plan."""

    per: Literal["day", "week"] = "week"
    targets: Annotated[tuple[Annotated[int, Field(ge=0)], ...], BeforeValidator(several)] = Field(
        min_length=1, examples=["[5, 5, 12]"]
    )
