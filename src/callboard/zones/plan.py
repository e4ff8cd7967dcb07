"""The `zones` section of the plan file."""

from __future__ import annotations

from callboard.core.sections import Section
from callboard.zones import checking
from callboard.zones.parts import ZonePart

ZONES: Section[tuple[ZonePart, ...]] = Section(name="zones", model=tuple[ZonePart, ...], check=checking.check)
