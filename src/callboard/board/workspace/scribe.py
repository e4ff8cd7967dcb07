"""The scribe pushes the commits that wait when that is due; no transaction waits for git."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import structlog

from callboard.board.workspace import repository, service, store
from callboard.board.workspace.repository import Remote
from callboard.board.workspace.service import Claim
from callboard.branches.addresses import Origins
from callboard.branches.git import GitFailed
from callboard.branches.radar import ADDRESS, MOVED, MOVED_SENTENCE, way
from callboard.core import looks
from callboard.core.db import Database

log = structlog.get_logger()

LOOK_EVERY = 5.0


class Scribe:
    """Keeps a clone of each workspace in a folder; without one nothing is pushed. Replicas push in turn."""

    def __init__(self, db: Database, folder: Path | None, origins: Origins) -> None:
        self._db = db
        self._folder = folder
        self._origins = origins

    async def run(self) -> None:
        """Push until cancelled."""
        if self._folder is not None:
            await looks.again(self.turn, LOOK_EVERY, "scribe")

    async def turn(self) -> int:
        """Push what is due at this instant, and return how many workspaces that was."""
        due = await self._db.read(store.due) if self._folder is not None else ()
        await asyncio.gather(*(self._push(number) for number in due))
        return len(due)

    async def next_at(self) -> datetime | None:
        return await self._db.read(store.next_at) if self._folder is not None else None

    async def _push(self, number: int) -> None:
        claimed = await self._db.write(service.claim, number)
        if claimed is None:
            return
        try:
            head = await asyncio.to_thread(self._pushed, claimed)
            await self._db.write(service.pushed, claimed)
            log.info("workspace.pushed", plan=claimed.plan, commits=len(claimed.commits), head=head)
        except GitFailed as failed:
            why = MOVED_SENTENCE if MOVED.search(str(failed)) else ADDRESS.sub("the repository", str(failed))
            log.warning("workspace.not_pushed", plan=claimed.plan, why=why)
            await self._db.write(service.failed, claimed, why)
        except Exception as error:
            log.exception("workspace.failed", plan=claimed.plan)
            await self._db.write(service.failed, claimed, f"{type(error).__name__} while writing it")

    def _pushed(self, claim: Claim) -> str:
        assert self._folder is not None  # noqa: S101 - nothing is claimed without
        address, route = way(self._origins, claim.repository)
        folder = (self._folder / f"{claim.plan_id}.workspace.git").absolute()
        return repository.push(folder, Remote(address, route, claim.branch), claim.plan, claim.commits)
