"""Makes the README's pictures: `python -m tests.pictures` plays a blocker in a demo of its own, in light and dark."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.slack_standin.chromium import browser

FOLDER = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1440, "height": 880}
PICTURES = {"demo": "light", "demo-dark": "dark"}
SAID = "/blocker critical: mongo refuses TLS from staging since the certificate was rotated"


async def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        command = (sys.executable, "-m", "callboard", "demo", "--port", "0", "--folder", place)
        demo = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            async with browser() as chromium:
                await played(chromium, await address(demo.stdout))
        finally:
            demo.terminate()
            await demo.wait()


async def address(said) -> str:
    async for line in said:
        if b"http://" in line:
            return line.split()[-1].decode()
    raise RuntimeError("the demo did not start")


async def played(chromium, url) -> None:
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
    for name, scheme in PICTURES.items():
        await page.emulate_media(color_scheme=scheme)
        await page.locator("#composer textarea").blur()
        await page.wait_for_timeout(1000)
        await page.screenshot(path=FOLDER / f"{name}.png")


asyncio.run(main())
