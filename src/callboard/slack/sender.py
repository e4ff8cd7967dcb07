"""The outbox's medium for Slack: posts, edits, and looks up what may have been posted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from callboard import blocks
from callboard.blocks import fit, markup
from callboard.core import outbox
from callboard.core.courier.carrier import Accepted, Final, Later, Lost, Passing, Thread, Uneditable, Unseen, Withheld
from callboard.core.db import Database, Tx
from callboard.core.outbox import Delivery, Message
from callboard.core.registry import Key
from callboard.slack import refusals
from callboard.slack.pictures import WITHOUT, Pictures
from callboard.slack.refusals import Meaning
from callboard.slack.web_api import WebApi, pages

log = structlog.get_logger()

EVENT = "callboard_delivery"
PLAIN = 3_900
# Between Slack's clock and ours, which may be set wrong.
SKEW = timedelta(days=1)
PAGE, PAGES, MEMBERS = 200, 10, 1_000
OUTSIDE = "not_in_channel"
ANYWHERE = "chat:write.public"
"""A scope of older installations: Slack takes posts in every public channel. The rule holds without it and with it."""
PERSONAL = ("U", "W", "D")
INSIDE_FOR = timedelta(minutes=10)
PEOPLE: Key[Callable[[Tx, int], Collection[str]]] = Key("the Slack ids of a plan's people", lambda _tx, _plan_id: ())
REFUSED_BLOCK = re.compile(r"json-pointer:(?:/view)?/blocks/(\d+)")
MAY_REPEAT = "Slack did not say whether it took this message, so it may be here twice."
WITHOUT_BUTTONS = "Slack did not take the buttons of this message. Type the command instead."


class Unshowable(Final):
    """Slack does not take a message as it looks; `places` are the blocks that it names."""

    places: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sender:
    """Slack, as `core.courier` wants a medium to be."""

    api: WebApi
    db: Database
    inside: dict[str, datetime] = field(default_factory=dict)
    """Until when the bot is taken to be in a channel."""

    @cached_property
    def pictures(self) -> Pictures:
        return Pictures(self.api)

    async def post(self, delivery: Delivery, message: Message, thread: Thread | None) -> Accepted:
        channel, parent = thread or (delivery.address, None)
        shown, file = await self.pictures.brought(
            delivery.key, _marked(message) if message.may_repeat else message
        )  # fmt: skip
        place = {"channel": channel, "thread_ts": parent, "unfurl_links": False, "unfurl_media": False}
        if ANYWHERE in self.api.scopes and not channel.startswith(PERSONAL):
            await self._come_in(delivery, channel)
        try:
            answer = await self._said("chat.postMessage", delivery, shown, **place)
        except Final as refused:
            if str(refused) != OUTSIDE:
                raise
            self.inside.pop(channel, None)
            await self._come_in(delivery, channel)
            answer = await self._said("chat.postMessage", delivery, shown, **place)
        if not (answer.get("channel") and answer.get("ts")):
            raise Lost("chat.postMessage: the answer does not name a message")
        if message.pin:
            await self._pin("pins.add", answer["channel"], answer["ts"])
        if file and shown.attachment:
            await self.pictures.shared(file, shown.attachment, answer["channel"], parent or answer["ts"])
        return Accepted(answer["channel"], answer["ts"])

    async def _come_in(self, delivery: Delivery, address: str) -> None:
        """Be in a channel: go into a public one if people of the plan are there. Raises `Final` where nobody is."""
        now = self.db.clock.now()
        if self.inside.get(address, now) > now:
            return
        try:
            channel = await self._conversation(address)
            about = (await self._looked("conversations.info", channel=channel)).get("channel") or {}
        except Unseen as unseen:
            raise Final(OUTSIDE) from unseen
        if not about.get("is_member") and not (
            await self._has_people(delivery, channel) and await self._joined(channel)
        ):
            raise Final(OUTSIDE)
        self.inside[address] = now + INSIDE_FOR

    async def _has_people(self, delivery: Delivery, channel: str) -> bool:
        """Whether anybody of the plan is in a channel."""
        people = await self.db.read(lambda tx: set(tx.of(PEOPLE)(tx, delivery.plan_id)))
        async for page in pages(self._looked, "conversations.members", channel=channel, limit=MEMBERS):
            if people.intersection(page.get("members") or ()):
                return True
        return False

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Show `message` in place of what was posted; to do it twice does no harm."""
        channel, stamp = delivery.posted_in or "", delivery.posted_as or ""
        try:
            await self._said("chat.update", delivery, message, channel=channel, ts=stamp)
        except Lost as lost:
            raise Passing(str(lost)) from lost
        except Unshowable as refused:
            raise Uneditable(str(refused)) from refused
        if message.pin is False:
            await self._pin("pins.remove", channel, stamp)
        return Accepted(channel, stamp)

    async def _pin(self, method: str, channel: str, stamp: str) -> None:
        """Pin a message, or take the pin away. What was posted is posted, whether that works or not."""
        try:
            await self.api.call(method, {"channel": channel, "timestamp": stamp})
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("slack.not_pinned", method=method, channel=channel, error=str(error))

    async def _said(self, method: str, delivery: Delivery, message: Message, **place: Any) -> AsyncSlackResponse:
        """Show a message; where Slack does not take its looks, with plain text in place of what it refuses."""
        message = await self.pictures.shown(delivery.key, message)
        try:
            return await self._call(method, **place, **self._shown(delivery, message))
        except Unshowable as refused:
            log.error("slack.looks_refused", kind=delivery.kind, error=str(refused))  # noqa: TRY400 - known, and mended
            bare = plain(message, refused.places)
            return await self._call(method, **place, **self._shown(delivery, bare))

    def _shown(self, delivery: Delivery, message: Message) -> dict[str, Any]:
        """What Slack is given. A message stands under the day on which it was posted, also when it is edited later."""
        marked = {"event_type": EVENT, "event_payload": {"key": delivery.key}}
        written = markup.dated(
            [markup.safe(message.text), list(message.blocks)], delivery.posted_at or self.db.clock.now()
        )
        text, shown = fit.worded(*written)
        return {"text": text, "blocks": shown or None, "metadata": marked}

    async def find(self, delivery: Delivery) -> Accepted | None:
        """Look for the delivery's key among the messages since it was created; in its thread, and beside it.

        Raises `Unseen` where nobody lets the bot look.
        """
        thread = await self.db.read(outbox.thread_of, delivery)
        channel = thread[0] if thread else await self._conversation(delivery.address)
        # What it is posted in place of has the same key, and is older.
        oldest = delivery.left_as or f"{(delivery.created_at - SKEW).timestamp():.6f}"
        for place in ([{"ts": thread[1]}] if thread else []) + [{}]:
            async for message in self._messages(channel, oldest, **place):
                if _key(message) == delivery.key:
                    return Accepted(channel, message["ts"])
        return None

    async def _messages(self, channel: str, oldest: str, **thread: str) -> AsyncIterator[Mapping[str, Any]]:
        method, read = "conversations.replies" if thread else "conversations.history", 0
        asked = {"channel": channel, "oldest": oldest, "limit": PAGE, "include_all_metadata": True, **thread}
        try:
            async for page in pages(self._looked, method, **asked):
                if (read := read + 1) > PAGES:
                    raise Unseen(f"{PAGE * PAGES} messages in {channel} and not among them")
                if not isinstance(page.get("messages"), list):
                    raise Passing(f"{method}: the answer has no messages")
                for message in page["messages"]:
                    yield message
        except Final as refused:
            if str(refused) == "thread_not_found":
                return
            if str(refused) != OUTSIDE or not await self._joined(channel):
                raise Unseen(f"{method}: {refused}") from refused
            async for message in self._messages(channel, oldest, **thread):
                yield message

    async def _joined(self, channel: str) -> bool:
        """Whether the bot could go where it has to look: nobody lets it read in channels that it is not in."""
        try:
            await self._looked("conversations.join", channel=channel)
        except Final as refused:
            log.warning("slack.not_joined", channel=channel, error=str(refused))
            return False
        return True

    async def _conversation(self, address: str) -> str:
        """The channel's id, looked up where only its name is known; a person's is that of their talk with the bot."""
        try:
            if address.startswith("#"):
                return await self._named(address.removeprefix("#"))
            if not address.startswith(("U", "W")):
                return address
            opened = await self._looked("conversations.open", users=address)
        except Final as refused:
            raise Unseen(f"{address}: {refused}") from refused
        return str((opened.get("channel") or {}).get("id") or address)

    async def _named(self, name: str) -> str:
        kinds = "public_channel,private_channel"
        async for page in pages(self._looked, "conversations.list", types=kinds, limit=PAGE):
            for channel in page.get("channels") or ():
                if channel["name"] == name:
                    return str(channel["id"])
        raise Final("channel_not_found")

    async def _looked(self, method: str, **arguments: Any) -> AsyncSlackResponse:
        """Ask something that changes nothing: an answer that was lost is asked for again."""
        try:
            return await self._call(method, **arguments)
        except Lost as lost:
            raise Passing(str(lost)) from lost

    async def _call(self, method: str, **arguments: Any) -> AsyncSlackResponse:
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            return await self.api.call(method, given)
        except SlackApiError as error:
            raise _refused(method, error.response) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError) as error:
            raise Passing(f"{method}: could not connect: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost(f"{method}: {type(error).__name__}: {error}") from error


def _refused(method: str, response: AsyncSlackResponse) -> Exception:
    status, code = response.status_code, str(response.get("error") or "")
    if status == refusals.TOO_MANY or code in refusals.PATIENCE:
        return Later(refusals.wait(response.headers))
    details = [str(each) for each in (response.get("response_metadata") or {}).get("messages") or ()]
    why = "; ".join([code, *details])
    match refusals.meaning(method, status, code):
        case Meaning.PASSES:
            kind = Withheld if code in refusals.WITHHELD else Passing
            return kind(f"{method}: {code or status}")
        case Meaning.DOUBT:
            return Lost(f"{method}: {code or f'an answer that is not from Slack ({status})'}")
        case Meaning.PLACE:
            return Uneditable(why)
        case Meaning.MESSAGE:
            refused = Unshowable(why)
            refused.places = frozenset(int(number) for each in details for number in REFUSED_BLOCK.findall(each))
            return refused
    return Final(why)


def _marked(message: Message) -> Message:
    shown = [*message.blocks, blocks.context(MAY_REPEAT)] if message.blocks else ()
    return replace(message, text=f"{message.text}\n{MAY_REPEAT}", blocks=shown)


def plain(message: Message, places: Collection[int]) -> Message:
    """The message with plain text in place of the blocks at these places; all of it where none is named."""
    if places and len(places) < len(message.blocks):
        kept = (_plain_block(block) if n in places else block for n, block in enumerate(message.blocks))
        return replace(message, blocks=[block for block in kept if block])
    lines = [line for block in message.blocks for line in _texts(block)]
    buttons = [WITHOUT_BUTTONS] if any(block["type"] == "actions" for block in message.blocks) else []
    text = markup.clip("\n".join(lines or [message.text]), PLAIN)
    return replace(message, text="\n".join([text, *buttons]), blocks=())


def _plain_block(block: Mapping[str, Any]) -> blocks.Block | None:
    if block["type"] == "actions":
        return blocks.context(WITHOUT_BUTTONS)
    if block["type"] == "image":
        return blocks.context(WITHOUT.format("Slack did not take it"))
    return blocks.section(markup.clip("\n".join(_texts(block)), fit.PARAGRAPH)) if any(_texts(block)) else None


def _texts(shown: Any) -> Iterator[str]:
    """Every text that people read in a block, buttons apart."""
    if isinstance(shown, Mapping) and shown.get("type") not in ("actions", "button", "overflow"):
        if isinstance(shown.get("text"), str):
            yield shown["text"]
        for value in shown.values():
            yield from _texts(value)
    elif isinstance(shown, Sequence) and not isinstance(shown, str):
        for value in shown:
            yield from _texts(value)


def _key(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    found = metadata.get("event_payload", {}).get("key") if metadata.get("event_type") == EVENT else None
    return None if found is None else str(found)
