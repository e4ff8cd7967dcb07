"""The zones of the seeds on a repository that a script makes: what was seeded is found, and nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib import resources

import pytest

from benchmarks.seeded import Repository, Seeding
from callboard.app import database, sections
from callboard.branches.addresses import Origins
from callboard.branches.radar import Radar
from callboard.conflicts import store
from callboard.core.clock import ManualClock
from callboard.core.hosts import Hosts
from callboard.core.resolver import look_up
from callboard.plans import service as plans
from callboard.settings import Settings
from tests.world import MORNING


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_severity_of_every_seeded_conflict_is_found_and_no_other_conflict(database_url, tmp_path, seed):
    repository = Repository(Seeding(files=1000, branches=15, each=2, seed=seed))
    repository.write(tmp_path / "seeded.git", int(MORNING.timestamp()))
    text = resources.files("callboard.examples").joinpath("meschain.yml").read_text()
    text = text.replace("https://git.example.com/meschain-sync.git", str(tmp_path / "seeded.git"))
    db = database(Settings(database_url=database_url), ManualClock(MORNING + timedelta(minutes=1)))
    checked = plans.check(text, "plan.yml", sections())
    plan_id = db.transact(plans.apply, checked, author="test").plan_id
    assert await Radar(db, tmp_path / "mirrors", Origins(Hosts((), look_up), frozenset({"file"}))).turn() == 1
    found = {(one.one, one.other, one.degree) for one in db.transact(store.standing, plan_id)}
    await asyncio.to_thread(db.close)
    assert found == repository.truth.all
