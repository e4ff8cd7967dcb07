"""A plan on days on which nothing goes well: nobody answers, gates are missed, Slack is away; and who was told what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from callboard.app import CAPABILITIES, CORE_WORK, database, renderers, sections
from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.core.clock import ManualClock
from callboard.core.courier import Courier, claims
from callboard.core.courier.carrier import Accepted, Passing
from callboard.core.db import Database, Tx
from callboard.core.deliveries import Priority
from callboard.core.outbox import Delivery, Message
from callboard.core.ticks import Ticker
from callboard.gates import service as gates
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.teams import service as teams
from callboard.teams.directory import Asker

MOMENT, A_WHILE = timedelta(milliseconds=1), timedelta(seconds=20)
Deed = Callable[[Tx], object]


@dataclass(frozen=True)
class Told:
    """One message that arrived: when, what about, and its words."""

    at: datetime
    delivery: Delivery
    message: Message


class Letterbox:
    """A Slack of our own that takes everything, but for the hours in which it refuses all."""

    def __init__(self, clock: ManualClock, away: Sequence[tuple[datetime, datetime]]) -> None:
        self.posts: list[Told] = []
        self.edits: list[Told] = []
        self._clock, self.away = clock, away

    async def post(self, delivery: Delivery, message: Message, thread: Any) -> Accepted:
        self._answer()
        self.posts.append(Told(self._clock.now(), delivery, message))
        return Accepted(delivery.address, f"{len(self.posts)}")

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        self._answer()
        self.edits.append(Told(self._clock.now(), delivery, message))
        return Accepted(delivery.posted_in or "", delivery.posted_as or "")

    async def find(self, delivery: Delivery) -> Accepted | None:
        numbers = (number for number, post in enumerate(self.posts, 1) if post.delivery.key == delivery.key)
        return next((Accepted(delivery.address, f"{number}") for number in numbers), None)

    @property
    def is_away(self) -> bool:
        return any(begin <= self._clock.now() < end for begin, end in self.away)

    def _answer(self) -> None:
        if self.is_away:
            raise Passing("service_unavailable")


class Days:
    """Some days of an example plan, from one due instant to the next."""

    def __init__(
        self, database_url: str, plan: str, begin: str, end: str, deeds: Iterable[tuple[str, Deed]] = (),
        slack_away: Sequence[tuple[str, str]] = (),
    ) -> None:  # fmt: skip
        text = (resources.files("callboard") / "examples" / f"{plan}.yml").read_text()
        checked = plans.check(text, f"{plan}.yml", sections())
        self.zone = ZoneInfo(_written(text, "timezone"))
        self.clock = ManualClock(self.at(begin))
        self.end = self.at(end)
        self.begin = self.clock.now()
        self.deeds = sorted(((self.at(when), deed) for when, deed in deeds), key=lambda each: each[0])
        self.db = database(Settings(database_url=database_url), self.clock)
        self.db.transact(plans.apply, checked, author="test", workspace="T1")
        away = [(self.at(first), self.at(last)) for first, last in slack_away]
        self.slack, self.mail = Letterbox(self.clock, away), Letterbox(self.clock, ())
        self.run_on(self.db, self.slack)
        self.directory = self.db.transact(teams.directory, 1)

    def run_on(self, db: Database, slack: Any) -> None:
        """Let a bot live through it that has this database and this Slack."""
        self.db = db
        self.courier = Courier(db, {"slack": slack, "apprise": self.mail}, renderers())
        works = chain.from_iterable(capability.due for capability in CAPABILITIES)
        self.ticker = Ticker(db, (*works, *CORE_WORK))

    def at(self, wall: str) -> datetime:
        return datetime.fromisoformat(wall).replace(tzinfo=self.zone)

    @property
    def plan_end(self) -> datetime:
        """As the plan is by now: a NO-GO may have moved it."""
        ends_at = self.db.transact(lambda tx: teams.directory(tx, 1).ends_at)
        assert ends_at is not None
        return ends_at

    async def pass_by(self) -> None:
        """Live through all of it."""
        while True:
            await self._settle()
            at = await self._next()
            if at is None or at >= self.end:
                return
            self.clock.move_to(max(at, self.clock.now() + (A_WHILE if self.slack.is_away else MOMENT)))
            while self.deeds and self.deeds[0][0] <= self.clock.now():
                self.db.transact(self.deeds.pop(0)[1])

    async def _settle(self) -> None:
        while await self.ticker.tick() + await self.courier.drain():
            pass

    async def _next(self) -> datetime | None:
        waiting = await self.db.read(claims.next_due)
        deed = self.deeds[0][0] if self.deeds else None
        return min(filter(None, (*await self.ticker.look(), waiting, deed)), default=None)

    def told(self, person: str) -> list[Told]:
        """Every message to somebody that alerted them, in Slack and elsewhere."""
        address = self.directory.people[person].slack_id
        in_slack = [each for each in self.slack.posts if each.delivery.address == address]
        return sorted(
            in_slack + [each for each in self.mail.posts if each.delivery.recipient == person],
            key=lambda each: each.at,
        )  # fmt: skip

    def rows(self) -> list[Delivery]:
        found = select(Delivery).order_by(col(Delivery.id))
        return self.db.transact(lambda tx: list(tx.session.exec(found)))

    def seen(self) -> dict[str, datetime | None]:
        """When the reader of each message that was folded was alerted of it; None for what was no longer true by then.

        An edit shows it at once, where somebody has a summary already, and alerts nobody.
        """
        rows = self.rows()
        alerts = [(row.address, row.posted_at) for row in rows if row.kind.startswith("noise.") and row.posted_at]
        folded = [(row.key, row.address, row.folded_at) for row in rows if row.folded_at]
        return {
            key: min((at for to, at in alerts if to == address and at >= since), default=None)
            for key, address, since in folded
        }

    def table(self) -> str:
        """Person, day, first pages, repeats, questions and news, folded and when those were seen, messages."""
        lines, seen = ["person         day    first repeats other folded (seen after) messages"], self.seen()
        for key, person in self.directory.people.items():
            posts = self.told(key)
            folded = [row for row in self.rows() if row.state == "folded" and row.address == person.slack_id]
            days = {self.day(each.at) for each in posts} | {self.day(row.folded_at) for row in folded}
            for day in sorted(days):
                own = [each.delivery for each in posts if self.day(each.at) == day]
                pages = [delivery for delivery in own if delivery.priority == Priority.PAGE]
                repeats = sum(delivery.folds for delivery in pages)
                waits = [
                    (at - row.folded_at).total_seconds() / 60 for row in folded
                    if self.day(row.folded_at) == day and row.folded_at and (at := seen[row.key])
                ]  # fmt: skip
                count = sum(self.day(row.folded_at) == day for row in folded)
                after = f"{count} (up to {max(waits, default=0):.0f} min)" if count else "0"
                lines.append(
                    f"{key:14} {day}  {len(pages) - repeats:5} {repeats:7} {len(own) - len(pages):5} "
                    f"{after:19} {len(own):8}"
                )
        return "\n".join(lines)

    def day(self, instant: datetime | None) -> str:
        return f"{instant.astimezone(self.zone):%m-%d}" if instant else ""

    def close(self) -> None:
        self.db.close()


def _written(text: str, key: str) -> str:
    values = (line.partition(":")[2] for line in text.splitlines() if line.startswith(f"{key}:"))
    return next(values).split("#")[0].strip()


def raises(person: str, what: str, **said: Any) -> Deed:
    return lambda tx: blockers.raise_blocker(tx, _asker(tx, person), Raised(what=what, **said))


def resolves(person: str, number: int) -> Deed:
    return lambda tx: blockers.resolve(tx, _asker(tx, person), number, "it works again")


def waives(person: str, gate: str, reason: str) -> Deed:
    return lambda tx: gates.waive(
        tx, _asker(tx, person), gate, reason, risk_of_adding="what is open", risk_of_cutting="a day"
    )


def takes(person: str, gate: str) -> Deed:
    return lambda tx: gates.acknowledge(tx, _asker(tx, person), gate)


def _asker(tx: Tx, person: str) -> Asker:
    directory = teams.directory(tx, 1)
    return Asker(directory, directory.people[person])
