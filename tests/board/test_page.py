"""The board in a browser: opened from Slack, fresh by itself, by keyboard alone, for every eye and every screen."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from sqlmodel import func, select

from callboard.core.timeline import STANDS, Entry
from tests.board.conftest import OBSERVED, PEOPLE, House, Public, link
from tests.slack_standin.chromium import browser, expect, looked_at

DATABASES = ("sqlite",)  # what is drawn does not depend on the database
HIDDEN_GATES = "(({parentElement: way}) => way.scrollWidth - way.clientWidth)(document.querySelector('.wide'))"
SCREENS = {"wall": (1920, 1080), "desk": (1440, 900), "tablet": (768, 1024), "phone": (360, 740)}


@pytest.fixture
async def house(database_url):
    async with Public(database_url, OBSERVED, people=PEOPLE) as world, House(world) as house:
        house.world = world
        yield house


@asynccontextmanager
async def board(house, **how):
    """A page that somebody opened by their link."""
    async with browser() as chromium, looked_at(chromium, f"{house.url}{await link(house.world)}", **how) as page:
        await page.locator("#clock", has_text=":").wait_for()
        yield page


def changes(world, after):
    """What happened in the plan since an entry, by the timeline's own account."""
    wanted = select(func.count()).where(Entry.id > after, Entry.plan_id == 1, Entry.verb != STANDS)
    return world.app.db.transact(lambda tx: tx.session.exec(wanted).one())


async def test_the_page_opens_from_slack_and_a_gate_signed_there_turns_green_without_reload(house):
    world = house.world
    async with browser() as chromium, looked_at(chromium, f"{world.slack.url}/?as=amp#/CRELEASE") as slack:
        await slack.locator("#composer textarea").fill("/plan board")
        await slack.keyboard.press("Enter")
        async with slack.context.expect_page() as opening:
            await slack.get_by_role("button", name="Open the board").click()
        page = await opening.value
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        await page.locator("#clock", has_text=":").wait_for()
        gate = page.locator("#gates tbody tr", has_text="Ready for staging")
        await expect(gate).to_contain_text("ready")
        await page.evaluate("window.same = true")
        await world.signs("olga", "ready")
        await expect(gate.locator(".state")).to_contain_text("passed")
        await expect(gate.locator(".state .i.good")).to_have_count(1)
        assert await page.evaluate("window.same")
        assert all(url.startswith(f"{house.url}/board/") for url in asked)


async def test_the_page_is_used_by_keyboard_alone(house):
    async with board(house) as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the board")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        number = page.locator(":focus")
        called = await number.get_attribute("aria-label")
        await page.keyboard.press("Enter")
        rows = page.get_by_role("dialog")
        await expect(rows.get_by_role("heading")).to_contain_text(called.split(" – ")[1])
        await expect(rows.locator("tbody tr")).to_have_count(int(called.split(" – ")[0]))
        await page.keyboard.press("Escape")
        await expect(rows).to_be_hidden()
        await expect(number).to_have_attribute("aria-label", called)
        await house.world.advance(minutes=31)
        await house.world.says("pa", "/task start A-1")
        await expect(page.locator("#latest")).to_contain_text("A-1 Schema validated: Person A started it")
        await expect(page.locator("#teams")).to_contain_text("1 of 3 tasks late")
        await page.reload()
        slide = page.get_by_role("slider")
        await slide.focus()
        await page.keyboard.press("ArrowLeft")
        await page.get_by_role("link", name="Back to now").wait_for()
        await expect(page.locator("#latest")).not_to_contain_text("A-1 Schema validated: Person A started it")
        await page.get_by_role("link", name="Back to now").press("Enter")
        await expect(page.locator("#latest")).to_contain_text("A-1 Schema validated")


async def test_the_page_says_since_when_it_is_stale_and_then_misses_nothing(house):
    world = house.world
    async with board(house) as page:
        before = int(await page.locator("body").get_attribute("data-revision"))
        house.cut()
        await expect(page.get_by_text("Stale since 09:00.")).to_be_visible()
        for number in (1, 2):
            await world.says("pa", f"/blocker the disk of host {number} is full")
        await house.mend()
        await expect(page.locator("#blockers")).to_contain_text("the disk of host 2 is full")
        await expect(page.get_by_text("Stale since")).to_be_hidden()
        await world.says("olga", "/blocker ack 1")
        await expect(page.locator("#latest")).to_contain_text("Omega lead took it")
        await expect(page.locator("#changes")).to_have_text(f"{changes(world, before)} changes since you opened it.")
        shown = await page.locator("#latest li").evaluate_all("all => all.map(one => one.dataset.entry)")
        assert len(shown) == len(set(shown))


async def test_the_page_is_for_everybody_on_every_screen(house):
    from axe_playwright_python.async_playwright import Axe

    world = house.world
    await world.says("pa", "/blocker critical: mongo refuses TLS")
    world.apply(OBSERVED.replace("name: Sigma,", f"name: {'Sigma' * 24},"))
    await world.says("sc", "/blocker the disk of staging is full")
    await world.says("pa", "/blocker الخادم (المرحلة 2) لا يعمل")
    await world.says("olga", "/lock src/auth/** for a fix until 17:00")
    async with board(house) as page:
        await page.locator("#blockers", has_text="mongo").wait_for()
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for name, (width, height) in SCREENS.items():
                await page.set_viewport_size({"width": width, "height": height})
                found = await Axe().run(page)
                assert found.violations_count == 0, (name, scheme, found.generate_report())
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
                assert await page.evaluate(HIDDEN_GATES) <= 0, name
        await expect(page.locator("#blockers bdi", has_text="الخادم (المرحلة 2)")).to_have_count(1)
        await page.emulate_media(media="print")
        await expect(page.locator("#blockers")).to_be_visible()
        for control in ("#scrub", "#theme", ".foot"):
            await expect(page.locator(control)).to_be_hidden()
