"""Callboard on the page: a blocker's life between two people side by side, its forms, a plan file, all by hand."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from tests.slack_standin.chromium import expect, looked_at
from tests.world import PLAN, World

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest_asyncio.fixture(loop_scope="module")
async def world(database_url):
    async with World(database_url) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser, world):
    async with looked_at(browser, f"{world.slack.url}/?as=pa#/COMEGA") as page:
        await page.locator("body[data-live] #composer textarea").wait_for()
        yield page


async def said(page, text):
    await page.locator("#composer textarea").fill(text)
    await page.keyboard.press("Enter")


async def test_a_pair_of_people_side_by_side_on_the_stand_ins_page_see_each_others_clicks(world, page):
    await said(page, "/blocker mongo refuses TLS")
    await page.get_by_text("Only visible to you").wait_for()
    await world.settled()
    await page.locator("#messages").get_by_text("Nobody has it yet.").wait_for()
    await page.locator(".page", has_text="olga").wait_for()

    await page.get_by_role("button", name="olga beside").click()
    lead = page.frame_locator("#beside iframe")
    await lead.get_by_text("Why you:").wait_for()
    await lead.get_by_role("button", name="Take it").click()
    await lead.get_by_text("You have blocker 1.").wait_for()
    await world.settled()
    await page.locator("#messages").get_by_text("@olga has it").wait_for()

    await lead.get_by_role("button", name="Resolve").click()
    form = lead.get_by_role("dialog", name="Resolve blocker")
    await form.get_by_label("What helped?").fill("rotated the certificate")
    await form.get_by_label("Coordinator told").check()
    await form.get_by_role("button", name="Resolve").click()
    await form.wait_for(state="detached")
    await world.settled()
    await page.locator("#messages").get_by_text("rotated the certificate").wait_for()
    await page.get_by_role("link", name="Messages").click()
    await page.locator("#messages").get_by_text("resolved your blocker 1").wait_for()
    assert world.card().shown.count("Resolved") == 1


async def test_a_press_on_the_stand_ins_page_counts_though_news_come_before_it_is_let_go(world, page):
    await world.says("pb", "/blocker mongo refuses TLS")
    await page.locator(".page", has_text="olga").wait_for()
    link = await page.get_by_role("link", name="Messages").bounding_box()
    await page.mouse.move(link["x"] + link["width"] / 2, link["y"] + link["height"] / 2)
    await page.mouse.down()
    async with page.expect_response(lambda response: "/conversation/" in response.url) as read:
        await world.says("olga", "/blocker hand 1 @pa")
    await (await read.value).finished()
    await page.evaluate("new Promise((done) => setTimeout(done))")  # what was read has been drawn, or is held back
    await page.mouse.up()
    await page.locator("#composer textarea[placeholder*=Callboard]").wait_for()


async def test_the_modal_on_the_stand_ins_page_shows_what_an_app_finds_wrong_beside_the_field(page):
    await said(page, "/blocker")
    form = page.get_by_role("dialog", name="Raise a blocker")
    await form.get_by_label("What is blocked?").fill("...")
    await form.get_by_role("button", name="Raise", exact=True).click()
    await form.get_by_role("alert").get_by_text("Say in a few words what is blocked.").wait_for()


async def test_the_composer_of_the_stand_ins_page_sends_a_command_and_takes_the_keys_again_after_a_form(world, page):
    await page.keyboard.type("/blocker")
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog", name="Raise a blocker").wait_for()
    await page.keyboard.type("no access to the registry")
    await page.keyboard.press("Control+Enter")
    await page.get_by_text("Blocker 1 is open").wait_for()
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").wait_for(state="detached")
    await world.settled()
    await page.keyboard.type("/blocker resolve 1 asked again")
    await page.keyboard.press("Enter")
    await page.get_by_text("Blocker 1 is resolved").wait_for()


async def test_files_that_a_form_on_the_stand_ins_page_asks_for_are_uploaded_and_named(page, tmp_path):
    changed = tmp_path / "plan.yml"
    changed.write_text(PLAN.replace("name: Omega, lead", "name: Omega team, lead"))
    await page.get_by_role("button", name="amp", exact=True).click()
    await said(page, "/plan apply")
    form = page.get_by_role("dialog", name="Apply a plan")
    await form.locator("input[type=file]").set_input_files(changed)
    await form.locator(".chosen", has_text="plan.yml").wait_for()
    await form.get_by_role("button", name="Show changes").click()
    await page.get_by_role("dialog", name="Apply this?").get_by_text("Omega team").wait_for()


async def test_the_composer_of_the_stand_ins_page_keeps_what_is_typed_while_one_becomes_somebody_else(page):
    held = asyncio.Event()

    async def late(route):
        await held.wait()
        await route.continue_()

    await page.keyboard.press("Escape")
    await page.route("**/sandbox/page/desk*", late)
    await page.get_by_role("button", name="sara", exact=True).click()
    field = page.locator("#composer textarea")
    await field.fill("/blocker list")
    held.set()
    await page.locator("#people [aria-pressed=true]", has_text="sara").wait_for()
    await expect(field).to_have_value("/blocker list")
