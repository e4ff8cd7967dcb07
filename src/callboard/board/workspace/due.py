"""What comes due in workspaces: what happened becomes a commit as soon as it is sealed, lesser things once an hour."""

from __future__ import annotations

from callboard.board.workspace import service, store
from callboard.core.ticks import DueWork

looks = DueWork(store.LOOKS, store.unseen, service.look, store.UNSEEN)
lesser = DueWork(store.GATHERS, store.lesser, service.gather, store.LESSER, store.LESSER_WAITS)
