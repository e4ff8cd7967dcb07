"""The `risks` section of the plan file."""

from __future__ import annotations

from callboard.planfile.sections import Section
from callboard.risks import checking, questions
from callboard.risks.parts import RiskPart

RISKS: Section[tuple[RiskPart, ...]] = Section(
    name="risks", model=tuple[RiskPart, ...], check=checking.check, happens=questions.happens
)
