"""A morning of 2,000 people and 50 plans on one bot, within Slack's limits: what waits, and what is lost."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psutil
import structlog
from pydantic import SecretStr
from sqlalchemy import func
from sqlmodel import col, select

from benchmarks.databases import Store, fresh
from benchmarks.harness import Stage
from benchmarks.plan import begin
from benchmarks.report import Table, quantile, s
from benchmarks.servers import Wrong
from callboard.app import routes
from callboard.app.bot import App
from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.outbox import Delivery
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.slack import manifest
from callboard.standups.notices import PROMPT
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from slack_standin import ChannelSpec, RateLimits, Sandbox, UserSpec, WorkspaceSpec

if TYPE_CHECKING:
    from callboard.core.db import Tx

PEOPLE, OF_A_PLAN, OF_A_TEAM = 2_000, 40, 10
NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)
DURING = timedelta(seconds=20)
"""Blockers come while everybody is still being asked."""
A_ROUND = 2.0
"""Seconds that Slack has the bot wait, which it rounds up, once the pages have taken all that the workspace may."""
LIMITS = RateLimits()
A_MOMENT, AN_HOUR = timedelta(milliseconds=50), timedelta(hours=1)


def run(stage: Stage) -> None:
    """Print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    people = max(stage.some(PEOPLE), OF_A_PLAN)
    count = people // OF_A_PLAN
    title = f"Nine o'clock for {people} people in {count} plans, with a blocker in each: how late, in Slack's time"
    table = Table(title, "sent", "p50 late", "p99 late", "last late", "refused", "memory", "CPU")
    for database in ("SQLite", "PostgreSQL"):
        store = fresh(stage.folder, stage.postgres if database == "PostgreSQL" else "")
        began = time.process_time()
        late, refused, grown = asyncio.run(_morning(store, count))
        for kind in sorted(late):
            figures, label = late[kind], f"{database}: {kind}"
            table.row(label, f"{len(figures)}", s(quantile(figures, 0.5)), s(quantile(figures, 0.99)), s(max(figures)))
        table.row(f"{database}: in all", f"{sum(map(len, late.values()))}", "", "", "", f"{refused}",
                  f"+{grown:.0f} MB", s(time.process_time() - began))  # fmt: skip
        pages = late["blocker.page"]
        within = count * 60 / LIMITS.workspace_per_minute + A_ROUND
        if len(pages) != count or max(pages) > min(within, max(late["blocker.card"])):
            raise Wrong(f"{len(pages)} of {count} pages, the last {max(pages):.1f} s late")
        if len(late[PROMPT.kind]) < people:
            raise Wrong(f"{len(late[PROMPT.kind])} of {people} were asked")
    table.note(
        f"Enforced: {LIMITS.workspace_per_minute} messages a minute to the workspace, "
        f"{LIMITS.message_rate:g} a second to one address, the tiers of all other methods. Refused are 429s."
    )
    table.note(
        "Memory is what the process grew by, with the sandbox's record of every message. None was lost or doubled."
    )


async def _morning(store: Store, count: int) -> tuple[dict[str, list[float]], int, float]:
    """How late each message was by its kind, how many calls Slack refused, and by how many MB we grew."""
    async with _world(store, count) as (app, slack, now):
        before = psutil.Process().memory_info().rss
        await _until(app, now, NINE + DURING)
        for number in range(1, count + 1):
            await app.db.write(_raise, number)
        await _until(app, now, NINE + AN_HOUR)
        grown = (psutil.Process().memory_info().rss - before) / 2**20
        rows, waiting = await app.db.read(_messages)
        if waiting:
            raise Wrong(f"{waiting} messages still wait after an hour")
        standing = [one for room in slack.workspace.state.messages.values() for one in room.values() if one.metadata]
        shown = [one.metadata["event_payload"]["key"] for one in standing if one.metadata]
        if len(shown) != len(set(shown)) or {key for key, *_ in rows} - set(shown):
            raise Wrong(f"{len(shown)} messages stand in Slack, {len(set(shown))} different; {len(rows)} were sent")
        late: dict[str, list[float]] = {}
        for _, kind, created_at, posted_as in rows:
            late.setdefault(kind, []).append(max(float(posted_as) - created_at.timestamp(), 0.0))
        calls = slack.record.calls("chat.postMessage")
        refused = sum((call["answer"] or {}).get("error") == "ratelimited" for call in calls)
        return late, refused, grown


async def _until(app: App, now: ManualClock, instant: datetime) -> None:
    while (due := await app.next_due()) is not None and due <= instant:
        now.move_to(max(due, now.now() + A_MOMENT))
        await app.settle()
    now.move_to(instant)


@asynccontextmanager
async def _world(store: Store, count: int) -> AsyncIterator[tuple[App, Sandbox, ManualClock]]:
    now = ManualClock(NINE - timedelta(hours=2))
    people = [_key(plan, number) for plan in range(count) for number in range(OF_A_PLAN)]
    channels = [f"{plan}-{team}" for plan in range(count) for team in range(OF_A_PLAN // OF_A_TEAM)]
    spec = WorkspaceSpec(
        users=[UserSpec(name=name, id=f"U{name.upper()}") for name in people],
        channels=[ChannelSpec(name=f"team-{name}") for name in channels],
    ).with_manifest(manifest.build(routes()))
    async with Sandbox(spec, clock=now.now, limits=LIMITS) as slack:
        settings = Settings(
            slack_bot_token=SecretStr(spec.bot_token), slack_app_token=SecretStr(spec.app_token),
            slack_signing_secret=SecretStr(spec.signing_secret), slack_api_url=slack.api_url, database_url=store.url,
            mirrors=None,
        )  # fmt: skip
        app = App(settings, clock=now)
        schema.upgrade(app.db)
        for number in range(count):
            begin(app.db, _plan(number), spec.team_id)
        await app.start(beating=False)
        try:
            await slack.connected()
            await app.settled_in.wait()
            await _until(app, now, NINE - A_MOMENT)
            yield app, slack, now
        finally:
            await app.stop()


def _plan(number: int) -> dict[str, Any]:
    """Four teams of ten who are asked at nine; everybody works around the clock."""
    keys = [_key(number, one) for one in range(OF_A_PLAN)]
    people: dict[str, dict[str, Any]] = {key: {"name": key, "slack": f"U{key.upper()}"} for key in keys}
    people[keys[0]]["roles"] = ["coordinator"]
    teams = {
        f"team-{team}": {
            "name": f"Team {team}", "lead": keys[team * OF_A_TEAM], "channel": f"#team-{number}-{team}",
            "members": keys[team * OF_A_TEAM + 1 : (team + 1) * OF_A_TEAM],
        }
        for team in range(OF_A_PLAN // OF_A_TEAM)
    }  # fmt: skip
    day = NINE.date().isoformat()
    return {
        "callboard": 1, "key": f"plan-{number}", "name": f"Plan {number}", "timezone": "UTC", "from": day, "to": day,
        "working_hours": {"days": "mon-sun", "hours": "00:00-24:00"}, "people": people, "teams": teams,
        "channels": {"coordination": f"#team-{number}-0"},
        "escalation": {"default": {"steps": [{"level": "Lead", "notify": ["lead"], "respond_within": "4h"}]}},
        "standups": [{"name": "Daily", "days": "mon-sun", "at": "09:00", "who": list(teams), "window": "2h"}],
    }  # fmt: skip


def _raise(tx: Tx, plan_id: int) -> None:
    """Somebody of the last team can't go on."""
    directory = teams.directory(tx, plan_id)
    number = int(plans.plan(tx, plan_id).key.removeprefix("plan-"))
    asker = Asker(directory, directory.people[_key(number, OF_A_PLAN - 1)])
    blockers.raise_blocker(tx, asker, Raised(what="the database is down"))


def _messages(tx: Tx) -> tuple[Sequence[Any], int]:
    """What was posted since nine, and how many messages wait."""
    wanted = select(Delivery.key, Delivery.kind, Delivery.created_at, Delivery.posted_as)
    posted = wanted.where(Delivery.created_at >= NINE, col(Delivery.posted_as).is_not(None), Delivery.medium == "slack")
    waiting = select(func.count()).where(col(Delivery.state).in_(("waiting", "sending")), Delivery.due_at <= tx.now)
    return tx.session.exec(posted).all(), tx.connection.execute(waiting).scalar_one()


def _key(plan: int, number: int) -> str:
    return f"p{plan:02}x{number:02}"
