"""One client for each workspace that is installed, made when it is needed and dropped when that ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog
from slack_sdk.oauth.installation_store import Bot

from callboard.core.db import Database
from callboard.installations.models import CHANGED
from callboard.installations.oauth import Installations
from callboard.slack.clients import Client
from callboard.slack.pulse import Pulse
from callboard.slack.web_api import Errands

log = structlog.get_logger()
FINISH_WITHIN = 5.0


class Installed:
    """The workspaces of the database, as `slack.clients.Clients`."""

    def __init__(self, db: Database, installations: Installations, api_url: str, called: Callable[[str], None]) -> None:
        self._db = db
        self._installations = installations
        self._api_url = api_url
        self._called = called
        self._clients: dict[str, Client] = {}
        self._taking = asyncio.Lock()
        self._errands = Errands()
        db.on_commit(self._hear)

    def of(self, workspace: str) -> Client | None:
        return self._clients.get(workspace)

    async def sought(self, workspace: str) -> Client | None:
        """The same; another process may have installed it a moment ago."""
        bot = await self._installations.async_find_bot(team_id=workspace)
        if bot is not None:
            async with self._taking:
                await self._take(bot)
        return self.of(workspace)

    async def workspaces(self) -> Sequence[str]:
        """Take those that came, drop those that went, and tell which there are."""
        async with self._taking:
            bots = await self._installations.standing()
            for bot in bots:
                await self._take(bot)
            for gone in self._clients.keys() - {bot.team_id for bot in bots}:
                self._drop(gone)
        return list(self._clients)

    def every(self) -> Mapping[str, Client]:
        return dict(self._clients)

    async def close(self) -> None:
        for workspace in list(self._clients):
            self._drop(workspace)
        await self._errands.finish(FINISH_WITHIN)

    def _hear(self, nudges: set[str]) -> None:
        if CHANGED in nudges:
            self._errands.run(self.workspaces())

    async def _take(self, bot: Bot) -> None:
        workspace = bot.team_id or ""
        known = self._clients.get(workspace)
        if known is not None and known.api.client.token == bot.bot_token:
            return
        if not bot.bot_token:
            log.error("workspace.sealed_otherwise", workspace=workspace, name=bot.team_name)
        called = f"{bot.team_name} ({workspace})"
        api = Pulse(bot.bot_token, self._api_url, self._db.clock.now, self._called, called)
        await api.open()
        if known is not None:
            self._drop(workspace)
        self._clients[workspace] = Client(api, self._db)

    def _drop(self, workspace: str) -> None:
        self._errands.run(self._clients.pop(workspace).api.close())
