"""The outbox's medium for the Home tab: one view for each person, replaced whole."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from callboard.blocks import fit, markup
from callboard.core.courier.carrier import Accepted, Final, Lost, Passing, Thread
from callboard.core.outbox import Delivery, Message
from callboard.slack.sender import Sender, Unshowable, plain

log = structlog.get_logger()

BLOCKS, ROOM = 100, 60_000


@dataclass(frozen=True)
class Home(Sender):
    """A Home as `core.courier` wants a medium to be. The stamp of a message is the hash that Slack gave the view."""

    async def post(self, delivery: Delivery, message: Message, thread: Thread | None) -> Accepted:  # noqa: ARG002
        return await self._published(delivery, message, "")

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Replace what stands there; a replica that was overtaken changes nothing.

        After a try that failed, or that nobody knows of, what stands there may have a hash that nobody knows.
        """
        uncertain = delivery.error or delivery.doubtful_since
        return await self._published(delivery, message, "" if uncertain else delivery.posted_as or "")

    async def find(self, delivery: Delivery) -> Accepted | None:  # noqa: ARG002
        """To publish the same again does no harm."""
        return None

    async def _published(self, delivery: Delivery, message: Message, known: str) -> Accepted:
        """Publish; a Home that Slack never takes is no trouble of the plan, so that it is logged and let be."""
        try:
            answer = await self._taken(delivery, message, known)
        except Lost as lost:
            raise Passing(str(lost)) from lost
        except Final as refused:
            log.error("slack.home_refused", to=delivery.address, error=str(refused))  # noqa: TRY400 - known
            return Accepted(delivery.address)
        return Accepted(delivery.address, answer)

    async def _taken(self, delivery: Delivery, message: Message, known: str) -> str:
        try:
            return await self._publish(delivery, message, known)
        except Unshowable as refused:
            log.error("slack.looks_refused", kind=delivery.kind, error=str(refused))  # noqa: TRY400 - known, and mended
            return await self._publish(delivery, plain(message, refused.places), known)

    async def _publish(self, delivery: Delivery, message: Message, known: str) -> str:
        every = list(message.blocks) or fit.pieces(message.text)
        shown = fit.fitted(markup.dated(every, self.db.clock.now()), BLOCKS, ROOM)
        view = {"type": "home", "blocks": shown}
        answer = await self._call("views.publish", user_id=delivery.address, view=view, hash=known or None)
        return str((answer.get("view") or {}).get("hash") or "")
