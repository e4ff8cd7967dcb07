"""The demo: the bot itself, unchanged, beside a stand-in for Slack whose clock it follows."""

from __future__ import annotations

import asyncio
import shutil
import signal
from contextlib import suppress
from datetime import timedelta
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from callboard import gallery
from callboard.app import sections
from callboard.app.bot import App
from callboard.blockers import store as blockers
from callboard.checkpoints import store as checkpoints
from callboard.core import logs, schema
from callboard.core.errors import Refused
from callboard.gates import service as gating
from callboard.gates import store as gates
from callboard.gates.assessment import Look
from callboard.gates.models import State as GateState
from callboard.gates.plan.types import TickPart, walk
from callboard.locks import store as locks
from callboard.meetings import store as meetings
from callboard.plans import service as plans
from callboard.preflight.rehearsal.models import FINDER
from callboard.rehearsal.finder import Finder
from callboard.rehearsal.stage import workspace
from callboard.runbooks import outline
from callboard.settings import Settings
from callboard.standups import schedule
from callboard.tasks import store as tasks
from callboard.tasks.models import State
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.plan.directory import drafted
from callboard.web import PUBLIC_URL
from slack_standin import SandboxClock, WorkspaceSpec, start
from slack_standin.server import Server

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from callboard.core.db import Tx
    from callboard.teams.directory import Directory

PLAN = "deployment.yml"
HOST = "127.0.0.1"
GROUP, DONE = b"- for: {", b"status: completed, "
"""What each group of the plan's tasks begins with, and what says that all of them are done."""
SIGNERS = {"validated": ["omega-lead"], "tested": ["sigma-lead"], "audited": ["pi-lead"],
           "operable": ["alpha-lead", "beta-lead"], "go": ["amp"]}  # fmt: skip
TRY = {False: "/blocker mongo refuses TLS", True: "/run show go-live"}
BEFORE = timedelta(minutes=15)
"""How long before its run-book the last day begins."""


async def run(port: int, folder: Path, *, fresh: bool, day: bool = False) -> None:
    """Serve the demo until it is stopped; prints its address when everything is up. `day`: begin on the last one."""
    folder = folder / "day" if day else folder
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    logs.configure(as_json=False, level="WARNING")
    text = resources.files("callboard.examples").joinpath(PLAN).read_bytes()
    checked = plans.check(text.replace(GROUP, GROUP + DONE) if day else text, PLAN, sections())
    directory = drafted(checked.document)
    if directory is None:
        raise Refused(f"{PLAN} is not a valid plan:\n" + "\n".join(checked.report()))
    spec = workspace(directory)
    bots: list[App] = []

    async def next_due() -> datetime | None:
        return await bots[0].next_due() if bots else None

    first = _the_day(checked.document) if day else directory.calendar.starts(_first_day(directory, checked.document))
    clock = SandboxClock(first)
    slack = await start(spec, HOST, port, folder / "slack.json", clock=clock, next_due=next_due)
    app = App(
        Settings(
            slack_bot_token=SecretStr(spec.bot_token), slack_app_token=SecretStr(spec.app_token),
            slack_api_url=slack.api_url, database_url=f"sqlite:///{folder / 'callboard.db'}", mirrors=None,
        ),
        clock=clock,
    )  # fmt: skip
    app.db.registry.put(FINDER, Finder())
    bots.append(app)
    web = Server(app.api)
    app.db.registry.put(PUBLIC_URL, f"{await web.start(HOST, 0)}/")
    slack.gallery = partial(asyncio.to_thread, gallery.records)
    slack.tries = day_tries(spec) if day else tries(spec)
    try:
        schema.upgrade(app.db)
        applied = await app.db.write(plans.apply, checked, author="demo", workspace=spec.team_id)
        if day and applied.changes:
            await app.db.write(signed, applied.plan_id)
        slack.hints = lambda user: app.db.read(hints, applied.plan_id, user)
        await app.start()
        print(f"\n  Callboard's demo is at  {slack.url}\n\n  Try:  {TRY[day]}\n", flush=True)  # noqa: T201
        await stopped()
    finally:
        await web.stop()
        await app.stop()
        await slack.close()


def tries(spec: WorkspaceSpec) -> list[dict[str, str]]:
    """What the first page offers to click."""
    places = {channel.name: channel.id for channel in spec.channels}
    return [
        {"label": "Open the board", "note": "As Amp. Press Enter, then the button: everything at a glance.",
         "user": "amp", "channel": places["deployment"], "text": "/plan board"},
        {"label": "Raise a blocker", "note": "As Omega Person A. Press Enter, and read who is paged, and when.",
         "user": "omega-a", "channel": places["team-omega"], "text": "/blocker mongo refuses TLS"},
        {"label": "Answer the morning standup", "note": "As Omega lead: Callboard has asked at nine.",
         "user": "omega-lead", "channel": "dm"},
        {"label": "See what a gate waits for", "note": "As Omega Person A. Press Enter, and read what is still open.",
         "user": "omega-a", "channel": places["team-omega"], "text": "/gate show validated"},
    ]  # fmt: skip


def day_tries(spec: WorkspaceSpec) -> list[dict[str, str]]:
    """What the first page offers to click on the last day."""
    places = {channel.name: channel.id for channel in spec.channels}
    return [
        {"label": "Try the run-book", "note": "As Amp. Press Enter: a drill, in a channel of its own.",
         "user": "amp", "channel": places["deployment"], "text": "/run drill go-live"},
        {"label": "See the run-book", "note": "As Omega lead. Press Enter; at 14:00 it begins by itself.",
         "user": "omega-lead", "channel": places["deployment"], "text": "/run show go-live"},
        {"label": "Declare an emergency", "note": "As Omega Person A. Press Enter, and read who was told.",
         "user": "omega-a", "channel": places["team-omega"], "text": "/emergency 1 sign-in answers 500"},
    ]  # fmt: skip


def signed(tx: Tx, plan_id: int) -> None:
    """Let those who should report, tick and sign for every gate: so the last day is meant to begin."""
    directory = teams.directory(tx, plan_id)

    def asker(whom: Sequence[str]) -> Asker:
        lead = next(iter(directory.teams[whom[0]].leads), "") if whom and whom[0] in directory.teams else ""
        people = [person for person in directory.people.values() if whom and directory.has_role(person, whom[0])]
        return Asker(directory, directory.people[lead] if lead else people[0])

    for name, measure in gating.measures_in(tx, plan_id).items():
        if measure.by:
            gating.report(tx, asker(measure.by), name, str(measure.at_least or measure.at_most))
    for gate in gates.gates(tx, plan_id):
        for _, part in walk(Look(tx, gate).part.criteria):
            if isinstance(part, TickPart):
                gating.tick(tx, asker(part.by), gate.key, part.tick)
        for key in SIGNERS[gate.key]:
            gating.sign(tx, Asker(directory, directory.people[key]), gate.key, Look(tx, gate).content)


def hints(tx: Tx, plan_id: int, user: str) -> dict[str, list[str]]:
    """What somebody may type after each command, with the names of this plan; theirs first."""
    directory = teams.directory(tx, plan_id)
    person = directory.by_slack(user)
    key = person.key if person else ""
    team = next(iter(directory.teams_of(person)), None) if person else None
    helper = next((lead for lead in team.leads if lead != key), "") if team else ""
    open_ones = [blocker.number for blocker in blockers.open_in(tx, plan_id)]
    mine = [task for task in tasks.tasks(tx, plan_id) if task.status != State.COMPLETED]
    mine.sort(key=lambda task: key not in task.assignees)
    started = [task.key for task in mine if task.status == State.IN_PROGRESS]
    waiting = [task.key for task in mine if task.status == State.NOT_STARTED]
    open_gates = [gate.key for gate in gates.gates(tx, plan_id) if gate.state in (GateState.PENDING, GateState.READY)]
    held = [lock.id for lock in locks.live(tx, plan_id, holder=key)]
    asked = [part.name for part in schedule.book_of(tx, plan_id).standups.values()]
    looks = [checkpoint.name for checkpoint in checkpoints.checkpoints(tx, plan_id)]
    talks = [meeting.name for meeting in meetings.meetings(tx, plan_id)]
    wait = f", waiting for @{helper}" if helper else ""
    return {
        "/blocker": [*(f"{verb} {number}" for number in open_ones for verb in ("ack", "resolve", "note", "show")),
                     f"mongo refuses TLS{wait}", "list", "mine"],
        "/task": [*(f"progress {name} 50%" for name in started), *(f"start {name}" for name in waiting),
                  *(f"complete {name}" for name in started), *(f"show {task.key}" for task in mine), "mine"],
        "/gate": [f"{verb} {name}" for verb in ("show", "tick", "sign") for name in open_gates],
        "/lock": [*(f"release {number}" for number in held), "src/api/** for refactoring until 17:00", "list",
                  "who src/api/x.py"],
        "/standup": [*asked, "show", "skip because ", "stats"],
        "/checkpoint": [*dict.fromkeys(f"show {name}" for name in looks), "list"],
        "/meeting": [*dict.fromkeys(f"show {name}" for name in talks), "list"],
        "/run": ["show go-live", "drill go-live", "review go-live"],
        "/emergency": ["1 sign-in answers 500", "take", "update we look at it", "end it works again"],
        "/plan": ["board", "people", *(f"show {name}" for name in (*directory.teams, *open_gates)), "versions",
                  "calendar"],
    }  # fmt: skip


def _first_day(directory: Directory, document: Any) -> Any:
    frame = document.of(plans.HEADER)
    return frame.from_.instant(directory.calendar, opening=True).astimezone(directory.calendar.zone).date()


def _the_day(document: Any) -> datetime:
    """Shortly before the first run-book begins."""
    return min(filter(None, (outline.begins(document, part) for part in outline.runbooks(document).values()))) - BEFORE


async def stopped() -> None:
    """Return when somebody presses Ctrl-C or ends the process."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
