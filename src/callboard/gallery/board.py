"""What people read of the whole plan: how it stands, its figures, its charts, and the report of the day."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.board import notices, slack
from callboard.board.charts import CHARTS
from callboard.core.timeline import Subject
from callboard.gallery import meetings
from callboard.gallery.stage import Screen, Stage

TYPED = {
    "status": "The plan at a glance", "people": "Who does what, and who carries too much", "kpi": "Every figure",
    "kpi response_time": "One figure, with its days and its cases", "kpi success": "What is to be reached",
    "kpi nonsense": "A figure that there is not", "chart": "A chart is on its way", "chart pie": "No such chart",
}  # fmt: skip


def screens(stage: Stage) -> Iterator[Screen]:
    """The first evening of the example: the report, then what somebody asks for."""
    yield from meetings.reports(stage)
    user = stage.user("omega-lead")
    for text, title in TYPED.items():
        yield stage.typed(slack.command, user, text, title)
    about = Subject("plan", stage.plan_id)
    for name in CHARTS:
        yield stage.sent(notices.CHART.kind, f"The {name} chart", about, args={"chart": name})
    yield stage.sent(notices.CHART.kind, "A chart by mail", about, args={"chart": "burndown"}, medium="apprise")
