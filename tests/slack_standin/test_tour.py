"""The README's five minutes, click by click and as slowly as a reader may be, in the demo that `make demo` starts."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
import pytest_asyncio
from playwright.async_api import TimeoutError  # noqa: A004 - what a wait raises

from tests.slack_standin.chromium import looked_at

README = (Path(__file__).parents[2] / "README.md").read_text()
TOUR = README.partition("## Five minutes\n\n")[2].split("\n\n")[1]
STEPS = re.split(r"^\d+\. ", TOUR, flags=re.MULTILINE)[1:]
DAY = re.split(r"^\d+\. ", README.partition("## The day itself\n\n")[2].split("\n\n")[2], flags=re.MULTILINE)[1:]
LOOKS = (Path(__file__).parent / "looks.js").read_text()
WIDTHS = (375, 760, 880, 1000, 1440)
PATIENCE, START = 90_000, 200
SHORT, MOST_WAITS, BEFORE = 3_000, 15, 45
PACE = 300
"""Plan seconds that a reader takes for a step, besides what the step asks for."""
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Reader:
    """Does what a step says. Each deed takes the next **bold** or `typed` words of the README, and no others."""

    def __init__(self, page, steps=STEPS, pace=PACE):
        self.page, self.left, self.steps, self.pace = page, [], steps, pace

    async def begins(self, step):
        assert self.left == [], f"the README says more than was done before step {step}"
        self.left = re.findall(r"\*\*.+?\*\*|`.+?`", self.steps[step - 1])
        await self.page.request.post(urljoin(self.page.url, "/sandbox/clock"), data={"jump": self.pace})

    def reads(self, words):
        assert self.left.pop(0).strip("*`") == words

    async def is_somebody(self, name):
        self.reads(name)
        await self.page.locator("#people a", has_text=name).click()
        await self.page.locator("#people .current", has_text=name).wait_for()

    async def goes_to(self, channel):
        self.reads(channel)
        await self.looks_at(channel)

    async def looks_at(self, channel):
        await self.page.locator("#channels a", has_text=channel.lstrip("#")).first.click()
        await self.page.locator(f"#composer textarea[placeholder*='{channel}']").wait_for()

    async def goes_to_messages(self):
        await self.page.locator("#app a", has_text="Messages").click()
        await self.page.locator("#composer textarea[placeholder*=Callboard]").wait_for()

    async def types(self, text, *expected):
        """Sends it; what is then read at the end of the page."""
        self.reads(text)
        await self.page.locator("#composer textarea").fill(text)
        await self.page.keyboard.press("Enter")
        for words in expected:
            await self.sees(words)

    async def clicks(self, label):
        self.reads(label)
        await self.page.locator("#messages").get_by_role("button", name=label, exact=True).last.click()

    async def presses(self, sign):
        self.reads(sign)
        await self.page.locator("#strip button", has_text=sign).click()

    async def jumps_to(self, typed):
        self.reads("Ctrl K")
        self.reads(typed)
        await self.page.keyboard.press("Control+k")
        await self.page.keyboard.type(typed)
        await self.page.locator("dialog .option.at", has_text="Go to").wait_for()
        async with self.page.expect_response(turned, timeout=PATIENCE) as jumped:
            await self.page.keyboard.press("Enter")
        assert (await jumped.value).ok

    async def sees(self, words, where="#messages"):
        await self.page.locator(where).get_by_text(words).last.wait_for()

    async def form(self, name):
        dialog = self.page.get_by_role("dialog", name=name)
        await dialog.wait_for()
        return dialog


class DayReader(Reader):
    """Reads on a day whose hours count: the demo's clock stands still, but for some seconds in which a wait is long.

    However slow the machine is, the hour that a step goes to is still to come.
    """

    async def stops_the_clock(self):
        """Once what there is to say of the days before is said: a channel takes one message a second."""
        await self.lets_pass({"rate": 0})
        for _ in range(BEFORE):
            await self.lets_pass({"jump": 1})

    async def lets_pass(self, what):
        await self.page.request.post(urljoin(self.page.url, "/sandbox/clock"), data=what)

    async def sees(self, words, where="#messages"):
        shown = self.page.locator(where).get_by_text(words).last
        for _ in range(MOST_WAITS):
            try:
                return await shown.wait_for(timeout=SHORT)
            except TimeoutError:
                await self.lets_pass({"jump": 2})
        return await shown.wait_for()


def turned(response):
    """Whether the clock has been turned: the page asks for its time besides, and on the way, too."""
    return response.url.endswith("/sandbox/clock") and response.request.method == "POST"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory):
    """The address of a demo that has just begun."""
    async with begun(tmp_path_factory.mktemp("demo")) as address:
        yield address


@asynccontextmanager
async def begun(folder, *options):
    command = (sys.executable, "-m", "callboard", "demo", "--port", "0", "--folder", str(folder), *options)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        async with asyncio.timeout(START):
            async for line in process.stdout:
                if b"http://" in line:
                    break
        yield line.split()[-1].decode()
    finally:
        process.terminate()
        await process.wait()


async def test_the_tour_of_the_readme_works_at_whatever_pace_it_is_followed(browser, demo):
    async with looked_at(browser, demo) as page:
        reader = Reader(page)
        page.set_default_timeout(PATIENCE)
        await page.get_by_role("heading", name="Try this").wait_for()
        await blockers(reader)
        await tools(reader)
        await tasks_and_gates(reader)
        await standups_and_locks(reader)
        await checkpoints(reader)
        assert reader.left == []
        assert len(STEPS) == 12


@pytest.mark.timeout(900)
async def test_the_tour_of_the_readmes_day_works_from_the_drill_to_the_report_of_the_emergency(browser, tmp_path):
    async with begun(tmp_path, "--day") as address, looked_at(browser, address) as page:
        reader = DayReader(page, DAY, 1)
        page.set_default_timeout(PATIENCE)
        await page.get_by_role("heading", name="Try this").wait_for()
        await reader.stops_the_clock()
        await the_drill(reader)
        await go_live(reader)
        await late_and_failed(reader)
        await emergency(reader)
        assert reader.left == []
        assert len(DAY) == 7


async def test_the_base_stylesheet_of_the_stand_ins_page_can_be_read_and_used_at_every_width(browser, demo):
    wrong = {}
    for scheme in ("light", "dark"):
        async with looked_at(browser, f"{demo}/?as=omega-a", color_scheme=scheme, reduced_motion="reduce") as page:
            page.set_default_timeout(PATIENCE)
            await page.locator("#channels a", has_text="team-omega").click()
            await page.locator("#messages").get_by_text("Links").wait_for()
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 800})
                wrong[f"{scheme}, {width}"] = await page.evaluate(LOOKS)
            await page.locator("#composer textarea").fill("/blocker")
            await page.keyboard.press("Enter")
            await page.get_by_role("dialog", name="Raise a blocker").wait_for()
            wrong[f"{scheme}, a form"] = await page.evaluate(LOOKS)
            await page.keyboard.press("Escape")
            await page.get_by_role("dialog").wait_for(state="detached")
            await page.goto(f"{demo}/gallery")
            await page.locator(".screen").first.wait_for()
            wrong[f"{scheme}, the gallery"] = await page.evaluate(LOOKS)
    assert {name: found for name, found in wrong.items() if found} == {}


async def blockers(reader):
    await reader.begins(1)
    await reader.is_somebody("Omega Person A")
    await reader.goes_to("#team-omega")
    await reader.types("/blocker mongo refuses TLS", "Blocker 1 is open for Omega.", "Nobody has it yet.")
    reader.reads("Undo")
    await reader.page.get_by_role("button", name="Undo").wait_for()
    await reader.begins(2)
    reader.reads("+5 min")
    await reader.page.get_by_role("button", name="+5 min").click()
    await reader.page.locator("#people li", has_text="Amp").locator(".badge").wait_for()
    await reader.begins(3)
    await reader.is_somebody("Amp")
    await reader.goes_to_messages()
    await reader.sees("Why you:")
    await reader.clicks("Take it")
    await reader.sees("You have blocker 1.")
    await reader.begins(4)
    await reader.jumps_to("+16m")
    await reader.page.locator("#people li", has_text="Executive").locator(".badge").wait_for()
    await reader.types("/blocker note 1 waiting for the vendor", "Your note is in the thread of blocker 1.")
    await reader.begins(5)
    await reader.types("/blocker resolve 1 rotated the certificate", "Blocker 1 is resolved.")
    await reader.types("/blocker help", "For example:")
    await reader.types("/blocker list", "No blocker is open.")
    await reader.types("/blocker akc 1", "Did you mean")
    await reader.types("/plan", "Final deployment")
    await reader.types("/plan test", "test")


async def tools(reader):
    page = reader.page
    await reader.begins(6)
    await reader.presses("◫")
    await page.frame_locator("#beside iframe").locator("#composer textarea").wait_for()
    await page.get_by_role("button", name="Side by side").click()
    await reader.presses("⚡")
    panel = page.get_by_role("complementary", name="Faults")
    await panel.get_by_label("What goes wrong").select_option("error")
    await panel.get_by_label("How long").select_option("for 1 min")
    await panel.get_by_role("button", name="Make it go wrong").click()
    await panel.get_by_text("In force").wait_for()
    await reader.types("/blocker the staging disk is full", "Blocker 2 is open")
    await panel.locator("#asked b.wrong").first.wait_for()
    await panel.get_by_role("button", name="Mend all").click()
    await page.keyboard.press("Escape")
    async with page.context.expect_page() as opened:
        await reader.presses("▦")
    gallery = await opened.value
    await gallery.locator(".screen").first.wait_for()
    await gallery.close()
    reader.reads("⋯ Shortcuts")
    await page.locator("#messages .message:not(.private)").last.hover()
    await page.locator(".hover:visible").get_by_role("button", name="⋯ Shortcuts").click()
    await page.get_by_role("option", name="Raise a blocker").wait_for()
    await page.keyboard.press("Escape")
    await reader.looks_at("#team-omega")
    await reader.types("@Callboard help")
    await page.get_by_text("1 reply").last.wait_for()


async def tasks_and_gates(reader):
    page = reader.page
    await reader.begins(7)
    await reader.is_somebody("Omega Person B")
    await reader.types("/task", "You have 3 tasks")
    await reader.clicks("Start")
    await reader.sees("in progress")
    await reader.clicks("Update progress")
    await page.get_by_role("dialog").wait_for()
    await page.keyboard.press("Escape")
    await reader.is_somebody("Sigma Person A")
    await reader.types("/task start S-1", "S-1 can't start")
    await reader.is_somebody("Omega Person A")
    await reader.types("/task block O-1 mongo refuses TLS", "Blocker 3")
    await reader.begins(8)
    await reader.types("/gate", "Gate 1: Omega sign-off")
    await reader.types("/gate show validated", "Validation document fully completed")
    await reader.types("/gate tick validated 1 see docs/INFRASTRUCTURE_VALIDATION.md", "1 of 6")
    await reader.is_somebody("Omega lead")
    await reader.types("/gate sign validated")
    read = page.locator(".modal, .message.private", has_text="Vercel deployment preview ready")
    await read.last.wait_for()
    await page.keyboard.press("Escape")
    await reader.begins(9)
    await reader.is_somebody("Amp")
    await reader.types("/plan show O-1", "MongoDB")
    await reader.types("/plan calendar", "Your next two weeks")
    await reader.types("/plan set O-1 due 2025-11-13 15:00 because the cluster came late", "2025-11-13 15:00")
    await reader.types("/plan versions", "Version")


async def standups_and_locks(reader):
    page = reader.page
    await reader.begins(10)
    await reader.is_somebody("Omega lead")
    await reader.goes_to_messages()
    await reader.clicks("Fill in")
    form = await reader.form("Morning standup")
    await form.get_by_label("What is your status?").fill("Mongo is back")
    await form.get_by_role("button", name="Report").click()
    await form.wait_for(state="detached")
    await reader.goes_to("#deployment")
    await reader.sees("1 of 1 reported")
    await reader.types("/standup show", "Mongo is back")
    await reader.types("/standup away 2025-11-14", "away")
    await reader.types("/standup stats", "100% reported")
    await reader.begins(11)
    await reader.is_somebody("Omega Person A")
    await reader.types("/lock src/api/** for refactoring until 17:00", "src/api/**")
    await reader.is_somebody("Omega Person B")
    await reader.types("/lock src/api/x.py for a fix", "Omega Person A")
    await reader.clicks("Wait in line")
    await reader.types("/lock who src/api/x.py", "Omega Person A")
    await page.locator("#messages").get_by_text("in line").last.wait_for()


async def checkpoints(reader):
    await reader.begins(12)
    await reader.jumps_to("11:00")
    await reader.goes_to("#team-omega")
    await reader.sees("Omega first checkpoint")
    await reader.is_somebody("Omega lead")
    await reader.goes_to_messages()
    await reader.clicks("On it")
    await reader.types("/checkpoint", "Omega first checkpoint")
    await reader.types("/meeting", "Friday governance")
    await reader.jumps_to("18:00")
    await reader.goes_to("#deployment")
    await reader.sees("Day 1")


async def the_drill(reader):
    await reader.begins(1)
    await reader.is_somebody("Amp")
    await reader.goes_to("#deployment")
    await reader.types("/run drill go-live", "DRILL: Go-live is running in")
    await reader.goes_to("#deployment-drill")
    await reader.sees("0 of 7 steps done")
    await reader.types("/run items deployment-authorised all", "2 of 2 items ticked")
    await reader.types("/run confirm deployment-authorised", "Deployment authorised is done.")
    await reader.types("/run stop go-live because we have seen enough", "after 1 of 7 steps")


async def go_live(reader):
    await reader.begins(2)
    await reader.goes_to("#deployment")
    await reader.jumps_to("13:51")
    await reader.sees("Deploy to production")
    await reader.jumps_to("14:01")
    await reader.sees("has begun. 7 steps")
    await reader.types("/run items deployment-authorised all", "2 of 2 items ticked")
    await reader.types("/run confirm deployment-authorised", "Next: Pre-deployment checklist")


async def late_and_failed(reader):
    await reader.begins(3)
    await reader.jumps_to("14:31")
    await reader.is_somebody("Omega lead")
    await reader.goes_to("#team-omega")
    delay = "/run delay pre-deployment-checklist 20m because the backup is slow"
    await reader.types(delay, "Pre-deployment checklist is expected until")
    await reader.goes_to("#deployment")
    await reader.sees("takes 20 min longer")
    await reader.goes_to("#team-sigma")
    await reader.sees("Pre-deployment checklist")
    await reader.begins(4)
    await reader.jumps_to("14:51")
    await reader.is_somebody("Amp")
    await reader.types("/run items pre-deployment-checklist all", "Done? /run confirm pre-deployment-checklist")
    await reader.types("/run confirm pre-deployment-checklist", "Pre-deployment checklist is done.")
    await reader.jumps_to("15:01")
    await reader.types("/run items deploy-to-production all", "Done? /run confirm deploy-to-production")
    await reader.types("/run confirm deploy-to-production", "Deploy to production is done.")
    await reader.begins(5)
    await reader.jumps_to("15:31")
    await reader.is_somebody("Sigma lead")
    await reader.types("/run fail smoke-tests because sign-in answers 500", "Rollback system is proposed.")


async def emergency(reader):
    await reader.begins(6)
    await reader.is_somebody("Omega Person A")
    await reader.types("/emergency 1 sign-in answers 500", "is declared. I am telling")
    await reader.is_somebody("Amp")
    await reader.goes_to("#deployment-urgent")
    await reader.sees("Nobody has command.")
    await reader.clicks("Take command")
    await reader.sees("You have command of emergency 1.")
    await reader.types("/run confirm system", "needs one more person")
    await reader.is_somebody("Omega lead")
    await reader.types("/run confirm system", "Rollback system has begun.")
    await reader.is_somebody("Amp")
    await reader.goes_to("#deployment-urgent")
    await reader.types("/emergency update we roll back", "Your update on emergency 1 is posted.")
    await reader.types("/emergency action 1", "Action 1 of emergency 1 is done.")
    await reader.begins(7)
    await reader.types("/emergency end the version before is back", "Emergency 1 is over.")
    await reader.types("/emergency report", "# Emergency 1")
    await reader.types("/run", "Rollback system")
