"""One table of locks for Slack and git: the real git-lfs client against the bot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.locks.conftest import FILES, git_token, live
from tests.locks.git import Clone, Served, clone, needed, remote
from tests.world import World

DATABASES = ("sqlite",)  # git talks over HTTP; locks themselves run on both

pytestmark = needed


@dataclass
class Desk:
    """The bot, where its web server is, the repository, and the clones of two people of one team."""

    world: World
    url: str
    bare: Path
    pa: Clone
    pb: Clone

    def __getattr__(self, name):
        return getattr(self.world, name)


@pytest.fixture
async def desk(database_url, tmp_path):
    """The bot with its web server, and the clones of two people of one team."""
    async with World(database_url, FILES) as world, Served(world.app.web) as served:
        bare = await remote(tmp_path)
        pa = await clone(bare, served.url, "pa", await git_token(world, "pa"))
        pb = await clone(bare, served.url, "pb", await git_token(world, "pb"))
        yield Desk(world, served.url, bare, pa, pb)


async def test_locks_of_git_lfs_show_in_slack_and_those_of_slack_in_git_lfs(desk):
    locked = await desk.pa.git("lfs", "lock", "src/api/x.py")
    assert locked.ok, locked.text
    await desk.settled()
    assert live(desk) == {1: ("held", "pa", "src/api/x.py")}
    desk.channel("omega").expect("Lock 1", "src/api/x.py", "work with git", "locked with git")
    said = (await desk.says("pb", "/lock src/api/x.py for a fix")).text
    assert "locked by <@UPA>" in said
    listed = await desk.pb.git("lfs", "locks")
    assert re.search(r"src/api/x\.py\s+Person A\s+ID:1", listed.text), listed.text
    await desk.says("pb", "/lock src/api/y.py for a fix until 17:00")
    assert "Person B" in (await desk.pa.git("lfs", "locks")).text
    assert (await desk.pa.git("lfs", "unlock", "src/api/x.py")).ok
    assert list(live(desk)) == [2]


async def test_git_lfs_locks_for_whom_a_token_from_a_shell_names(desk):
    olga = await clone(desk.bare, desk.url, "olga", desk.token("olga", "locks"))
    locked = await olga.git("lfs", "lock", "src/api/x.py")
    assert locked.ok, locked.text
    assert live(desk) == {1: ("held", "olga", "src/api/x.py")}


async def test_git_lfs_says_who_has_a_lock_why_until_when_and_who_waits(desk):
    await desk.says("pa", "/lock src/api/x.py for refactoring until 17:00")
    await desk.says("olga", "/lock wait 1 for the release")
    refused = await desk.pb.git("lfs", "lock", "src/api/x.py")
    assert not refused.ok
    for words in (
        "locked by Person A (Omega)",
        "for refactoring",
        "2025-11-13 17:00 UTC",
        "Omega lead waits",
        "lock 1",
    ):
        assert words in refused.text
    again = await desk.pa.git("lfs", "lock", "src/api/x.py")
    assert not again.ok
    assert "You hold src/api/x.py already" in again.text


async def test_the_rights_to_a_lock_tell_git_too_whose_another_teams_file_is(desk):
    refused = await desk.pa.git("lfs", "lock", "web/app.js")
    assert not refused.ok
    assert "You can't lock web/app.js: that is Sigma's (led by Sigma lead), by the zone /web/**" in refused.text
    assert live(desk) == {}


async def test_git_lfs_verify_stops_a_push_of_a_locked_file(desk):
    await desk.pb.git("config", "lfs.locksverify", "true")
    await desk.pa.git("lfs", "lock", "src/api/x.py")
    await desk.pb.write("src/api/x.py", "2\n")
    stopped = await desk.pb.git("push", "origin", "HEAD:main")
    assert not stopped.ok
    assert "src/api/x.py - Person A" in stopped.text
    assert (await desk.pa.git("lfs", "unlock", "src/api/x.py")).ok
    pushed = await desk.pb.git("push", "origin", "HEAD:main")
    assert pushed.ok, pushed.text


async def test_git_lfs_verify_stops_a_push_for_a_lock_from_slack_until_that_ends(desk):
    await desk.pb.git("config", "lfs.locksverify", "true")
    await desk.says("pa", "/lock src/api/x.py for 2h because of a refactoring")
    await desk.pb.write("src/api/x.py", "2\n")
    assert not (await desk.pb.git("push", "origin", "HEAD:main")).ok
    await desk.jump(hours=3)
    assert (await desk.pb.git("push", "origin", "HEAD:main")).ok


async def test_git_lfs_verify_passes_a_push_of_ones_own_locked_file_and_renews_the_lock(desk):
    await desk.pa.git("config", "lfs.locksverify", "true")
    assert (await desk.pa.git("lfs", "lock", "src/api/x.py")).ok
    await desk.advance(hours=6)
    await desk.pa.write("src/api/x.py", "2\n")
    pushed = await desk.pa.git("push", "origin", "HEAD:main")
    assert pushed.ok, pushed.text
    await desk.advance(hours=6)
    assert live(desk) == {1: ("held", "pa", "src/api/x.py")}
    await desk.advance(hours=3)
    assert live(desk) == {}


async def test_only_a_lead_has_the_right_to_break_a_lock_by_git_too(desk):
    await desk.pa.git("lfs", "lock", "src/api/x.py")
    refused = await desk.pb.git("lfs", "unlock", "src/api/x.py")
    assert not refused.ok
    assert "Person A" in refused.text
    forced = await desk.pb.git("lfs", "unlock", "--force", "src/api/x.py")
    assert not forced.ok
    assert "Only Omega lead or Amp can break lock 1" in forced.text
    olga = await clone(desk.bare, desk.url, "olga", await git_token(desk, "olga"))
    broken = await olga.git("lfs", "unlock", "--force", "src/api/x.py")
    assert broken.ok, broken.text
    await desk.settled()
    desk.dm("pa").expect("<@UOLGA> broke your lock", "git lfs unlock --force")


async def test_git_lfs_sees_a_lock_that_was_handed_over(desk):
    await desk.pa.git("lfs", "lock", "src/api/x.py")
    await desk.says("pa", "/lock hand 1 to <@UPB>")
    assert "Person B" in (await desk.pa.git("lfs", "locks")).text
    assert (await desk.pb.git("lfs", "unlock", "--id", "1")).ok


async def test_git_lfs_cannot_unlock_one_file_of_a_locked_pattern(desk):
    await desk.says("pa", "/lock src/api/** for refactoring")
    assert "src/api/**" in (await desk.pa.git("lfs", "locks")).text
    refused = await desk.pa.git("lfs", "unlock", "src/api/x.py")
    assert not refused.ok
    assert "/lock release 1 in Slack" in refused.text
    assert live(desk)


async def test_git_lfs_says_that_another_team_must_agree_to_a_joint_file(desk):
    refused = await desk.pa.git("lfs", "lock", "openapi/v1.yml")
    assert not refused.ok
    assert "I asked Sigma in Slack" in refused.text
    await desk.settled()
    await desk.clicks("sc", "Agree", desk.channel("sigma").expect("asks for it"))
    assert re.search(r"openapi/v1\.yml\s+Person A", (await desk.pb.git("lfs", "locks")).text)


@pytest.mark.parametrize("where", ["release/nowhere", "nowhere/harbor", "release/group/harbor"])
async def test_git_lfs_never_reads_not_found_and_so_keeps_verifying(desk, where):
    secret = desk.pb.address.partition("@")[0].rpartition(":")[2]
    lost = await clone(desk.bare, desk.url, "pc", secret, where)
    await lost.git("config", "lfs.url", lost.address.replace("//pc:", "//pb:"))
    await lost.git("config", "lfs.locksverify", "true")
    await lost.write("tools/build.sh", "3\n")
    stopped = await lost.git("push", "origin", "HEAD:main")
    assert not stopped.ok
    assert (await lost.git("config", "lfs.locksverify")).text.strip() == "true"


async def test_a_token_that_was_ended_locks_nothing_and_who_tried_it_is_recorded(desk):
    await desk.says("pa", "/lock token end")
    refused = await desk.pa.git("lfs", "lock", "src/api/x.py")
    assert not refused.ok
    assert live(desk) == {}
    assert "was revoked" in desk.entries("token", "refused")[-1].facts["why"]
    assert desk.entries("token", "refused")[-1].actor == "pa"
