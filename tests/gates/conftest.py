"""The company of the gates' stories, on the first morning."""

from __future__ import annotations

import pytest

from tests.gates.company import company


@pytest.fixture
async def world(database_url):
    async with company(database_url) as world:
        yield world
