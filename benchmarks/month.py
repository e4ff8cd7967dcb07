"""A month of one plan in one process: memory each day, and how much it grows. Slack is a process of its own."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import psutil
import structlog
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier

from benchmarks.databases import Store, fresh
from benchmarks.harness import SECRET, Stage
from benchmarks.plan import TEAMS, begin, plan
from benchmarks.report import Table, s
from benchmarks.servers import Wrong
from callboard.app.bot import App
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.settings import Settings

DAYS, MEMBERS, A_DAY = 30, 3, 6
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
WARM = 6
"""By then every statement was prepared once, and every cache is as full as it gets."""
MOST = 0.5
"""MB a day; a leak of a message, a blocker or an entry each would be more."""
MOMENT = timedelta(milliseconds=50)


def run(stage: Stage) -> None:
    """Print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    days = max(int(DAYS * stage.share), WARM + 4)
    began, store = time.process_time(), fresh(stage.folder)
    table = Table(f"A month in one process: resident memory on each of {days} days", "memory", "kept", "messages")
    memory = asyncio.run(_month(stage, store, days, table))
    growth = slope(memory[WARM:])
    table.row("growth each day", f"{growth:.3f} MB", "", "", s(time.process_time() - began))
    table.note(
        f"{A_DAY} blockers a day, a standup of {len(_people())}; the first {WARM} days are left out of the growth."
    )
    if growth > MOST:
        raise Wrong(f"memory grows by {growth:.2f} MB a day")


def slope(figures: Sequence[float]) -> float:
    """By how much they grow from one to the next, by least squares."""
    middle, mean = (len(figures) - 1) / 2, sum(figures) / len(figures)
    apart = sum((place - middle) ** 2 for place in range(len(figures)))
    return sum((place - middle) * (figure - mean) for place, figure in enumerate(figures)) / apart


async def _month(stage: Stage, store: Store, days: int, table: Table) -> list[float]:
    """Live so many days; the memory at the end of each."""
    now, given = ManualClock(FIRST), stage.environment()
    settings = Settings(
        slack_bot_token=SecretStr(given["SLACK_BOT_TOKEN"]), slack_signing_secret=SecretStr(SECRET),
        slack_api_url=given["SLACK_API_URL"],
        database_url=store.url, mirrors=None,
    )  # fmt: skip
    app = App(settings, clock=now)
    schema.upgrade(app.db)
    begin(app.db, _plan(), "T0BENCH")
    await app.start(beating=False)
    memory = []
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app.web), base_url="http://callboard") as http:
            for day in range(days):
                await _live(app, now, http, day)
                gc.collect()
                memory.append(psutil.Process().memory_info().rss / 2**20)
                messages = store.one("SELECT count(*) FROM deliveries")
                table.row(f"day {day + 1}", f"{memory[-1]:.1f} MB", f"{app.db.kept}", f"{messages}")
    finally:
        await app.stop()
    return memory


async def _live(app: App, now: ManualClock, http: httpx.AsyncClient, day: int) -> None:
    """A day: blockers are raised, taken, noted on and resolved; people check in or do not."""
    for place in range(A_DAY):
        number = day * A_DAY + place + 1
        await _until(app, now, FIRST + timedelta(days=day, hours=9 + place))
        for who, typed in (
            ("U0MEMBER", f"/blocker mongo refuses TLS from host {number}"), ("U0LEAD", f"/blocker ack {number}"),
            ("U0LEAD", f"/blocker note {number} we look at it"), ("U0LEAD", f"/blocker resolve {number} restarted"),
            ("U0LEAD", "/blocker list"),
        ):  # fmt: skip
            await _types(http, who, place % TEAMS, typed)
            await app.settle()
        for word in ("/plan show", "/standup"):
            await _types(http, "U0MEMBER", place % TEAMS, word)
    await _until(app, now, FIRST + timedelta(days=day + 1))


async def _until(app: App, now: ManualClock, instant: datetime) -> None:
    while (due := await app.next_due()) is not None and due <= instant:
        now.move_to(max(due, now.now() + MOMENT))
        await app.settle()
    now.move_to(instant)
    await app.settle()


async def _types(http: httpx.AsyncClient, who: str, team: int, typed: str) -> None:
    word, _, rest = typed.partition(" ")
    stamp, trigger = str(int(time.time())), f"{time.time_ns()}"
    body = urlencode({
        "token": "old", "team_id": "T0BENCH", "team_domain": "bench", "channel_id": f"C0TEAM{team:03}",
        "channel_name": f"team-{team:03}", "user_id": f"{who}{team:03}", "user_name": "member", "command": word,
        "text": rest, "api_app_id": "A0BENCH", "response_url": "http://127.0.0.1:9/", "trigger_id": trigger,
    })  # fmt: skip
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body) or ""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
    }  # fmt: skip
    answer = await http.post("/slack/events", content=body, headers=headers)
    if answer.status_code != httpx.codes.OK or "went wrong" in answer.text:
        raise Wrong(f"{typed}: {answer.status_code} {answer.text}")


def _people() -> dict[str, Any]:
    people: dict[str, Any] = plan(MEMBERS)["people"]
    return people


def _plan() -> dict[str, Any]:
    """The small plan, with a standup each day."""
    made = plan(MEMBERS)
    daily = {"name": "Daily", "days": "mon-sun", "at": "09:30", "who": list(made["teams"]), "window": "2h"}
    return {**made, "standups": [daily], "to": "2026-12-31 18:00"}
