"""How long a climb may last: at the end of the plan, or of the phase that it is about, nobody is paged any more."""

from __future__ import annotations

from datetime import datetime

from callboard.core.db import Tx
from callboard.escalation.models import A_DAY, Climb
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans import service as plans
from callboard.plans.plan import PHASES
from callboard.teams import service as teams


def ends_at(tx: Tx, climb: Climb) -> datetime | None:
    """When it ends. What a person raises once that is over is still paged for, for a day."""
    ends = list(filter(None, (teams.directory(tx, climb.plan_id).ends_at, _phase_end(tx, climb.plan_id, climb.phase))))
    end = min(ends, default=None)
    late = end is not None and climb.reporter is not None and end <= climb.opened_at
    return climb.opened_at + A_DAY if late else end


def _phase_end(tx: Tx, plan_id: int, phase: str | None) -> datetime | None:
    if not phase:
        return None
    document = plans.live(tx, plan_id)
    part = (document.of(PHASES) or {}).get(phase)
    return instant_of(timetable(document), part.to) if part else None
