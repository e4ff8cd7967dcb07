"""What Slack itself says of the app: token, scopes, clock, sockets, channels."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError

from callboard.doctor.findings import Finding, bad, good, note
from callboard.slack.manifest import SCOPES
from callboard.slack.web_api import WebApi

if TYPE_CHECKING:
    from callboard.core.clock import Clock
    from callboard.settings import Settings

SKEW, ALLOWED = timedelta(seconds=30), timedelta(minutes=5)
REINSTALL = "Paste `callboard manifest` under App Manifest, then reinstall the app to the workspace."


@dataclass(frozen=True)
class Seen:
    """The workspace as the token sees it. `channels` holds, by name, whether the bot is in it."""

    team: str
    team_id: str
    scopes: frozenset[str]
    date: datetime | None
    channels: Mapping[str, bool] = field(default_factory=dict)
    socket: str = ""


@dataclass(frozen=True)
class Unseen:
    """Why Slack said nothing."""

    error: str
    reached: bool


async def look(settings: Settings, names: Collection[str]) -> Seen | Unseen | None:
    """Ask Slack; None without a token. `names` are the channels to look for."""
    token = settings.slack_bot_token.get_secret_value()
    if not token:
        return None
    api = WebApi(token, settings.slack_api_url)
    await api.open()
    try:
        said = await api.call("auth.test", {})
        return Seen(
            str(said.get("team", "")), str(said.get("team_id", "")), _scopes(said.headers), _date(said.headers),
            await _channels(api, names), await _socket(settings),
        )  # fmt: skip
    except SlackApiError as error:
        return Unseen(str(error.response.get("error", "unknown")), reached=True)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Unseen(str(error) or type(error).__name__, reached=False)
    finally:
        await api.close()


def findings(settings: Settings, seen: Seen | Unseen | None, clock: Clock) -> Iterator[Finding]:
    """What Slack's answers mean."""
    if seen is None:
        return
    if isinstance(seen, Unseen):
        where = settings.slack_api_url
        if seen.reached:
            yield bad("slack", f"Slack does not accept SLACK_BOT_TOKEN: {seen.error}.", "Copy it again; reinstall.")
        else:
            yield bad(
                "slack", f"{where} cannot be reached: {seen.error}.", "Check the network, proxy and SLACK_API_URL."
            )
        return
    yield good("slack", f"the token is good, for the workspace {seen.team} ({seen.team_id}).")
    yield from _scopes_missing(seen)
    yield from _skew(seen, clock)
    if seen.socket:
        yield bad("slack", f"SLACK_APP_TOKEN opens no connection: {seen.socket}.", "It needs connections:write.")
    elif settings.slack_app_token.get_secret_value():
        yield good("slack", "SLACK_APP_TOKEN opens connections.")


def _scopes_missing(seen: Seen) -> Iterator[Finding]:
    missing = [scope for scope in SCOPES if scope not in seen.scopes]
    if not seen.scopes:
        yield note("slack", "Slack did not say which scopes the token has.")
    elif missing:
        yield bad("slack", f"the token lacks {', '.join(missing)}.", REINSTALL)
    else:
        yield good("slack", f"it has all {len(SCOPES)} scopes that are used.")


def _skew(seen: Seen, clock: Clock) -> Iterator[Finding]:
    if seen.date is None:
        return
    skew = abs(clock.now() - seen.date)
    seconds = round(skew.total_seconds())
    if skew > ALLOWED:
        yield bad(
            "clock", f"it is {seconds} s from Slack's: every request would be refused as too old.", "Set it; use NTP."
        )
    elif skew > SKEW:
        yield bad("clock", f"it is {seconds} s from Slack's: pages would be that late or early.", "Set it; use NTP.")
    else:
        yield good("clock", f"it agrees with Slack's to {max(seconds, 1)} s.")


async def _channels(api: WebApi, names: Collection[str]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    asked: dict[str, Any] = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 200}
    while names:
        page = await api.call("conversations.list", asked)
        channels: list[dict[str, Any]] = page.get("channels") or []
        for channel in channels:
            for word in {channel["id"], channel["name"]} & set(names):
                found[word] = bool(channel.get("is_member"))
        asked["cursor"] = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not asked["cursor"]:
            break
    return found


async def _socket(settings: Settings) -> str:
    """Why no connection can be opened; empty where one can, or none is wanted."""
    token = settings.slack_app_token.get_secret_value()
    if not token:
        return ""
    api = WebApi(token, settings.slack_api_url)
    await api.open()
    try:
        await api.call("apps.connections.open", {})
    except SlackApiError as error:
        return str(error.response.get("error", "unknown"))
    finally:
        await api.close()
    return ""


def _scopes(headers: Mapping[str, str]) -> frozenset[str]:
    said = next((value for key, value in headers.items() if key.lower() == "x-oauth-scopes"), "")
    return frozenset(filter(None, (scope.strip() for scope in said.split(","))))


def _date(headers: Mapping[str, str]) -> datetime | None:
    said = next((value for key, value in headers.items() if key.lower() == "date"), "")
    try:
        return parsedate_to_datetime(said)
    except ValueError:
        return None
