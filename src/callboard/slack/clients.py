"""Slack's Web API by workspace: each has a token of its own, and so clients, look-ups and media of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from callboard.core.courier.carrier import Accepted, Carrier, Final, Thread
from callboard.core.db import Database
from callboard.core.deliveries import Delivery, Medium
from callboard.core.outbox import UNINSTALLED, Message
from callboard.slack.canvas import Canvas
from callboard.slack.home import Home
from callboard.slack.identity import Identity
from callboard.slack.pulse import Pulse
from callboard.slack.sender import Sender
from callboard.slack.web_api import Lookup


class Client:
    """One token: what is asked and sent with it."""

    def __init__(self, api: Pulse, db: Database) -> None:
        self.api = api
        self.lookup = Lookup(api)
        self.sender = Sender(api, db)
        self.media: Mapping[str, Carrier] = {
            Medium.SLACK: self.sender, Medium.HOME: Home(api, db), Medium.CANVAS: Canvas(api, db),
        }  # fmt: skip


class Clients(Protocol):
    """The workspaces in which Callboard is installed."""

    def of(self, workspace: str) -> Client | None:
        """The client of a workspace; None where there is none, as far as this process knows."""

    async def sought(self, workspace: str) -> Client | None:
        """The same; another process may know of it."""

    async def workspaces(self) -> Sequence[str]:
        """All there are."""

    def every(self) -> Mapping[str, Client]:
        """Each workspace's, as far as this process knows."""

    async def close(self) -> None:
        """Let go of every connection."""


def heard_last(clients: Clients, other: Pulse) -> Pulse:
    """The one by which Slack was heard of last, whichever workspace's it is; else the other."""
    heard = [client.api for client in clients.every().values() if client.api.age is not None]
    return min(heard, key=lambda api: api.age or 0.0, default=other)


@dataclass(frozen=True)
class Alone:
    """Every workspace by the one token of the settings."""

    client: Client
    identity: Identity

    def of(self, workspace: str) -> Client:  # noqa: ARG002 - whatever it is
        return self.client

    async def sought(self, workspace: str) -> Client:  # noqa: ARG002 - whatever it is
        return self.client

    async def workspaces(self) -> Sequence[str]:
        """Wait until Slack has said which it is."""
        return [(await self.identity.learned()).team_id]

    def every(self) -> Mapping[str, Client]:
        """The one."""
        return {"": self.client}

    async def close(self) -> None:
        """Leave it to whoever opened it."""


@dataclass(frozen=True)
class ByWorkspace:
    """A medium as `core.courier` wants it, which is another one in each workspace."""

    clients: Clients
    medium: Medium

    async def post(self, delivery: Delivery, message: Message, thread: Thread | None) -> Accepted:
        return await (await self._of(delivery)).post(delivery, message, thread)

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        return await (await self._of(delivery)).edit(delivery, message)

    async def find(self, delivery: Delivery) -> Accepted | None:
        return await (await self._of(delivery)).find(delivery)

    async def _of(self, delivery: Delivery) -> Carrier:
        client = self.clients.of(delivery.workspace) or await self.clients.sought(delivery.workspace)
        if client is None:
            raise Final(UNINSTALLED)
        return client.media[self.medium]
