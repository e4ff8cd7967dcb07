"""Bolt, reduced to what it is needed for: signatures, and one listener for each kind of delivery."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from callboard.slack.dispatch import Dispatch
from callboard.slack.identity import Identity
from callboard.slack.replies import Body

LARGEST = 2_000_000
ANY = re.compile("")

Listener = Callable[[dict[str, Any]], Awaitable[BoltResponse]]


def build(dispatch: Dispatch, identity: Identity, base_url: str, signing_secret: str) -> AsyncApp:
    """Make the Bolt app. It answers when the listener has, and each listener when its transaction is committed."""
    app = AsyncApp(
        name="callboard", logger=logging.getLogger("callboard.bolt"), process_before_response=True,
        signing_secret=signing_secret, client=AsyncWebClient(base_url=base_url, retry_handlers=[]), authorize=identity,
        attaching_function_token_enabled=False, attaching_conversation_kwargs_enabled=False,
    )  # fmt: skip
    app.command(ANY)(_answering(dispatch.command))
    app.block_action(ANY)(_answering(dispatch.action))
    app.view_submission(ANY)(_answering(dispatch.submission))
    app.view_closed(ANY)(_answering(dispatch.closed))
    app.shortcut(ANY)(_answering(dispatch.shortcut))
    app.event(ANY)(_hearing(dispatch.event))
    return app


async def serve(app: AsyncApp, request: Request) -> Response:
    """Answer one HTTP request: 401 when its signature is wrong or over 5 minutes old."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return Response("larger than anything Slack sends", 413)
    try:
        asked = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
    except (ValueError, TypeError, AttributeError, KeyError):
        return Response("not what Slack sends", 400)
    answer = await app.async_dispatch(asked)
    return Response(answer.body, answer.status, headers=answer.first_headers_without_set_cookie())


def _answering(answer: Callable[[Mapping[str, Any]], Awaitable[Body]]) -> Listener:
    async def listener(body: dict[str, Any]) -> BoltResponse:
        return BoltResponse(status=200, body=await answer(body) or "")

    return listener


def _hearing(hear: Callable[[Mapping[str, Any]], Awaitable[bool]]) -> Listener:
    async def listener(body: dict[str, Any]) -> BoltResponse:
        return BoltResponse(status=200 if await hear(body) else 503, body="")

    return listener
