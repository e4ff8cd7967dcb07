"""`callboard serve`, as a process of its own, in real time."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from tests.serving.house import HTTP, SOCKET, START_WITHIN, House, plan
from tests.world import keys

LADDER = plan(
    "level: Team lead, notify: [lead]",
    "level: Managing engineer, notify: [coordinator], after: 4s",
    "level: Executive, notify: [executive], after: 8s",
)


@pytest.fixture
def ways():
    return HTTP


@pytest.fixture
async def house(database_url, tmp_path, ways):
    async with House(database_url, tmp_path, LADDER, ways) as house:
        yield house


def signed(house, *, secret=None, age=0):
    form = {"command": "/blocker", "text": "mongo refuses TLS", "user_id": "UPA", "team_id": house.slack.spec.team_id,
            "channel_id": "COMEGA", "channel_name": "omega", "trigger_id": f"1.{age}"}  # fmt: skip
    body, stamp = urlencode(form), str(int(time.time()) - age)
    key = (secret or house.slack.spec.signing_secret).encode()
    signature = hmac.new(key, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={signature}",
               "content-type": "application/x-www-form-urlencoded"}  # fmt: skip
    return {"content": body, "headers": headers}


async def test_the_climb_of_a_blocker_reaches_its_next_steps_after_4_and_8_seconds_by_real_clocks(house):
    assert "release is at version 1" in await house.apply()
    serve = await house.process()
    assert "No blocker is open" in (await house.slack.command("amp", "omega", "/blocker list")).text
    outcome = await house.slack.command("pa", "omega", "/blocker mongo refuses TLS")
    assert outcome.ok, serve.said
    assert "Blocker 1 is open for Omega" in outcome.text
    await house.until(lambda: house.slack.dm("exec"), within=40)
    opened = await house.opened()
    lateness = {
        "card": house.at("chat.postMessage", "COMEGA")[0] - opened,
        "lead": house.at("chat.postMessage", "UOLGA")[0] - opened,
        "4 s": house.at("chat.postMessage", "UAMP")[0] - opened - timedelta(seconds=4),
        "8 s": house.at("chat.postMessage", "UEXEC")[0] - opened - timedelta(seconds=8),
    }
    print({what: round(late.total_seconds(), 3) for what, late in lateness.items()}, "answered in", outcome.seconds)  # noqa: T201
    assert all(timedelta() <= late for late in lateness.values()), lateness  # how late: `make bench ARGS=pages`
    for reader in ("olga", "amp", "exec"):
        assert sum("You are paged for blocker 1" in message.text for message in house.slack.dm(reader)) == 1
    async with httpx.AsyncClient(base_url=serve.url) as http:
        assert "callboard_page_lateness_seconds_count 3.0" in (await http.get("/metrics")).text


async def test_the_callboard_app_adopts_a_plan_applied_before_any_slack_token_was_known(house):
    await house.apply(token=False)
    serve = await house.process()
    await asyncio.wait_for(wait_for(lambda: any(entry["event"] == "plan.adopted" for entry in serve.logs)), 30)
    outcome = await house.slack.command("pa", "omega", "/blocker mongo refuses TLS")
    assert "Blocker 1 is open for Omega" in outcome.text
    await house.until(lambda: house.slack.dm("olga"))


async def test_the_climb_of_a_blocker_that_somebody_acknowledges_stops_by_real_clocks(house):
    await house.begins()
    await house.process()
    await house.slack.command("pa", "omega", "/blocker mongo refuses TLS")
    (page,) = await house.until(lambda: house.slack.dm("olga"))
    answer = await house.slack.click("olga", "dm", page.ts, "Take it")
    await house.until(lambda: "You have blocker 1" in answer.text)
    opened = await house.opened()
    climb = (await house.climbs())[1]
    assert climb.due_at == climb.ends_at
    await wait_for(lambda: house.now() > opened + timedelta(seconds=5))
    assert house.slack.dm("amp") == []
    assert any("<@UOLGA> has it" in message.shown for message in house.slack.messages("omega"))


async def test_the_slack_app_answers_forged_or_outdated_signatures_with_401(house):
    await house.begins()
    serve = await house.process()
    async with httpx.AsyncClient(base_url=serve.url) as http:
        assert (await http.post("/slack/events", **signed(house, secret="another"))).status_code == 401
        assert (await http.post("/slack/events", **signed(house, age=301))).status_code == 401
        assert await house.climbs() == {}
        answer = await http.post("/slack/events", **signed(house, age=290))
    assert (answer.status_code, answer.json()["response_type"]) == (200, "ephemeral")
    assert "Blocker 1 is open" in answer.json()["text"]


async def test_the_health_routes_say_ready_only_after_the_first_tick(house):
    await house.begins()
    serve = await house.process(ready=False)
    seen = []
    async with httpx.AsyncClient(base_url=serve.url) as http, asyncio.timeout(START_WITHIN):
        while 200 not in seen:
            try:
                assert (await http.get("/healthz")).text == "alive\n"
                seen.append((await http.get("/readyz")).status_code)
            except httpx.TransportError:
                await asyncio.sleep(0.01)
        measured = (await http.get("/metrics")).text
    assert set(seen) == {503, 200}, seen
    assert seen == sorted(seen, reverse=True)
    assert 'callboard_outbox{state="parked"} 0.0' in measured


async def test_the_serve_command_stops_within_seconds_when_asked_and_another_process_goes_on(house):
    await house.begins()
    serve = await house.process()
    await house.slack.command("pa", "omega", "/blocker mongo refuses TLS")
    began = time.monotonic()
    assert await serve.stop() == 0
    assert time.monotonic() - began < 10  # after that, Docker kills
    assert serve.logs[-1]["event"].startswith("Finished server process")
    complaints = [entry for entry in serve.logs if entry["level"] in {"error", "critical"}]
    # APScheduler reports a tick that it cut short.
    assert all("Ticker.tick" in entry["event"] for entry in complaints), serve.said
    await house.process()
    (page,) = await house.until(lambda: house.slack.dm("exec"), within=40)
    await house.until(lambda: house.slack.messages("omega"))
    assert house.slack.dm("amp") or "was not paged before you" in page.shown
    assert set(keys(house.slack).values()) == {1}


def _told_of_blockers(serve):
    return [one for one in serve.logs if one["event"] == "delivery.accepted" and one["kind"].startswith("blocker.")]


async def test_the_logs_lead_by_one_id_from_a_request_to_its_deliveries_and_hold_no_secret(house):
    await house.begins()
    serve = await house.process()
    await house.slack.command("pa", "omega", "/blocker mongo refuses TLS")
    await wait_for(lambda: len(_told_of_blockers(serve)) >= 2)
    (answered,) = (entry for entry in serve.logs if entry["event"] == "slack.answered")
    told = _told_of_blockers(serve)
    assert {entry["kind"] for entry in told} == {"blocker.card", "blocker.page"}
    assert {entry["trace"] for entry in (answered, *told)} == {answered["trace"]}
    blockers = [row for row in await house.deliveries() if row.subject_kind == "blocker"]
    assert {row.trace for row in blockers} == {answered["trace"]}
    spec = house.slack.spec
    for secret in (spec.bot_token, spec.signing_secret, spec.app_token, "response_url", "password"):
        assert secret not in serve.said


@pytest.mark.parametrize("ways", [SOCKET])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_slack_connection_by_socket_mode_brings_commands_and_clicks_as_http_does(house):
    await house.begins()
    serve = await house.process()
    await house.slack.connected()
    outcome = await house.slack.command("pa", "omega", "/blocker mongo refuses TLS")
    assert "Blocker 1 is open for Omega" in outcome.text
    opened = await house.opened()
    for reader, due in (("olga", 0), ("amp", 4)):
        await house.until(lambda reader=reader: house.slack.dm(reader), within=30)
        assert house.at("chat.postMessage", f"U{reader.upper()}")[0] - opened >= timedelta(seconds=due)
    await house.slack.click("amp", "dm", house.slack.dm("amp")[0].ts, "Take it")
    async with httpx.AsyncClient(base_url=serve.url) as http:
        assert (await http.post("/slack/events", **signed(house))).status_code == 404
    assert await serve.stop() == 0
    assert house.slack.dm("exec") == []


async def wait_for(condition, within=30.0):
    """Wait for something in real time."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.02)
