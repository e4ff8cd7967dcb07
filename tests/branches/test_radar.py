"""What goes wrong with repositories is said once, and nothing gets stuck."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from benchmarks.seeded import commit, fast_import
from callboard.branches import service, store
from callboard.branches.models import MOST_PATHS
from tests.conflicts.harbor import Harbor, Watched, line


@pytest.fixture
async def watched(database_url, tmp_path):
    async with Watched(database_url, Harbor(tmp_path)) as world:
        yield world


def live(world):
    return {one.name: one for one in world.app.db.transact(service.live, 1)}


async def test_a_notice_of_branches_tells_once_that_a_repository_is_gone_and_once_that_it_is_back(watched):
    bare = watched.harbor.bare
    away = bare.rename(bare.with_name("away.git"))
    await watched.passes(minutes=30)
    assert watched.channel("release").count("I cannot fetch harbor") == 1
    assert str(bare) not in watched.channel("release").expect("I cannot fetch harbor").shown
    assert "main" in live(watched)
    away.rename(bare)
    watched.harbor.push("omega/a", "pa", {"src/api/x.py": line(5, "omega")})
    await watched.passes(minutes=6)
    watched.channel("release").expect("I can fetch harbor again")
    assert "omega/a" in live(watched)


async def test_the_branch_radar_clones_a_lost_mirror_again_after_a_failing_network(watched):
    watched.apply(watched.plan.replace(str(watched.harbor.bare), "http://127.0.0.1:9/harbor.git"))
    await watched.passes(minutes=12)
    assert watched.channel("release").count("I cannot fetch harbor") == 1
    assert "http://" not in watched.channel("release").expect("I cannot fetch harbor").shown
    shutil.rmtree(watched.harbor.bare.parent / "mirrors")
    watched.apply(watched.plan)
    await watched.passes(minutes=1)
    watched.channel("release").expect("I can fetch harbor again")
    assert "main" in live(watched)


async def test_the_branch_radar_follows_a_force_push_and_a_rewritten_main(watched):
    harbor = watched.harbor
    harbor.push("omega/a", "pa", {"src/api/x.py": line(5, "omega")})
    harbor.push("sigma/b", "sc", {"src/api/x.py": line(5, "sigma")})
    await watched.passes(minutes=5)
    harbor.push("omega/a", "pa", {"docs/other.md": "new\n"}, onto="main", force=True)
    harbor.git("checkout", "-q", "--orphan", "fresh")
    harbor.git("commit", "-qm", "Begin anew")
    harbor.git("push", "-q", "--force", "origin", "HEAD:refs/heads/main", ":refs/heads/fresh")
    await watched.passes(minutes=5)
    assert live(watched)["main"].head == harbor.git("rev-parse", "HEAD")
    assert watched.channel("release").count("cannot fetch") == 0
    harbor.git("-C", str(harbor.bare), "update-ref", "-d", "refs/heads/main")
    await watched.passes(minutes=5)
    assert live(watched) == {}


async def test_git_reads_odd_names_a_link_and_a_submodule_of_a_mirrored_branch(watched):
    harbor = watched.harbor
    odd = {"src/api/two\nlines.py": "1\n", "src/api/\udcff.py": "1\n", "src/api/`x`<!channel>.py": "1\n"}
    harbor.push("sigma/odd", "sc", odd)
    (harbor.folder / "src/api/link.md").symlink_to("../../README.md")
    head = harbor.git("rev-parse", "HEAD")
    harbor.git("update-index", "--add", "--cacheinfo", f"160000,{head},src/api/module")
    harbor.git("add", "src/api/link.md")
    harbor.git("commit", "-qm", "Odd", person="sc")
    harbor.git("push", "-q", "origin", "HEAD:refs/heads/sigma/odd")
    await watched.passes(minutes=5)
    paths = {path for path, _ in service.touched(live(watched)["sigma/odd"])}
    assert {"src/api/two\nlines.py", "src/api/\\xff.py", "src/api/link.md", "src/api/module"} <= paths
    card = watched.channel("release").expect("in another team's zone")
    assert "<!channel>" not in card.shown
    said = (await watched.says("pa", "/lock src/api/** for refactoring")).text
    assert "`src/api/two\\nlines.py`" in said
    assert "`src/api/'x'&lt;!channel&gt;.py`" in said or "touches" in said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_scan_of_branches_merges_one_of_more_files_than_are_kept(watched):
    harbor = watched.harbor
    many = {f"src/api/d{number % 50}/f{number}.py": "1\n" for number in range(MOST_PATHS + 100)}
    main = harbor.git("rev-parse", "origin/main")
    at = int(watched.clock.now().timestamp())
    huge = commit("omega/huge", ":1", main, "pa@example.com", at, many | {"web/app.js": line(5, "huge")})
    fast_import(harbor.bare, "\n".join(huge).encode())
    harbor.push("sigma/b", "sc", {"web/app.js": line(5, "sigma")})
    await watched.passes(minutes=5)
    branch = live(watched)["omega/huge"]
    assert (branch.files, len(branch.touched)) == (MOST_PATHS + 101, MOST_PATHS)
    watched.channel("release").expect("`omega/huge` of <@UPA> (Omega) collides with `sigma/b`", "web/app.js")
    assert "`omega/huge` of <@UPA> (Omega) touches" in (await watched.says("pb", "/lock src/api/** for a fix")).text
    assert watched.channel("release").count("cannot fetch") == 0


async def test_the_branch_service_lets_one_replica_claim_a_mirror_and_another_follow_a_killed_one(watched):
    other = watched.another()
    await watched.advance(minutes=5)
    watched.clock.advance(timedelta(minutes=5))
    number = watched.app.db.transact(store.mirrors, 1)[0].number
    assert watched.app.db.transact(service.claim, number)
    assert other.db.transact(service.claim, number) is None
    await watched.jump(minutes=16)
    mirror = watched.app.db.transact(store.mirrors, 1)[0]
    assert mirror.fetched_at == watched.clock.now()
    other.db.close()


async def test_the_branch_service_keeps_the_files_of_the_main_branch(watched):
    assert "src/api/x.py" in watched.app.db.transact(service.files, 1, "harbor")
