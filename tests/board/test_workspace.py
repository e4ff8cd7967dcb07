"""The status of a plan in a real git repository, over the week of seeds 000 and 001."""

from __future__ import annotations

import re
import subprocess

import pytest

from callboard.board.workspace.files import files
from tests.days.test_june_4_and_5 import GATED, authorised, done, hour, monitoring_says, signed, staged, until
from tests.gates.test_seeds import SLACK, handle
from tests.world import World

DATABASES = ("sqlite",)  # what waits and who pushes is tried on both in test_scribe
CADENCES = re.compile(r"^(?:cadences|standups|checkpoints|meetings):\n(?: .*\n|#.*\n)+", re.MULTILINE)
TOLD = (
    'Gate "Teams and systems ready" passed', "ATOM-001 started", "Blocker 1 raised: the staging database refuses TLS",
    "Blocker 1 taken by VSCode lead", "Blocker 1 resolved", "ATOM-001 completed",
    'Gate "Phase 1: Ready for staging" passed', 'Staging: "Backend staging" done', "Staging done",
    'Gate "Phase 2: Authorised for production" passed', 'Go-live: "Backend deployed" done',
    'Gate "Joint go-live authorisation" passed', "Emergency 1 (High) declared: orders come out twice",
    "Emergency 1 (High) ended",
)  # fmt: skip
CODE = 'clone: "https://git.example.com/meschain-sync.git", main: main, scan_every: 5m'
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


def code(folder):
    """The repository of the code, in which nothing collides."""
    made = folder / "code.git"
    stream = (
        b"commit refs/heads/main\ncommitter A <a@example.com> 1 +0000\ndata 0\nM 100644 inline README.md\ndata 0\n\n"
    )
    subprocess.run(["git", "init", "-q", "--bare", str(made)], check=True)
    subprocess.run(["git", "-C", str(made), "fast-import", "--quiet"], input=stream, check=True)
    return made


class Bare:
    """A repository somewhere else."""

    def __init__(self, folder) -> None:
        self.folder = folder / "status.git"
        subprocess.run(["git", "init", "-q", "--bare", str(self.folder)], check=True)

    def git(self, *words: str) -> str:
        command = ["git", "-C", str(self.folder), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def subjects(self) -> list[str]:
        return self.git("log", "--reverse", "--format=%s", "status").splitlines()


class Week(World):
    """The world in which a workspace is kept in a repository of its own."""

    bare: Bare


@pytest.fixture
async def week(database_url, tmp_path):
    """Monday, nine o'clock: nothing is done yet."""
    bare = Bare(tmp_path)
    plan = GATED.replace("workspace: {", f'workspace: {{repository: "{bare.folder}", ')
    own = plan.index("  - for: {team: vscode"), plan.index("  - for: {team: cursor")
    plan = plan[: own[0]] + plan[own[0] : own[1]].replace(", status: completed}", "}") + plan[own[1] :]
    plan = CADENCES.sub("", plan).replace(CODE, f'clone: "{code(tmp_path)}", main: main, scan_every: 1d')
    people = [handle(key) for key, _ in SLACK.findall(plan)]
    async with Week(database_url, plan, at=hour(2, "09:00"), people=people, mirrors=tmp_path / "mirrors") as world:
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
    for kind, clock in (("ATOM", "08:30"), ("MOLECULE", "11:30"), ("TISSUE", "16:00")):
        await until(world, 3, clock)
        for number in range(1, 5):
            await world.advance(minutes=1)
            await completed(world, f"{kind}-00{number}")


async def completed(world, key: str) -> None:
    """A task with its criteria and the points where teams meet in it."""
    for point in world.row("task", key).points:
        await world.says(f"{point['team']}lead", f"/task point {key} {point['name']} completed")
    await world.says("vscodelead", f"/task tick {key} all")
    await world.completes("vscodelead", key)


async def evening(world) -> None:
    await until(world, 3, "17:30")
    ticks = {
        "All integration points validated": "vscodelead", "Production readiness confirmed": "techmanager",
    }  # fmt: skip
    reports = {"techmanager": {"synchronisation": "97%"}}
    await signed(world, "prepared", ticks, reports)
    for person in ("vscodelead", "cursorlead", "mustilead"):
        await world.signs(person, "prepared")


async def wednesday(world) -> None:
    await until(world, 4, "08:00")
    await world.says("vscodelead", "/lock upload/system/library/meschain/** for hot fix", "omega")
    for clock, person, step in (
        ("09:50", "vscodelead", "backend-staging"), ("10:55", "cursorlead", "frontend-integration"),
        ("11:55", "mustilead", "system-validation"),
    ):  # fmt: skip
        await until(world, 4, clock)
        await done(world, person, step)
    await until(world, 4, "17:30")
    await staged(world)


async def thursday(world) -> None:
    for clock, person, step in (
        ("08:50", "mustilead", "launch-preparation"), ("09:55", "vscodelead", "backend-deployed"),
        ("10:55", "cursorlead", "frontend-deployed"),
    ):  # fmt: skip
        await until(world, 5, clock)
        await done(world, person, step)
    monitoring_says(world, integration_failures="0", error_rate="0.02%")
    await until(world, 5, "11:45")
    await done(world, "mustilead", "complete-integration-validated")
    await authorised(world)
    await until(world, 5, "12:05")
    await done(world, "mustilead", "live")
    await until(world, 5, "14:00")
    await world.says("cursorlead", "/emergency declare 2 orders come out twice", "elsewhere")
    await world.says("techmanager", "/emergency take 1", "release")
    await until(world, 5, "14:40")
    await world.says("techmanager", "/emergency end 1 the queue was emptied", "release")
    monitoring_says(world, system_response="140", performance_variance="1%", downtime="0m")
    await until(world, 5, "17:50")
    await done(world, "mustilead", "production-monitoring")


async def test_a_workspace_in_git_tells_the_week_of_seeds_000_and_001(week):
    await monday(week)
    await tuesday(week)
    await evening(week)
    await wednesday(week)
    await thursday(week)
    await until(week, 6, "18:30")
    log = week.bare.git("log", "--reverse", "-p", "--stat", "status")
    print(log)  # noqa: T201
    subjects = week.bare.subjects()
    assert subjects[0] == "Workspace begins: MesChain-Sync"
    places = [next(place for place, line in enumerate(subjects) if part in line) for part in TOLD]
    assert places == sorted(places), "in the order in which it happened"
    assert len(set(places)) == len(TOLD), "each by a commit of its own"
    assert "VSCode lead, Cursor lead and Musti lead" in log
    assert {week.bare.git("log", "-1", "--format=%an", f"--grep={part}", "status") for part in TOLD[1:3]} == {
        "VSCode lead"
    }
    assert week.bare.git("log", "-1", "--format=%an", "--grep=Staging done", "status") == "Musti lead"
    for path, text in week.app.db.transact(files, 1).items():
        assert week.bare.git("show", f"status:{path}") == text.strip(), "the branch is how the plan stands"
