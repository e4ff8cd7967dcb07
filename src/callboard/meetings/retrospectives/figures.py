"""How phases went, in lines of Slack's markup: what counts that is known higher up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from callboard.core.db import Tx
from callboard.core.registry import Key

Figures = Callable[[Tx, int, Sequence[str]], Sequence[str]]
FIGURES: Key[Figures] = Key("how phases of a plan went, by their keys", lambda _tx, _plan_id, _phases: ())
