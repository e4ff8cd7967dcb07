"""Who the bot is in Slack."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from callboard.core.errors import Refused
from callboard.slack.web_api import WebApi

log = structlog.get_logger()

LONGEST_PAUSE = 30.0


class Identity(AsyncAuthorize):
    """Who the bot is, by `auth.test`: learned once, so that no request waits for it."""

    def __init__(self, api: WebApi) -> None:
        self._api = api
        self.known: AuthorizeResult | None = None
        self.error = "no answer yet"
        self._answered = asyncio.Event()

    async def learn(self, pause: float = 1.0) -> None:
        """Ask until Slack answers, less and less often; every failure is logged."""
        while not await self._understood():
            log.warning("slack.auth_failed", error=self.error, again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def learned(self) -> AuthorizeResult:
        """Wait until Slack has answered."""
        while self.known is None:
            await self._answered.wait()
        return self.known

    async def __call__(self, *, enterprise_id: str | None, team_id: str | None, **_: Any) -> AuthorizeResult:
        """Answer Bolt."""
        return self.known or AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=self._api.client.token
        )

    async def _understood(self) -> bool:
        try:
            return await self._asked()
        except Exception as error:  # noqa: BLE001 - whatever was answered, it is asked again
            self.error = f"an answer that is not from Slack ({type(error).__name__})"
            return False

    async def _asked(self) -> bool:
        try:
            answer = await self._api.call("auth.test", {})
        except SlackApiError as error:
            self.error = str(error.response.get("error") or error.response.status_code)
            return False
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.error = f"{type(error).__name__}: {error}"
            return False
        if not answer.get("team_id"):
            self.error = "an answer that is not from Slack"
            return False
        self.known = AuthorizeResult.from_auth_test_response(
            auth_test_response=answer, bot_token=self._api.client.token
        )
        self.error = ""
        self._answered.set()
        log.info("slack.authorized", workspace=self.known.team_id, bot=self.known.bot_user_id)
        return True


def team_of(token: str, api_url: str) -> str:
    """The workspace's id; empty without a token, or while Slack is unreachable: the bot learns it when it starts."""
    if not token:
        return ""
    base_url = api_url if api_url.endswith("/") else f"{api_url}/"
    try:
        return str(WebClient(token, base_url=base_url, timeout=5).auth_test()["team_id"] or "")
    except SlackApiError as error:
        code = str(error.response.get("error") or "")
        if not code.isidentifier():  # a sentence of slack_sdk about what somebody else answered
            return ""
        raise Refused(f"Slack does not accept SLACK_BOT_TOKEN: {code}.") from error
    except (OSError, ValueError, AttributeError):  # slack_sdk stumbles over what is not Slack's
        return ""
