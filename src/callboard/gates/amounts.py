"""What is measured and compared: numbers, percentages and durations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from callboard.planfile.times import parse_span, show_span

NUMBER = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)\s*(%?)")
PLAIN, PERCENT, TIME = "", "%", "time"
CALLED = {PLAIN: "a number", PERCENT: "a percentage", TIME: "a duration"}


@dataclass(frozen=True)
class Amount:
    """So much of something; of time, `value` is in seconds."""

    value: float
    unit: str = PLAIN

    def __str__(self) -> str:
        if self.unit == TIME:
            return show_span(timedelta(seconds=self.value))
        return f"{self.value:.9f}".rstrip("0").rstrip(".") + self.unit

    @property
    def called(self) -> str:
        """What kind of amount it is."""
        return CALLED[self.unit]


def parse_amount(written: Any) -> Amount:
    """Read `68`, `1%`, `0.5` or `15m`. Raises ValueError with a sentence."""
    text = str(written).strip()
    if found := NUMBER.fullmatch(text):
        return Amount(float(found[1]), found[2])
    try:
        return Amount(parse_span("" if isinstance(written, bool) else text).total_seconds(), TIME)
    except ValueError:
        raise ValueError(f"`{written}` is nothing to compare with: write a number, 1% or 15m") from None


def _amount(written: Any) -> Any:
    return written if isinstance(written, Amount) else parse_amount(written)


AmountText = Annotated[
    Amount,
    BeforeValidator(_amount),
    WithJsonSchema({"type": ["number", "string"], "examples": [68, "1%", "15m"]}),
]
"""A number, a percentage or a duration: 68, 1%, 15m."""
