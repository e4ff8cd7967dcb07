"""A standup of 500 people: how late the last is asked within the limits of Slack, and whether the digest is whole."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import SecretStr
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from benchmarks.databases import Store, fresh
from benchmarks.harness import Stage
from benchmarks.plan import begin
from benchmarks.report import Table, quantile, s
from benchmarks.servers import Wrong
from callboard.app import routes
from callboard.app.bot import App
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.outbox import Delivery
from callboard.settings import Settings
from callboard.slack import manifest
from callboard.standups import service as standups
from callboard.standups.models import CheckIn, State
from callboard.standups.notices import DIGEST, PROMPT
from callboard.standups.service import Report
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from slack_standin import ChannelSpec, RateLimits, Sandbox, UserSpec, WorkspaceSpec

if TYPE_CHECKING:
    from callboard.core.db import Tx

PEOPLE, ANSWERING, WITHIN = 500, 0.9, 60.0
ZONES = (
    "Pacific/Honolulu", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London",
    "Europe/Berlin", "Africa/Cairo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Sydney",
    "Pacific/Auckland",
)  # fmt: skip
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)
NINE = MIDNIGHT + timedelta(hours=9)
A_MOMENT, A_WHILE, A_MINUTE, A_QUARTER = (timedelta(seconds=seconds) for seconds in (0.001, 3, 60, 900))
AT_ONCE = 16
LIMITS = RateLimits()


def run(stage: Stage) -> None:
    """Print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    people, cap = stage.some(PEOPLE), LIMITS.workspace_per_minute
    title = f"A standup of {people} people in {len(ZONES)} zones: how late they are asked, in Slack's time"
    table = Table(title, "asked", "p50 late", "p95 late", "last late", "in digest", "CPU")
    for database in ("SQLite", "PostgreSQL"):
        for clock in ("person", "plan"):
            store = fresh(stage.folder, stage.postgres if database == "PostgreSQL" else "")
            began = time.process_time()
            late, said = asyncio.run(_day(store, people, clock))
            cpu = s(time.process_time() - began)
            if clock == "person":
                for zone, of_zone in late.items():
                    table.row(f"  nine in {zone}", *_figures(of_zone))
            everybody = [each for of_zone in late.values() for each in of_zone]
            what = "nine by everybody's own clock" if clock == "person" else "all at once, the cap used up before"
            table.row(f"{database}: {what}", *_figures(everybody), f"{said}", cpu)
            if len(everybody) != people or max(everybody) > WITHIN:
                raise Wrong(f"{len(everybody)} of {people} were asked, the last {max(everybody):.0f} s late")
    table.note(
        f"Assumed, since Slack names no figure: {cap} messages a minute to a whole workspace, even at once; "
        f"to one address {LIMITS.message_rate:g} a second."
    )
    table.note(
        f"{people} at one instant are within that. With the cap used up before, the last has to wait "
        f"{people} / {cap / 60:g} a second = {people * 60 / cap:.0f} s; one in {len(ZONES)}, "
        f"{people * 60 / cap / len(ZONES):.0f} s."
    )
    table.note(f"{ANSWERING:.0%} answer, and the digest has to hold each of them once. CPU is with the sandbox's.")


def _figures(late: list[float]) -> tuple[str, ...]:
    return (f"{len(late)}", s(quantile(late, 0.5)), s(quantile(late, 0.95)), s(max(late)))


async def _day(store: Store, people: int, clock: str) -> tuple[dict[str, list[float]], int]:
    """Live a day: how late people were asked, in seconds and by zone, and how many answers the digest holds."""
    answering = int(people * ANSWERING)
    async with _world(store, people, clock) as (app, slack, now):
        end = MIDNIGHT + timedelta(hours=46)
        next_answer, step = end, A_MOMENT
        while (due := min(await app.next_due() or end, next_answer)) < end:
            quarter = now.now() + A_QUARTER - (now.now() - MIDNIGHT) % A_QUARTER
            now.move_to(max(due, min(now.now() + step, quarter)))
            if clock == "plan" and now.now() == NINE:
                _spend(slack, now.now())
            if now.now() >= next_answer:
                await app.db.write(_answer, answering)
            await app.settle()
            asking, left = await app.db.read(_standing, answering)
            step = A_MOMENT if asking else A_WHILE
            next_answer = end if not left else next_answer if now.now() < next_answer < end else now.now() + A_MINUTE
        late = defaultdict(list)
        for person, asked_at, zone in await app.db.read(_asked):
            late[zone].append(float(slack.dm(person)[0].ts) - asked_at.timestamp())
        posted = await app.db.read(_digests)
        cards = [one for one in slack.messages("all") if one.ts in posted]
        said = sum(one.ts != card.ts for card in cards for one in slack.threads(card.channel, card.ts))
        counted = f"{answering} of {people} reported"
        if len(cards) != 1 or said != answering or counted not in cards[0].shown:
            raise Wrong(f"{len(cards)} digests hold {said} of {answering} answers")
        return late, said


@asynccontextmanager
async def _world(store: Store, people: int, clock: str) -> AsyncIterator[tuple[App, Sandbox, ManualClock]]:
    now = ManualClock(MIDNIGHT - timedelta(hours=16))
    spec = WorkspaceSpec(
        users=[UserSpec(name=_key(number)) for number in range(people)], channels=[ChannelSpec(name="all")]
    ).with_manifest(manifest.build(routes()))
    async with Sandbox(spec, clock=now.now, limits=LIMITS) as slack:
        settings = Settings(
            slack_bot_token=SecretStr(spec.bot_token), slack_app_token=SecretStr(spec.app_token),
            slack_signing_secret=SecretStr(spec.signing_secret), slack_api_url=slack.api_url, database_url=store.url,
        )  # fmt: skip
        app = App(settings, clock=now)
        schema.upgrade(app.db)
        ids = {_key(number): slack.workspace.user(_key(number)).id for number in range(people)}
        begin(app.db, _plan(ids, clock), spec.team_id)
        await app.start(beating=False)
        try:
            await slack.connected()
            await app.settled_in.wait()
            yield app, slack, now
        finally:
            await app.stop()


def _plan(ids: dict[str, str], clock: str) -> dict[str, Any]:
    """One team; everybody works around the clock, so that only the standup says when they are asked."""
    people = {
        key: {"name": key, "slack": slack, "timezone": ZONES[number % len(ZONES)]}
        for number, (key, slack) in enumerate(ids.items())
    }
    return {
        "callboard": 1, "key": "bench", "name": "Bench", "timezone": "UTC", "from": MIDNIGHT.date().isoformat(),
        "to": MIDNIGHT.date().isoformat(), "working_hours": {"days": "mon-sun", "hours": "00:00-24:00"},
        "channels": {"coordination": "#all"}, "people": people,
        "teams": {"all": {"name": "All", "lead": "p000", "members": list(people)[1:]}},
        "standups": [
            {"name": "Daily", "days": "mon-sun", "at": "09:00", "clock": clock, "who": ["all"], "window": "2h"},
        ],
    }  # fmt: skip


def _spend(slack: Sandbox, now: datetime) -> None:
    """Somebody else's messages have used up what the workspace may post at once."""
    for number in range(LIMITS.workspace_per_minute):
        slack.meter.wait("chat.postMessage", None, f"other-{number}", now)


def _answer(tx: Tx, answering: int) -> None:
    """Some of those who were asked and mean to answer do, each minute."""
    directory = teams.directory(tx, 1)
    for one in tx.session.exec(_silent(answering).limit(AT_ONCE)).all():
        who = Asker(directory, directory.people[one.person])
        standups.submit(tx, who, one.standup, one.day, Report([("Yesterday", "Schema"), ("Today", "Indexes")]))


def _standing(tx: Tx, answering: int) -> tuple[bool, bool]:
    """Whether anybody is being asked, and whether anybody is still to answer."""
    unasked = select(Delivery.id).where(Delivery.kind == PROMPT.kind, col(Delivery.posted_as).is_(None))
    return tx.session.exec(unasked).first() is not None, tx.session.exec(_silent(answering)).first() is not None


def _digests(tx: Tx) -> Sequence[str | None]:
    return tx.session.exec(select(Delivery.posted_as).where(Delivery.kind == DIGEST.kind)).all()


def _silent(answering: int) -> SelectOfScalar[CheckIn]:
    """Those who were asked and mean to answer, the first of the plan."""
    was_asked = col(CheckIn.prompted_at).is_not(None)
    wanted = select(CheckIn).where(CheckIn.state == State.WAITING, was_asked, CheckIn.person < _key(answering))
    return wanted.order_by(col(CheckIn.id))


def _key(number: int) -> str:
    return f"p{number:03}"


def _asked(tx: Tx) -> list[tuple[str, datetime, str]]:
    asked, people = select(CheckIn).order_by(col(CheckIn.asked_at), col(CheckIn.id)), teams.directory(tx, 1).people
    return [(one.person, one.asked_at, people[one.person].timezone) for one in tx.session.exec(asked)]
