"""The board of a large plan with a long history: what a page costs, and how soon 200 open ones show what was done.

50 people have their Home open meanwhile. The history goes back over `DAYS`; pages of any minute of it are asked for.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import structlog
from sqlalchemy import event, update

from benchmarks.databases import Store
from benchmarks.harness import SECRET, Stage
from benchmarks.load import Connection, command
from benchmarks.report import Table, ms, quantile
from benchmarks.servers import Server, Wrong
from callboard.answers import store as keys
from callboard.app import database
from callboard.board import page
from callboard.board.page.stream import Boards
from callboard.board.picture import album
from callboard.core import timeline
from callboard.core.db import Database, Tx
from callboard.core.timeline import Subject
from callboard.settings import Settings
from callboard.web import sessions
from tests.planfile.heavy import big

FULL = {"people": 200, "teams": 50, "tasks": 2_000, "gates": 200}
ROWS, PAGES, LOADS, CLICKS, CUT, HOMES, DAYS = 100_000, 200, 100, 100, 30.0, 50, 60
KILOBYTES, LOAD_P95, QUERY_P95, SHOWN_P99, GROWS, THEN = 40, 0.2, 0.01, 0.5, 25, 0.3
HEADS = ("first load", "first look", "load p95", "then p95", "then most", "query p95", "empty p95", "shown p50",
         "shown p99", "missed", "doubled", "published", "most each", "grows by")  # fmt: skip
TASK = "A-0"


@dataclass
class Open:
    """A page that is open: the entries that it was told of, and when it came to show a text."""

    told: list[int] = field(default_factory=list)
    shown: dict[str, float] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return max(self.told, default=0)

    async def listen(self, port: int, plan: str, cookie: str, after: int) -> None:
        """Take what comes until cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        writer.write(
            f"GET /board/{plan}/events?after={after}&version={page.version()} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Cookie: {cookie}\r\nLast-Event-ID: {self.last or after}\r\n\r\n".encode()
        )
        try:
            async for line in reader:
                if line.startswith(b"data: {"):
                    if b"noted " in line:
                        said = line.split(b"noted ")[1].split(b" end")[0].decode()
                        self.shown.setdefault(said, time.perf_counter())
                    self.told += [entry["id"] for entry in json.loads(line[6:])["entries"]]
        finally:
            writer.close()


def run(stage: Stage) -> None:
    """Print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    rows, pages = stage.some(ROWS), stage.some(PAGES)
    sizes = f"{', '.join(f'{count:,} {what}' for what, count in FULL.items())}, {rows:,} entries; {pages} open pages"
    table = Table(f"The board: {sizes}", *HEADS)
    for label, store in stage.databases():
        ahead = big(**FULL).replace("2026-", f"{datetime.now(UTC).year + 1}-")
        with stage.tried(), stage.bot(store, written=ahead) as server:
            db = database(Settings(database_url=store.url))
            plan, cookie = db.transact(_begun)
            _age(db, rows)
            table.row(label, *asyncio.run(_measured(stage, store, server, db, plan, cookie, pages)))
            db.close()
    table.note(
        f"The aims: {KILOBYTES} kB as sent, p95 {ms(LOAD_P95)} a load and {ms(QUERY_P95)} a query, p99 {ms(SHOWN_P99)} "
        f"from a click to the last page, nothing missed or doubled after {CUT * stage.share:.0f} s without connection, "
        f"{GROWS} MB more; {ms(THEN)} for the first look after a start, and for any minute gone by. "
        f"Published: Homes because of the clicks, of {stage.some(HOMES)} people, and for one of them at most."
    )


def _begun(tx: Tx) -> tuple[str, str]:
    """The plan's key, and the cookie of somebody who opened its board."""
    link = sessions.made(tx, 1, "T0BENCH", "U0CHIEF")
    assert sessions.read(keys.key(tx), sessions.signed(keys.key(tx), link)) is not None
    begun = sessions.begin(tx, link)
    assert begun is not None
    return "big", f"callboard_board={begun[1]}"


def _age(db: Database, count: int) -> None:
    """Days of notes about tasks since the plan was applied, sealed already as far as the sealer got."""
    began = db.clock.now() - timedelta(days=DAYS)

    def earlier(tx: Tx) -> None:
        tx.connection.execute(update(timeline.Entry).values(at=began))

    def write(tx: Tx, first: int) -> None:
        rows = [
            timeline.row(tx, 1, Subject("task", number % FULL["tasks"] + 1), "noted", actor="chief", said="it goes on")
            for number in range(first, min(first + 10_000, count))
        ]
        for number, row in enumerate(rows, first):
            row["at"] = began + timedelta(days=DAYS - 1 / 24) * (number / count)
        timeline.append(tx, rows)

    db.transact(earlier)
    for first in range(0, count, 10_000):
        db.transact(write, first)


async def _measured(
    stage: Stage, store: Store, server: Server, db: Database, plan: str, cookie: str, pages: int
) -> list[str]:  # fmt: skip
    while db.transact(lambda tx: tx.connection.exec_driver_sql(UNSEALED).scalar()):  # noqa: ASYNC110 - of another process
        await asyncio.sleep(0.5)
    loads, size = await _loads(server, plan, cookie, stage.some(LOADS))
    async with asyncio.timeout(120):
        while db.transact(lambda tx: album.gap(tx, 1)):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.5)
    with stage.beside(store) as other:
        looked, _ = await _loads(other, plan, cookie, 0)
        thens = await _thens(other, db, plan, cookie, stage.some(LOADS))
    queries = await _queries(db, stage.some(LOADS))
    after = db.transact(lambda tx: tx.connection.exec_driver_sql(NEWEST).scalar()) or 0
    opened = [Open() for _ in range(pages)]
    clicks, homes = stage.some(CLICKS), stage.some(HOMES)
    for number in range(homes):
        await _home(server, f"U0P{number:04}")
    await asyncio.sleep(10.0)  # each is published once
    published, before = _published(stage), server.memory()
    async with _listening(opened, server, plan, cookie, after):
        empty = [await _empty(server) for _ in range(clicks)]
        delays = [await _click(server, opened, f"click {number}") for number in range(clicks)]
        grown = server.memory() - before
        await asyncio.sleep(6.0)  # the last state is
        shown = {who: count - published.get(who, 0) for who, count in _published(stage).items()}
    for number in range(stage.some(20)):
        await _click(server, (), f"unseen {number}")
        await asyncio.sleep(CUT * stage.share / stage.some(20))
    async with _listening(opened, server, plan, cookie, after):
        await _click(server, opened, "the last")
        newest = db.transact(lambda tx: tx.connection.exec_driver_sql(NEWEST).scalar()) or 0
        async with asyncio.timeout(60):
            while min(each.last for each in opened) < newest:  # noqa: ASYNC110 - many are waited for
                await asyncio.sleep(0.05)
    written = db.transact(
        lambda tx: [row[0] for row in tx.connection.exec_driver_sql(f"{ENTRIES} AND id > {after} AND id <= {newest}")]
    )
    missed = max(len(set(written) - set(each.told)) for each in opened)
    doubled = max(len(each.told) - len(set(each.told)) for each in opened)
    if missed or doubled:
        raise Wrong(f"pages missed {missed} entries and were told {doubled} twice")
    return [
        f"{size / 1000:.1f} kB", ms(looked[0]), ms(quantile(loads[1:], 0.95)), ms(quantile(thens, 0.95)),
        ms(max(thens)), ms(quantile(queries, 0.95)), ms(quantile(empty, 0.95)), ms(quantile(delays, 0.5)),
        ms(quantile(delays, 0.99)), str(missed), str(doubled), str(sum(shown.values())),
        str(max(shown.values(), default=0)), f"{grown:.0f} MB",
    ]  # fmt: skip


UNSEALED = "SELECT count(*) FROM timeline WHERE seq IS NULL"
NEWEST = "SELECT max(id) FROM timeline"
ENTRIES = "SELECT id FROM timeline WHERE plan_id = 1"


async def _loads(server: Server, plan: str, cookie: str, count: int) -> tuple[list[float], int]:
    """Seconds of the first load of the page and of `count` more, and what the first sends, with style and script."""
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
    seconds: list[float] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=60) as http:
        began = time.perf_counter()
        async with http.stream("GET", f"/board/{plan}") as answer:
            if answer.status_code != 200:
                raise Wrong(f"the board answers {answer.status_code}")
            size = sum([len(chunk) async for chunk in answer.aiter_raw()])
        seconds.append(time.perf_counter() - began)
        if "data-at" in (await http.get(f"/board/{plan}")).text:
            raise Wrong("the board shows a moment gone by, and never changes")
        size += sum(len(gzip.compress((page.HERE / name).read_bytes())) for name in ("board.css", "board.js"))
        for _ in range(count):
            began = time.perf_counter()
            await http.get(f"/board/{plan}")
            seconds.append(time.perf_counter() - began)
    return seconds, size


async def _thens(server: Server, db: Database, plan: str, cookie: str, count: int) -> list[float]:
    """Seconds of each page of a minute gone by, over all days."""
    seconds = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers={"Cookie": cookie}) as http:
        for number in range(count):
            back = timedelta(days=(DAYS - 1) * ((number * 37) % count) / count, minutes=number)
            began = time.perf_counter()
            answer = await http.get(f"/board/{plan}", params={"at": (db.clock.now() - back).isoformat()}, timeout=60)
            seconds.append(time.perf_counter() - began)
            if answer.status_code != 200 or "data-at" not in answer.text:
                raise Wrong(f"the board of then answers {answer.status_code}")
    return seconds


async def _empty(server: Server) -> float:
    """Seconds of a request that nothing is done for, beside the same open pages."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as http:
        began = time.perf_counter()
        await http.get("/healthz", timeout=60)
        return time.perf_counter() - began


async def _home(server: Server, user: str) -> None:
    """Somebody opens their Home."""
    event = {"type": "app_home_opened", "user": user, "channel": "D0HOME", "tab": "home", "event_ts": f"{time.time()}"}
    body = {"token": "old", "team_id": "T0BENCH", "api_app_id": "A0BENCH", "type": "event_callback", "event": event,
            "event_id": f"Ev{time.time_ns()}", "event_time": int(time.time())}  # fmt: skip
    written, stamp = json.dumps(body).encode(), str(int(time.time()))
    mark = hmac.new(SECRET.encode(), b"v0:%b:%b" % (stamp.encode(), written), hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mark}",
        "Content-Type": "application/json",
    }
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as http:
        answer = await http.post("/slack/events", content=written, headers=headers, timeout=60)
    if answer.status_code != 200:
        raise Wrong(f"opening a Home answers {answer.status_code}: {answer.text[:300]}")


def _published(stage: Stage) -> dict[str, int]:
    """How often each Home was published until now."""
    found: dict[str, int] = httpx.post(f"{stage.environment()['SLACK_API_URL']}homes.published").json()["calls"]
    return found


async def _queries(db: Database, count: int) -> list[float]:
    """Seconds of every statement of boards that are drawn anew."""
    began: list[float] = []
    seconds: list[float] = []
    engine = db._reader  # noqa: SLF001 - by which boards are read
    event.listen(engine, "before_cursor_execute", lambda *_: began.append(time.perf_counter()))
    event.listen(engine, "after_cursor_execute", lambda *_: seconds.append(time.perf_counter() - began.pop()))
    for _ in range(count):
        await Boards(db).now(1, acts=True)
    return seconds


@asynccontextmanager
async def _listening(opened: list[Open], server: Server, plan: str, cookie: str, after: int) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each.listen(server.port, plan, cookie, after)) for each in opened]
    await asyncio.sleep(3.0)
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _click(server: Server, opened: Any, text: str) -> float:
    """Seconds from a command in Slack until the last of the pages shows it."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", server.port)
    began = time.perf_counter()
    answer = await connection.ask(command(SECRET, str(int(time.time())), _note(text)))
    if not answer.startswith(b"HTTP/1.1 200"):
        raise Wrong(answer.decode(errors="replace")[:300])
    async with asyncio.timeout(60):
        while not all(text in each.shown for each in opened):  # noqa: ASYNC110 - many are waited for
            await asyncio.sleep(0.005)
    return max((each.shown[text] for each in opened), default=began) - began


def _note(text: str) -> dict[str, str]:
    return {
        "token": "old", "team_id": "T0BENCH", "team_domain": "bench", "channel_id": "C0ANY", "channel_name": "any",
        "user_id": "U0CHIEF", "user_name": "chief", "command": "/task", "text": f"note {TASK} noted {text} end",
        "api_app_id": "A0BENCH", "response_url": "http://127.0.0.1:9/", "trigger_id": json.dumps(time.time_ns()),
    }  # fmt: skip
