"""Writes down what people do and what they read, in the order in which it happens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from callboard.core.courier.carrier import Accepted, Unseen
from callboard.core.deliveries import Medium, Priority
from callboard.rehearsal.transcript import FORM, Line
from callboard.rehearsal.words import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from callboard.core.courier.carrier import Carrier, Thread
    from callboard.core.outbox import Delivery, Message
    from callboard.rehearsal.stage import Stage

POSTED, EDITED, ANSWERED = "posted", "edited", "answered"
PHONE = re.compile(r"phone|^\+", re.IGNORECASE)
ENOUGH = 200


class Witness:
    """Hears everything on a stage. Whoever wants to know of each line as it comes is in `listeners`."""

    def __init__(self, stage: Stage, zone: Any) -> None:
        self.lines: list[Line] = []
        self.read = Reader(stage.slack.workspace, zone)
        self._stage = stage
        self._kinds: dict[str, tuple[str, bool]] = {}
        self._shown: dict[tuple[str, str], str] = {}
        stage.slack.workspace.changed.append(self._changed)

    def overhear(self) -> None:
        """Know of what kind each message is, and keep mail and telephone from the world outside."""
        media = self._stage.app.courier.media
        for medium in (Medium.SLACK, Medium.HOME):
            media[medium] = Overheard(media[medium], self._noted)
        media[Medium.APPRISE] = Overheard(Letterbox(), self._mailed)

    def does(self, who: str, to: str, did: str, text: str) -> None:
        """Somebody types, clicks or submits something."""
        self._add(who, to, did, text)

    def answered(self, who: str, view: Any) -> None:
        """A form opens for somebody."""
        self._add("", f"@{who}", ANSWERED, f"{view.title}\n{self._message(view.blocks, '')}".strip(), FORM)

    def replied(self, who: str, text: str) -> None:
        """A program of somebody gets an answer; how it begins is enough."""
        begins = text if len(text) <= ENOUGH else f"{text[:ENOUGH]}…"
        self._add("", f"@{who}", ANSWERED, self.read.words(begins, self._now))

    def opened(self, who: str, path: str, text: str) -> None:
        """Somebody reads a page of the workspace."""
        self._add(who, "the workspace", "opened", path)
        self._add("", f"@{who}", ANSWERED, self.read.words(f"{path}\n{text.strip()}", self._now))

    def place(self, message: Any) -> str:
        """Where a message is read."""
        room = self._stage.slack.workspace.state.conversations[message.channel]
        if message.only_for or room.kind == "im":
            return f"@{self._name(message.only_for or room.person)}"
        return f"#{room.name}"

    def _noted(self, delivery: Delivery, _message: Message) -> None:
        self._kinds[delivery.key] = (delivery.kind, delivery.priority == Priority.PAGE)

    def _mailed(self, delivery: Delivery, message: Message) -> None:
        to, page = delivery.recipient or delivery.args.get("of"), delivery.priority == Priority.PAGE
        title = f"{message.title}\n" if message.title else ""
        text = self.read.words(f"{title}{message.plain or message.text}", self._now)
        way = _way(delivery)
        self._add("", f"{way}:@{to}" if to else f"{way}:{delivery.address}", POSTED, text, delivery.kind, page=page)

    @property
    def _now(self) -> datetime:
        return self._stage.clock.now()

    def _changed(self, change: dict[str, Any]) -> None:
        kind = change["kind"]
        if kind in ("message", "edited"):
            self._message_changed(change["channel"], change["ts"], edited=kind == "edited")
        elif kind == "home":
            user, home = change["user"], self._stage.slack.modals.home(change["user"])
            if home is not None:
                self._show(("home", user), f"home:@{self._name(user)}", self._message(home.blocks, ""), "home.shown")

    def _message_changed(self, channel: str, ts: str, *, edited: bool) -> None:
        workspace = self._stage.slack.workspace
        message = workspace.message(channel, ts)
        if message is None:
            return
        place = self.place(message)
        files = [f"File: {file['title'] or file['name']}" for file in message.files]
        text = "\n".join(filter(None, (self._message(message.blocks, message.text), *files)))
        if message.user != workspace.bot and message.only_for is None:
            self._add(self._name(message.user), place, "typed", text)
            return
        known, page = self._kinds.get(_key(message), ("", False))
        if edited or not message.only_for:
            self._show((channel, ts), place, text, known, page=page and not edited)
        else:
            self._add("", place, ANSWERED, text)

    def _show(self, at: tuple[str, str], place: str, text: str, kind: str, *, page: bool = False) -> None:
        """A message that is posted, or changed where it stands; one that reads as before is no line."""
        before = self._shown.get(at)
        if before != text:
            self._shown[at] = text
            self._add("", place, POSTED if before is None else EDITED, text, kind, page=page)

    def _message(self, blocks: Any, text: str) -> str:
        return self.read.message(blocks, text, self._now)

    def _name(self, user: str) -> str:
        person = self._stage.slack.workspace.state.users.get(user)
        return person.name if person else user

    def _add(self, who: str, to: str, did: str, text: str, kind: str = "", *, page: bool = False) -> None:
        self.lines.append(Line(self._now, who, to, did, text, kind, page))


def _key(message: Any) -> str:
    return str(((message.metadata or {}).get("event_payload") or {}).get("key", ""))


def _way(delivery: Delivery) -> str:
    return "phone" if PHONE.search(delivery.address) else "mail"


class Overheard:
    """A medium whose messages somebody hears of."""

    def __init__(self, carrier: Carrier, heard: Callable[[Delivery, Message], None]) -> None:
        self._carrier = carrier
        self._heard = heard

    async def post(self, delivery: Delivery, message: Message, thread: Thread | None) -> Accepted:
        self._heard(delivery, message)
        return await self._carrier.post(delivery, message, thread)

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        self._heard(delivery, message)
        return await self._carrier.edit(delivery, message)

    async def find(self, delivery: Delivery) -> Accepted | None:
        return await self._carrier.find(delivery)


class Letterbox:
    """Takes mail, SMS and calls, and brings them to nobody."""

    async def post(self, delivery: Delivery, message: Message, thread: Thread | None) -> Accepted:  # noqa: ARG002
        return Accepted(_way(delivery))

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:  # noqa: ARG002
        return Accepted(_way(delivery))

    async def find(self, delivery: Delivery) -> Accepted | None:  # noqa: ARG002
        raise Unseen("mail")
