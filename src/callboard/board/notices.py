"""The messages of the board: who is told what, and when."""

from __future__ import annotations

from collections.abc import Iterable

from callboard.board import messages
from callboard.board.conclusion import past, words
from callboard.board.report import Report, compose
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Priority, Reach
from callboard.teams.directory import Directory


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
    row = tx.session.get(Report, delivery.subject_id)
    return messages.report(compose(tx, row)) if row else Drop("the report is gone")


def _closing(tx: Tx, delivery: Delivery) -> Message | Drop:
    row = tx.session.get(Report, delivery.subject_id)
    return words.message(past.read(tx, row.plan_id, row.at)) if row else Drop("the report is gone")


CLOSING = Notice(
    kind="report.closing", told="the plan's channel and whoever gets its reports, when the plan ends",
    render=_closing, priority=Priority.DIGEST, folds=True,
)  # fmt: skip
REPORT = Notice(
    kind="report.sent", told="the channels, people and mail addresses that the plan names, daily or weekly",
    render=_report, priority=Priority.DIGEST, folds=True,
)  # fmt: skip
NOTICES = (REPORT, CLOSING)
