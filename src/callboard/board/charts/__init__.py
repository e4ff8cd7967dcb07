"""Charts: drawn as SVG from the figures of a plan, and as PNG for Slack.

sketch: scales, lines, bars, marks of different shapes, labels
progress: burndown and velocity
pace: response and resolution times, gates, conflicts
raster: a chart as PNG
messages: a chart with the words that stand above it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from callboard.board.charts import pace, progress
from callboard.board.charts.sketch import Drawing
from callboard.board.figures.history import History

CHARTS: Mapping[str, Callable[[History], Drawing]] = {
    "burndown": progress.burndown, "velocity": progress.velocity, "response": pace.response, "gates": pace.gates,
    "conflicts": pace.conflicts,
}  # fmt: skip
"""Who draws what, by the word that people type."""
ALSO = {"collisions": "conflicts"}
"""What some are called as well."""
