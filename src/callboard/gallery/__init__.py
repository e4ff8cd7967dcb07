"""Every message, form and Home that Callboard can show, made by its own code from examples: for review.

stage: where examples are played, and what is shown of them
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callboard.app import CAPABILITIES, database, renderers, sections
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.db import Database, Tx
from callboard.gallery import (
    alerts,
    blockers,
    board,
    cadences,
    checkpoints,
    conflicts,
    emergencies,
    forecast,
    gates,
    home,
    locks,
    meetings,
    noise,
    preflight,
    retrospectives,
    risks,
    rota,
    runbooks,
    standups,
    tasks,
    teams,
    triggers,
    workspace,
)
from callboard.gallery.stage import Screen, Screens, Stage
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.slack import answers
from callboard.teams.plan.directory import drafted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from callboard.core.notices import Notice

SHOWN: dict[str, Screens] = {
    "teams": teams.screens,
    "noise": noise.screens,
    "rota": rota.screens,
    "preflight": preflight.screens,
    "branches": conflicts.mirrors,
    "blockers": blockers.screens,
    "tasks": tasks.screens,
    "locks": locks.screens,
    "conflicts": conflicts.screens,
    "gates": gates.screens,
    "standups": standups.screens,
    "checkpoints": checkpoints.screens,
    "cadences": cadences.screens,
    "meetings": lambda stage: chain(meetings.screens(stage), retrospectives.screens(stage)),
    "runbooks": runbooks.screens,
    "emergencies": lambda stage: chain(emergencies.screens(stage), triggers.screens(stage)),
    "alerts": alerts.screens,
    "risks": risks.screens,
    "forecast": forecast.screens,
    "board": lambda stage: chain(board.screens(stage), home.screens(stage), workspace.screens(stage)),
}
PLAN, WORKSPACE = "deployment.yml", "T0GALLERY"
CLASSES = "{release-blocker: {gate: go, accept: {count: 3, of: [coordinator, all leads]}}}"
MEETING = "      actions: [Find out", '      meet: "https://meet.example.com/now", actions: [Find out'
ALERTS = """
alerts:
  - {match: {alertname: SlowQueries}, tell: ["#coordination", omega-lead]}
  - {match: {alertname: HighErrorRate}, severity: critical, page: [omega-lead], group_by: [alertname, service]}
  - {heartbeat: nightly-backup, every: 24h, grace: 1h, page: [omega-a]}
"""
LOOK_BACK = """
retrospective: {who: [omega], lead: coordinator, phases: [infrastructure]}
awards: {omega: [Infrastructure without a gap, Fastest sign-off], sigma: Best tests}
"""
NOTICE = "The plan is at version 3. `/plan versions` shows what changed."


def written() -> str:
    """The plan that is played, with what no example plan says."""
    own = resources.files("callboard.examples").joinpath(PLAN).read_text("utf-8")
    return own.replace("blockers:\n", f"blockers:\n  classes: {CLASSES}\n", 1).replace(*MEETING) + ALERTS + LOOK_BACK


@cache
def screens(plan: str = "") -> dict[str, list[Screen]]:
    """Everything, by capability. Takes a second or two: a database is made for it, and thrown away."""
    with example(plan) as (db, plan_id):
        return dict(_shown(db, plan_id))


@contextmanager
def example(plan: str = "") -> Iterator[tuple[Database, int]]:
    """A database with the plan of the gallery at its first moment."""
    with tempfile.TemporaryDirectory(prefix="callboard-gallery-") as folder:
        checked = plans.check(plan or written(), PLAN, sections())
        directory = drafted(checked.document)
        if directory is None:
            raise LookupError(PLAN)
        frame: Any = checked.document.of(plans.HEADER)
        opened = frame.from_.instant(directory.calendar, opening=True)
        db = database(Settings(database_url=f"sqlite:///{Path(folder) / 'gallery.db'}"), ManualClock(opened))
        try:
            schema.upgrade(db)
            yield db, db.transact(plans.apply, checked, author="gallery", workspace=WORKSPACE).plan_id
        finally:
            db.close()


def records() -> list[dict[str, Any]]:
    """The same as JSON, as the sandbox's gallery page takes it."""
    return [{"group": group, **asdict(screen)} for group, shown in screens().items() for screen in shown]


def _shown(db: Database, plan_id: int) -> Iterator[tuple[str, list[Screen]]]:
    def look(tx: Tx, screens: Screens, notices: Iterable[Notice]) -> list[Screen]:
        before = tx.connection.begin_nested()
        with tx.part(tx.trace) as part:
            stage = Stage(part, plan_id, WORKSPACE, renderers())
            found = list(screens(stage))
            found += stage.others(notices, {screen.id for screen in found})
        tx.finish()
        before.rollback()
        return found

    notices = {capability.name: capability.notices for capability in CAPABILITIES}
    for name, screens in SHOWN.items():
        if found := db.transact(look, screens, notices[name]):
            yield name, found
    notice = answers.as_view(answers.Say(NOTICE))
    yield "slack", [Screen(str(notice["callback_id"]), "Words where there was a form", view=notice)]
