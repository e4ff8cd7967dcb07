"""A plan that runs on SQLite at the level of the services: no Slack, only the clock and what comes due."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from callboard.app import CAPABILITIES, database, sections
from callboard.checkpoints import service as checkpoints
from callboard.checkpoints.models import Checkpoint, Inquiry
from callboard.core.clock import ManualClock
from callboard.core.outbox import Delivery
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.teams import service as teams
from callboard.teams.directory import Asker

BEATS = ("standups", "checkpoints", "cadences", "meetings", "board")
WORKS = [work for capability in CAPABILITIES if capability.name in BEATS for work in capability.due]
"""Tasks and gates that nobody does would page somebody every quarter of an hour."""


class Running:
    """One of the plans that are shipped, on a clock that jumps to whatever is due next."""

    def __init__(self, database_url, name, start):
        self.clock = ManualClock(start)
        self.db = database(Settings(database_url=database_url), self.clock)
        text = (resources.files("callboard") / "examples" / f"{name}.yml").read_text()
        checked = plans.check(text, f"{name}.yml", sections())
        self.db.transact(plans.apply, checked, author="test", workspace="T1")
        self.zone = ZoneInfo(self.directory().timezone)

    def directory(self):
        return self.db.transact(teams.directory, 1)

    def run(self, end, *, answering=True, works=WORKS):
        """Let everything happen that is due before `end`; whoever is asked at a checkpoint is on it at once."""
        while (at := self.db.transact(self._next, works)) is not None and max(at, self.clock.now()) < end:
            self.clock.move_to(max(at, self.clock.now() + timedelta(microseconds=1)))
            self.db.transact(self._work, works)
            if answering:
                self.db.transact(self._answer)
        self.clock.move_to(end)

    def _next(self, tx, works):
        return min(filter(None, (work.next_at(tx) for work in works)), default=None)

    def _work(self, tx, works):
        for work in works:
            while found := work.claim(tx, 200):
                work.handle(tx, found)
                tx.flush()

    def _answer(self, tx):
        directory = teams.directory(tx, 1)
        for one in tx.session.exec(select(Inquiry).where(col(Inquiry.state).in_(("waiting", "silent")))).all():
            person = directory.people[one.people[0]]
            checkpoints.on_it(tx, Asker(directory, person), one.number)

    def sent(self, *kinds):
        """What was to be said: when, in the plan's zone, of which kind, where, and about what."""

        def found(tx):
            rows = tx.session.exec(
                select(Delivery).where(col(Delivery.kind).in_(kinds)).order_by(col(Delivery.id))
            ).all()
            return [(self._local(one.created_at), one.kind, one.address) for one in rows]

        return self.db.transact(found)

    def cards(self):
        """Every checkpoint that was looked at: when, and its name."""
        rows = self.db.transact(lambda tx: tx.session.exec(select(Checkpoint).order_by(col(Checkpoint.id))).all())
        return [(self._local(one.looked_at), one.name) for one in rows]

    def _local(self, instant):
        return f"{instant.astimezone(self.zone):%m-%d %H:%M}"

    def close(self):
        self.db.close()
