"""What waits for Slack's ids: plans for a workspace, people and channels for theirs. Looked for again and again."""

from __future__ import annotations

import asyncio
import itertools

import structlog

from callboard.core.db import Database
from callboard.plans import service as plans
from callboard.slack.app import SlackApp
from callboard.teams.links import Linker

log = structlog.get_logger()

LOOK_EVERY, LINK_EVERY = 2.0, 5
"""Seconds, and how many looks come to one at which people and channels are linked."""


class Arrival:
    """Adopts plans where there is one workspace, and links people and channels in each."""

    def __init__(self, db: Database, slack: SlackApp) -> None:
        self._db = db
        self._slack = slack
        self._linkers: dict[str, Linker] = {}
        self.linker = Linker(db, slack.lookup)
        """Of the only workspace, where the settings have its token."""
        self.settled_in = asyncio.Event()

    async def run(self, *, beating: bool) -> None:
        """Look until cancelled; only once where nothing is `beating`."""
        for turn in itertools.count():
            try:
                await self.look(link=turn % LINK_EVERY == 0)
            except Exception:
                log.exception("plans.not_looked_for")
            self.settled_in.set()
            if not beating:
                return
            await asyncio.sleep(LOOK_EVERY)

    async def look(self, *, link: bool) -> None:
        """Look once. Where there are several workspaces, whoever applies a plan says in which it runs."""
        workspaces = await self._slack.clients.workspaces()
        adopted: list[str] = []
        if len(workspaces) == 1 and await self._db.read(plans.any_homeless):
            adopted = await self._db.write(plans.adopt, workspaces[0])
            for key in adopted:
                log.info("plan.adopted", plan=key, workspace=workspaces[0])
        if adopted or link:
            await asyncio.gather(*(self._linker(each).link(each) for each in workspaces))

    def _linker(self, workspace: str) -> Linker:
        client = self._slack.clients.of(workspace)
        if self._slack.is_alone or client is None:
            return self.linker
        known = self._linkers.get(workspace)
        if known is None or known.lookup is not client.lookup:
            self._linkers[workspace] = Linker(self._db, client.lookup)
        return self._linkers[workspace]
