"""When canvases are shown anew: soon after something happened in their plan, and at its end."""

from __future__ import annotations

from callboard.board.workspace.canvas import service
from callboard.board.workspace.models import Workspace
from callboard.core.ticks import rows_due

canvases = rows_due("workspace canvases", service.show, Workspace.id, Workspace.canvases_at)
