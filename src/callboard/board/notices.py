"""The messages of the board: who is told what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from callboard.board.charts import ALSO, CHARTS
from callboard.board.charts import messages as charts
from callboard.board.figures import history
from callboard.board.report.models import Report
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Priority, Reach
from callboard.core.timeline import Subject
from callboard.plans import service as plans
from callboard.teams.directory import Asker, Directory

WEEKLY = "weekly"
"""The report that has the burndown as a picture."""


def send(tx: Tx, notice: Notice, directory: Directory, row: Report, to: Iterable[Reach]) -> int:
    """Send a report to everybody who gets it, once each; to how many."""
    posts = [
        notice.post(directory, reach, row.subject, f"report:{row.id}:{reach.medium}:{reach.address}")
        for reach in dict.fromkeys(to)
    ]
    outbox.enqueue(tx, posts)
    return len(posts)


def _report(tx: Tx, delivery: Delivery) -> Message | Drop:
    from callboard.board.report import chapters, messages

    row = tx.get(Report, delivery.subject_id)
    if row is None:
        return Drop("the report is gone")
    message = messages.report(chapters.compose(tx, row))
    return replace(message, picture=_drawn(tx, row.plan_id, "burndown").picture) if row.name == WEEKLY else message


def send_chart(tx: Tx, asker: Asker, chart: str) -> bool:
    """Send a chart to whoever asks for it; whether there is a way to."""
    return _answer(tx, asker, CHART, f"chart:{asker.directory.plan_id}:{chart}", chart=chart)


def send_closing_so_far(tx: Tx, asker: Asker) -> bool:
    """Send the closing report as of now to whoever asks for it; whether there is a way to."""
    return _answer(tx, asker, CLOSING_ASKED, f"closing:{asker.directory.plan_id}", until=tx.now.isoformat())


def _answer(tx: Tx, asker: Asker, notice: Notice, key: str, **args: str) -> bool:
    reach, about = asker.directory.reach(asker.person), Subject("plan", asker.directory.plan_id)
    key = f"{key}:{asker.person.key}:{tx.now.isoformat()}"
    outbox.enqueue(tx, [notice.post(asker.directory, reach, about, key, args=args)])
    return reach is not None


def _chart(tx: Tx, delivery: Delivery) -> Message | Drop:
    return _drawn(tx, delivery.plan_id, delivery.args["chart"])


def _drawn(tx: Tx, plan_id: int, chart: str) -> Message:
    known = history.read(tx, plan_id)
    return charts.chart(plans.plan(tx, plan_id).name, CHARTS[ALSO.get(chart, chart)](known), known.now)


def _asked(tx: Tx, delivery: Delivery) -> Message | Drop:
    return closing(tx, delivery.plan_id, datetime.fromisoformat(delivery.args["until"]))


def _closing(tx: Tx, delivery: Delivery) -> Message | Drop:
    row = tx.get(Report, delivery.subject_id)
    return closing(tx, row.plan_id, row.at) if row else Drop("the report is gone")


def closing(tx: Tx, plan_id: int, until: datetime) -> Message:
    """The closing report of what happened up to an instant."""
    from callboard.board.conclusion import past, words

    return words.message(past.read(tx, plan_id, until))


CLOSING = Notice(
    kind="report.closing", told="the plan's channel and whoever gets its reports, when the plan ends",
    render=_closing, priority=Priority.DIGEST, folds=True,
)  # fmt: skip
REPORT = Notice(
    kind="report.sent", told="the channels, people and mail addresses that the plan names, daily or weekly",
    render=_report, priority=Priority.DIGEST, folds=True,
)  # fmt: skip
CLOSING_ASKED = Notice(
    kind="report.closing_asked", told="whoever asks for the closing report with `/plan closing`", render=_asked,
    priority=Priority.ANSWER,
)  # fmt: skip
CHART = Notice(
    kind="chart.sent", told="whoever asks for a chart with `/plan chart`", render=_chart, priority=Priority.ANSWER,
)  # fmt: skip
NOTICES = (REPORT, CLOSING, CLOSING_ASKED, CHART)
