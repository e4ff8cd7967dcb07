"""Who the bot is in Slack."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp
import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from callboard.core.errors import Refused
from callboard.slack.web_api import WebApi

log = structlog.get_logger()

LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Login:
    """What the token is good for."""

    team_id: str
    bot_user_id: str


class Identity:
    """Who the bot is, by `auth.test`: learned once, so that no request waits for it."""

    def __init__(self, api: WebApi) -> None:
        self._api = api
        self.known: Login | None = None
        self.error = "no answer yet"
        self._answered = asyncio.Event()

    async def learn(self, pause: float = 1.0) -> None:
        """Ask until Slack answers, less and less often; every failure is logged."""
        while not await self._understood():
            log.warning("slack.auth_failed", error=self.error, again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def learned(self) -> Login:
        """Wait until Slack has answered."""
        while self.known is None:
            await self._answered.wait()
        return self.known

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
        self.known = Login(answer["team_id"], answer.get("user_id") or "")
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
