"""What Callboard is measured against: a Bolt app whose only handler acknowledges and does nothing.

Takes its settings from the environment, as Callboard does; `before` sets `process_before_response`.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


def build(api_url: str, secret: str, *, before: bool) -> FastAPI:
    """The smallest Bolt app on FastAPI; signatures are verified."""
    client = AsyncWebClient("xoxb-bench", base_url=api_url)
    bolt = AsyncApp(client=client, signing_secret=secret, process_before_response=before)
    handler, web = AsyncSlackRequestHandler(bolt), FastAPI()

    async def blocker(ack: Any) -> None:
        await ack("Blocker is open")

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    async def ready() -> None:
        """Say that it serves."""

    bolt.command("/blocker")(blocker)
    web.post("/slack/events")(events)
    web.get("/readyz")(ready)
    return web


if __name__ == "__main__":
    web = build(os.environ["SLACK_API_URL"], os.environ["SLACK_SIGNING_SECRET"], before="before" in sys.argv)
    uvicorn.run(web, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
