"""The form on the sandbox's page, in a real browser: prefilled, wrong at its field, and done."""

from __future__ import annotations

import pytest
import pytest_asyncio

from tests.slack_standin.chromium import browser, expect, looked_at
from tests.standups.conftest import fills_in, standing_up

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
TALL = {"viewport": {"width": 1100, "height": 1300}}


@pytest_asyncio.fixture(loop_scope="module")
async def world(database_url):
    async with standing_up(database_url) as world:
        yield world


def answered_clicks(world):
    """How many clicks the bot has answered: what follows from them is settled after that."""
    clicks = {one.id for one in world.slack.courier.deliveries if one.payload.get("type") == "block_actions"}
    return len(clicks & {ack["arguments"]["delivery"] for ack in world.slack.record.of("ack")})


async def test_the_standup_form_filled_in_by_hand_says_what_is_wrong_at_its_field(world, tmp_path):
    await fills_in(world, "pa", {"Today": "Schema\nIndexes"})
    await world.until("2025-11-14 09:00")
    await world.says("pa", "/blocker mongo refuses TLS")
    async with (
        browser() as chromium,
        looked_at(chromium, f"{world.slack.url}/?as=pa#/{world.slack.dm('pa')[0].channel}", **TALL) as page,
    ):
        await page.get_by_role("button", name="Fill in").last.click()
        form = page.get_by_role("dialog", name="Daily")
        await expect(form.get_by_label("Yesterday")).to_have_value("Schema\nIndexes")
        await form.get_by_text("Blocker 1: mongo refuses TLS").wait_for()
        await form.get_by_label("Blockers").fill("no access to the cluster, ask Sigma")
        await form.get_by_label("A-1: percent done").fill("half")
        await form.get_by_role("button", name="Report").click()
        await form.get_by_text("Write a number from 0 to 100.").wait_for()
        await page.screenshot(path=tmp_path / "form.png")
        await form.get_by_label("A-1: percent done").fill("50")
        await form.get_by_role("button", name="Report").click()
        await form.wait_for(state="detached")
        await world.settled()
        before = answered_clicks(world)
        await page.get_by_role("button", name="Raise blocker").click()
        await world.slack.until(lambda: answered_clicks(world) > before)
        await world.settled()
        await page.locator("#messages").get_by_text("(blocker 2)").wait_for()
        await page.screenshot(path=tmp_path / "answer.png")
    assert "50%" in (await world.says("pa", "/task show A-1")).text
