"""The system's Chromium, and pages in it that must neither fail nor ask anybody else for anything."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PATIENCE = 60_000  # milliseconds: the machine of the tests has other work too


@asynccontextmanager
async def browser():
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@asynccontextmanager
async def looked_at(chromium, address, **how):
    """A page of its own; `how` is what a context takes, such as `viewport` and `color_scheme`."""
    context = await chromium.new_context(**how)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    own = (urlsplit(address).netloc, "")
    page.on("request", lambda asked: complaints.extend([asked.url] if urlsplit(asked.url).netloc not in own else []))
    await page.goto(address)
    yield page
    await context.close()
    assert complaints == []


def expect(field):
    """Playwright's assertions, which wait: a page draws what follows from a click or a key when the act is over."""
    playwright = pytest.importorskip("playwright.async_api")
    playwright.expect.set_options(timeout=PATIENCE)
    return playwright.expect(field)
