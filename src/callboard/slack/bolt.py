"""What Slack asks for, as Bolt reads it."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.responses import PlainTextResponse, Response

from callboard.slack.answers import Body, Say, message
from callboard.slack.dispatch import NOT_HERE
from callboard.slack.requests import UNKNOWN, UNREADABLE
from callboard.slack.web_api import slack_client

if TYPE_CHECKING:
    from slack_sdk.socket_mode.request import SocketModeRequest

    from callboard.slack.dispatch import Dispatch

ANY = re.compile("")
STRANGER: Body = message(Say(NOT_HERE))
log = structlog.get_logger()
T = TypeVar("T")
Listener = Callable[[dict[str, Any]], Awaitable[BoltResponse]]


class Bolt:
    """Answers when the listener has, and each listener when its transaction is committed."""

    def __init__(self, dispatch: Dispatch, token: str, base_url: str) -> None:
        """Whoever calls has verified the signatures."""
        self._app = app = AsyncApp(
            name="callboard", logger=logging.getLogger("callboard.bolt"), process_before_response=True,
            request_verification_enabled=False, client=slack_client(base_url),
            authorize=Welcome(token), attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
            # It takes the deletion of one of the bot's messages for the bot's own deed.
            ignoring_self_events_enabled=False,
        )  # fmt: skip
        listening = partial(_listening, dispatch.is_stranger)
        app.command(ANY)(listening(dispatch.command, _said))
        app.block_action(ANY)(listening(dispatch.action, _said))
        app.view_submission(ANY)(listening(dispatch.submission, _said))
        app.view_closed(ANY)(listening(dispatch.closed, _said))
        app.shortcut(ANY)(listening(dispatch.shortcut, _said))
        app.event(ANY)(listening(dispatch.event, lambda heard: BoltResponse(status=200 if heard else 503, body="")))

    async def serve(self, body: str, headers: dict[str, Any]) -> Response:
        """Answer one HTTP request."""
        try:
            incoming = AsyncBoltRequest(body=body, headers=headers)
        except (*UNREADABLE, RecursionError):
            return PlainTextResponse(UNKNOWN, 400)
        answer = await self._app.async_dispatch(incoming)
        return Response(answer.body, answer.status, headers=answer.first_headers_without_set_cookie())

    async def take(self, client: Any, request: SocketModeRequest) -> None:
        """Answer what came by Socket Mode."""
        answer = await run_async_bolt_app(self._app, request)
        await send_async_response(client, request, answer, time.monotonic())


class Welcome(AsyncAuthorize):
    """Lets every workspace in: `Dispatch` knows the strangers."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def __call__(self, *, enterprise_id: str | None, team_id: str | None, **_: Any) -> AuthorizeResult:
        """Answer Bolt."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=self._token)


def _said(body: Body) -> BoltResponse:
    return BoltResponse(status=200, body=body or "")


def _listening(
    is_stranger: Callable[[Mapping[str, Any]], Awaitable[bool]], handle: Callable[[Mapping[str, Any]], Awaitable[T]],
    respond: Callable[[T], BoltResponse],
) -> Listener:  # fmt: skip
    async def listener(body: dict[str, Any]) -> BoltResponse:
        try:
            sent = _storable(body)
            return _said(STRANGER) if await is_stranger(sent) else respond(await handle(sent))
        except UNREADABLE:
            log.exception("slack.unreadable")
            return BoltResponse(status=400, body=UNKNOWN)

    return listener


def _storable(value: Any) -> Any:
    """What was sent, without characters that no database keeps: U+0000 and halves of others."""
    if isinstance(value, str):
        return (
            value
            if value.isascii() and "\0" not in value
            else value.replace("\0", "").encode(errors="replace").decode()
        )
    if isinstance(value, dict):
        return {name: _storable(inner) for name, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list) else value
