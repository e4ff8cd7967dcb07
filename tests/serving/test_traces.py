"""One id from what arrives to the page that comes of it, in the log, on the timeline and at a collector of traces."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import httpx
import pytest
import structlog
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlmodel import col, select

from callboard.app.telemetry import Collector
from callboard.core.deliveries import Delivery
from callboard.core.errors import Refused
from callboard.core.timeline import Entry
from tests.alerts.monitored import Monitored

DATABASES = ("sqlite",)  # ids stand in columns that both databases keep alike


@pytest.fixture
async def world(database_url):
    async with Monitored(database_url) as world:
        yield world


@pytest.fixture
async def collector():
    """A collector on loopback: its address, and every span that it was sent."""
    spans: list[Any] = []

    async def take(request):
        for resource in ExportTraceServiceRequest.FromString(await request.read()).resource_spans:
            spans.extend(span for scope in resource.scope_spans for span in scope.spans)
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", spans
    await runner.cleanup()


async def traces(world, *, of):
    """The ids of the entries with this verb, and of the pages."""

    def read(tx):
        entries = select(Entry.trace).where(Entry.verb == of)
        pages = select(Delivery.trace).where(Delivery.kind == "blocker.page").order_by(col(Delivery.id))
        return tx.session.exec(entries).all(), tx.session.exec(pages).all()

    return await world.app.db.read(read)


async def test_the_id_of_a_slash_command_is_on_its_entry_its_page_and_in_the_log_of_both(world):
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await world.says("pa", "/blocker mongo refuses TLS")
    (entry,), (page,) = await traces(world, of="raised")
    assert entry == page
    logged = {line["event"] for line in lines if line.get("trace") == entry}
    assert {"slack.answered", "delivery.accepted"} <= logged
    assert len(entry) == 16


async def test_what_comes_due_has_an_id_that_its_pages_carry(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.advance(minutes=5)
    _, (first, later) = await traces(world, of="raised")
    assert later
    assert later != first


async def test_a_page_that_the_api_brings_about_carries_the_id_of_the_request(world):
    headers = {"Authorization": f"Bearer {world.token('pa')}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app.web), base_url="http://callboard") as http:
        answer = await http.post("/api/v1/plans/release/blockers", json={"what": "mongo is down"}, headers=headers)
    assert answer.status_code == 201, answer.text
    await world.settled()
    (entry,), (page,) = await traces(world, of="raised")
    assert entry == page != ""


async def test_a_page_that_a_webhook_brings_about_carries_the_id_of_the_request(world):
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await world.fires("HighErrorRate", service="checkout")
    (entry,), (page,) = await traces(world, of="raised")
    assert entry == page != ""
    assert any(line["event"] == "delivery.accepted" and line["trace"] == page for line in lines)


async def test_a_collector_gets_spans_from_the_command_to_the_medium_under_the_id_of_the_log(world, collector):
    address, spans = collector
    world.app.db.spans.recorder = Collector(address)
    await world.says("pa", "/blocker mongo refuses TLS")
    (_,), (page,) = await traces(world, of="raised")
    await asyncio.to_thread(world.app.db.spans.recorder.close)
    ours = [span for span in spans if span.trace_id == bytes.fromhex(page.zfill(32))]
    by_id = {span.span_id: span for span in ours}
    (request,) = (span for span in ours if not span.parent_span_id)
    assert request.name == "slack /blocker"
    assert request.span_id == bytes.fromhex(page)
    paths = {_path(by_id, span) for span in ours}
    assert ("slack /blocker", "transaction") in paths
    assert ("slack /blocker", "delivery", "medium slack") in paths
    assert ("slack /blocker", "delivery", "transaction") in paths
    told = "".join(str(span) for span in spans)
    assert "mongo" not in told


async def test_a_span_tells_what_failed_by_its_kind_and_not_what_was_said(world, collector):
    address, spans = collector
    world.app.db.spans.recorder = recorder = Collector(address)
    with pytest.raises(Refused), recorder.span("answer", "00000000000000ab", {}, first=True):
        raise Refused("mongo refuses TLS")
    await asyncio.to_thread(recorder.close)
    (span,) = spans
    assert span.status.message == "Refused"
    assert "mongo" not in str(span)


def _path(by_id, span):
    """The names of a span's ancestors, then its own."""
    above = by_id.get(span.parent_span_id)
    return (*_path(by_id, above), span.name) if above else (span.name,)


WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from callboard.__main__ import main
sys.argv = ["callboard", "serve"]
main()
"""


def test_the_app_says_what_to_install_where_traces_are_asked_for_without_their_extra(tmp_path):
    given = {
        "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "a" * 32, "PORT": "0", "PYTHONPATH": ":".join(sys.path),
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "DATABASE_URL": f"sqlite:///{tmp_path}/callboard.db",
    }  # fmt: skip
    ended = subprocess.run([sys.executable, "-c", WITHOUT], env=given, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "pip install 'callboard[tracing]', or unset it." in ended.stderr
    assert "Traceback" not in ended.stderr
