"""The messages of the board: who is told what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from callboard.board import messages
from callboard.board.charts import CHARTS
from callboard.board.conclusion import past, words
from callboard.board.figures import history
from callboard.board.report import Report, compose
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Priority, Reach
from callboard.core.timeline import Subject
from callboard.plans import service as plans
from callboard.teams.directory import Asker, Directory

WEEKLY = "weekly"
"""The report that has the burndown as a picture."""


def send(tx: Tx, directory: Directory, row: Report, to: Iterable[Reach]) -> int:
    """Send a report to everybody who gets it, once each; to how many."""
    return _send(tx, REPORT, directory, row, to)


def send_closing(tx: Tx, directory: Directory, row: Report, to: Iterable[Reach]) -> int:
    """Send the closing report; to how many."""
    return _send(tx, CLOSING, directory, row, to)


def _send(tx: Tx, notice: Notice, directory: Directory, row: Report, to: Iterable[Reach]) -> int:
    posts = [
        notice.post(directory, reach, row.subject, f"report:{row.id}:{reach.medium}:{reach.address}")
        for reach in dict.fromkeys(to)
    ]
    outbox.enqueue(tx, posts)
    return len(posts)


def _report(tx: Tx, delivery: Delivery) -> Message | Drop:
    row = tx.get(Report, delivery.subject_id)
    if row is None:
        return Drop("the report is gone")
    message = messages.report(compose(tx, row))
    return replace(message, picture=_drawn(tx, row.plan_id, "burndown").picture) if row.name == WEEKLY else message


def send_chart(tx: Tx, asker: Asker, chart: str) -> bool:
    """Send a chart to whoever asks for it; whether there is a way to."""
    reach, plan_id = asker.directory.reach(asker.person), asker.directory.plan_id
    about, key = Subject("plan", plan_id), f"chart:{plan_id}:{chart}:{asker.person.key}:{tx.now.isoformat()}"
    outbox.enqueue(tx, [CHART.post(asker.directory, reach, about, key, args={"chart": chart})])
    return reach is not None


def _chart(tx: Tx, delivery: Delivery) -> Message | Drop:
    return _drawn(tx, delivery.plan_id, delivery.args["chart"])


def _drawn(tx: Tx, plan_id: int, chart: str) -> Message:
    past = history.read(tx, plan_id)
    return messages.chart(plans.plan(tx, plan_id).name, CHARTS[chart](past), past.now)


def send_closing_so_far(tx: Tx, asker: Asker) -> bool:
    """Send the closing report as of now to whoever asks for it; whether there is a way to."""
    reach, plan_id = asker.directory.reach(asker.person), asker.directory.plan_id
    about, key = Subject("plan", plan_id), f"closing:{plan_id}:{asker.person.key}:{tx.now.isoformat()}"
    outbox.enqueue(tx, [CLOSING_ASKED.post(asker.directory, reach, about, key, args={"until": tx.now.isoformat()})])
    return reach is not None


def _asked(tx: Tx, delivery: Delivery) -> Message | Drop:
    return words.message(past.read(tx, delivery.plan_id, datetime.fromisoformat(delivery.args["until"])))


def _closing(tx: Tx, delivery: Delivery) -> Message | Drop:
    row = tx.get(Report, delivery.subject_id)
    return words.message(past.read(tx, row.plan_id, row.at)) if row else Drop("the report is gone")


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
