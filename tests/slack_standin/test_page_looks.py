"""What the page draws: files and pictures, tables and rich text, the gallery, many people, the width of a phone."""

from __future__ import annotations

import re

import httpx
import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import ChannelSpec, Sandbox, SandboxClock, UserSpec, WorkspaceSpec
from tests.slack_standin.chromium import expect, looked_at
from tests.slack_standin.test_clock_and_state import START

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHONE = {"width": 390, "height": 844}
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40"/></svg>'


@pytest_asyncio.fixture(loop_scope="module")
async def slack(spec):
    async with Sandbox(spec, SandboxClock(START, rate=0)) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser, slack):
    async with looked_at(browser, f"{slack.url}/?as=pa#/COPS") as page:
        await page.locator("body[data-live] #composer textarea").wait_for()
        yield page


async def posted(slack, *blocks):
    client = AsyncWebClient(token=slack.spec.bot_token, base_url=slack.api_url)
    await client.chat_postMessage(channel="COPS", text="blocks", blocks=list(blocks))


async def test_files_on_the_stand_ins_page_show_the_first_lines_of_a_text(page, slack, tmp_path):
    file = tmp_path / "plan.yml"
    file.write_text("callboard: 1\n" + "people: {}\n" * 40)
    await page.locator("#composer input[type=file]").set_input_files(file)
    shown = page.locator(".file", has_text="plan.yml")
    await shown.get_by_text("callboard: 1").wait_for()
    await expect(shown.locator("pre")).to_have_text(re.compile("…$"))
    assert slack.messages("ops")[-1].files[0]["name"] == "plan.yml"


async def test_files_on_the_stand_ins_page_show_a_picture_and_nothing_in_it_runs(page, slack):
    slack.upload("olga", "square.svg", SQUARE, "ops")
    picture = page.locator(".file img")
    await picture.wait_for()
    assert await picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 40
    async with httpx.AsyncClient() as client:
        answer = await client.get(await picture.get_attribute("src") and await picture.evaluate("one => one.src"))
    assert answer.headers["content-security-policy"] == "sandbox"


async def test_picture_files_from_elsewhere_are_named_on_the_stand_ins_page_and_not_fetched(page, slack):
    await posted(slack, {"type": "image", "image_url": "https://example.com/chart.png", "alt_text": "A burndown"})
    await page.locator(".elsewhere", has_text="A burndown").wait_for()


async def test_blocks_on_the_stand_ins_page_are_drawn_as_tables_with_their_alignment(page, slack):
    cells = [{"type": "raw_text", "text": "Team"}, {"type": "raw_text", "text": "Done"}]
    named = [{"type": "text", "text": "omega ", "style": {"bold": True}}, {"type": "user", "user_id": "UOLGA"}]
    linked = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": named}]}
    rows = [cells, [linked, {"type": "raw_text", "text": "68 of 72"}]]
    await posted(slack, {"type": "table", "rows": rows, "column_settings": [{}, {"align": "right"}]})
    table = page.locator("#messages table")
    await table.locator("th", has_text="Team").wait_for()
    await expect(table.locator("td b")).to_have_text(re.compile("^omega $"))
    await expect(table.locator("td .mention")).to_have_text("@Omega lead")
    assert await table.locator("td").last.evaluate("one => getComputedStyle(one).textAlign") == "right"


async def test_rich_text_on_the_stand_ins_page_is_drawn_with_lists(page, slack):
    items = [{"type": "rich_text_section", "elements": [{"type": "text", "text": one}]} for one in ("one", "two")]
    lists = {"type": "rich_text_list", "style": "ordered", "elements": items}
    await posted(slack, {"type": "rich_text", "elements": [lists]})
    await page.locator("#messages .rich ol li", has_text="two").wait_for()


async def test_the_base_stylesheet_of_the_stand_ins_page_fits_a_phone(browser, slack):
    async with looked_at(browser, f"{slack.url}/?as=pa#/COPS", viewport=PHONE) as page:
        await page.get_by_role("button", name="You are Person A").click()
        await page.keyboard.type("omega")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Show channels and people").click()
        await page.get_by_role("link", name="leads").click()
        await page.get_by_role("heading", name="leads").wait_for()
        await page.get_by_role("button", name="Faults", exact=True).click()
        await page.get_by_role("button", name="Make it go wrong").wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_the_messages_and_the_composer_of_the_stand_ins_page_have_room_where_it_is_narrow(browser, slack):
    await posted(slack, {"type": "section", "text": {"type": "mrkdwn", "text": "Blocker 1"}})
    async with looked_at(browser, f"{slack.url}/?as=pa#/COPS", viewport={"width": 320, "height": 700}) as page:
        message = page.locator("#messages .message", has_text="Blocker 1").last
        sent = await message.locator(".head time").bounding_box()
        shortcuts = await message.locator(".hover").bounding_box()
        apart = sent["x"] + sent["width"] <= shortcuts["x"] or sent["y"] >= shortcuts["y"] + shortcuts["height"] - 4
        assert apart, (sent, shortcuts)
        style = "getComputedStyle(document.querySelector('#composer textarea'), '::placeholder').whiteSpace"
        assert await page.evaluate(style) == "nowrap"


async def test_a_fault_on_the_stand_ins_page_ends_at_a_time_of_whoever_looks(browser, slack):
    async with looked_at(browser, f"{slack.url}/?as=pa#/COPS") as page:
        await page.get_by_role("button", name="Faults", exact=True).click()
        await page.get_by_label("How long").select_option("for 5 min")
        await page.get_by_role("button", name="Make it go wrong").click()
        until = expect(page.locator("#trouble li", has_text="until"))
        await until.to_contain_text(re.compile(r"until \d\d:\d\d"))
        await until.not_to_contain_text("UTC")


async def test_the_stand_ins_gallery_page_shows_and_finds_the_screens_handed_in(browser, slack):
    title = {"type": "plain_text", "text": "A form"}
    say = {"type": "section", "text": {"type": "mrkdwn", "text": "*Bold* words"}}
    screens = [
        {"group": "notes", "id": "note.card", "title": "A note", "text": "A note was made", "blocks": [say]},
        {
            "group": "notes",
            "id": "note.form",
            "title": "A question",
            "view": {"type": "modal", "title": title, "blocks": [say]},
        },
    ]
    async with httpx.AsyncClient() as client:
        await client.put(f"{slack.url}/sandbox/page/gallery", json=screens)
    async with looked_at(browser, f"{slack.url}/gallery") as page:
        await page.locator(".screen .message b", has_text="Bold").wait_for()
        await page.get_by_role("heading", name="A form").wait_for()
        await page.get_by_label("Find").fill("question")
        await expect(page.locator(".screen:visible")).to_have_count(1)


async def test_the_sidebar_of_the_stand_ins_page_puts_those_who_were_paged_first(browser):
    people = [UserSpec(name=f"p{number:04}", real_name=f"Person {number:04}") for number in range(2000)]
    spec = WorkspaceSpec(users=people, channels=[ChannelSpec(name=f"c{number:03}") for number in range(500)])
    async with Sandbox(spec) as slack, looked_at(browser, f"{slack.url}/?as=p0007") as page:
        client = AsyncWebClient(token=slack.spec.bot_token, base_url=slack.api_url)
        await client.chat_postMessage(channel="UP1999", text="You are paged")
        await page.locator("#people li", has_text="Person 1999").locator(".badge").wait_for()
        assert await page.locator("#people li").count() <= 41
        await page.get_by_role("button", name="1,960 more…").click()
        await page.keyboard.type("1234")
        await page.keyboard.press("Enter")
        await page.locator("#people .current", has_text="Person 1234").wait_for()
