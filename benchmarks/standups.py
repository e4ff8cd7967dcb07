"""A standup of 500 people: how late the last is asked within the limits of Slack, and whether the digest is whole."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import SecretStr
from sqlmodel import col, select

from benchmarks.databases import Store, fresh
from benchmarks.harness import Stage
from benchmarks.report import Table, quantile, s
from benchmarks.servers import Wrong
from callboard.app import App, routes, sections
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.plans import service as plans
from callboard.sandbox import ChannelSpec, RateLimits, Sandbox, UserSpec, WorkspaceSpec
from callboard.settings import Settings
from callboard.slack import manifest
from callboard.standups import service as standups
from callboard.standups.models import CheckIn, State
from callboard.standups.service import Report
from callboard.teams import service as teams
from callboard.teams.service import Asker

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
CASES = (
    ("person", False, "nine by everybody's own clock"),
    ("plan", False, "all at once"),
    ("plan", True, "all at once, the minute used up before"),
)


def run(stage: Stage) -> None:
    """Print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    limits, people = RateLimits(), stage.some(PEOPLE)
    title = (
        f"A standup of {people} people in {len(ZONES)} zones; {limits.message_rate:g} message a second to each, "
        f"{limits.workspace_per_minute} a minute to all (assumed: Slack names no figure)"
    )
    table = Table(title, "asked", "p50 late", "last late", "in digest", "took")
    for database in ("SQLite", "PostgreSQL"):
        for clock, spent, what in CASES:
            store = fresh(stage.folder, stage.postgres if database == "PostgreSQL" else "")
            began = time.monotonic()
            late, said = asyncio.run(_day(store, people, clock, spent=spent))
            took = s(time.monotonic() - began)
            table.row(f"{database}: {what}", f"{len(late)}", s(quantile(late, 0.5)), s(max(late)), f"{said}", took)
            if len(late) != people or max(late) > WITHIN:
                raise Wrong(f"{len(late)} of {people} were asked, the last {max(late):.0f} s late")
    table.note(f"Late is in Slack's time. {ANSWERING:.0%} answer, and the digest has to hold each of them once.")


async def _day(store: Store, people: int, clock: str, *, spent: bool) -> tuple[list[float], int]:
    """Live a day: how late each was asked, in seconds, and how many answers the digest holds."""
    async with _world(store, people, clock) as (app, slack, now):
        answering = [f"p{number:03}" for number in range(int(people * ANSWERING))]
        end = MIDNIGHT + timedelta(hours=46)
        while (due := await app.next_due()) is not None and due <= end:
            now.move_to(max(due, now.now() + timedelta(milliseconds=1)))
            if spent and due == NINE:
                _spend(slack, now.now())
            await app.settle()
            if await app.db.write(_answer, answering):
                await app.settle()
        at = await app.db.read(_asked)
        late = [float(slack.dm(person)[0].ts) - when.timestamp() for person, when in at.items()]
        cards = [one for one in slack.messages("all") if "have reported" in one.shown]
        said = sum(one.ts != card.ts for card in cards for one in slack.threads(card.channel, card.ts))
        counted = f"{len(answering)} of {people} have reported"
        if len(cards) != 1 or said != len(answering) or counted not in cards[0].shown:
            raise Wrong(f"{len(cards)} digests hold {said} of {len(answering)} answers")
        return late, said


@asynccontextmanager
async def _world(store: Store, people: int, clock: str) -> AsyncIterator[tuple[App, Sandbox, ManualClock]]:
    now = ManualClock(MIDNIGHT - timedelta(hours=16))
    spec = WorkspaceSpec(
        users=[UserSpec(name=f"p{number:03}") for number in range(people)], channels=[ChannelSpec(name="all")]
    ).with_manifest(manifest.build(routes()))
    async with Sandbox(spec, clock=now.now, limits=RateLimits()) as slack:
        settings = Settings(
            slack_bot_token=SecretStr(spec.bot_token), slack_app_token=SecretStr(spec.app_token),
            slack_signing_secret=SecretStr(spec.signing_secret), slack_api_url=slack.api_url, database_url=store.url,
        )  # fmt: skip
        app = App(settings, clock=now)
        schema.upgrade(app.db)
        ids = {f"p{number:03}": slack.workspace.user(f"p{number:03}").id for number in range(people)}
        checked = plans.check(json.dumps(_plan(ids, clock)), "plan.yml", sections())
        if checked.errors:
            raise Wrong(str(checked.errors))
        app.db.transact(plans.apply, checked, sections(), author="bench", workspace=spec.team_id)
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
    """Somebody else's messages have used up what the workspace may post in this minute."""
    for number in range(RateLimits().workspace_per_minute):
        slack.meter.wait("chat.postMessage", None, f"other-{number}", now)


def _answer(tx: Tx, answering: list[str]) -> int:
    """Whoever was asked and means to answer does."""
    directory = teams.directory(tx, 1)
    wanted = select(CheckIn).where(CheckIn.state == State.WAITING, col(CheckIn.prompted_at).is_not(None))
    waiting = [one for one in tx.session.exec(wanted).all() if one.person in answering]
    for one in waiting:
        who = Asker(directory, directory.people[one.person])
        standups.submit(tx, who, one.standup, one.day, Report([("Yesterday", "Schema"), ("Today", "Indexes")]))
    return len(waiting)


def _asked(tx: Tx) -> dict[str, datetime]:
    return {one.person: one.asked_at for one in tx.session.exec(select(CheckIn))}
