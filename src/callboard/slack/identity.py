"""Who the bot is in its workspace: learned once, kept, so that no request waits for Slack to be answered."""

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
    """What `auth.test` says. Until it has answered, requests are served without it."""

    def __init__(self, api: WebApi) -> None:
        self._api = api
        self.known: AuthorizeResult | None = None
        self.error = "not asked yet"
        self._answered = asyncio.Event()

    async def learn(self, pause: float = 1.0) -> None:
        """Ask until Slack answers, less and less often; every failure is logged."""
        while not await self._asked():
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

    async def _asked(self) -> bool:
        try:
            answer = await self._api.client.auth_test()
        except SlackApiError as error:
            self.error = str(error.response.get("error") or error.response.status_code)
            return False
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.error = f"{type(error).__name__}: {error}"
            return False
        self.known = AuthorizeResult.from_auth_test_response(
            auth_test_response=answer, bot_token=self._api.client.token
        )
        self.error = ""
        self._answered.set()
        log.info("slack.authorized", workspace=self.known.team_id, bot=self.known.bot_user_id)
        return True


def team_of(token: str, api_url: str) -> str:
    """The workspace's id; empty without a token and while Slack is unreachable: the bot finds out when it starts."""
    if not token:
        return ""
    base_url = api_url if api_url.endswith("/") else f"{api_url}/"
    try:
        return str(WebClient(token, base_url=base_url, timeout=5).auth_test()["team_id"])
    except SlackApiError as error:
        raise Refused(f"Slack does not accept SLACK_BOT_TOKEN: {error.response.get('error')}.") from error
    except OSError:
        return ""
