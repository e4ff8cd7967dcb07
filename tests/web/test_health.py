"""Readiness and metrics tell within seconds what is wrong and why, and recover. Each alert of the guide is tried."""

from __future__ import annotations

import asyncio
import operator
import re
import socket
import sqlite3
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import col, update

from callboard.app.bot import App
from callboard.cli.server import free
from callboard.core.deliveries import Delivery
from callboard.core.errors import Refused
from callboard.core.ticks import Trouble
from callboard.settings import Settings
from callboard.web.health import is_away, unusable
from slack_standin.clock import GivenClock

COMPARES = {"<": operator.lt, ">": operator.gt, "==": operator.eq}
GUIDE = Path(__file__).parents[2] / "docs" / "operating.md"


def browser(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app.web), base_url="http://callboard")


def asked_anew(world):
    world.app.slack.api.error, world.app.health.wrote_at = "asked anew", None


async def why(world):
    """Why it is not ready, once Slack and the database are asked anew."""
    asked_anew(world)
    async with browser(world.app) as http:
        answer = (await http.get("/readyz")).json()
    assert answer["ready"] is not bool(answer["why"])
    return answer["why"]


async def figures(world):
    async with browser(world.app) as http:
        lines = (await http.get("/metrics")).text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


async def alerts(world):
    """The alerts of the guide that are on, by their first word: each is one comparison."""
    now, on = await figures(world), set()
    every = re.findall(r"^\| `(callboard_[^` ]+) ([<>]|==) (-?[\d.]+)`", GUIDE.read_text(), re.MULTILINE)
    assert len(every) > 9
    for name, sign, bound in every:
        value = now.get(name, 0.0)
        if COMPARES[sign](value, float(bound)):
            on.add(name)
        assert name in now or "{" in name, f"no figure is called {name}"
    return on


async def test_the_health_of_a_good_installation_is_ready_without_an_alert(world):
    assert await why(world) == ""
    assert await alerts(world) == set()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("token_revoked", "Reinstall the app"), ("account_inactive", "Reinstall the app"),
        ("invalid_auth", "Copy it again"), ("token_expired", "has expired"), ("internal_error", "It passes"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_health_says_that_slack_refuses_the_token_and_recovers_by_itself(world, code, words):
    world.slack.fault("auth.test", "error", code=code, times=2)
    assert words in await why(world)
    asked_anew(world)
    assert "callboard_slack_up" in await alerts(world)
    assert await why(world) == ""
    assert await alerts(world) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_health_says_that_slack_is_gone_and_that_its_socket_is(world):
    await world.slack.close()
    assert "Slack cannot be reached" in await why(world)
    assert {"callboard_slack_up", "callboard_socket_up"} & await alerts(world)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_health_says_that_the_clock_is_off_and_cuts_off_nobody_whom_it_serves(world):
    world.slack.workspace.clock = GivenClock(lambda: world.clock.now() - timedelta(hours=2))
    asked_anew(world)
    async with browser(world.app) as http:
        answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["ready"], answer.json()["why"]) == (200, True, "")
    assert "s off Slack's: set it, use NTP" in answer.json()["warning"]
    await world.says("pa", "/blocker mongo refuses TLS")
    assert world.row("blocker", 1).state == "open"
    assert "callboard_clock_skew_seconds" in await alerts(world)


async def test_the_health_figures_tell_what_is_parked_in_doubt_late_and_given_up(world):
    await world.says("pb", "/blocker mongo refuses TLS")

    def spoil(tx, **values):
        newest = tx.session.exec(update(Delivery).where(col(Delivery.state) != "dropped").values(**values))
        assert newest.rowcount

    world.app.db.transact(spoil, state="parked")
    world.app.db.transact(lambda tx: tx.session.add(Trouble(work="climbs", row_id=1)))
    assert await alerts(world) >= {'callboard_outbox{state="parked"}', "callboard_due_given_up"}
    now = world.clock.now()
    world.app.db.transact(spoil, state="waiting", doubtful_since=now, due_at=now)
    world.clock.advance(timedelta(minutes=3))
    assert await alerts(world) >= {"callboard_outbox_in_doubt", "callboard_outbox_oldest_due_seconds"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_health_knows_a_database_that_takes_nothing_and_one_that_is_gone(world):
    path = Path(world.app.db.url.database)
    world.app.db.engine.dispose()

    def limited(connection, _record):
        connection.execute("PRAGMA query_only = ON")

    event.listen(world.app.db.engine, "connect", limited)
    assert "let Callboard write to the file" in await why(world)
    assert "callboard_database_up" in await alerts(world)
    event.remove(world.app.db.engine, "connect", limited)
    world.app.db.engine.dispose()
    assert await why(world) == ""
    moved = await asyncio.to_thread(path.rename, path.with_suffix(".moved"))
    assert f"the database file {path} is gone" in await why(world)
    assert "callboard_database_up" in await alerts(world)
    await asyncio.to_thread(moved.rename, path)
    assert await why(world) == ""


async def test_the_health_writes_once_however_often_it_is_asked(world):
    written = []

    def sees(_connection, _cursor, statement, *_):
        written.extend([statement] if "user_version =" in statement or "txid_current" in statement else [])

    event.listen(world.app.db.engine, "before_cursor_execute", sees)
    async with browser(world.app) as http:
        for path in ("/readyz", "/metrics", "/readyz"):
            assert (await http.get(path)).status_code == 200
    event.remove(world.app.db.engine, "before_cursor_execute", sees)
    assert len(written) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_health_knows_a_postgresql_that_takes_nothing(world):
    def standby(connection, _record):
        connection.execute("SET default_transaction_read_only = on")
        connection.commit()

    world.app.db.engine.dispose()
    event.listen(world.app.db.engine, "connect", standby)
    assert "connect to the primary" in await why(world)
    event.remove(world.app.db.engine, "connect", standby)
    world.app.db.engine.dispose()
    assert await why(world) == ""


@pytest.mark.parametrize(
    ("said", "away", "words"),
    [
        ('connection failed: FATAL:  password authentication failed for user "x"', False, "correct the password"),
        ('FATAL:  database "calls" does not exist', False, "create it"),
        ("connection refused: is the server running?", True, "check DATABASE_URL and the server"),
        ("FATAL:  the database system is starting up", True, "check DATABASE_URL"),
        ("unable to open database file", False, "the folder exists"),
        ("database or disk is full", False, "free some space on its disk"),
        ("database disk image is malformed", False, "restore a backup"),
    ],
)
def test_the_health_tells_a_database_that_may_come_from_one_that_somebody_must_mend(said, away, words):
    error = OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))
    assert is_away(error) is away
    assert words in unusable(error)
    assert "\n" not in unusable(error)


async def test_the_app_waits_for_a_database_that_is_away_and_says_so():
    settings = Settings(database_url="postgresql://callboard@127.0.0.1:9/none")
    app = App(settings)
    async with app.web.first.router.lifespan_context(app.web.first), browser(app) as http:
        assert (await http.get("/healthz")).status_code == 200
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "the database does not work: connection" in answer.json()["why"]
        assert "callboard_database_up 0.0" in (await http.get("/metrics")).text


def test_the_app_refuses_in_a_sentence_what_waiting_does_not_mend(tmp_path):
    with pytest.raises(Refused, match="unable to open database file; check that the folder exists"):
        App(Settings(database_url=f"sqlite:///{tmp_path}/none/callboard.db")).prepare()
    App(Settings(database_url="postgresql://callboard@127.0.0.1:9/none")).prepare()


def test_the_port_that_another_program_uses_is_refused_in_a_sentence():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(Refused, match="another program uses it"),
    ):
        free("127.0.0.1", server.getsockname()[1])
