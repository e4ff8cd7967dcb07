"""An emergency of level 1 for a hundred people, while Slack keeps to its limits and two of them have left.

Shows how long after the answer to `/emergency` the last of them is told, that each is told once, and that whoever is not
reached is named; next to as many bare messages to the same Slack, by somebody who does nothing else.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

from benchmarks.databases import Store
from benchmarks.desk import Desk
from benchmarks.harness import Stage
from benchmarks.load import Connection
from benchmarks.plan import TEAMS, plan
from benchmarks.report import Table, s, times
from benchmarks.servers import Server, Wrong, free_port, serving

CROWD, GONE = 100, 2
WITHIN, PATIENCE = 5.0, 60.0
AT_ONCE = 8
HEADS = ("told", "not reached", "answered in", "last after", "bare", "told/bare")
PAGES = "SELECT count(*) FROM deliveries WHERE kind = 'emergency.page' AND state"


def run(stage: Stage) -> None:
    """Print the table."""
    table = Table(f"An emergency of level 1 for {CROWD} people at Slack's limits", *HEADS)
    limited = replace(stage, api_port=free_port())
    with serving(stage.folder, {"SLACK_LIMITS": "1"}, limited.api_port, "benchmarks.stub") as slack:
        bare = asyncio.run(_bare(slack))
        for label, store in stage.databases():
            with stage.tried(), limited.bot(store, written=json.dumps(_plan())) as server:
                _declared(store, server, table, label, bare)
    table.note(f"Everybody who can be reached is told within {WITHIN:.0f} s; the card names the others.")


def _declared(store: Store, server: Server, table: Table, label: str, bare: float) -> None:
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
    table.row(label, str(told), str(lost), s(answered - began), s(last), s(bare), times(last, bare))
    if (told, lost, people) != (CROWD - GONE, GONE, CROWD) or last > WITHIN:
        raise Wrong(f"{told} messages went to {people} people, of {CROWD}, the last of them after {s(last)}")
    shown = desk.says("U0CHIEF", "/emergency", "show 1")
    if unnamed := [number for number in range(GONE) if f"<@U0GONE{number:03}>" not in shown]:
        raise Wrong(f"{len(unnamed)} who were not reached are not named: {shown[-1500:]}")


async def _bare(slack: Server) -> float:
    """The seconds that as many messages take which nobody has to keep or to write."""
    waiting, loop = [_message(number) for number in range(CROWD - GONE)], asyncio.get_running_loop()

    async def send(connection: Connection) -> None:
        while waiting:
            if not (answer := await connection.ask(waiting.pop())).startswith(b"HTTP/1.1 200"):
                raise Wrong(f"a bare message was refused: {answer!r}")

    lines = [await loop.create_connection(Connection, "127.0.0.1", slack.port) for _ in range(AT_ONCE)]
    began = time.monotonic()
    await asyncio.gather(*(send(connection) for _, connection in lines))
    return time.monotonic() - began


def _message(number: int) -> bytes:
    body = json.dumps({"channel": f"U0BARE{number:03}", "text": "The database is gone"}).encode()
    head = f"POST /api/chat.postMessage HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _plan() -> dict[str, Any]:
    """A plan of a hundred people in teams, who are all told."""
    written = plan(CROWD // TEAMS - 1)
    for number, person in enumerate(list(written["people"])[-GONE:]):
        written["people"][person]["slack"] = f"U0GONE{number:03}"
    level = {"name": "Critical", "respond_within": "5m", "tell": ["everyone"], "channel": "coordination", "freezes": []}
    return {**written, "emergencies": {"1": level}}
