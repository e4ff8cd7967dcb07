"""The description of the API is complete and true: whatever is sent, the answer is a documented one."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from callboard.app import App
from callboard.settings import Settings
from tests.api.desk import Desk

EXAMPLES = 12
"""For each of the operations, on each database. `CALLBOARD_TEST_EXAMPLES` of them where there is time."""
IGNORED = {
    "positive_data_acceptance",  # what is well made may still be refused by the state of things
}


@asynccontextmanager
async def served(app: App):
    """The bot's web application on a port of its own; the bot itself runs already."""
    app.web.router.lifespan_context = _nothing
    server = uvicorn.Server(uvicorn.Config(app.web, host="127.0.0.1", port=0, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@asynccontextmanager
async def _nothing(_):
    yield


def tried(url, token):
    """Send what the description allows, and what it does not; every check of every answer."""
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    checks = [check for name, check in CHECKS._by_name.items() if name not in IGNORED]
    found = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if not operation.path.startswith("/api/"):
            continue
        found.append(f"{operation.method.upper()} {operation.path}")

        @schema.given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def send(case):
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=checks)

        send()
    return found
