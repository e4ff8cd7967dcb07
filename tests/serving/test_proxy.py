"""`callboard serve` on a machine that reaches the internet by a proxy, as its environment says."""

from __future__ import annotations

from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from callboard.app.lifesign import attempt
from callboard.core.hosts import Hosts
from callboard.core.resolver import keep_direct
from tests.serving.house import SOCKET, House, plan

DATABASES = ("sqlite",)  # what it connects to
LADDER = plan("level: Team lead, notify: [lead]")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
NOBODY = "http://127.0.0.1:9"
HOSTS = Hosts(["public"], lambda _: [])


class Behind(House):
    """A house whose processes are told of a proxy."""

    def __init__(self, database_url, folder, proxy, **others):
        super().__init__(database_url, folder, LADDER, SOCKET)
        self._others = {**dict.fromkeys(PROXIES, proxy), **others}

    def environment(self, *, token=True):
        return super().environment(token=token) | self._others


@asynccontextmanager
async def proxy(known):
    """A proxy that alone knows some hosts, and where they are; yields its address and what it was asked for."""
    asked = []

    async def relay(request):
        asked.append(f"{request.method} {request.url}")
        there = known.get(request.url.host)
        if there is None:
            return web.Response(text="thank you")
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        address = f"{there}{request.url.raw_path_qs}"
        async with session.request(request.method, address, data=await request.read(), headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.startswith("X-")}
            kept["Content-Type"] = answer.headers["Content-Type"]
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)

    runner = web.ServerRunner(web.Server(relay))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


async def paged(house):
    """Raise a blocker, and wait until its team's lead is paged."""
    await house.begins()
    await house.process()
    await house.slack.command("pa", "omega", "/blocker mongo refuses TLS")
    await house.until(lambda: any("mongo refuses TLS" in one.text for one in house.slack.dm("olga")))


async def test_no_proxy_stands_between_callboard_and_what_is_on_its_own_machine(database_url, tmp_path):
    async with Behind(database_url, tmp_path, NOBODY) as house:
        await paged(house)


async def test_traces_for_a_collector_on_this_machine_go_to_no_proxy(database_url, tmp_path):
    async with (
        proxy({}) as (collector, asked),
        Behind(
            database_url, tmp_path, NOBODY, OTEL_EXPORTER_OTLP_ENDPOINT=collector, OTEL_BSP_SCHEDULE_DELAY="200"
        ) as house,
    ):
        await paged(house)
        await house.until(lambda: f"POST {collector}/v1/traces" in asked)


@pytest.mark.parametrize(
    ("lower", "upper"), [("", ""), ("corp.example", ""), ("", "corp.example, 10.0.0.0/8"), ("*", "")]
)
def test_programs_of_others_are_told_that_this_machine_needs_no_proxy(lower, upper):
    environment = {"no_proxy": lower, "NO_PROXY": upper}
    for _ in range(2):
        keep_direct(environment)
    assert environment["no_proxy"] == environment["NO_PROXY"]
    told = [each.strip() for each in environment["no_proxy"].split(",")]
    assert told == ["*"] if lower == "*" else sorted(told) == sorted({*told, "localhost", "127.0.0.1", "::1"})
    assert set(filter(None, (*lower.split(","), *upper.replace(" ", "").split(",")))) <= set(told)


async def test_slack_is_reached_by_the_proxy(database_url, tmp_path):
    known: dict[str, str] = {}
    async with (
        proxy(known) as (address, asked),
        Behind(database_url, tmp_path, address, SLACK_API_URL="http://slack.example/api/") as house,
    ):
        known["slack.example"] = house.slack.url
        await paged(house)
        assert "POST http://slack.example/api/apps.connections.open" in asked
        assert "POST http://slack.example/api/chat.postMessage" in asked


async def test_the_sign_of_life_goes_by_the_proxy_but_for_its_exceptions(monkeypatch):
    async with proxy({}) as (address, asked):
        monkeypatch.setenv("http_proxy", address)
        assert await attempt("http://watch.example/ping", HOSTS) == ""
        assert asked == ["GET http://watch.example/ping"]
        monkeypatch.setenv("no_proxy", "watch.example")
        assert "watch.example" in await attempt("http://watch.example/ping", HOSTS)
        assert len(asked) == 1
