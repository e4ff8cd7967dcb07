"""Makes the pictures of the documentation: `python -m tests.pictures` plays a blocker, a Home, the last day, the board.

Each in light and dark; the board on the wall, on a desk and on a phone. Two charts are drawn of three weeks.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from callboard.board.charts import CHARTS
from callboard.board.charts.raster import png
from callboard.core import schema
from callboard.core.db import Tx
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.service import Asker
from tests.board.month import Month
from tests.slack_standin.chromium import browser

TASKS = 24
RELEASE = """\
callboard: 1
key: release
name: Release
timezone: UTC
from: 2025-11-03 08:00
to: 2025-11-28 18:00
people: {ada: {name: Ada, slack: UADA}}
teams: {omega: {name: Omega, lead: ada}}
velocity: {per: week, targets: [5, 7, 7, 5]}
tasks:
  - for: {team: omega, assignee: ada}
""" + "".join(f"    T-{number}: {{title: Part {number}}}\n" for number in range(1, TASKS + 1))
COMPLETED = {3: 1, 4: 1, 5: 0, 6: 2, 7: 1, 10: 2, 11: 1, 12: 0, 13: 1, 14: 2, 17: 2, 18: 1, 19: 3, 20: 1, 21: 1}
"""How many on each day of November."""
FOLDER = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1440, "height": 880}
SCHEMES = {"": "light", "-dark": "dark"}
SAID = "/blocker critical: mongo refuses TLS from staging since the certificate was rotated"

MORNING = (("omega-a", "/task start O-1"), ("omega-a", "/task progress O-1 40%"), ("omega-a", SAID))
DAY = {
    "13:51": (),
    "14:01": (("amp", "/run items deployment-authorised all"), ("amp", "/run confirm deployment-authorised")),
    "14:31": (("omega-lead", "/run items pre-deployment-checklist 1 3"),
              ("omega-lead", "/run delay pre-deployment-checklist 20m because the backup is slow")),
}  # fmt: skip
BOARD = {
    "14:33": (("omega-a", "/lock src/api/** for the last fix until 17:00"), ("omega-a", SAID)),
    "14:35": (("pi-lead", "/blocker normal: the audit needs one more log file from staging"),
              ("sigma-lead", "/blocker ack 2"), ("sigma-lead", "/emergency 2 sign-in answers 500 for one in ten")),
}  # fmt: skip
SCREENS = {"wall": (1920, 1080), "desk": (1440, 900), "phone": (375, 812)}


async def main() -> None:
    if "charts" in (sys.argv[1:] or "charts"):
        await charts()
    for play, options in ((blocker, ()), (home, ()), (day, ("--day",)), (board, ("--day",))):
        if play.__name__ in (sys.argv[1:] or play.__name__):
            await shown(play, *options)


async def charts() -> None:
    """Three weeks of work, as burndown and velocity show them."""
    with tempfile.TemporaryDirectory() as place:
        month = Month.at(f"sqlite:///{place}/month.db")
        schema.upgrade(month.db)
        month.apply(RELEASE)
        left = [f"T-{number}" for number in range(1, TASKS + 1)]
        for day, completed in COMPLETED.items():
            await month.until(datetime(2025, 11, day, 15, tzinfo=UTC))
            for _ in range(completed):
                month.db.transact(completes, left.pop(0))
        history = month.read()
        for name in ("burndown", "velocity"):
            (FOLDER / f"chart-{name}.png").write_bytes(png(CHARTS[name](history).svg()))


def completes(tx: Tx, key: str) -> None:
    directory = teams.directory(tx, 1)
    tasks.complete(tx, Asker(directory, directory.people["ada"]), key)


async def shown(play, *options: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        command = (sys.executable, "-m", "callboard", "demo", "--port", "0", "--folder", place, *options)
        demo = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            async with browser() as chromium:
                await play(chromium, await address(demo.stdout))
        finally:
            demo.terminate()
            await demo.wait()


async def address(said) -> str:
    async for line in said:
        if b"http://" in line:
            return line.split()[-1].decode()
    raise RuntimeError("the demo did not start")


async def blocker(chromium, url) -> None:
    context = await chromium.new_context(viewport=SIZE, device_scale_factor=1.25)
    page = await context.new_page()
    await page.goto(f"{url}/?as=omega-a#/CTEAMOMEGA")
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_role("link", name="team-omega").click()
    await page.locator("#composer textarea").fill(SAID)
    await page.keyboard.press("Enter")
    await page.locator("#messages").get_by_text("Nobody has it yet.").wait_for()
    await page.get_by_role("button", name="+5 min").click()
    await page.locator("#messages").get_by_text("1 reply").wait_for()
    await page.get_by_role("button", name="Amp beside").click()
    await page.frame_locator("#beside iframe").get_by_text("Why you:").wait_for()
    await taken(page, "demo")


async def home(chromium, url) -> None:
    context = await chromium.new_context(viewport={**SIZE, "height": 1250}, device_scale_factor=1.25)
    page = await context.new_page()
    await page.goto(f"{url}/?as=omega-lead#/CTEAMOMEGA")
    await page.get_by_role("button", name="Pause").click()
    await page.request.post(f"{url}/sandbox/clock", data={"jump": 360})
    for user, text in MORNING:
        await page.request.post(
            f"{url}/sandbox/act/command", data={"user": user, "channel": "team-omega", "text": text}
        )
    await page.get_by_text("✕").last.click()
    await page.goto(f"{url}/?as=omega-lead#/home")
    await page.locator(".home").get_by_role("button", name="Take it").first.wait_for()
    await taken(page, "home")


async def day(chromium, url) -> None:
    context = await chromium.new_context(viewport=SIZE, device_scale_factor=1.25)
    page = await context.new_page()
    await page.goto(f"{url}/?as=amp#/CDEPLOYMENT")
    await page.get_by_role("button", name="Pause").click()
    await played(page, url, DAY)
    await page.get_by_text("✕").last.click()
    card = page.locator("#messages .message", has_text="Production live").last
    await card.get_by_text("1 of 7").wait_for()
    await card.evaluate("card => card.scrollIntoView({block: 'start'})")
    await taken(page, "day")


async def played(page, url, acts) -> None:
    for at, texts in acts.items():
        await page.request.post(f"{url}/sandbox/clock", data={"jump_to": f"2025-11-15T{at}:00-05:00"})
        await page.wait_for_timeout(2000)  # what is due then has begun
        for user, text in texts:
            await typed(page, url, user, text)
    await page.request.post(f"{url}/sandbox/clock", data={"jump": 20})


async def typed(page, url, user, text):
    said = {"user": user, "channel": "deployment", "text": text}
    return await (await page.request.post(f"{url}/sandbox/act/command", data=said)).json()


async def board(chromium, url) -> None:
    context = await chromium.new_context(device_scale_factor=1.25)
    context.set_default_timeout(120_000)
    page = await context.new_page()
    await page.goto(f"{url}/?as=amp#/CDEPLOYMENT")
    await page.get_by_role("button", name="Pause").click()
    await played(page, url, DAY | BOARD)
    answer = await typed(page, url, "amp", "/plan board")
    await page.goto(next(one["url"] for block in answer["messages"][-1]["blocks"] for one in block.get("elements", ())
                         if "url" in one))  # fmt: skip
    await page.locator("#clock", has_text=":").wait_for()
    for name, (width, height) in SCREENS.items():
        await page.set_viewport_size({"width": width, "height": height})
        for ending, scheme in SCHEMES.items():
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.screenshot(path=FOLDER / f"board-{name}{ending}.png")


async def taken(page, name: str) -> None:
    for ending, scheme in SCHEMES.items():
        await page.emulate_media(color_scheme=scheme)
        await page.evaluate("document.activeElement.blur()")
        await page.wait_for_timeout(1000)
        await page.screenshot(path=FOLDER / f"{name}{ending}.png")


asyncio.run(main())
