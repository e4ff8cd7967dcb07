"""What a plan file says about risks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from callboard.planfile.types import Many, Part
from callboard.risks.indicators import Indicators


def _level(written: Any) -> Any:
    return written.strip().lower() if isinstance(written, str) else written


Level = Annotated[Literal["low", "medium", "high"], BeforeValidator(_level)]
"""How likely or how bad something is."""


class RiskPart(Part):
    """Something that may go wrong: how likely and how bad it is, who watches it, what is done about it."""

    risk: str = Field(min_length=1, examples=["One person overloaded"])
    key: str = ""
    about: str = ""
    probability: Level = Field(examples=["medium"])
    impact: Level = Field(examples=["high"])
    owner: Many = ()
    mitigation: Many = ()
    actions: Many = ()
    indicators: Indicators = ()
