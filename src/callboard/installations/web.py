"""The pages that an admin meets: one that begins an installation in Slack, and one that ends it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from slack_sdk.oauth.installation_store import Installation
from starlette.requests import Request
from starlette.responses import Response

from callboard.installations.exchange import Exchange, NotInstalled
from callboard.installations.oauth import VALID, States
from callboard.slack.manifest import REDIRECT
from callboard.web.limits import Callers
from callboard.web.page import Sheet, rendered

INSTALL, COOKIE = "/slack/install", "callboard_install"
WELCOME = "Callboard works in every Slack workspace that installs it. Add it to yours: Slack asks you to confirm."
NOTHING = "Nothing was installed"
AGAIN = ("Start again", INSTALL)
ELSEWHERE = "This was begun in another browser, or more than ten minutes ago. Start again in this one."
USED = "This attempt is finished, or older than ten minutes. Start again."
CANCELLED = "You cancelled it in Slack. Start again when you want to."


def router(exchange: Exchange, states: States, callers: Callers, slash: str) -> APIRouter:
    """The two routes. `slash` is what to type in Slack next."""
    routes = APIRouter(include_in_schema=False)
    secure = exchange.redirect.startswith("https://")
    cookie: dict[str, Any] = {"httponly": True, "samesite": "lax", "secure": secure, "path": "/slack/"}

    @routes.get(INSTALL, response_class=Response)
    async def install() -> Response:
        """Offer to add Callboard to a workspace; the browser that asks is the one that may finish."""
        state = await states.async_issue()
        answer = rendered(
            Sheet("Callboard for Slack", lines=(WELCOME,), link=("Add to Slack", exchange.address(state)))
        )
        answer.set_cookie(COOKIE, state, int(VALID.total_seconds()), **cookie)
        return answer

    @routes.get(REDIRECT, response_class=Response)
    async def finish(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        """End what was begun, however it ended in Slack."""
        if barred := callers.barred(request):
            return barred.page()
        try:
            await _begun_here(states, request, state)
            done = await _finished(exchange, code, error)
            sheet = Sheet(f"Callboard is installed in {done.team_name}", f"Next: type {slash} in Slack.")
        except NotInstalled as why:
            if why.sentence in (USED, ELSEWHERE):
                callers.was_wrong(request)
            sheet = Sheet(NOTHING, why.sentence, link=AGAIN, status=why.status)
        answer = rendered(sheet)
        answer.delete_cookie(COOKIE, **cookie)
        return answer

    return routes


async def _begun_here(states: States, request: Request, state: str) -> None:
    """Raises NotInstalled unless this browser has begun what it ends now; it ends it once."""
    if not state or request.cookies.get(COOKIE) != state:
        raise NotInstalled(ELSEWHERE)
    if not await states.async_consume(state):
        raise NotInstalled(USED)


async def _finished(exchange: Exchange, code: str, error: str) -> Installation:
    if error == "access_denied":
        raise NotInstalled(CANCELLED, HTTPStatus.OK)
    if error or not code:
        raise NotInstalled(f"Slack says: {error[:80] or 'no code'}. Start again.")
    return await exchange.finish(code)
