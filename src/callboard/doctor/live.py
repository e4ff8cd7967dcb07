"""Whether Slack takes every message, form and Home that Callboard can show: asked of Slack, shown to nobody."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from callboard.doctor.findings import Finding, bad, good
from callboard.gallery import gallery
from callboard.slack.web_api import WebApi

if TYPE_CHECKING:
    from callboard.gallery.stage import Screen
    from callboard.settings import Settings

METHOD = "blocks.validate"
TRIES, LONGEST_WAIT = 3, 60
REPORT = "Report this with the line above; until then whoever should see it sees plain words, or nothing."


async def findings(settings: Settings) -> list[Finding]:
    """One finding for each screen that Slack objects to; one for all when it takes them."""
    shown = await asyncio.to_thread(gallery.screens)
    screens = [(group, screen) for group, found in shown.items() for screen in found if screen.view or screen.blocks]
    api = WebApi(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    await api.open()
    try:
        wrong = [
            f"{group}, {one.id} ({one.title}): {said}" for group, one in screens if (said := await _said(api, one))
        ]
    finally:
        await api.close()
    if wrong:
        return [bad("screens", f"Slack does not take {sentence}.", REPORT) for sentence in wrong]
    return [good("screens", f"Slack takes all {len(screens)} messages and forms with blocks.")]


async def _said(api: WebApi, screen: Screen) -> str:
    """What Slack objects to; empty where it takes it."""
    asked = {"view": screen.view} if screen.view else {"blocks": list(screen.blocks)}
    for attempt in range(TRIES):
        try:
            await api.call(METHOD, {name: json.dumps(value) for name, value in asked.items()})
        except SlackApiError as error:
            answer: Any = error.response
            if answer.get("error") == "ratelimited" and attempt + 1 < TRIES:
                await asyncio.sleep(min(int(answer.headers.get("Retry-After", 1)), LONGEST_WAIT))
                continue
            details = (answer.get("response_metadata") or {}).get("messages") or []
            return "; ".join([str(answer.get("error")), *map(str, details[:3])])
        else:
            return ""
    return "ratelimited"
