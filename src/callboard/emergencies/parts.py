"""What a plan file says about emergencies, what triggers them, and what monitoring tells."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.errors import did_you_mean
from callboard.gates.amounts import AmountText
from callboard.planfile.types import Many, Part, Span

MEASURE = "measure"
EVENTS = (
    "gate missed", "gate failed", "gate in doubt", "no-go",
    "checkpoint missed", "checkpoint failed", "check-in missed",
    "task late", "task blocked", "blocker raised", "climb exhausted",
    "integration failed", "conflict", "zone violation", "lock expired",
    "measure", "performance", "security", "timeline", "alert",
    "step late", "step failed", "rollback", "risk",
)  # fmt: skip
"""What can open a climb or an emergency, in the words of the plan."""


def _event(written: Any) -> Any:
    """Read an event, however it is spaced: `gate_missed`, `Conflict`."""
    text = re.sub(r"[\s_]+", " ", str(written).strip().lower())
    if text in EVENTS:
        return text
    raise ValueError(f"`{written}` is nothing that happens; {did_you_mean(text, EVENTS)}")


Event = Annotated[str, BeforeValidator(_event), WithJsonSchema({"enum": list(EVENTS)})]
"""Something that happens and may open a climb or an emergency."""


class EmergencyPart(Part):
    """One level of emergency: when it is declared, who is told, how fast it is answered, what is done first."""

    name: str = Field(min_length=1, examples=["Critical"])
    about: str = ""
    when: Many = ()
    respond_within: Span | None = None
    update_every: Span | None = None
    policy: str = ""
    tell: Many = ()
    actions: Many = ()
    channel: str = ""
    rollback: str = ""


class TriggerPart(Part):
    """What follows by itself when something happens."""

    key: str = ""
    name: str = ""
    on: Event = Field(examples=["gate missed"])
    measure: str = ""
    above: AmountText | None = None
    below: AmountText | None = None
    escalate: str = ""
    tell: Many = ()
    emergency: str = ""


class AlertPart(Part):
    """What follows when monitoring sends an alert with these labels."""

    key: str = ""
    name: str = ""
    match: dict[str, str] = Field(min_length=1, examples=["{alertname: HighErrorRate}"])
    severity: str = ""
    page: Many = ()
    tell: Many = ()
    escalate: str = ""
    emergency: str = ""
