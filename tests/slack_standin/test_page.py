"""The page in a real browser: two people, a command, a page, a click, a form, the Home, and the keyboard alone."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Sandbox, SandboxClock
from tests.slack_standin.bot import Bot
from tests.slack_standin.chromium import expect, looked_at
from tests.slack_standin.shapes import CARD, asked, modal, plain
from tests.slack_standin.test_clock_and_state import START

# One loop for the file, so that one browser serves all of it.
pytestmark = pytest.mark.asyncio(loop_scope="module")


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


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser, slack, note_bot):
    async with looked_at(browser, f"{slack.url}/?as=pa#/COPS") as page:
        await page.locator("body[data-live] #composer textarea").wait_for()
        yield page


async def test_the_main_script_of_the_stand_ins_page_leads_by_one_click_to_who_was_paged(slack, page):
    await page.locator("#composer textarea").fill("/note mongo & co")
    await page.keyboard.press("Enter")
    await page.get_by_text("Only visible to you").wait_for()
    await page.get_by_text("noted: mongo & co").wait_for()
    await page.locator(".page", has_text="Omega lead").click()
    await page.get_by_role("button", name="Acknowledge").click()
    await page.get_by_text("acknowledged by @Omega lead").wait_for()
    assert slack.dm("olga")[0].shown == "acknowledged by <@UOLGA>"


async def test_the_main_script_of_the_stand_ins_page_draws_at_once_what_others_write(slack, page):
    slack.say("olga", "ops", "*hello* there")
    await page.locator("b", has_text="hello").wait_for()


async def test_the_modal_on_the_stand_ins_page_shows_errors_beside_its_fields(slack, page):
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


async def test_the_composer_of_the_stand_ins_page_completes_a_command_by_keyboard_alone(page):
    await page.keyboard.type("/no")
    await page.locator(".suggestions .option", has_text="what to note").wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.type("by keyboard")
    await page.keyboard.press("Enter")
    await page.get_by_text("noted: by keyboard").wait_for()


async def test_the_palette_of_the_stand_ins_page_leads_to_people_and_places_by_keyboard_alone(page):
    await page.keyboard.press("Control+k")
    await page.keyboard.type("omega")
    await page.keyboard.press("Enter")
    await page.locator("#sidebar .people .current", has_text="Omega lead").wait_for()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("home")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Your board").wait_for()


async def test_the_clock_on_the_stand_ins_page_moves_plan_time(slack, page):
    await page.locator("#time b", has_text="08:00").wait_for()
    await page.get_by_role("button", name="+5 min").click()
    await page.locator("#time b", has_text="08:05").wait_for()
    assert slack.clock.now() > START


async def test_the_trouble_panel_of_the_stand_ins_page_makes_a_fault_and_mends_it(slack, page):
    await page.get_by_role("button", name="Faults", exact=True).click()
    panel = page.get_by_role("complementary", name="Faults")
    await panel.get_by_label("What goes wrong").select_option("error")
    await panel.get_by_label("Where").select_option("COPS")
    await panel.get_by_label("With").select_option("*")
    await panel.get_by_label("How long").select_option("until mended")
    await panel.get_by_role("button", name="Make it go wrong").click()
    await panel.locator("#in-force").get_by_text("Refused for every method in #ops, until mended").wait_for()
    client = AsyncWebClient(token=slack.spec.bot_token, base_url=slack.api_url)
    with pytest.raises(SlackApiError, match="internal_error"):
        await client.chat_postMessage(channel="COPS", text="lost")
    await panel.locator("#asked b.wrong", has_text="internal_error").wait_for()
    await panel.get_by_role("button", name="Mend Refused").click()
    await panel.get_by_text("Nothing is made to go wrong").wait_for()
    await client.chat_postMessage(channel="COPS", text="arrived")
    await page.locator("#messages").get_by_text("arrived").wait_for()


async def test_the_trouble_panel_of_the_stand_ins_page_cuts_the_sockets_and_the_app_comes_back(slack, page):
    await page.keyboard.press("Control+k")
    await page.keyboard.type("faults")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Cut the sockets").click()
    await page.get_by_text("The sockets are cut.").wait_for()
    assert slack.record.of("fault")[-1]["method"] == "sockets"
    await slack.connected()


async def test_the_messages_on_the_stand_ins_page_have_a_thread_beside_them_to_write_in(slack, page):
    ts = slack.say("olga", "ops", "a question").ts
    await page.get_by_text("a question").hover()
    await page.get_by_role("button", name="Reply in thread").last.click()
    await page.locator("#thread textarea").fill("an answer")
    await page.keyboard.press("Enter")
    await page.locator("#thread").get_by_text("an answer").wait_for()
    await page.get_by_text("1 reply").wait_for()
    assert [one.text for one in slack.threads("ops", ts)] == ["an answer"]


TIMES = {
    "+2h": "10:00 2026-03-25", "90 min": "09:30 2026-03-25", "17:00": "17:00 2026-03-25", "5:30pm": "17:30 2026-03-25",
    "tomorrow 09:00": "09:00 2026-03-26", "tomorrow": "09:00 2026-03-26", "at 12.15": "12:15 2026-03-25",
    "friday 9am": "09:00 2026-03-27", "2026-03-27 14:00": "14:00 2026-03-27",
    "07:00": "07:00 has passed: it is 08:00, Wednesday 25 March. Try tomorrow 07:00.",
    "25:00": "'25:00' is no time of day. Try 17:00, +2h, tomorrow 09:00.",
    "+2x": "'+2x' is no span. Try +30m, +2h or +1d.",
    "-1h": "Time only goes forward here.", "yesterday": "Time only goes forward here.",
    "2025-02-30 9:00": "There is no 2025-02-30 09:00.",
    "2027-11-13": "That is more than a year ahead. Go there in smaller steps.",
    "omega": None, "note 2": None, "": None,
}  # fmt: skip
READ = """async (typed) => {
  const read = (await import("/page/times.js")).readTime(typed);
  return read && (read.error || `${read.at.toISOString().slice(11, 16)} ${read.at.toISOString().slice(0, 10)}`);
}"""


async def test_times_typed_into_the_palette_of_the_stand_ins_page_are_read_or_answered_with_a_sentence(page):
    await page.locator("#time b", has_text="08:00").wait_for()
    assert {typed: await page.evaluate(READ, typed) for typed in TIMES} == TIMES


async def test_the_palette_of_the_stand_ins_page_goes_to_a_typed_time_and_opens_again_after_the_gallery(slack, page):
    await page.keyboard.press("Control+k")
    await page.keyboard.type("+2h")
    await page.locator("dialog .option.at", has_text="Go to 10:00, Wednesday 25 March").wait_for()
    await page.keyboard.press("Enter")
    await page.locator("#time b", has_text="10:00").wait_for()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("gallery")
    async with page.context.expect_page():
        await page.keyboard.press("Enter")
    await page.bring_to_front()
    await page.keyboard.press("Control+k")
    await page.get_by_label("Jump to").wait_for()


async def test_the_composer_of_the_stand_ins_page_keeps_what_was_typed_by_each_person_in_each_place(page):
    await page.locator("#composer textarea").fill("half a thought")
    await page.locator("#people a", has_text="Omega lead").click()
    await page.locator("#people .current", has_text="Omega lead").wait_for()
    await expect(page.locator("#composer textarea")).to_have_value("")
    await page.locator("#people a", has_text="Person A").click()
    await page.locator("#people .current", has_text="Person A").wait_for()
    await expect(page.locator("#composer textarea")).to_have_value("half a thought")


async def test_the_desk_of_the_stand_ins_page_stays_with_whom_one_became_though_an_older_answer_comes_late(slack, page):
    late, told = asyncio.Event(), asyncio.Event()

    async def answers_late(route):
        if "user=UPA" in route.request.url:
            told.set()
            await late.wait()
        await route.continue_()

    await page.locator("#app a", has_text="Messages").click()
    await page.locator("#app .current").wait_for()
    await page.route("**/sandbox/page/desk?**", answers_late)
    slack.say("olga", "ops", "does anybody hear me?")
    await told.wait()
    await page.locator("#people a", has_text="Omega lead").click()
    await page.locator("#people .current", has_text="Omega lead").wait_for()
    late.set()
    await page.locator("#app .current", has_text="Messages").wait_for()
    await page.locator("#composer textarea").fill("a thought of the lead")
    await page.unroute("**/sandbox/page/desk?**", answers_late)
    slack.say("olga", "dm", "does the bot?")
    await page.locator("#messages").get_by_text("does the bot?").wait_for()
    assert page.url.endswith("#/DOLGA")
    await expect(page.locator("#composer textarea")).to_have_value("a thought of the lead")
    await page.locator("#composer textarea").fill("")
    await page.locator("#people a", has_text="Person A").click()
    await page.locator("#channels a", has_text="ops").click()
    await page.locator("#composer textarea[placeholder*=ops]").wait_for()


async def test_the_composer_of_the_stand_ins_page_offers_hints_and_sends_what_was_typed(slack, page):
    async def hints(user):
        return {"/note": ["first of Omega", "second"]} if user == "UPA" else {}

    slack.hints = hints
    await page.keyboard.type("/note fi")
    await page.locator(".suggestions .option", has_text="/note first of Omega").wait_for()
    await page.keyboard.press("Enter")
    await page.get_by_text("noted: fi").wait_for()


async def test_the_main_script_of_the_stand_ins_page_writes_notes_as_messages_are_written(slack, page):
    client = AsyncWebClient(token=slack.spec.bot_token, base_url=slack.api_url)
    await client.chat_postMessage(channel="UOLGA", text=":pencil2: *Due* <!date^1763024400^{time}|then>, <@UPA>")
    await page.locator(".page", has_text="✏️ Due 09:00, @Person A").wait_for()


async def test_the_tries_on_the_stand_ins_page_lead_newcomers_to_what_they_may_do(slack, page):
    await page.get_by_role("heading", name="Try this").wait_for()
    await page.get_by_role("button", name="Type /note").click()
    await expect(page.locator("#composer textarea")).to_have_value("/note ")
    await page.keyboard.type("tried")
    await page.keyboard.press("Enter")
    await page.get_by_text("noted: tried").wait_for()
    await expect(page.get_by_role("heading", name="Try this")).to_have_count(0)
