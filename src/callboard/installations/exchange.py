"""Slack's code for a token: what ends an installation, and every way in which it comes to nothing."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from callboard.installations.oauth import Installations
from callboard.slack.manifest import REDIRECT, SCOPES
from callboard.slack.web_api import slack_client

log = structlog.get_logger()

WITHIN = 8
SETTINGS = {"invalid_client_id", "bad_client_secret", "bad_redirect_uri", "oauth_authorization_url_mismatch"}
"""What Slack says of the app's settings, and not of the attempt."""
UNREACHED = "Slack cannot be reached from here at this moment. Start again in a minute."
# slack_sdk raises whatever it stumbles over in an answer that is not Slack's.
AWAY = (aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError, TypeError)


class NotInstalled(Exception):
    """Why an installation came to nothing, and what to do."""

    def __init__(self, sentence: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """The app at Slack. `workspaces` are those that may install it; all where none is named."""

    client_id: str
    client_secret: str
    api_url: str
    redirect: str
    installations: Installations
    workspaces: tuple[str, ...] = ()

    @classmethod
    def at(cls, public_url: str, **app: Any) -> Exchange:
        """The same, with whoever installs it sent back to this server."""
        return cls(redirect=f"{public_url.rstrip('/')}{REDIRECT}", **app)

    def address(self, state: str) -> str:
        """Where Slack asks an admin to confirm."""
        slack = urlsplit(self.api_url)
        generator = AuthorizeUrlGenerator(
            client_id=quote(self.client_id), redirect_uri=quote(self.redirect, safe=""), scopes=SCOPES,
            authorization_url=f"{slack.scheme}://{slack.netloc}/oauth/v2/authorize",
        )  # fmt: skip
        return generator.generate(state)

    async def finish(self, code: str) -> Installation:
        """Exchange a code, and keep the installation. Raises NotInstalled."""
        answer = await self._exchanged(code)
        token = str(answer.get("access_token") or "")
        if why := self._unwanted(answer, token):
            await self._give_back(token)
            raise why
        team, enterprise = answer["team"], answer.get("enterprise") or {}
        installation = Installation(
            app_id=answer.get("app_id"), enterprise_id=enterprise.get("id"), team_id=team["id"],
            team_name=team.get("name"), bot_token=token, bot_user_id=answer.get("bot_user_id"),
            bot_scopes=answer.get("scope") or "", user_id="",
        )  # fmt: skip
        await self.installations.async_save(installation)
        return installation

    def _unwanted(self, answer: AsyncSlackResponse, token: str) -> NotInstalled | None:
        """Why what Slack gave is not kept."""
        team = answer.get("team") or {}
        if answer.get("is_enterprise_install") or not team.get("id"):
            return NotInstalled("Callboard serves workspaces, not whole organisations. Choose one workspace.")
        if answer.get("token_type") != "bot" or not token:
            return NotInstalled("Slack gave no token for the bot. Start again.", HTTPStatus.BAD_GATEWAY)
        if self.workspaces and team["id"] not in self.workspaces:
            name = f"{team.get('name') or 'This workspace'} ({team['id']})"
            sentence = f"{name} may not install this Callboard. Ask whoever runs it to add it to CALLBOARD_WORKSPACES."
            return NotInstalled(sentence, HTTPStatus.FORBIDDEN)
        return None

    async def _exchanged(self, code: str) -> AsyncSlackResponse:
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        try:
            return await self._client().api_call(
                "oauth.v2.access", headers={"Authorization": f"Basic {basic}"},
                data={"code": code, "redirect_uri": self.redirect},
            )  # fmt: skip
        except SlackApiError as error:
            said = str(error.response.get("error") or "")
            log.error("install.refused", error=said or error.response.status_code)  # noqa: TRY400 - all there is to say
            if said in SETTINGS:
                sentence = f"Slack refused: {said}. Whoever runs Callboard has to correct its settings."
                raise NotInstalled(sentence, HTTPStatus.BAD_GATEWAY) from error
            if said.isidentifier():
                raise NotInstalled(f"Slack refused: {said}. Start again.") from error
            raise NotInstalled(UNREACHED, HTTPStatus.BAD_GATEWAY) from error
        except AWAY as error:
            log.error("install.unreachable", error=f"{type(error).__name__}: {error}")  # noqa: TRY400 - the same
            raise NotInstalled(UNREACHED, HTTPStatus.BAD_GATEWAY) from error

    async def _give_back(self, token: str) -> None:
        """Slack has installed it by now: what is not kept is of use to nobody."""
        try:
            await self._client().auth_revoke(token=token)
        except (SlackApiError, *AWAY) as error:
            log.warning("install.not_given_back", error=f"{type(error).__name__}: {error}")

    def _client(self) -> AsyncWebClient:
        return slack_client(self.api_url, timeout=WITHIN)
