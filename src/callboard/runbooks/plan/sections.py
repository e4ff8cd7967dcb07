"""The sections `runbooks` and `rollbacks` of the plan file."""

from __future__ import annotations

from collections.abc import Mapping

from callboard.planfile.sections import Section
from callboard.runbooks.plan import calendar, check
from callboard.runbooks.plan.types import RollbackPart, RunbookPart

RUNBOOKS: Section[Mapping[str, RunbookPart]] = Section(
    name="runbooks", model=dict[str, RunbookPart], check=check.runbooks, happens=calendar.happens
)
ROLLBACKS: Section[Mapping[str, RollbackPart]] = Section(
    name="rollbacks", model=dict[str, RollbackPart], check=check.rollbacks
)
