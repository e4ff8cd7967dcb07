"""Who and where: people by e-mail or id, channels by name. Asks Slack, so never inside a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from callboard.slack.web_api import WebApi, pages

UNKNOWN = {"users_not_found", "user_not_found", "user_not_visible"}
PAGE = 200
TRIES = 3


@dataclass(frozen=True)
class Profile:
    """A person or bot of the workspace."""

    slack_id: str
    name: str
    is_bot: bool
    deleted: bool
    timezone: str


class Room(NamedTuple):
    """A channel that the bot can see, and whether it is in it."""

    slack_id: str
    member: bool


class Lookup:
    """Waits when Slack says so. Raises `SlackApiError`, `aiohttp.ClientError` or `TimeoutError` without an answer."""

    def __init__(self, api: WebApi) -> None:
        self._api = api

    async def user_by_email(self, email: str) -> str | None:
        """The Slack id of whoever has this address; None when nobody has."""
        found = await self._person("users.lookupByEmail", email=email)
        return None if found is None else found.slack_id

    async def user(self, slack_id: str) -> Profile | None:
        """Somebody's profile; None when there is nobody with this id."""
        return await self._person("users.info", user=slack_id)

    async def channels(self, names: Collection[str]) -> dict[str, Room]:
        """The channels with these names (with or without `#`), as far as the bot can see them."""
        wanted = {name.removeprefix("#"): name for name in names}
        found: dict[str, Room] = {}
        kinds = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": PAGE}
        async for page in pages(self._ask, "conversations.list", **kinds):
            for channel in page["channels"]:
                if channel["name"] in wanted:
                    found[wanted[channel["name"]]] = Room(channel["id"], bool(channel.get("is_member")))
            if len(found) == len(wanted):
                break
        return found

    async def _person(self, method: str, **by: str) -> Profile | None:
        try:
            user = (await self._ask(method, **by))["user"]
        except SlackApiError as error:
            if error.response.get("error") in UNKNOWN:
                return None
            raise
        name = user.get("profile", {}).get("display_name") or user.get("real_name") or user.get("name", "")
        return Profile(user["id"], name, bool(user.get("is_bot")), bool(user.get("deleted")), user.get("tz") or "")

    async def _ask(self, method: str, **arguments: Any) -> AsyncSlackResponse:
        for _ in range(TRIES):
            try:
                return await self._api.call(method, arguments)
            except SlackApiError as error:
                if error.response.status_code != 429:  # noqa: PLR2004
                    raise
                await asyncio.sleep(float(error.response.headers.get("Retry-After", 1)))
        return await self._api.call(method, arguments)
