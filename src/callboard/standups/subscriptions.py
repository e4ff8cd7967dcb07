"""What standups hear of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.standups import service
from callboard.teams.events import PersonAway

if TYPE_CHECKING:
    from callboard.core.db import Tx


def on_person_away(tx: Tx, event: PersonAway) -> None:
    """Somebody is away, or back: whoever is asked now may be another."""
    service.wake(tx, event.plan_id)
