"""One table of locks for Slack and git: the real git-lfs client against the bot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from callboard.cli import tokens
from tests.locks.conftest import FILES, live, refusals
from tests.locks.git import Clone, Served, clone, needed, remote
from tests.world import World

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


async def token(world, person):
    said = (await world.says(person, "/lock token")).text
    return re.findall(r"callboard_[\w-]+", said)[0]


@pytest.fixture
async def desk(database_url, tmp_path):
    """The bot with its web server, and the clones of two people of one team."""
    async with World(database_url, FILES) as world, Served(world) as served:
        bare = await remote(tmp_path)
        pa = await clone(bare, served.url, "pa", await token(world, "pa"))
        pb = await clone(bare, served.url, "pb", await token(world, "pb"))
        yield Desk(world, served.url, bare, pa, pb)


async def test_a_lock_taken_with_git_is_on_the_board_and_the_other_way_round(desk):
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


async def test_git_locks_with_a_token_that_was_issued_in_a_shell(desk):
    secret = desk.app.db.transact(tokens.create, "release", "olga", "locks", "30d", "CI", "operator")
    olga = await clone(desk.bare, desk.url, "olga", secret)
    locked = await olga.git("lfs", "lock", "src/api/x.py")
    assert locked.ok, locked.text
    assert live(desk) == {1: ("held", "olga", "src/api/x.py")}


async def test_a_refusal_says_who_why_until_when_and_who_waits(desk):
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


async def test_another_teams_file_is_refused_with_its_owner(desk):
    refused = await desk.pa.git("lfs", "lock", "web/app.js")
    assert not refused.ok
    assert "web/app.js is not locked: that is Sigma's (led by Sigma lead), by the zone /web/**" in refused.text
    assert live(desk) == {}


async def test_a_push_of_what_another_has_locked_is_stopped(desk):
    await desk.pb.git("config", "lfs.locksverify", "true")
    await desk.pa.git("lfs", "lock", "src/api/x.py")
    await desk.pb.write("src/api/x.py", "2\n")
    stopped = await desk.pb.git("push", "origin", "HEAD:main")
    assert not stopped.ok
    assert "src/api/x.py - Person A" in stopped.text
    assert (await desk.pa.git("lfs", "unlock", "src/api/x.py")).ok
    pushed = await desk.pb.git("push", "origin", "HEAD:main")
    assert pushed.ok, pushed.text


async def test_a_lock_from_slack_stops_a_push_and_its_end_between_two_pushes_lets_it_through(desk):
    await desk.pb.git("config", "lfs.locksverify", "true")
    await desk.says("pa", "/lock src/api/x.py for 2h because of a refactoring")
    await desk.pb.write("src/api/x.py", "2\n")
    assert not (await desk.pb.git("push", "origin", "HEAD:main")).ok
    await desk.jump(hours=3)
    assert (await desk.pb.git("push", "origin", "HEAD:main")).ok


async def test_ones_own_lock_is_no_hindrance_and_a_push_keeps_it(desk):
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


async def test_whoever_may_not_break_it_is_refused_and_a_lead_breaks_it_with_force(desk):
    await desk.pa.git("lfs", "lock", "src/api/x.py")
    refused = await desk.pb.git("lfs", "unlock", "src/api/x.py")
    assert not refused.ok
    assert "Person A" in refused.text
    forced = await desk.pb.git("lfs", "unlock", "--force", "src/api/x.py")
    assert not forced.ok
    assert "Only Omega lead or Amp can break lock 1" in forced.text
    olga = await clone(desk.bare, desk.url, "olga", await token(desk, "olga"))
    broken = await olga.git("lfs", "unlock", "--force", "src/api/x.py")
    assert broken.ok, broken.text
    await desk.settled()
    desk.dm("pa").expect("<@UOLGA> broke your lock", "git lfs unlock --force")


async def test_a_lock_that_was_handed_over_or_broken_is_seen_by_the_client(desk):
    await desk.pa.git("lfs", "lock", "src/api/x.py")
    await desk.says("pa", "/lock hand 1 to <@UPB>")
    assert "Person B" in (await desk.pa.git("lfs", "locks")).text
    assert (await desk.pb.git("lfs", "unlock", "--id", "1")).ok


async def test_a_pattern_cannot_be_unlocked_in_part_and_the_refusal_names_the_command(desk):
    await desk.says("pa", "/lock src/api/** for refactoring")
    assert "src/api/**" in (await desk.pa.git("lfs", "locks")).text
    refused = await desk.pa.git("lfs", "unlock", "src/api/x.py")
    assert not refused.ok
    assert "/lock release 1 in Slack" in refused.text
    assert live(desk)


async def test_joint_files_are_asked_for_and_the_client_is_told_so(desk):
    refused = await desk.pa.git("lfs", "lock", "openapi/v1.yml")
    assert not refused.ok
    assert "I asked Sigma in Slack" in refused.text
    await desk.settled()
    await desk.clicks("sc", "Agree", desk.channel("sigma").expect("asks for it"))
    assert re.search(r"openapi/v1\.yml\s+Person A", (await desk.pb.git("lfs", "locks")).text)


@pytest.mark.parametrize("where", ["release/nowhere", "nowhere/harbor", "release/group/harbor"])
async def test_what_callboard_does_not_know_is_never_not_found_so_that_git_goes_on_asking(desk, where):
    secret = desk.pb.address.partition("@")[0].rpartition(":")[2]
    lost = await clone(desk.bare, desk.url, "pc", secret, where)
    await lost.git("config", "lfs.url", lost.address.replace("//pc:", "//pb:"))
    await lost.git("config", "lfs.locksverify", "true")
    await lost.write("tools/build.sh", "3\n")
    stopped = await lost.git("push", "origin", "HEAD:main")
    assert not stopped.ok
    assert (await lost.git("config", "lfs.locksverify")).text.strip() == "true"


async def test_a_token_that_has_ended_opens_nothing_and_the_timeline_keeps_who_tried(desk):
    await desk.says("pa", "/lock token end")
    refused = await desk.pa.git("lfs", "lock", "src/api/x.py")
    assert not refused.ok
    assert live(desk) == {}
    assert "was revoked" in refusals(desk)[-1].facts["why"]
    assert refusals(desk)[-1].actor == "pa"
