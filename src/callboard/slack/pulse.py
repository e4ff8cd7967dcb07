"""Whether Slack answers, and what keeps the bot from working there, in a sentence for whoever runs it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from callboard.slack.web_api import WebApi

FRESH, ASK_WITHIN = 5.0, 2.0
SELDOM = 60.0
"""Where there are several workspaces, none is asked more often."""
LIMITED, FAULT = 429, 500
# Without these the bot neither hears nor speaks.
VITAL = ("chat:write", "commands")
REINSTALL = "Paste `callboard manifest` under App Manifest, then reinstall the app"
KEYS = {
    "account_inactive": "the app or its bot user was removed. Reinstall the app, then set SLACK_BOT_TOKEN",
    "app_uninstalled": "the app was uninstalled. Reinstall it, then set SLACK_BOT_TOKEN",
    "invalid_auth": "the token is not valid. Copy it again from OAuth & Permissions",
    "not_authed": "no token was sent. Set SLACK_BOT_TOKEN",
    "not_allowed_token_type": "this is the wrong kind of token. SLACK_BOT_TOKEN begins with xoxb-",
    "org_login_required": "the workspace moves to an organisation. Reinstall the app when that is done",
    "team_access_not_granted": "the app is not allowed in this workspace. An admin has to approve it",
    "token_expired": "the token has expired. Reinstall the app, then set SLACK_BOT_TOKEN",
    "token_revoked": "the token was revoked. Reinstall the app, then set SLACK_BOT_TOKEN",
    "accesslimited": "the workspace does not let the app in from this address. An admin has to allow it",
    "link_disabled": "Socket Mode is switched off for the app. Switch it on under Socket Mode",
    "missing_scope": f"the token lacks a scope. {REINSTALL}",
    "no_permission": f"the token lacks a permission. {REINSTALL}",
}  # fmt: skip
# What Slack says of a token holds for every method; other refusals are of one message or address.
OF_THE_TOKEN = KEYS.keys() - {"link_disabled", "missing_scope", "no_permission"}


class Pulse(WebApi):
    """The Web API, which remembers when Slack last answered, and why it does not."""

    def __init__(
        self, token: str, base_url: str, now: Callable[[], datetime], called: Callable[[str], None] = lambda _: None,
        workspace: str = "",
    ) -> None:  # fmt: skip
        """`called(outcome)` counts calls: `taken`, `limited`, `refused` or `failed`.

        `workspace` is what the token's is called, where it was installed by itself.
        """
        super().__init__(token, base_url)
        self._workspace = workspace
        self.is_barred = False
        """Whether Slack has said that it takes this token no more."""
        self._now = now
        self._called_with = called
        self._answered_at: float | None = None
        self._asking = asyncio.Lock()
        self._lacking: tuple[str, ...] = ()
        self.skew: float | None = None
        """Seconds by which our clock is ahead of Slack's; None before the first answer."""
        self.error = "Slack has not answered yet."

    async def call(self, method: str, arguments: dict[str, Any]) -> AsyncSlackResponse:
        try:
            answer = await super().call(method, arguments)
        except SlackApiError as error:
            self._refused(error.response)
            raise
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self.error = f"Slack cannot be reached: {str(error) or type(error).__name__}."
            self._called_with("failed")
            raise
        self._took(answer)
        self._called_with("taken")
        return answer

    @property
    def age(self) -> float | None:
        """Real seconds since Slack last accepted a call; None before that."""
        return None if self._answered_at is None else time.monotonic() - self._answered_at

    async def trouble(self) -> str:
        """Why the bot cannot work in Slack; empty when it can. Asks Slack when nothing was heard for some seconds."""
        async with self._asking:
            if self.error or (self.age or 0) > (SELDOM if self._workspace else FRESH):
                await self._ask()
        if not self.error and self._lacking:
            return f"The Slack token lacks {' and '.join(self._lacking)}. {REINSTALL}."
        return self.error

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(ASK_WITHIN):
                await self.call("auth.test", {})
        except TimeoutError:
            self.error = f"Slack cannot be reached: no answer in {ASK_WITHIN:.0f} s."
        except (SlackApiError, aiohttp.ClientError, OSError, ValueError, AttributeError):
            pass  # `call` has noted why

    def _took(self, answer: AsyncSlackResponse) -> None:
        self._answered_at, self.error, self.is_barred = time.monotonic(), "", False
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if scopes := headers.get("x-oauth-scopes"):
            held = set(map(str.strip, scopes.split(",")))
            self._lacking = tuple(scope for scope in VITAL if scope not in held)
        with contextlib.suppress(ValueError):
            self.skew = (self._now() - parsedate_to_datetime(headers.get("date", ""))).total_seconds()

    def _refused(self, response: Any) -> None:
        code, status = str(response.get("error") or ""), response.status_code
        known = "refused" if code.isidentifier() and status < FAULT else "failed"
        self._called_with("limited" if status == LIMITED else known)
        if code in OF_THE_TOKEN:
            self.is_barred = True
            self.error = rejection(code, self._workspace) if self._workspace else refusal(code)
        elif not code.isidentifier():
            self.error = f"What answers is not Slack (status {status}). Check SLACK_API_URL, the proxy and the network."
        elif status >= FAULT or code in {"fatal_error", "internal_error", "service_unavailable"}:
            self.error = f"Slack has a fault of its own ({code}). It passes."
        else:
            self._answered_at, self.error = time.monotonic(), ""


def refusal(code: str, token: str = "SLACK_BOT_TOKEN") -> str:  # noqa: S107 - the name of a setting
    """That Slack does not take a token, why, and what to do."""
    why, _, fix = KEYS.get(code, f"Slack says {code}").partition(". ")
    return (
        f"Slack does not accept {token}: {code}, {why.removesuffix('.')}. {remedy(code, token) if fix else ''}".strip()
    )


def rejection(code: str, workspace: str) -> str:
    """That Slack does not take the token of a workspace, why, and what to do."""
    why = KEYS.get(code, f"Slack says {code}").partition(". ")[0]
    return f"Slack does not accept the token of {workspace}: {code}, {why}. Open /slack/install and install it again."


def remedy(error: str, token: str) -> str:
    """What to do about a token that Slack does not take, for an error that begins with its code."""
    fix = KEYS.get(error.partition(";")[0], "").partition(". ")[2]
    if token == "SLACK_APP_TOKEN":  # noqa: S105 - the name of a setting
        fix = fix if error.startswith("link_disabled") else "Make one under App-Level Tokens, with connections:write"
    return f"{fix or 'Copy it again, or reinstall the app'}."
