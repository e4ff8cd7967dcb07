"""What Slack says of the app: token, scopes, clock, sockets, channels, and whether it accepts every screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import aiohttp
from slack_sdk.errors import SlackApiError

from callboard import gallery
from callboard.core.clock import Clock
from callboard.doctor import Finding, bad, good, note
from callboard.gallery.stage import Screen
from callboard.settings import Settings
from callboard.slack.manifest import SCOPES
from callboard.slack.pulse import remedy
from callboard.slack.web_api import Lookup, WebApi

SKEW = timedelta(seconds=30)
TRIES, LONGEST_WAIT = 3, 60
REINSTALL = "Paste `callboard manifest` under App Manifest, then reinstall the app to the workspace."
UNREACHED = "Check the network, SLACK_API_URL, HTTPS_PROXY, and SSL_CERT_FILE where the network looks into TLS."


class Place(NamedTuple):
    """A channel: whether the bot is in it, and whether it is shared with another organisation."""

    has_bot: bool
    is_shared: bool


@dataclass(frozen=True)
class Seen:
    """The workspace as the token shows it. `channels` holds, by name or id, what it shows of each."""

    team: str
    team_id: str
    scopes: frozenset[str]
    date: datetime | None
    channels: Mapping[str, Place] = field(default_factory=dict)
    socket: str = ""
    doubts: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with accounts that plans name, by id, in Slack's words."""


@dataclass(frozen=True)
class Unseen:
    """Why Slack gave no answer."""

    error: str
    reached: bool


async def look(
    settings: Settings, names: Collection[str], people: Collection[str] = (), token: str = ""
) -> Seen | Unseen | None:
    """Ask Slack by a token, or by that of the settings; None without one.

    `names` are the channels to look for, `people` the ids of accounts.
    """
    token = token or settings.slack_bot_token.get_secret_value()
    if not token:
        return None
    api = WebApi(token, settings.slack_api_url)
    await api.open()
    try:
        answer = await api.call("auth.test", {})
        headers = {name.lower(): value for name, value in answer.headers.items()}
        scopes = frozenset(filter(None, map(str.strip, headers.get("x-oauth-scopes", "").split(","))))
        return Seen(
            str(answer.get("team", "")), str(answer.get("team_id", "")), scopes, _date(headers.get("date", "")),
            await _channels(api, names), await _socket(settings),
            await Lookup(api).doubts(people, str(answer.get("team_id", ""))),
        )  # fmt: skip
    except SlackApiError as error:
        return Unseen(explained(error.response), reached=True)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Unseen(str(error) or type(error).__name__, reached=False)
    finally:
        await api.close()


def findings(settings: Settings, seen: Seen | Unseen | None, clock: Clock) -> Iterator[Finding]:
    if seen is None:
        return
    if isinstance(seen, Unseen):
        if seen.reached:
            sentence, fix = "Slack does not accept SLACK_BOT_TOKEN", remedy(seen.error, "SLACK_BOT_TOKEN")
        else:
            sentence, fix = f"{settings.slack_api_url} cannot be reached", UNREACHED
        yield bad("slack", f"{sentence}: {seen.error}.", fix)
        return
    yield good("slack", f"the token works, for the workspace {seen.team} ({seen.team_id}).")
    yield from _scopes_missing(seen)
    yield from _skew(seen, clock)
    if seen.socket:
        fix = remedy(seen.socket, "SLACK_APP_TOKEN")
        yield bad("slack", f"SLACK_APP_TOKEN opens no connection: {seen.socket}.", fix)
    elif settings.slack_app_token.get_secret_value():
        yield good("slack", "SLACK_APP_TOKEN opens connections.")


def _scopes_missing(seen: Seen) -> Iterator[Finding]:
    missing = [scope for scope in SCOPES if scope not in seen.scopes]
    if not seen.scopes:
        yield note("slack", "Slack did not say which scopes the token has.")
    elif missing:
        yield bad("slack", f"the token lacks {', '.join(missing)}.", REINSTALL)
    else:
        yield good("slack", f"the token has all {len(SCOPES)} scopes.")


def _skew(seen: Seen, clock: Clock) -> Iterator[Finding]:
    if seen.date is None:
        return
    skew = abs(clock.now() - seen.date)
    off = f"it is {max(round(skew.total_seconds()), 1)} s from Slack's"
    if skew > SKEW:
        yield bad("clock", f"{off}: pages would be that late or early.", "Set the clock; use NTP.")
    else:
        yield good("clock", f"{off}.")


async def _channels(api: WebApi, names: Collection[str]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    asked: dict[str, Any] = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 200}
    while names:
        page = await api.call("conversations.list", asked)
        channels: list[dict[str, Any]] = page.get("channels") or []
        for channel in channels:
            for word in {channel["id"], channel["name"]} & set(names):
                found[word] = Place(bool(channel.get("is_member")), bool(channel.get("is_ext_shared")))
        asked["cursor"] = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not asked["cursor"]:
            break
    return found


async def _socket(settings: Settings) -> str:
    """Why no connection opens; empty when one does, or none is wanted."""
    token = settings.slack_app_token.get_secret_value()
    if not token:
        return ""
    api = WebApi(token, settings.slack_api_url)
    await api.open()
    try:
        await api.call("apps.connections.open", {})
    except SlackApiError as error:
        return explained(error.response)
    finally:
        await api.close()
    return ""


def explained(answer: Any) -> str:
    """What Slack answered and all that it says of why."""
    details = (answer.get("response_metadata") or {}).get("messages") or []
    scopes = [f"{name}: {answer[name]}" for name in ("needed", "provided") if answer.get(name)]
    return "; ".join([str(answer.get("error") or f"status {answer.status_code}"), *scopes, *map(str, details[:3])])


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


async def screens(settings: Settings, token: str = "") -> list[Finding]:
    """One finding for each screen that Slack rejects, or one for all when it accepts them. Nobody sees them."""
    groups = await asyncio.to_thread(gallery.screens)
    shown = [(group, screen) for group, every in groups.items() for screen in every if screen.view or screen.blocks]
    api = WebApi(token or settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    await api.open()
    try:
        wrong = [
            f"{group}, {screen.id} ({screen.title}): {error}"
            for group, screen in shown
            if (error := await _rejected(api, screen))
        ]
    finally:
        await api.close()
    if scopes := [sentence for sentence in wrong if "missing_scope" in sentence]:
        return [bad("screens", f"Slack checks no screen: {scopes[0].rpartition('): ')[2]}.", REINSTALL)]
    if wrong:
        fix = "Report this line. Until it is fixed, people see plain text, or nothing."
        return [bad("screens", f"Slack rejects {sentence}.", fix) for sentence in wrong]
    return [good("screens", f"Slack accepts all {len(shown)} messages and forms with blocks.")]


async def _rejected(api: WebApi, screen: Screen) -> str:
    """Why Slack rejects a screen; empty when it accepts it."""
    asked = {"view": screen.view} if screen.view else {"blocks": list(screen.blocks)}
    for attempt in range(TRIES):
        try:
            await api.call("blocks.validate", {name: json.dumps(value) for name, value in asked.items()})
        except SlackApiError as error:
            answer: Any = error.response
            if answer.get("error") == "ratelimited" and attempt + 1 < TRIES:
                await asyncio.sleep(min(int(answer.headers.get("Retry-After", 1)), LONGEST_WAIT))
                continue
            return explained(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return f"no answer ({str(error) or type(error).__name__})"
        else:
            return ""
    return "ratelimited"
