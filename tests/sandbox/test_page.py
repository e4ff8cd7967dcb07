"""The page in a real browser: two people, a command, a page, a click, a form, the Home, and the keyboard alone."""

from __future__ import annotations

import shutil

import pytest
import pytest_asyncio

from callboard.sandbox import Sandbox, SandboxClock
from tests.sandbox.bot import Bot
from tests.sandbox.test_clicks_and_forms import CARD, asked, modal, plain
from tests.sandbox.test_time_and_keeping import START

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# One loop for the file, so that one browser serves all of it.
pytestmark = pytest.mark.asyncio(loop_scope="module")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest_asyncio.fixture(loop_scope="module")
async def slack(spec):
    async with Sandbox(spec, SandboxClock(START, rate=0)) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="module")
async def note_bot(slack):
    """A bot whose command pages olga, whose button says who clicked, whose form wants four letters."""
    bot = await Bot(slack).over("socket")

    @bot.app.command("/note")
    async def note(ack, command, client):
        if not command["text"]:
            await ack()
            await client.views_open(trigger_id=command["trigger_id"], view=modal(asked("Words", "plain_text_input")))
            return
        await ack(f"noted: {command['text']}")
        await client.chat_postMessage(channel="UOLGA", text="You are paged", blocks=CARD)

    @bot.app.action("ack")
    async def acknowledged(ack, body, respond):
        await ack()
        await respond(text=f"acknowledged by <@{body['user']['id']}>", replace_original=True)

    @bot.app.view("form")
    async def submitted(ack, view):
        words = view["state"]["values"]["words"]["v"]["value"]
        await ack(**({"response_action": "errors", "errors": {"words": "Too short."}} if len(words) < 4 else {}))

    @bot.app.event("app_home_opened")
    async def home(event, client):
        blocks = [{"type": "header", "text": plain("Your board")}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @bot.app.event("message")
    async def said():
        pass

    yield bot
    await bot.leaves()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser, slack, note_bot):
    opened = await browser.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))

    def asked_for(request):
        if slack.url not in request.url:
            complaints.append(request.url)

    opened.on("request", asked_for)
    await opened.goto(f"{slack.url}/?as=pa#/COPS")
    await opened.locator("#composer textarea").wait_for()
    yield opened
    await opened.close()
    assert complaints == []


async def test_a_command_pages_somebody_who_is_one_click_away(slack, page):
    await page.locator("#composer textarea").fill("/note mongo & co")
    await page.keyboard.press("Enter")
    await page.get_by_text("Only visible to you").wait_for()
    await page.get_by_text("noted: mongo & co").wait_for()
    await page.locator(".page", has_text="Omega lead").click()
    await page.get_by_role("button", name="Acknowledge").click()
    await page.get_by_text("acknowledged by @Omega lead").wait_for()
    assert slack.dm("olga")[0].shown == "acknowledged by <@UOLGA>"


async def test_what_others_write_arrives_by_itself(slack, page):
    slack.say("olga", "ops", "*hello* there")
    await page.locator("b", has_text="hello").wait_for()


async def test_a_form_shows_its_errors_beside_its_fields(slack, page):
    await page.locator("#composer textarea").fill("/note")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Form")
    await dialog.get_by_role("button", name="Send").click()
    await dialog.get_by_text("Please complete this required field.").wait_for()
    await dialog.get_by_label("Words").fill("abc")
    await dialog.get_by_role("button", name="Send").click()
    await dialog.get_by_text("Too short.").wait_for()
    await dialog.get_by_label("Words").fill("abcd")
    await dialog.get_by_role("button", name="Send").click()
    await dialog.wait_for(state="detached")
    assert slack.views("pa") == []


async def test_the_keyboard_alone_is_enough(page):
    await page.keyboard.type("/no")
    await page.locator(".suggestions .option", has_text="what to note").wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.type("by keyboard")
    await page.keyboard.press("Enter")
    await page.get_by_text("noted: by keyboard").wait_for()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("omega")
    await page.keyboard.press("Enter")
    await page.locator("#sidebar .people .current", has_text="Omega lead").wait_for()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("home")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Your board").wait_for()


async def test_time_is_moved_from_the_page(slack, page):
    await page.locator("#time b", has_text="08:00").wait_for()
    await page.get_by_role("button", name="+5 min").click()
    await page.locator("#time b", has_text="08:05").wait_for()
    assert slack.clock.now() > START


async def test_a_fault_is_made_from_the_page(slack, page):
    await page.get_by_role("button", name="Faults").click()
    await page.get_by_text("Lose the answer to the next post").click()
    await page.get_by_text("done.").wait_for()
    assert slack.faults.rules[0].kind == "lost"


async def test_a_thread_is_written_in_beside_the_channel(slack, page):
    ts = slack.say("olga", "ops", "a question").ts
    await page.get_by_text("a question").hover()
    await page.get_by_role("button", name="Reply in thread").last.click()
    await page.locator("#thread textarea").fill("an answer")
    await page.keyboard.press("Enter")
    await page.locator("#thread").get_by_text("an answer").wait_for()
    await page.get_by_text("1 reply").wait_for()
    assert [one.text for one in slack.threads("ops", ts)] == ["an answer"]
