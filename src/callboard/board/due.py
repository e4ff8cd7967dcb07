"""Reports are sent when their time comes: each once, to channels and people, and by mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callboard.board import plan, store
from callboard.board import report as composing
from callboard.board.models import Report
from callboard.board.plan import ReportPart
from callboard.core import outbox, timeline, watches
from callboard.core.outbox import Post, Priority
from callboard.core.watches import MOMENT
from callboard.planfile import calendar
from callboard.planfile.sections import Happening
from callboard.plans import service as plans
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.plan import directory as teams_plan
from callboard.teams.recipients import Concern

if TYPE_CHECKING:
    from callboard.core.db import Tx

REPORTS = "reports"
GRACE = timedelta(hours=6)
A_DAY = timedelta(days=1)


def attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Send what became due since, unless that is too long ago; say when the next one is."""
    live = plans.live(tx, plan_id)
    written, whole = live.values.get("reports"), calendar.plan_window(live)
    if not written or whole is None:
        return None
    document = teams_plan.seen_by(live, teams.directory(tx, plan_id))
    found = sorted(plan.happens(document, written, (since + MOMENT, whole[1])), key=lambda one: one.at)
    latest = {one.key: one for one in found if one.at <= tx.now}
    for one in latest.values():
        if one.at + GRACE >= tx.now:
            _send(tx, plan_id, one, getattr(written, one.key))
    return min((one.at for one in found if one.at > tx.now), default=None)


def _send(tx: Tx, plan_id: int, due: Happening, part: ReportPart) -> None:
    directory = teams.directory(tx, plan_id)
    last = store.before(tx, plan_id, due.key, due.at)
    day = due.at.astimezone(ZoneInfo(due.zone)).date()
    if last is not None and last.day == day:
        return
    report = Report(
        plan_id=plan_id, name=due.key, day=day, at=due.at, since=last.at if last else due.at - A_DAY,
        figures=composing.figures(tx, plan_id),
    )  # fmt: skip
    tx.session.add(report)
    tx.session.flush()
    posts = list(_posts(tx, directory, report, part))
    outbox.enqueue(tx, posts)
    timeline.record(tx, plan_id, report.subject, "reported", report=due.key, day=str(day), to=len(posts))


def _posts(tx: Tx, directory: Directory, report: Report, part: ReportPart) -> Iterator[Post]:
    told = recipients.who(directory, part.to, Concern(), tx.now)
    reached = [reach for one in told.people if (reach := directory.reach(one.person))]
    ways = [("slack", address) for address in told.channels] + [(reach.medium, reach.address) for reach in reached]
    ways += [("apprise", address) for address in _mail(tx, directory, part)]
    for medium, address in dict.fromkeys(ways):
        yield Post(
            key=f"report:{report.id}:{medium}:{address}", plan_id=report.plan_id, workspace=directory.workspace,
            address=address, medium=medium, kind="report.sent", subject=report.subject, priority=Priority.DIGEST,
        )  # fmt: skip


def _mail(tx: Tx, directory: Directory, part: ReportPart) -> list[str]:
    """The addresses that are written, and those of the people who are meant."""
    written = [one for one in part.mail if "@" in one]
    people = recipients.who(directory, [one for one in part.mail if "@" not in one], Concern(), tx.now).people
    return list(dict.fromkeys([*written, *(one.person.email for one in people if one.person.email)]))


reports = watches.work(REPORTS, attend)
