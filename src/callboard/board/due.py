"""What comes due with the board: reports at their time and at the end of the plan; a picture to keep each day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callboard.board import notices, plan
from callboard.board.picture import fill, keep
from callboard.board.plan import A_DAY, ReportPart
from callboard.board.report import percentages, store
from callboard.board.report.models import Report
from callboard.core import ticks, timeline
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Medium, Reach
from callboard.core.ticks import MOMENT
from callboard.planfile import calendar
from callboard.planfile.calendar import over_at
from callboard.planfile.sections import Document, Happening
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans import service as plans
from callboard.plans.live_plan import header_of
from callboard.plans.plan import PHASES
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.plan import directory as teams_plan
from callboard.teams.recipients import Concern

REPORTS, CLOSING, PICTURES = "reports", "closing reports", "pictures"
GRACE = timedelta(hours=6)
PERIODS = {"daily": A_DAY, "weekly": timedelta(weeks=1)}
"""How far back the first report of its name looks."""
WRITTEN = timedelta(minutes=2)
"""By then what happened at an instant is written."""


def _attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Send what became due, unless that is too long ago; return when the next report is due."""
    live = plans.live(tx, plan_id)
    written, window = live.values.get("reports"), calendar.plan_window(live)
    if not written or window is None:
        return None
    document = teams_plan.seen_by(live, teams.directory(tx, plan_id))
    happenings = sorted(plan.happens(document, written, (since + MOMENT, window[1] + A_DAY)), key=lambda due: due.at)
    latest = {due.key: due for due in happenings if due.at <= tx.now}
    for due in latest.values():
        if due.at + GRACE >= tx.now:
            _send(tx, plan_id, due, getattr(written, due.key))
    return min((due.at for due in happenings if due.at > tx.now), default=None)


def _send(tx: Tx, plan_id: int, due: Happening, part: ReportPart) -> None:
    directory, last = teams.directory(tx, plan_id), store.before(tx, plan_id, due.key, due.at)
    day = due.at.astimezone(ZoneInfo(due.zone)).date()
    if last is not None and last.day == day:
        return
    row = Report(
        plan_id=plan_id, name=due.key, day=day, at=due.at, since=last.at if last else due.at - PERIODS[due.key],
        figures=percentages.figures(tx, plan_id),
    )  # fmt: skip
    _publish(tx, notices.REPORT, directory, row, _readers(tx, directory, part))


def _publish(tx: Tx, notice: Notice, directory: Directory, row: Report, readers: Iterable[Reach]) -> None:
    tx.session.add(row)
    tx.session.flush()
    told = notices.send(tx, notice, directory, row, readers)
    timeline.record(tx, row.plan_id, row.subject, "reported", report=row.name, day=str(row.day), to=told)


def _readers(tx: Tx, directory: Directory, part: ReportPart) -> Iterator[Reach]:
    told = recipients.who(directory, part.to, Concern(), tx.now)
    yield from (Reach(Medium.SLACK, address) for address in told.channels)
    yield from filter(None, (directory.reach(reader.person) for reader in told.people))
    people = recipients.who(directory, [word for word in part.mail if "@" not in word], Concern(), tx.now).people
    addresses = [word for word in part.mail if "@" in word] + [reader.person.email for reader in people]
    yield from (Reach(Medium.APPRISE, address) for address in addresses if address)


def _keep(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Keep what the plan looked like at each midnight and at the end of each phase, once all of then is written.

    In between, too, where much happened.
    """
    live = plans.live(tx, plan_id)
    instants = sorted(set(_instants(live, since - WRITTEN, tx.now + 2 * A_DAY)))
    for at in instants:
        if at + WRITTEN <= tx.now:
            keep(tx, plan_id, at)
    if fill(tx, plan_id):
        return tx.now
    return min((at + WRITTEN for at in instants if at + WRITTEN > tx.now), default=None)


def _instants(live: Document, since: datetime, until: datetime) -> Iterator[datetime]:
    """While the plan runs, and for the first midnight after it."""
    table, header = timetable(live), header_of(live)
    last = over_at(header) + A_DAY
    zone, day = header.timezone, since.astimezone(header.timezone).date()
    while (at := datetime.combine(day, time(), zone).astimezone(UTC)) <= min(until, last):
        yield from (at,) if at > since else ()
        day += A_DAY
    for part in (live.of(PHASES) or {}).values():
        end = instant_of(table, part.to)
        yield from (end,) if end and since < end <= until else ()


reports = ticks.watch(REPORTS, _attend)
pictures = ticks.watch(PICTURES, _keep)


def _close(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Send the closing report once when the plan ends, however late; not of one that had ended when it was applied."""
    live = plans.live(tx, plan_id)
    over = calendar.over_at(header_of(live))
    if over > tx.now:
        return over
    day = over.astimezone(ZoneInfo(header_of(live).timezone.key)).date()
    if over > since and not store.sent(tx, plan_id, plan.CLOSING, day):
        directory, written = teams.directory(tx, plan_id), live.of(plan.REPORTS)
        row = Report(plan_id=plan_id, name=plan.CLOSING, day=day, at=over, since=over)
        parts = (written.daily, written.weekly) if written else ()
        readers = [reader for part in parts if part for reader in _readers(tx, directory, part)]
        _publish(tx, notices.CLOSING, directory, row, [Reach(Medium.SLACK, directory.home_channel()), *readers])
    return None


closing = ticks.watch(CLOSING, _close)
