"""What 2,000 people and 500 channels cost the sandbox: its page and its API, next to a small workspace."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from benchmarks.harness import Stage
from benchmarks.report import Table, ms, quantile, times
from slack_standin import ChannelSpec, RateLimits, Sandbox, UserSpec, WorkspaceSpec

SMALL, LARGE = (20, 7), (2000, 500)
TRIES, OPENED = 60, 5
MESSAGES = 400
HEADS = ("small p50", "large p50", "large p95", "ratio")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

Figures = dict[str, list[float]]


def run(stage: Stage) -> None:
    """Print the table."""
    title = "The sandbox with {} people and {} channels (small), and with {:,} and {} (large)"
    table = Table(title.format(*SMALL, *LARGE), *HEADS)
    small, large = (asyncio.run(_measured(size, stage)) for size in (SMALL, LARGE))
    for label, figures in large.items():
        usual, middle = quantile(small[label], 0.5), quantile(figures, 0.5)
        table.row(label, ms(usual), ms(middle), ms(quantile(figures, 0.95)), times(middle, usual))


async def _measured(size: tuple[int, int], stage: Stage) -> Figures:
    people = [UserSpec(name=f"p{number:04}", real_name=f"Person {number:04}") for number in range(size[0])]
    spec = WorkspaceSpec(users=people, channels=[ChannelSpec(name=f"c{number:03}") for number in range(size[1])])
    async with Sandbox(spec, limits=RateLimits.off()) as slack:
        for number in range(MESSAGES):
            slack.say("p0001", f"c{number % 7:03}", f"message {number}")
        return {**await _api(slack, stage.some(TRIES)), **await _page(slack, max(int(OPENED * stage.share), 2))}


async def _api(slack: Sandbox, tries: int) -> Figures:
    me, token = slack.workspace.user("p0000").id, {"Authorization": f"Bearer {slack.spec.bot_token}"}
    channel = slack.workspace.conversation("c000").id
    async with httpx.AsyncClient(base_url=slack.url, timeout=30) as client:

        def get(path: str) -> Callable[[], Awaitable[Any]]:
            return lambda: client.get(path)

        def call(method: str, **asked: Any) -> Callable[[], Awaitable[Any]]:
            return lambda: client.post(f"/api/{method}", json=asked, headers=token)

        asked = {
            "API: chat.postMessage to a channel": call("chat.postMessage", channel=channel, text="hello"),
            "API: chat.postMessage to a person": call("chat.postMessage", channel=me, text="hello"),
            "API: conversations.list, a page of 200": call("conversations.list", limit=200),
            "page: everything of one person but the messages": get(f"/sandbox/page/desk?user={me}"),
            "page: a channel's last 200 messages": get(f"/sandbox/page/conversation/{channel}?user={me}"),
        }
        return {label: [await _timed(ask) for _ in range(tries)] for label, ask in asked.items()}


async def _timed(ask: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    (await ask()).raise_for_status()
    return time.perf_counter() - began


async def _page(slack: Sandbox, opened: int) -> Figures:
    """How long a browser takes to show the page, and a message that was posted; nothing where there is no browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return {}
    from playwright.async_api import async_playwright

    shown, arrived = [], []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for number in range(opened):
            page = await browser.new_page()
            began = time.perf_counter()
            await page.goto(f"{slack.url}/?as=p0000")
            await page.locator("#messages .message").last.wait_for()
            shown.append(time.perf_counter() - began)
            began = time.perf_counter()
            slack.say("p0001", "c000", f"arrival {number}")
            await page.get_by_text(f"arrival {number}", exact=True).wait_for()
            arrived.append(time.perf_counter() - began)
            await page.close()
        await browser.close()
    return {"browser: opened until messages are seen": shown, "browser: a message is posted until it is seen": arrived}
