"""When a Home is shown anew: soon after something happened in its plan, and once a minute for what time does."""

from __future__ import annotations

from callboard.board.home import service, visits
from callboard.core.ticks import DueWork

homes = DueWork(visits.HOMES, visits.claim, service.attend, visits.WAITING)
