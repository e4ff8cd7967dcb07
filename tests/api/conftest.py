"""The company of the gates' stories with a queue, and a program that talks to it."""

from __future__ import annotations

import httpx
import pytest

from tests.api.desk import PLAN, Desk
from tests.gates.company import company


@pytest.fixture
async def desk(database_url):
    async with company(database_url, PLAN) as world:
        asgi = httpx.ASGITransport(world.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
            yield Desk(world, http)
