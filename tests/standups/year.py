"""A year of a standup at the level of the service: no Slack, only the clock and what comes due."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlmodel import select

from callboard.app import database, sections
from callboard.core.clock import ManualClock
from callboard.core.outbox import Delivery
from callboard.planfile.times import parse_days
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.standups import due
from callboard.standups.models import CheckIn, Round

WORKS = (due.standups, due.check_ins, due.digests)
ZONES = (
    "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo",
    "Australia/Sydney", "America/Sao_Paulo", "Pacific/Honolulu", "Pacific/Auckland",
)  # fmt: skip
NEXT = """\
SELECT (SELECT min(wake_at) FROM standups), (SELECT min(next_at) FROM check_ins),
       (SELECT min(digest_at) FROM standup_rounds WHERE posted_at IS NULL)
"""
DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DAYS = {"09:00": "mon, fri", "02:30": "sun, fri"}
"""Clocks change on Sundays and, in Cairo, on Fridays; Monday is the first working day after it."""
HOLIDAYS = (date(2026, 3, 9), date(2026, 3, 30), date(2026, 5, 1), date(2026, 10, 26), date(2026, 12, 25))
AWAY = {1: (date(2026, 3, 27), date(2026, 4, 2)), 4: (date(2026, 7, 6), date(2026, 7, 24)), 9: (LAST, LAST)}
PLAN = """\
callboard: 1
key: world
name: World
timezone: UTC
from: {first}
to: {last}
holidays: [{holidays}]
working_hours: {{days: mon-sun, hours: "00:00-24:00"}}
channels: {{coordination: "#world"}}
people:
{people}
teams: {{all: {{name: All, lead: p0, members: [{members}]}}}}
standups: [{{name: Round, days: "{days}", at: "{clock}", clock: person, who: [all], window: 2h}}]
"""


def text(clock: str, zones: tuple[str, ...], last: date) -> str:
    """The plan with its people in these zones."""
    away = {n: f", away: [{begin}..{end}]" for n, (begin, end) in AWAY.items()}
    people = "\n".join(
        f"  p{n}: {{name: P{n}, slack: UP{n}X, timezone: {zone}, roles: [coordinator]{away.get(n, '')}}}"
        for n, zone in enumerate(zones)
    )
    return PLAN.format(
        first=FIRST, last=last, clock=clock, days=DAYS[clock], people=people, holidays=", ".join(map(str, HOLIDAYS)),
        members=", ".join(f"p{n}" for n in range(1, len(zones))),
    )  # fmt: skip


class Year:
    """A plan that runs on a clock that jumps to whatever is due next, unless nobody is there then."""

    def __init__(self, database_url, start, up=lambda instant: instant):
        self.clock = ManualClock(start)
        self.db = database(Settings(database_url=database_url), self.clock)
        self.up = up

    def apply(self, plan):
        checked = plans.check(plan, "plan.yml", sections())
        assert not checked.errors, checked.errors
        self.db.transact(plans.apply, checked, author="test", workspace="T1")

    def run(self, end):
        """Let everything happen that is due before `end`; many instants in one transaction, for the sake of speed."""
        while self.db.transact(self._some, end):
            pass
        self.clock.move_to(end)

    def _some(self, tx, end, steps=500):
        for _ in range(steps):
            tx.flush()
            due = [at and datetime.fromisoformat(f"{at}+00:00") for at in tx.connection.exec_driver_sql(NEXT).one()]
            at = min(filter(None, due), default=end)
            if self.up(max(at, tx.now)) >= end:
                return False
            tx.now = self.up(max(at, tx.now))
            self.clock.move_to(tx.now)
            for work, its in zip(WORKS, due, strict=True):
                if its is not None and its <= tx.now:
                    work.handle(tx, work.claim(tx, 200))
        return True

    def prompts(self):
        """Who was asked when, on which date of theirs."""

        def found(tx):
            by = {one.id: one for one in tx.session.exec(select(CheckIn))}
            sent = tx.session.exec(select(Delivery).where(Delivery.kind == "standup.prompt"))
            return sorted((one.due_at, by[one.subject_id].person, by[one.subject_id].day) for one in sent)

        return self.db.transact(found)

    def rows(self, kind):
        return self.db.transact(lambda tx: list(tx.session.exec(select(kind))))

    def digests(self):
        return sorted((one.posted_at, one.day) for one in self.rows(Round) if one.posted_at)

    def close(self):
        self.db.close()


class Together(Year):
    """The same by several bots on one PostgreSQL, who all look at every instant, at the same time."""

    def __init__(self, database_url, start, bots):
        super().__init__(database_url, start)
        self.bots = [self.db, *(database(Settings(database_url=database_url), self.clock) for _ in range(bots - 1))]

    def run(self, end):
        with ThreadPoolExecutor(len(self.bots)) as threads:
            while (at := self.db.transact(self._next, end)) < end:
                self.clock.move_to(max(at, self.clock.now()))
                list(threads.map(_look, self.bots))
        self.clock.move_to(end)

    def _next(self, tx, end):
        waiting = (work.next_at(tx) for work in WORKS)
        return min(filter(None, waiting), default=end)

    def close(self):
        for bot in self.bots:
            bot.close()


def _look(bot):
    for work in WORKS:
        bot.transact(lambda tx, work=work: work.handle(tx, work.claim(tx, 200)))


@cache
def brute_force(clock: str, zone_of, people: int, last: date):
    """Every quarter of an hour, for everybody: is it that time on a date on which they are asked and were not yet?"""
    found, written, days = [], time.fromisoformat(clock), parse_days(DAYS[clock])
    end = datetime.combine(last + 2 * DAY, time(), UTC)
    for n in range(people):
        asked: set[date] = set()
        instant = datetime.combine(FIRST - DAY, time(), UTC)
        before: dict[str, datetime] = {}
        skipped: dict[str, datetime] = {}
        while instant < end:
            zone = zone_of(n, instant)
            local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            earlier = before.get(zone)
            if earlier is not None and local - earlier > QUARTER:
                wanted = datetime.combine(local.date(), written)
                if earlier < wanted < local:
                    skipped[zone] = instant + (wanted - earlier - QUARTER)
            before[zone] = local
            is_time = local.time() == written or instant == skipped.get(zone)
            if is_time and local.date().weekday() in days and _there(n, local.date(), last):
                if local.date() not in asked:
                    found.append((instant, f"p{n}", local.date()))
                asked.add(local.date())
            instant += QUARTER
    return sorted(found)


def _there(n, day, last):
    begin, end = AWAY.get(n, (date.max, date.max))
    return FIRST <= day <= last and day not in HOLIDAYS and not begin <= day <= end
