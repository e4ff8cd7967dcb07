"""The outbox's medium for Slack: posts, edits, and looks up what may have been posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from callboard import blocks
from callboard.core import outbox
from callboard.core.courier import Accepted, Final, Gone, Later, Lost, Passing
from callboard.core.db import Database
from callboard.core.outbox import Delivery, Message
from callboard.slack.web_api import WebApi, pages

EVENT = "callboard_delivery"
# Between Slack's clock and ours.
SKEW = timedelta(seconds=60)
PAGE, PAGES = 200, 10
HISTORIES = {"conversations.history", "conversations.replies"}
PASSES = {
    "ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org",
    "message_limit_exceeded",
}  # fmt: skip
# The operator mends these for all messages at once; meanwhile pages fall back, and nothing is given up.
KEYS = {"account_inactive", "invalid_auth", "missing_scope", "not_authed", "token_expired", "token_revoked"}
DOUBTFUL = {"fatal_error", "internal_error"}


@dataclass(frozen=True)
class Sender:
    """Slack, as `core.courier` wants a medium to be."""

    api: WebApi
    db: Database

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:
        channel, parent = thread or (delivery.address, None)
        answer = await self._call(
            "chat.postMessage", channel=channel, thread_ts=parent, unfurl_links=False, unfurl_media=False,
            **self._shown(delivery, message),
        )  # fmt: skip
        return Accepted(answer["channel"], answer["ts"])

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Show `message` in place of what was posted; to do it twice does no harm."""
        channel, stamp = delivery.posted_in or "", delivery.posted_as or ""
        try:
            await self._call("chat.update", channel=channel, ts=stamp, **self._shown(delivery, message))
        except Lost as lost:
            raise Passing(str(lost)) from lost
        return Accepted(channel, stamp)

    def _shown(self, delivery: Delivery, message: Message) -> dict[str, Any]:
        """What Slack is given. A message stands under the day on which it was posted, also when it is edited later."""
        marked = {"event_type": EVENT, "event_payload": {"key": delivery.key}}
        written = blocks.dated([message.text, list(message.blocks)], delivery.posted_at or self.db.clock.now())
        text, shown = blocks.worded(*written)
        return {"text": text, "blocks": shown or None, "metadata": marked}

    async def find(self, delivery: Delivery) -> Accepted | None:
        """Look for the delivery's key among the messages since it was created."""
        thread = await self.db.read(outbox.thread_of, delivery)
        channel = thread[0] if thread else await self._conversation(delivery.address)
        place = {"channel": channel, "ts": thread[1]} if thread else {"channel": channel}
        method = "conversations.replies" if thread else "conversations.history"
        oldest = f"{(delivery.created_at - SKEW).timestamp():.6f}"
        read = 0
        async for page in pages(self._looked, method, **place, oldest=oldest, limit=PAGE):
            if (read := read + 1) > PAGES:
                raise Passing(f"{PAGE * PAGES} messages in {channel} and not found yet")
            for message in page["messages"]:
                if _key(message) == delivery.key:
                    return Accepted(channel, message["ts"])
        return None

    async def _conversation(self, address: str) -> str:
        """The channel's id, looked up where only its name is known; a person's is that of their talk with the bot."""
        if address.startswith("#"):
            return await self._named(address.removeprefix("#"))
        if not address.startswith(("U", "W")):
            return address
        opened = await self._looked("conversations.open", users=address)
        return str(opened["channel"]["id"])

    async def _named(self, name: str) -> str:
        kinds = "public_channel,private_channel"
        async for page in pages(self._looked, "conversations.list", types=kinds, limit=PAGE):
            for channel in page["channels"]:
                if channel["name"] == name:
                    return str(channel["id"])
        raise Final("channel_not_found")

    async def _looked(self, method: str, **arguments: Any) -> AsyncSlackResponse:
        """Ask something that changes nothing: an answer that was lost is asked for again."""
        try:
            return await self._call(method, **arguments, include_all_metadata=method in HISTORIES or None)
        except Lost as lost:
            raise Passing(str(lost)) from lost

    async def _call(self, method: str, **arguments: Any) -> AsyncSlackResponse:
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            return await self.api.call(method, given)
        except SlackApiError as error:
            raise _refused(method, error.response) from error
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise Passing(f"{method}: could not connect: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost(f"{method}: {type(error).__name__}: {error}") from error


def _refused(method: str, response: Any) -> Exception:
    status, code = response.status_code, str(response.get("error") or "")
    if status == 429:  # noqa: PLR2004
        return Later(float(response.headers.get("Retry-After") or 1))
    why = f"{method}: {code or status}"
    if code in PASSES | KEYS:
        return Passing(why)
    if code in DOUBTFUL or status >= 500:  # noqa: PLR2004 - whoever broke may have broken after it was posted
        return Lost(why)
    if code == "message_not_found":
        return Gone(why)
    details = (response.get("response_metadata") or {}).get("messages") or ()
    return Final("; ".join((code or str(status), *details)))


def _key(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    found = metadata.get("event_payload", {}).get("key") if metadata.get("event_type") == EVENT else None
    return None if found is None else str(found)
