"""A storm of alerts: none lost, one card, each role paged once, few calls of Slack; next to the cheapest report."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.databases import Store
from benchmarks.harness import Stage
from benchmarks.load import Connection
from benchmarks.plan import plan
from benchmarks.report import Table, ms, quantile, times
from benchmarks.servers import Server, Wrong, python

ALERTS, SECONDS, TOGETHER, REPLICAS, AT_ONCE = 10_000, 60.0, 10, 2, 8
FLAT_OUT = 600
MOST_CALLS = 12
HEADS = ("alerts", "stored", "cards", "pages", "Slack a min", "p50", "p95")
RULES = [
    {"match": {"alertname": "Storm"}, "page": ["chief", "boss"]},
    {"match": {"alertname": "Single"}, "tell": ["#single"]},
    {"heartbeat": "job", "every": "1h", "page": ["chief"]},
]
SETTLES = 20.0


def run(stage: Stage) -> None:
    """Print the tables."""
    alerts, seconds = stage.some(ALERTS) // TOGETHER * TOGETHER, max(SECONDS * stage.share, 6.0)
    written = json.dumps({**plan(), "alerts": RULES, "channels": {"coordination": "C0COORD"}})
    storm = Table(
        f"{alerts} alerts within {seconds:.0f} s, each from {REPLICAS} replicas in posts of {TOGETHER}", *HEADS
    )
    ratios: list[tuple[str, float, float]] = []
    for label, store in stage.databases():
        with stage.tried(), stage.bot(store, written=written) as server:
            head = _head(_token(store))
            rest, alone = _flat_out(stage, server, head)
            ratios.append((label, alone, rest))
            _storm(store, server, head, storm, label, alerts, seconds)
    storm.note(
        f"None is lost, {MOST_CALLS} calls of Slack a minute at most, one card, and each of two roles is paged once."
    )
    table = Table("Flat out: posts a second", "one alert", "a heartbeat", "alert/beat")
    for label, alone, rest in ratios:
        table.row(label, f"{alone:.0f}", f"{rest:.0f}", times(alone, rest))


def _token(store: Store) -> str:
    asked = ("token", "create", "--plan", "bench", "--person", "chief", "--scope", "alerts")
    environment = {**os.environ, "DATABASE_URL": store.url}
    said = subprocess.run(python("callboard", *asked), env=environment, capture_output=True, text=True, check=True)
    return said.stdout.strip()


def _head(token: str) -> str:
    return f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"


def _post(head: str, path: str, body: Any) -> bytes:
    written = json.dumps(body).encode()
    return f"POST /hooks/{path} HTTP/1.1\r\n{head}Content-Length: {len(written)}\r\n\r\n".encode() + written


def _alert(name: str, number: int) -> dict[str, Any]:
    labels = {"alertname": name, "instance": f"host-{number}", "job": "node", "severity": "critical"}
    now = datetime.now(UTC).isoformat()
    return {"status": "firing", "labels": labels, "annotations": {"summary": "Too slow"}, "startsAt": now}


def _flat_out(stage: Stage, server: Server, head: str) -> tuple[float, float]:
    """Heartbeats a second, and single alerts a second, in turn."""
    count = stage.some(FLAT_OUT)
    beats = [_post(head, "heartbeat/job", {})] * count
    alone = [_post(head, "alertmanager", {"alerts": [_alert("Single", number)]}) for number in range(count)]
    took = {"beats": 0.0, "alone": 0.0}
    half = count // 2
    for name, posts in (
        ("beats", beats[:half]),
        ("alone", alone[:half]),
        ("alone", alone[half:]),
        ("beats", beats[half:]),
    ):
        began = time.monotonic()
        asyncio.run(_send(server.port, posts, 0.0))
        took[name] += time.monotonic() - began
    return count / took["beats"], count / took["alone"]


def _storm(
    store: Store, server: Server, head: str, table: Table, label: str, alerts: int, seconds: float
) -> None:  # fmt: skip
    posts = [
        _post(head, "alertmanager", {"alerts": [_alert("Storm", number) for number in range(first, first + TOGETHER)]})
        for first in range(0, alerts, TOGETHER) for _ in range(REPLICAS)
    ]  # fmt: skip
    time.sleep(SETTLES)  # what came before is shown
    before, began = _calls(server), time.monotonic()
    answered = asyncio.run(_send(server.port, posts, seconds / len(posts)))
    minutes = max((time.monotonic() - began) / 60, 1.0)
    time.sleep(2.0)
    calls = (_calls(server) - before) / minutes
    stored = store.one("SELECT count(*) FROM alerts WHERE title = 'Storm'")
    cards = store.one(
        "SELECT count(*) FROM deliveries WHERE kind IN ('alert.card', 'blocker.card') AND address <> '#single'"
    )
    pages = store.one("SELECT count(*) FROM deliveries WHERE kind = 'blocker.page'")
    roles = store.one("SELECT count(DISTINCT recipient) FROM deliveries WHERE kind = 'blocker.page'")
    spans = (ms(quantile(answered, share)) for share in (0.5, 0.95))
    table.row(label, str(alerts), str(stored), str(cards), str(pages), f"{calls:.1f}", *spans)
    if stored != alerts:
        raise Wrong(f"{alerts - stored} of {alerts} alerts are lost")
    if (pages, roles) != (2, 2):
        raise Wrong(f"{pages} pages went to {roles} people, and 2 people are paged once each")
    if cards != 1:
        raise Wrong(f"there are {cards} cards of one storm")
    if calls > MOST_CALLS:
        raise Wrong(f"Slack was called {calls:.1f} times a minute")


async def _send(port: int, posts: Sequence[bytes], every: float) -> list[float]:
    """Send each when it is due; the seconds until its answer. Wrong where one is refused."""
    waiting, took, began = list(enumerate(posts))[::-1], list[float](), time.time()
    loop = asyncio.get_running_loop()

    async def work(connection: Connection) -> None:
        while waiting:
            number, post = waiting.pop()
            await asyncio.sleep(max(began + number * every - time.time(), 0) if every else 0)
            sent = time.time()
            answer = await connection.ask(post)
            took.append(time.time() - sent)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise Wrong(f"an alert was refused: {answer[-500:].decode(errors='replace')}")

    lines = [await loop.create_connection(Connection, "127.0.0.1", port) for _ in range(AT_ONCE)]
    await asyncio.gather(*(work(connection) for _, connection in lines))
    return took


def _calls(server: Server) -> int:
    """How often Slack has taken something that is not of the single alerts."""
    lines = server.log.read_text().splitlines()
    return sum("delivery.accepted" in line and "#single" not in line for line in lines)
