"""When a Home is shown anew: soon after something happened in its plan, and once a minute for what time does."""

from __future__ import annotations

from callboard.board.home import service, store
from callboard.core.ticks import DueWork

homes = DueWork(store.HOMES, store.claim, service.attend, store.WAITING)
