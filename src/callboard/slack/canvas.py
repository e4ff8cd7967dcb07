"""The outbox's medium for the canvases of channels: the lines of a message are found by their labels and replaced."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from callboard.blocks import Block
from callboard.core.courier.carrier import Accepted, Final, Lost, Passing, Thread, Uneditable, Unseen
from callboard.core.outbox import Delivery, Message
from callboard.slack.sender import Sender

TRIES, DIGEST = 5, 10
EXISTS = ("channel_canvas_already_exists", "free_team_canvas_tab_already_exists")
FAILS = ("canvas_creation_failed", "canvas_editing_failed", "canvas_editing_locked", "canvas_tab_creation_failed")
"""What passes when it is tried again; what does not, is no more tried after some times."""


@dataclass(frozen=True)
class Canvas(Sender):
    """A channel's canvas as `core.courier` wants a medium to be. Each block of a message is a line, its id the label.

    The stamp of a message is the canvas, a number, and a hash of each line as it stands there.
    """

    begun: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each message of which some lines are written and others wait: their hashes, by label."""

    async def post(self, delivery: Delivery, message: Message, thread: Thread | None) -> Accepted:  # noqa: ARG002
        """Write the lines into the channel's canvas, below what is there; make one where there is none."""
        await self._come_in(delivery, delivery.address)
        try:
            canvas = await self._made(delivery, message.blocks)
        except Passing as passing:
            raise _given_up(delivery, passing) from passing
        except Uneditable as refused:
            raise Final(str(refused)) from refused
        return Accepted(delivery.address, _stamp(canvas, delivery, message.blocks))

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Replace the lines that are different. To do it twice does no harm."""
        canvas, _, *known = (delivery.posted_as or "").split()
        begun = self.begun.setdefault(delivery.key, {})
        try:
            for line in message.blocks:
                digest, label = _digest(line), line["block_id"]
                if begun.get(label, digest) != digest or (label not in begun and digest not in known):
                    await self._write(canvas, line)
                    begun[label] = digest
        except Lost as lost:
            raise Passing(str(lost)) from lost
        except Passing as passing:
            raise _given_up(delivery, passing) from passing
        del self.begun[delivery.key]
        return Accepted(delivery.address, _stamp(canvas, delivery, message.blocks))

    async def find(self, delivery: Delivery) -> Accepted | None:
        """The canvas that the channel has by now; what stands there is not known, so that all is written again."""
        try:
            canvas = await self._of(delivery.address)
        except Final as refused:
            raise Unseen(str(refused)) from refused
        return Accepted(delivery.address, _stamp(canvas, delivery, ())) if canvas else None

    async def _made(self, delivery: Delivery, lines: Sequence[Block]) -> str:
        content = _content(lines)
        try:
            made = await self._call(
                "conversations.canvases.create", channel_id=delivery.address, document_content=content
            )
        except Final as refused:
            canvas = await self._of(delivery.address) if str(refused) in EXISTS else ""
            if not canvas:
                raise
        else:
            return str(made["canvas_id"])
        if await self._section(canvas, lines[0]):
            for line in lines:
                await self._write(canvas, line)
        else:
            await self._change(canvas, operation="insert_at_end", document_content=content)
        return canvas

    async def _of(self, channel: str) -> str:
        """The canvas of a channel; empty where it has none."""
        about = (await self._looked("conversations.info", channel=channel)).get("channel") or {}
        return str(((about.get("properties") or {}).get("canvas") or {}).get("file_id") or "")

    async def _write(self, canvas: str, line: Block) -> None:
        """Slack takes one change at a time, and gives all sections other ids with each."""
        section = await self._section(canvas, line)
        where = {"operation": "replace", "section_id": section} if section else {"operation": "insert_at_end"}
        await self._change(canvas, **where, document_content=_content([line]))

    async def _section(self, canvas: str, line: Block) -> str:
        """Where a line stands by its label; empty where somebody took it away."""
        wanted = {"contains_text": line["block_id"]}
        if line["text"].startswith("#"):
            wanted |= {"section_types": ["any_header"]}
        found = await self._looked("canvases.sections.lookup", canvas_id=canvas, criteria=wanted)
        sections: list[dict[str, Any]] = found.get("sections") or []
        return str(sections[0]["id"]) if sections else ""

    async def _change(self, canvas: str, **change: Any) -> None:
        await self._call("canvases.edit", canvas_id=canvas, changes=[change])


def _given_up(delivery: Delivery, passing: Passing) -> Exception:
    code = str(passing).rpartition(": ")[2]
    return Final(code) if code in FAILS and delivery.attempts > TRIES else passing


def _content(lines: Collection[Block]) -> dict[str, str]:
    return {"type": "markdown", "markdown": "\n\n".join(line["text"] for line in lines)}


def _stamp(canvas: str, delivery: Delivery, lines: Collection[Block]) -> str:
    return " ".join([canvas, str(delivery.fence), *map(_digest, lines)])


def _digest(line: Block) -> str:
    return hashlib.sha256(f"{line['block_id']}\n{line['text']}".encode()).hexdigest()[:DIGEST]
