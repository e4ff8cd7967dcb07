"""The radar fetches and scans each mirror when that is due, and keeps what it found; no transaction waits for git."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from callboard.branches import identities, merges, service, store
from callboard.branches.addresses import Origins, Route
from callboard.branches.git import Git, GitFailed
from callboard.branches.models import Merge, Mirror, Seen
from callboard.branches.scan import Memory, Scan, Wants
from callboard.branches.service import Claim
from callboard.core import leases
from callboard.core.db import Database, Tx
from callboard.core.errors import Refused
from callboard.teams import service as teams
from callboard.zones import service as zones
from callboard.zones.owners import winner

log = structlog.get_logger()

LOOK_EVERY = 1.0
AT_ONCE = 4
FETCH_WITHIN = 600.0
USUAL = timedelta(minutes=5)
HOOKS = "core.hooksPath=/dev/null"
REFS = "+refs/heads/*:refs/heads/*"
ADDRESS = re.compile(r"\b[a-z+]{1,20}://\S+|[^\s@]{1,300}@[^\s:]{1,300}:\S+")
MOVED_SENTENCE = "It has moved to another address. Write the new one in the plan file."
MOVED = re.compile(r"returned error: 30[1278]\b")


class Radar:
    """Keeps mirrors in a folder; without one nothing is mirrored. Replicas have a folder each and scan in turn."""

    def __init__(self, db: Database, folder: Path | None, origins: Origins) -> None:
        self._db = db
        self._folder = folder
        self._origins = origins
        self._memory: dict[int, Memory] = defaultdict(Memory)
        self._wake = asyncio.Event()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def nudge(self, nudges: set[str]) -> None:
        if "mirrors" in nudges:
            self._wake.set()

    async def run(self) -> None:
        """Scan until cancelled; a slow repository keeps no other waiting."""
        try:
            while self._folder is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await self._wake.wait()
                self._wake.clear()
                try:
                    await self._begin_due()
                except Exception:
                    log.exception("radar.failed")
        finally:
            under_way = list(self._under_way.values())
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def turn(self) -> int:
        """Scan what is due at this instant, and return how many mirrors that was."""
        begun = await self._begin_due()
        if begun:
            await asyncio.gather(*self._under_way.values())
        return begun

    async def next_at(self) -> datetime | None:
        return await self._db.read(store.next_at) if self._folder is not None else None

    async def _begin_due(self) -> int:
        if self._folder is None:
            return 0
        begun = 0
        for number in await self._db.read(store.due):
            if number not in self._under_way:
                task = asyncio.create_task(self._look(number))
                self._under_way[number] = task
                task.add_done_callback(lambda _, number=number: self._under_way.pop(number, None))  # type: ignore[misc]
                begun += 1
        return begun

    async def _look(self, number: int) -> None:
        async with self._places:
            claimed = await self._db.write(service.claim, number)
            if claimed is None:
                return
            every = USUAL
            try:
                wants = await self._db.read(_wants, claimed)
                every, begun_at = wants.part.scan_every, self._db.clock.now()
                for merge, person, barred in await self._db.read(_merges, claimed):
                    made = await asyncio.to_thread(self._merge, claimed, merge, person, barred)
                    await self._db.write(service.merge_ended, claimed, merge.id or 0, *made)
                async with leases.held(self._db, Mirror, number, claimed.fence):
                    seen = await asyncio.to_thread(self._seen, claimed, wants)
                await self._db.write(service.keep, claimed, seen, every, begun_at)
                log.info(
                    "radar.looked", repository=claimed.repository, branches=len(seen.lines),
                    meetings=len(seen.meetings), seconds=round(seen.seconds, 2),
                )  # fmt: skip
            except GitFailed as failed:
                why = MOVED_SENTENCE if MOVED.search(str(failed)) else ADDRESS.sub(claimed.repository, str(failed))
                log.warning("radar.not_fetched", repository=claimed.repository, why=why)
                await self._db.write(service.failed, claimed, why, every)
            except Exception as error:
                log.exception("radar.not_looked", repository=claimed.repository)
                await self._db.write(service.failed, claimed, f"{type(error).__name__} while reading it", every)

    def _seen(self, claim: Claim, wants: Wants) -> Seen:
        folder, memory = self._fetched(claim)[0], self._memory[claim.mirror]
        if memory.zones != wants.zones:
            memory.touched.clear()
            memory.zones = wants.zones
        # After a force-push and a pruning, the commit of the last scan may be gone.
        known = wants.was_main and Git(folder).text("cat-file", "-t", wants.was_main, good=(0, 128)) == "commit"
        return Scan(folder, wants if known else replace(wants, was_main=""), memory).run()

    def _merge(self, claim: Claim, merge: Merge, person: str, barred: str) -> tuple[str, str]:
        """Make a merge commit and push it to a branch of our own: the commit, or else why it is not there."""
        folder, route, address = self._fetched(claim)
        if barred:
            return "", barred
        try:
            commit = merges.make(folder, merge, person)
            words = ("push", "-q", "--no-verify", "--", address, f"{commit}:refs/heads/{merge.branch}")
            Git(folder, FETCH_WITHIN, route.environment).run("-c", HOOKS, *route.config, *words)
        except GitFailed as failed:
            return "", ADDRESS.sub(claim.repository, str(failed))
        return commit, ""

    def _fetched(self, claim: Claim) -> tuple[Path, Route, str]:
        assert self._folder is not None  # noqa: S101 - nothing is claimed without
        folder = (self._folder / f"{claim.plan_id}-{claim.repository}.git").absolute()
        address, route = way(self._origins, claim.clone)
        if not (folder / "HEAD").exists():
            folder.mkdir(parents=True, exist_ok=True)
            Git(folder).run("init", "-q", "--bare", ".")
        quiet = ("-c", HOOKS, "-c", "gc.autoDetach=false", "-c", "fetch.writeCommitGraph=true")
        fetch = ("fetch", "-q", "--prune", "--no-tags", "--force", "--no-recurse-submodules")
        Git(folder, FETCH_WITHIN, route.environment).run(*quiet, *route.config, *fetch, "--", address, REFS)
        return folder, route, address


def way(origins: Origins, clone: str) -> tuple[str, Route]:
    """The address of a repository and how git gets there. Raises GitFailed where there is none, or none is allowed."""
    address = service.address(clone)
    if not address:
        name = clone.removeprefix("env:").strip()
        raise GitFailed(f"the variable {name} with its address is not set where Callboard runs")
    try:
        return address, origins.route(address)
    except Refused as refused:
        raise GitFailed(refused.sentence) from None


def _merges(tx: Tx, claim: Claim) -> list[tuple[Merge, str, str]]:
    """What git is to merge, how those are called who asked for it, and why it may not be pushed now."""
    directory = teams.directory(tx, claim.plan_id)
    part = service.repositories(tx, claim.plan_id).get(claim.repository)
    never = "" if part and part.merge else "the plan does not let me push any more"
    return [
        (merge, directory.name(merge.by), never or service.not_merged(tx, claim.repository, merge))
        for merge in store.merges(tx, claim.mirror)
    ]


def _wants(tx: Tx, claim: Claim) -> Wants:
    rules = zones.standing(tx, claim.plan_id)
    return Wants(
        part=service.repositories(tx, claim.plan_id)[claim.repository], belonging=identities.of(tx, claim.plan_id),
        by_section=lambda path: bool((rule := winner(rules, path)) and rule.zone.sections),
        zones=tuple((str(rule.pattern), rule.owner) for rule in rules), now=tx.now,
        was_main=service.heads(tx, claim.plan_id).get(claim.repository, ""),
    )  # fmt: skip
