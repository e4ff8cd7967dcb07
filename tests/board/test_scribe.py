"""The scribe pushes once what waits, keeps away from files of others, and says once that it cannot push."""

from __future__ import annotations

import subprocess
from datetime import timedelta

import pytest

from callboard.board.workspace import service
from tests.world import PLAN, World


class Bare:
    """A repository somewhere else."""

    def __init__(self, folder) -> None:
        self.folder = folder / "status.git"
        subprocess.run(["git", "init", "-q", "--bare", str(self.folder)], check=True)

    def git(self, *words: str, given: bytes | None = None) -> str:
        command = ["git", "-C", str(self.folder), *words]
        return subprocess.run(command, check=True, capture_output=True, input=given).stdout.decode().strip()

    def subjects(self) -> list[str]:
        return self.git("log", "--reverse", "--format=%an: %s", "status").splitlines()

    def written(self, path: str, text: str) -> None:
        """Somebody else commits a file."""
        known = subprocess.run(
            ["git", "-C", str(self.folder), "rev-parse", "-q", "--verify", "status"],
            capture_output=True, check=False,
        ).stdout.decode().strip()  # fmt: skip
        parent = f"from {known}\n" if known else ""
        head = (
            f"commit refs/heads/status\ncommitter Ann <a@example.com> 1 +0000\ndata 4\nMine{parent and chr(10)}{parent}"
        )
        stream = f"{head}M 100644 inline {path}\ndata {len(text)}\n{text}\n"
        self.git("fast-import", "--quiet", given=stream.encode())


@pytest.fixture
def bare(tmp_path):
    return Bare(tmp_path)


@pytest.fixture
async def world(database_url, tmp_path, bare):
    where = f'workspace: {{repository: "{bare.folder}", every: 10m}}\n'
    plan = f"{PLAN}tasks: [{{for: {{team: omega}}, A-1: One, A-2: Two}}]\n{where}"
    async with World(database_url, plan, mirrors=tmp_path / "mirrors") as made:
        await made.settled()
        yield made


async def test_the_scribe_pushes_each_matter_in_order_by_whoever_did_it(world, bare):
    await world.says("pa", "/task start A-1")
    await world.says("pb", "/task start A-2")
    assert len(bare.subjects()) == 1, "ten minutes are not over"
    await world.advance(minutes=10)
    assert bare.subjects() == [
        "Callboard: Workspace begins: Release", "Person A: A-1 started: One", "Person B: A-2 started: Two",
    ]  # fmt: skip
    assert (
        bare.git("log", "-1", "--format=%ae %aI", "status") == "pb@noreply.callboard.invalid 2025-11-13T09:00:00+00:00"
    )
    assert bare.git("diff", "--name-only", "status~1", "status").splitlines() == [
        "Omega/ATOMIC_TASKS/A-2.md", "Omega/REAL_TIME_STATUS.md",
    ]  # fmt: skip


async def test_the_scribe_waits_an_hour_with_lesser_changes_and_leaves_out_what_changes_no_file(world, bare):
    await world.says("pa", "/task start A-1")
    await world.advance(minutes=10)
    await world.says("pa", "/task progress A-1 40%")
    await world.says("pa", "/task progress A-1 60%")
    await world.says("pa", "/plan test")
    await world.advance(minutes=50)
    assert len(bare.subjects()) == 2
    await world.advance(minutes=30)
    assert bare.subjects()[2:] == ["Callboard: Progress: Release"]
    assert "60 %" in bare.git("show", "status:Omega/ATOMIC_TASKS/A-1.md")


async def test_the_scribe_keeps_what_others_committed_and_refuses_to_take_over_their_file(world, bare):
    bare.written("README.md", "Ours")
    await world.says("pa", "/task start A-1")
    await world.advance(minutes=11)
    assert bare.git("show", "status:README.md") == "Ours"
    assert bare.subjects()[-1] == "Person A: A-1 started: One"
    bare.written("Omega/ATOMIC_TASKS/A-3.md", "Mine")
    world.apply(world.plan.replace("A-2: Two", "A-2: Two, A-3: Three"))
    await world.advance(minutes=30)
    told = world.dm("amp").expect("I cannot push the status of Release").shown
    assert "Omega/ATOMIC_TASKS/A-3.md is in the branch already, and Callboard did not write it" in told
    assert bare.git("show", "status:Omega/ATOMIC_TASKS/A-3.md") == "Mine"


async def test_the_scribe_tells_the_coordinator_once_and_loses_nothing_while_the_repository_is_away(world, bare):
    away = bare.folder.rename(bare.folder.with_name("away.git"))
    await world.says("pa", "/task start A-1")
    await world.advance(minutes=40)
    assert world.dm("amp").count("I cannot push") == 1
    assert str(bare.folder) not in world.dm("amp").expect("I cannot push").shown
    await world.says("pa", "/task complete A-1")
    away.rename(bare.folder)
    await world.advance(minutes=11)
    assert bare.subjects()[1:] == ["Person A: A-1 started: One", "Person A: A-1 completed: One"]
    world.dm("amp").expect("I can push the status of Release again")


async def test_the_scribe_commits_once_where_another_replica_pushed_and_died_before_it_could_say_so(world, bare):
    await world.says("pa", "/task start A-1")
    claimed = world.app.db.transact(service.claim, 1) or None
    assert claimed is None, "not due yet"
    world.clock.advance(timedelta(minutes=10))
    other = world.another()
    claimed = other.db.transact(service.claim, 1)
    head = other.scribe._pushed(claimed)
    other.db.close()
    await world.advance(minutes=16)
    assert bare.git("rev-parse", "status") == head
    assert len(bare.subjects()) == 2
    await world.says("pa", "/task complete A-1")
    await world.advance(minutes=10)
    assert len(bare.subjects()) == 3


async def test_the_scribe_begins_anew_with_all_files_where_the_plan_names_another_branch(world, bare):
    world.apply(world.plan.replace("every: 10m", "branch: live"))
    await world.settled()
    assert bare.git("log", "--format=%s", "live") == "Workspace begins: Release"
    assert bare.git("show", "live:.callboard-files").splitlines()[0] == "JOINT_COORDINATION/ATOMIC_CONFLICT_TRACKER.md"
