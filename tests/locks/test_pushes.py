"""A lock and what goes on around it in git: who is there already, who pushes meanwhile, and what came of it."""

from __future__ import annotations

import pytest

from tests.conflicts.harbor import Harbor, Watched, line

TASKS = """\
tasks:
  - A-1: {title: The API, team: omega, files: [/src/api/]}
    A-2: {title: The menu, team: sigma, needs: [A-1]}
"""


@pytest.fixture
async def watched(database_url, tmp_path):
    async with Watched(database_url, Harbor(tmp_path), TASKS) as world:
        yield world


async def test_whoever_takes_a_lock_reads_whose_pushes_to_branches_touch_it(watched):
    watched.harbor.push("omega/b", "pb", {"src/api/x.py": line(5, "mine")})
    await watched.passes(minutes=5)
    said = (await watched.says("pa", "/lock src/api/** for refactoring")).text
    assert ":eyes: `omega/b` of <@UPB> (Omega) touches `src/api/x.py`" in said
    assert "touches" not in (await watched.says("pb", "/lock src/api/x.py for a fix")).text
    assert "touches" not in (await watched.says("pa", "/lock staging for a fix")).text
    assert watched.row("lock", 1).points == {"harbor": watched.harbor.git("rev-parse", "origin/main")}


async def test_pushes_to_a_lock_are_listed_at_its_release_with_its_rollback_point(watched):
    harbor = watched.harbor
    await watched.says("pa", "/lock src/api/x.py for refactoring")
    point = harbor.git("rev-parse", "origin/main")
    harbor.push("sigma/b", "sc", {"src/api/x.py": line(5, "theirs")})
    await watched.passes(minutes=5)
    pushed = watched.entries("lock", "was pushed to", 1)
    assert [(one.actor, one.facts["team"], one.facts["branch"], one.facts["tasks"]) for one in pushed] == [
        ("sc", "sigma", "sigma/b", ["A-1", "A-2"])
    ]
    watched.dm("pa").expect("`sigma/b` of <@USC> (Sigma) touches `src/api/x.py`", "which you hold")
    harbor.push("sigma/b", "sc", {"src/api/x.py": line(5, "theirs again")})
    harbor.push("main", "amp", {"src/api/x.py": line(9, "main")})
    await watched.passes(minutes=5)
    assert watched.dm("pa").count("which you hold") == 2
    said = (await watched.says("pa", "/lock release 1")).text
    assert "Meanwhile 3 pushes touched it: `sigma/b` (Sigma), `main` (–)." in said
    assert f"Rollback point of harbor: `{point[:12]}`" in said
    assert "Tasks that build on it: A-1, A-2." in said


async def test_the_lock_service_renews_the_lock_of_whoever_pushes_to_it(watched):
    await watched.says("pa", "/lock src/api/x.py for refactoring")
    await watched.jump(hours=6)
    watched.harbor.push("omega/a", "pa", {"src/api/x.py": line(5, "mine")})
    await watched.passes(minutes=5)
    await watched.jump(hours=3)
    assert watched.row("lock", 1).state == "held"
    watched.dm("pa").expect_nothing("which you hold")
