"""The status of a plan in a real git repository, over the week of seeds 000 and 001."""

from __future__ import annotations

import subprocess

import pytest

from tests.days.test_june_4_and_5 import GATED, authorised, done, hour, monitoring_says, signed, staged, until
from tests.gates.test_seeds import SLACK, handle
from tests.world import World

DATABASES = ("sqlite",)  # what waits and who pushes is tried on both in test_scribe
STATUS = "VSCodeDev/REAL_TIME_STATUS.md"
BRIEFED = {
    "VSCode briefed and its file zones assigned": "vscodelead",
    "Cursor briefed on the integration protocols": "cursorlead",
    "Musti briefed and trained in coordination": "mustilead",
    "Communication channels across teams set up": "techmanager",
    "File conflict prevention active": "techmanager",
    "Task tracking and all team coordination": "techmanager",
    "Monitoring dashboard active": "techmanager",
    "Automated conflict detection deployed": "techmanager",
    "Emergency response tested": "techmanager",
    "Rollback procedures tested": "techmanager",
}


class Bare:
    """A repository somewhere else."""

    def __init__(self, folder) -> None:
        self.folder = folder / "status.git"
        subprocess.run(["git", "init", "-q", "--bare", str(self.folder)], check=True)  # noqa: S603, S607

    def git(self, *words: str) -> str:
        command = ["git", "-C", str(self.folder), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603

    def subjects(self) -> list[str]:
        return self.git("log", "--reverse", "--format=%s", "status").splitlines()


@pytest.fixture
async def week(database_url, tmp_path):
    """Monday, nine o'clock: nothing is done yet."""
    bare = Bare(tmp_path)
    plan = GATED.replace(", status: completed}", "}").replace(
        "workspace: {", f'workspace: {{repository: "{bare.folder}", '
    )
    people = [handle(key) for key, _ in SLACK.findall(plan)]
    async with World(database_url, plan, at=hour(2, "09:00"), people=people, mirrors=tmp_path / "mirrors") as world:
        place = world.slack.workspace.conversation("elsewhere")
        world.slack.workspace.join(place, world.slack.workspace.bot)
        world.bare = bare
        yield world


async def monday(world) -> None:
    await until(world, 2, "16:00")
    await signed(world, "briefed", BRIEFED, {}, "vscodelead", "cursorlead", "mustilead")


async def tuesday(world) -> None:
    await until(world, 3, "06:05")
    await world.says("vscodelead", "/task start ATOM-001")
    await world.says("vscodelead", "/task start ATOM-002")
    await until(world, 3, "06:40")
    await world.says("vscodelead", "/task progress ATOM-001 60%")
    await world.says("vscodelead", "/blocker the *staging* database refuses TLS, see #12", "omega")
    await until(world, 3, "06:50")
    await world.says("vscodelead", "/blocker ack 1")
    await until(world, 3, "07:30")
    await world.says("vscodelead", "/blocker resolve 1 the certificate was renewed")
    for team, numbers in (("vscode", "00"), ("cursor", "01"), ("musti", "02")):
        for kind, clock in (("ATOM", "08:30"), ("MOLECULE", "11:30"), ("TISSUE", "16:00")):
            await until(world, 3, clock) if world.clock.now() < hour(3, clock) else None
            for number in range(1, 5):
                await world.advance(minutes=1)
                await world.completes(f"{team}lead", f"{kind}-{numbers}{number}")


async def test_a_workspace_in_git_tells_the_week_of_seeds_000_and_001(week):
    await monday(week)
    await tuesday(week)
    print(week.bare.git("log", "--reverse", "-p", "--stat", "status"))
    assert week.bare.subjects()[0] == "Workspace begins: MesChain-Sync"
