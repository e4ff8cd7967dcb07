"""The page of the API, in a browser: it asks nobody else for anything, and finds a route with its fields and a curl."""

from __future__ import annotations

import pytest

from tests.slack_standin.chromium import browser, expect, looked_at
from tests.web.test_server import Listening


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_docs_page_finds_a_route_with_its_fields_and_an_example(world):
    async with Listening(world.app.web) as house, browser() as chromium:
        host, port = house.socket.getsockname()
        async with looked_at(
            chromium, f"http://{host}:{port}/api/docs", viewport={"width": 700, "height": 900}
        ) as page:
            await page.locator("summary").first.wait_for()
            await expect(page.locator("#count")).to_have_text("45 routes")
            await page.get_by_role("searchbox").fill("progress how far")
            await page.locator("summary:visible").click()
            shown = expect(page.locator("details:visible"))
            url = f"http://{host}:{port}/api/v1/plans/$PLAN/tasks/O-1/progress"
            await shown.to_contain_text(f'curl -sS -X POST "{url}"')
            await shown.to_contain_text("whole number, 0 to 100")
            assert await page.evaluate("document.documentElement.scrollWidth") <= 700
