"""The four ways round the client's check, shown with the real git and git-lfs, and closed by `callboard guard`."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from callboard.branches.git import Git
from callboard.cli.guard import UNCHECKED, Guard, Server, pushers, run, server
from callboard.core.errors import Refused
from tests.locks.conftest import FILES, git_token
from tests.locks.git import Served, clone, needed, remote
from tests.world import World

GUARDED = FILES.replace("olga: {name", "olga: {git: [olga@example.com], name").replace(
    "pa: {name", "pa: {git: [pa@example.com], name"
).replace("pb: {name", "pb: {github: bee, git: [pb@example.com], name").replace(
    "  sigma: {name: Sigma", '  sigma: {branches: ["sigma/*"], name: Sigma'
)  # fmt: skip
NOWHERE = "http://127.0.0.1:9"


class Desk:
    """The bot, a bare repository with two people's clones, and the guard in front of it."""

    def __init__(self, world, url, bare, pb):
        self.world, self.url, self.bare, self.pb = world, url, bare, pb
        self.token = world.token("amp", "locks")

    def hook(self, *options, url=None):
        """Install `callboard guard` as its documentation says."""
        words = [sys.executable, "-m", "callboard", "guard", "--plan", "release", "--repository", "harbor", *options]
        file = self.bare / "hooks" / "pre-receive"
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            f"#!/bin/sh\nexport CALLBOARD_TOKEN={self.token} CALLBOARD_URL={url or self.url}\n{shlex.join(words)}\n"
        )
        file.chmod(0o755)

    def guard(self, folder=None, *names, url=None, patience=10.0, **options):
        asked = Server(url or self.url, self.token, "release", "harbor", patience)
        return Guard(Git(folder or self.pb.folder), asked, names, **options)

    async def compared(self, *names, branch="", **options):
        """What CI says of what the clone has beyond main, and whether it may be."""
        guard = self.guard(None, *names, **options)
        good = await asyncio.to_thread(run, guard, [], "origin/main", "HEAD", branch)
        await self.world.settled()
        return good, "\n".join(guard.said)


@pytest.fixture
async def desk(database_url, tmp_path):
    async with World(database_url, GUARDED) as world, Served(world.app.web) as served:
        bare = await remote(tmp_path)
        pb = await clone(bare, served.url, "pb", "none")
        yield Desk(world, served.url, bare, pb)


async def delete(pb):
    await pb.git("rm", "-q", "src/api/x.py")


async def rename(pb):
    await pb.git("mv", "src/api/x.py", "src/api/z.py")


async def add(pb):
    (pb.folder / "src/api/new.py").write_text("1\n")


async def change(pb):
    (pb.folder / "src/api/x.py").write_text("2\n")


def odd_files(clone):
    folder = clone / "src/api"
    (folder / "two\nlines.py").write_text("1\n")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.py")).write_text("1\n")
    (folder / "link.md").symlink_to("../../README.md")
    for number in range(1500):
        (clone / f"tools/{number}.txt").write_text("1\n")


WAYS = {"deleted": (delete, ()), "renamed": (rename, ()), "new": (add, ()), "no-verify": (change, ("--no-verify",))}


@needed
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_guard_command_refuses_every_way_round_git_lfs(desk):
    pb = await clone(desk.bare, desk.url, "guarded", await git_token(desk.world, "pb"))
    await pb.git("config", "lfs.url", pb.address.replace("//guarded:", "//pb:"))
    await pb.git("config", "lfs.locksverify", "true")
    await desk.world.says("pa", "/lock src/api/** for refactoring until 17:00")
    await desk.world.says("pa", "/lock tools/build.sh for refactoring until 17:00")
    for way, (step, options) in WAYS.items():
        await pb.git("checkout", "-qB", way, "origin/main")
        await step(pb)
        await pb.git("add", "-A")
        await pb.git("commit", "-qm", way)
        passed = await pb.git("push", *options, "origin", f"HEAD:refs/heads/open-{way}")
        assert passed.ok, f"{way} was a way round, and is none now: {passed.text}"
    desk.hook("--person", "pb")
    for way, (_, options) in WAYS.items():
        stopped = await pb.git("push", *options, "origin", f"{way}:refs/heads/shut-{way}")
        assert not stopped.ok, way
        assert "is locked by Person A (Omega)" in stopped.text
        assert "for refactoring, until 2025-11-13 17:00 UTC: lock 1" in stopped.text
    await pb.git("checkout", "-qB", "good", "origin/main")
    await pb.write("docs/a.md", "1\n")
    passed = await pb.git("push", "origin", "good")
    assert passed.ok, passed.text
    assert "1 changed file on good, pushed by Person B (omega), checked against 2 locks" in passed.text


@needed
async def test_a_push_to_another_teams_zone_is_refused_until_their_lead_allows_it(desk):
    await desk.pb.write("web/app.js", "2\n")
    good, said = await desk.compared("bee")
    assert not good
    assert "web/app.js (changed): web/app.js is Sigma's (led by Sigma lead), by the zone /web/**" in said
    assert "pushed by Person B (omega)" in said
    refused = await desk.world.says("olga", "/lock allow <@UPB> web/app.js for the menu")
    assert "Only <@USARA> or <@UAMP> can allow that" in refused.text
    allowed = await desk.world.says("sara", "/lock allow <@UPB> web/app.js for the menu until 17:00", "sigma")
    assert "<@UPB> may change `web/app.js` until" in allowed.text
    desk.world.dm("pb").expect("lets you change `web/app.js`", "the menu")
    assert (await desk.compared("bee"))[0]
    assert not (await desk.compared("pa"))[0]
    await desk.world.jump(hours=9)
    assert not (await desk.compared("bee"))[0]


@needed
async def test_a_push_to_a_locked_section_of_a_file_is_refused_and_to_another_not(desk):
    text = "# Harbor\n\n## Backend API\n\nold\n\n### Deeper\n\nold\n\n## Frontend\n\nold\n"
    await desk.pb.write("README.md", text)
    assert (await desk.pb.git("push", "-q", "origin", "HEAD:main")).ok
    await desk.pb.git("fetch", "-q")
    await desk.pb.write("README.md", text.replace("### Deeper\n\nold", "### Deeper\n\nnew"))
    assert (await desk.compared("pb"))[0]
    await desk.world.says("pa", "/lock README.md#Frontend for the menu")
    await desk.world.says("sc", "/lock README.md#Frontend for the menu", "sigma")
    await desk.pb.write("README.md", text.replace("## Frontend\n\nold", "## Frontend\n\nnew"))
    good, said = await desk.compared("pb")
    assert not good
    assert "is locked by Person C (Sigma)" in said
    assert (await desk.compared("sc"))[0]


@needed
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_guard_command_without_callboard_refuses_or_passes_and_announces_a_push(desk):
    desk.hook("--person", "pb", "--patience", "3", url=NOWHERE)
    await desk.pb.write("docs/a.md", "1\n")
    stopped = await desk.pb.git("push", "origin", "HEAD:main")
    assert not stopped.ok
    assert "Callboard cannot be reached" in stopped.text
    desk.hook("--person", "pb", "--patience", "3", "--when-unreachable", "allow", url=NOWHERE)
    passed = await desk.pb.git("push", "origin", "HEAD:main")
    assert passed.ok, passed.text
    assert "accepted UNCHECKED" in passed.text
    log = desk.bare / UNCHECKED
    assert json.loads(log.read_text())["branch"] == "main"
    desk.hook("--person", "pb")
    await desk.pb.write("docs/b.md", "1\n")
    passed = await desk.pb.git("push", "origin", "HEAD:main")
    assert passed.ok, passed.text
    await desk.world.settled()
    desk.world.channel("release").expect("1 push passed unchecked", "`main` of harbor, by pb")
    assert not log.exists()


@needed
async def test_the_guard_command_refuses_with_a_wrong_token_or_repository(desk):
    await desk.pb.write("docs/a.md", "1\n")
    desk.token = "callboard_" + "x" * 43
    with pytest.raises(Refused, match="Unknown token"):
        await desk.compared("pb", lets_through=True)
    desk.token = desk.world.token("amp", "tasks")
    with pytest.raises(Refused, match="needs the scope `locks:check`"):
        await desk.compared("pb", lets_through=True)
    desk.token = desk.world.token("amp", "locks")
    guard = Guard(Git(desk.pb.folder), Server(desk.url, desk.token, "release", "harbour"), ["pb"], lets_through=True)
    with pytest.raises(Refused, match="no repository `harbour`; did you mean `harbor`"):
        await asyncio.to_thread(run, guard, [], "origin/main", "HEAD", "")


@needed
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_guard_command_checks_odd_names_links_and_many_files(desk):
    await desk.world.says("pa", "/lock src/api/** for refactoring")
    odd_files(desk.pb.folder)
    await desk.pb.write("src/api/\x1b[31m.py", "1\n")
    good, said = await desk.compared("pb")
    assert not good
    assert "1504 changed files" in said
    assert "4 refused" in said
    for shown in ("two\\nlines.py", "\\xff.py", "link.md", "\\x1b[31m.py"):
        assert shown in said, said
    assert "\x1b" not in said


@needed
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_push_of_merged_commits_is_refused_for_locks_alone(desk):
    desk.hook("--person", "sc")
    await desk.pb.git("checkout", "-qb", "sigma/menu")
    await desk.pb.write("web/app.js", "2\n")
    pushed = await desk.pb.git("push", "origin", "sigma/menu")
    assert pushed.ok, pushed.text
    desk.hook("--person", "pb")
    await desk.pb.git("checkout", "-q", "-B", "main", "origin/main")
    await desk.pb.git("merge", "-q", "--no-ff", "-m", "Merge", "sigma/menu")
    await desk.world.says("sc", "/lock web/app.js for the menu", "sigma")
    stopped = await desk.pb.git("push", "origin", "main")
    assert "web/app.js (changed): web/app.js is locked by Person C" in stopped.text
    await desk.world.says("sc", "/lock release 1", "sigma")
    passed = await desk.pb.git("push", "origin", "main")
    assert passed.ok, passed.text
    gone = await desk.pb.git("push", "origin", ":sigma/menu")
    assert gone.ok
    assert "sigma/menu is removed by Person B (sigma): accepted." in gone.text


def test_the_guard_command_takes_the_pusher_from_the_server():
    assert pushers("be", {"GL_USERNAME": "x"}) == ["be"]
    assert pushers("", {"GITHUB_ACTOR": "a", "GL_USERNAME": "x"}) == ["x"]
    assert pushers("", {}) == []


def test_the_guard_command_asks_for_missing_options():
    with pytest.raises(Refused, match="--url or CALLBOARD_URL, CALLBOARD_TOKEN"):
        server("", "release", "harbor", "")
    with pytest.raises(Refused, match="begin it with https://"):
        server("ftp://x", "release", "harbor", "t")
    with pytest.raises(Refused, match="OLD NEW REF"):
        Guard(Git(Path()), Server("http://x", "t")).received(["nonsense"])
    for line in (f"{'a' * 40} --output=x refs/heads/a", f"--all {'a' * 40} refs/heads/a", f"{'a' * 40} {'b' * 40} x"):
        with pytest.raises(Refused, match="OLD NEW REF"):
            Guard(Git(Path()), Server("http://x", "t")).received([line])


async def test_the_guard_command_refuses_a_repository_that_git_cannot_read(tmp_path):
    guard = Guard(Git(tmp_path), Server("http://x", "t"))
    with pytest.raises(Refused, match="cannot see what changes"):
        run(guard, [], "a", "b", "")


FREEZE = """\
freezes:
  code: {name: Code freeze, from: 2025-11-13 09:30, to: 2025-11-13 17:00, branches: [main, "release/*"],
         exceptions: {form: [Why], sign_off: [{role: coordinator}]}}
"""


@needed
async def test_a_push_to_a_frozen_branch_is_refused_with_who_lets_what_through_and_until_when(desk):
    desk.world.apply(desk.world.plan + FREEZE)
    await desk.pb.write("docs/a.md", "1\n")
    assert (await desk.compared("pb", branch="omega/fix"))[0]
    await desk.world.jump(hours=1)
    await desk.world.settled()
    good, said = await desk.compared("pb", branch="omega/fix")
    assert not good
    assert (
        "main (branch): main is frozen until 2025-11-13 17:00 UTC, by Code freeze. Only Amp can let something through. "
        "Ask: /gate exception code WHAT."
    ) in said
    desk.hook("--person", "pb")
    for ref in ("HEAD:main", "HEAD:release/1"):
        stopped = await desk.pb.git("push", "origin", ref)
        assert not stopped.ok
        assert "is frozen until 2025-11-13 17:00 UTC, by Code freeze" in stopped.text
    assert not (await desk.pb.git("push", "origin", "--delete", "main")).ok
    assert (await desk.pb.git("push", "origin", "HEAD:omega/fix")).ok
    await desk.world.opens("pb", "/gate exception code the menu", "release")
    await desk.world.submits("pb", {"Why": "it is wrong"})
    assert not (await desk.compared("pb"))[0]
    await desk.world.says("amp", "/gate grant 1")
    assert (await desk.compared("pb"))[0]
    assert not (await desk.compared("pa"))[0]
    await desk.world.jump(hours=9)
    assert (await desk.compared("pa"))[0]
