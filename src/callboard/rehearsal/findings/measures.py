"""Measures: what is to be computed and cannot be, or says nothing, and what nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callboard.core.words import joined
from callboard.gates.plan.measures import MEASURES, MeasurePart
from callboard.gates.plan.types import MeasuredPart, walk
from callboard.planfile.paths import walk as everything
from callboard.planfile.sections import Path
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.tasks.plan import TASKS

ASKED = ("standups", "checkpoints")
NO_BRANCHES = "It looks at conflicts between branches of teams, and no team has `branches:`."
NO_LADDER = "It counts from when a blocker is raised, and no blocker climbs: the plan has no `escalation:`."


def found(scene: Scene) -> Iterator[Finding]:
    """Each measure of the plan; then each gate that looks at one too early."""
    for name, part in (scene.document.of(MEASURES) or {}).items():
        path: Path = ("measures", name)
        if part.computed and (why := _nothing(scene, name)):
            yield scene.fault(
                path, f"Nobody can compute {part.name or name}.", why,
                "Write what it is computed from, or who reports it: `by:`.",
            )  # fmt: skip
    yield from _idle(scene)
    yield from _too_early(scene)


def _idle(scene: Scene) -> Iterator[Finding]:
    """The measures that only the board shows, together."""
    body = {section: written for section, written in scene.document.body.items() if section != MEASURES.name}
    used = {value for _, value in everything(body) if isinstance(value, str)}
    written = scene.document.of(MEASURES) or {}
    idle = {name: part.name or name for name, part in written.items() if name not in used}
    if idle:
        yield scene.note(
            ("measures", next(iter(idle))), f"Nothing depends on {joined(idle.values(), FEW)}.",
            "No gate, checkpoint, step, risk or trigger looks at them: only the board shows them.",
            "Ask for them in a gate, if they matter.",
        )  # fmt: skip


def _nothing(scene: Scene, name: str) -> str:
    """Why a computed measure has nothing to be computed from; empty where it has."""
    body: Mapping[str, Any] = scene.document.body
    tasks = scene.document.of(TASKS) or {}
    teams: Mapping[str, Any] = body.get("teams") or {}
    branches = any(isinstance(team, Mapping) and team.get("branches") for team in teams.values())
    answered = any(body.get(section) for section in ASKED)
    lacking = {
        "integration_failures": "" if any(part.points for part in tasks.values())
        else "It counts the points at which teams meet, and no task has `points:`.",
        "synchronisation": "" if any(part.due for part in tasks.values())
        else "It counts the teams without a task that is late, and no task has a `due`.",
        "file_conflicts": "" if branches else NO_BRANCHES, "decision_time": "" if branches else NO_BRANCHES,
        "answer_rate": "" if answered
        else "It counts answers at standups and checkpoints, and the plan has neither.",
        "response_time": "" if body.get("escalation") else NO_LADDER,
        "resolution_time": "" if body.get("escalation") else NO_LADDER,
    }  # fmt: skip
    return _readiness(scene) if name == "readiness" else lacking.get(name, "")


def _readiness(scene: Scene) -> str:
    """Readiness is made of parts, of which those that count are there."""
    part: MeasurePart = (scene.document.of(MEASURES) or {})["readiness"]
    for word in ("gates", "tasks", "risks"):
        if part.weights.get(word) and not scene.document.body.get(word):
            return f"`{word}` counts for it, and the plan has no `{word}:`."
    return ""


def _too_early(scene: Scene) -> Iterator[Finding]:
    """A gate looks at answers that somebody can have given by then."""
    measures = scene.document.of(MEASURES) or {}
    rounds = [one.at for one in scene.of_kind("standup")]
    for key, gate in scene.gates.items():
        due = scene.due(key)
        for path, part in walk(gate.criteria, ("gates", key.partition("/")[0], "criteria")):
            if not isinstance(part, MeasuredPart) or part.measure != "standup_rate" or due is None:
                continue
            if measures.get(part.measure) and not any(at < due for at in rounds) and scene.is_ahead(due):
                yield scene.fault(
                    path, f"{scene.key(key)} looks at standups before there was one.",
                    f"It is due {scene.shown(due)}; the first standup is "
                    f"{scene.shown(rounds[0]) if rounds else 'never'}.", "Ask for it in a later gate.", due,
                )  # fmt: skip
