"""The sections `emergencies`, `triggers` and `alerts` of the plan file."""

from __future__ import annotations

from collections.abc import Mapping

from callboard.emergencies import checking
from callboard.emergencies.parts import AlertPart, EmergencyPart, TriggerPart
from callboard.planfile.sections import Section

EMERGENCIES: Section[Mapping[str, EmergencyPart]] = Section(
    name="emergencies", model=dict[str, EmergencyPart], check=checking.emergencies
)
TRIGGERS: Section[tuple[TriggerPart, ...]] = Section(
    name="triggers", model=tuple[TriggerPart, ...], check=checking.triggers
)
ALERTS: Section[tuple[AlertPart, ...]] = Section(name="alerts", model=tuple[AlertPart, ...], check=checking.alerts)
