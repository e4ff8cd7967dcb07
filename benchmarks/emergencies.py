"""An emergency of level 1 for a hundred people, while Slack keeps to its limits and two of them have left.

Shows how long after the answer to `/emergency` the last of them is told, that each is told once, and that whoever is
not reached is named; next to as many messages that a script posts with slack_sdk, which keeps nothing of them.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.databases import Store
from benchmarks.desk import Desk
from benchmarks.harness import Stage
from benchmarks.plan import TEAMS, plan
from benchmarks.report import Table, s, times
from benchmarks.servers import Server, Wrong, free_port, serving

CROWD, GONE = 100, 2
WITHIN, PATIENCE = 5.0, 60.0
AT_ONCE = 8
HEADS = ("told", "not reached", "answered in", "last after", "a script", "told/script")
PAGES = "SELECT count(*) FROM deliveries WHERE kind = 'emergency.page' AND state"


def run(stage: Stage) -> None:
    """Print the table."""
    table = Table(f"An emergency of level 1 for {CROWD} people at Slack's limits", *HEADS)
    limited = replace(stage, api_port=free_port())
    with serving(stage.folder, {"SLACK_LIMITS": "1"}, limited.api_port, "benchmarks.stub") as slack:
        script = asyncio.run(_script(slack))
        for label, store in stage.databases():
            with stage.tried(), limited.bot(store, written=json.dumps(_plan())) as server:
                _declared(store, server, table, label, script)
    table.note(f"Everybody who can be reached is told within {WITHIN:.0f} s; the card names the others.")


def _declared(store: Store, server: Server, table: Table, label: str, script: float) -> None:
    """Declare it, wait until nobody is still being told, and read who was not."""
    desk, began = Desk(server.port), time.time()
    said = desk.says("U0CHIEF", "/emergency", "1 the database is gone")
    answered = time.time()
    while store.one(f"{PAGES} IN ('waiting', 'sending')") or not store.one(f"{PAGES} = 'sent'"):
        if time.time() > answered + PATIENCE:
            raise Wrong(f"pages still wait: {said[-300:]}")
        time.sleep(0.02)
    told, lost = store.one(f"{PAGES} = 'sent'"), store.one(f"{PAGES} <> 'sent'")
    people = store.one("SELECT count(DISTINCT recipient) FROM deliveries WHERE kind = 'emergency.page'")
    last = float(store.one("SELECT max(posted_as) FROM deliveries WHERE kind = 'emergency.page'")) - answered
    table.row(label, str(told), str(lost), s(answered - began), s(last), s(script), times(last, script))
    if (told, lost, people) != (CROWD - GONE, GONE, CROWD) or last > WITHIN:
        raise Wrong(f"{told} messages went to {people} people, of {CROWD}, the last of them after {s(last)}")
    shown = desk.says("U0CHIEF", "/emergency", "show 1")
    if unnamed := [number for number in range(GONE) if f"<@U0GONE{number:03}>" not in shown]:
        raise Wrong(f"{len(unnamed)} who were not reached are not named: {shown[-1500:]}")


async def _script(slack: Server) -> float:
    """The seconds in which slack_sdk posts as many messages, with as many at once as Callboard has."""
    client = AsyncWebClient("xoxb-bench", base_url=f"http://127.0.0.1:{slack.port}/api/")
    waiting = list(range(CROWD - GONE))

    async def send() -> None:
        while waiting:
            await client.chat_postMessage(channel=f"U0SCRIPT{waiting.pop():03}", text="The database is gone")

    async with aiohttp.ClientSession() as client.session:
        began = time.monotonic()
        await asyncio.gather(*(send() for _ in range(AT_ONCE)))
        return time.monotonic() - began


def _plan() -> dict[str, Any]:
    """A plan of a hundred people in teams, who are all told."""
    written = plan(CROWD // TEAMS - 1)
    for number, person in enumerate(list(written["people"])[-GONE:]):
        written["people"][person]["slack"] = f"U0GONE{number:03}"
    level = {"name": "Critical", "respond_within": "5m", "tell": ["everyone"], "channel": "coordination", "freezes": []}
    return {**written, "emergencies": {"1": level}}
