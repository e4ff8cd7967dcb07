"""Questions: what nobody can answer, what is never asked, and what nobody answered in a rehearsal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from callboard.checkpoints.plan import CHECKPOINTS, CheckpointPart
from callboard.core.words import counted, is_are
from callboard.gates.plan.measures import API, MEASURES
from callboard.gates.plan.types import MeasuredPart, TickPart, walk
from callboard.planfile.paths import keyed
from callboard.planfile.sections import Happening, Path
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import Scene
from callboard.rehearsal.transcript import Line
from callboard.risks.plan import RISKS, AskPart, RiskPart
from callboard.standups.plan import STANDUPS, StandupPart
from callboard.teams.directory import Person

ASKS = frozenset({
    "standup.prompt", "status.ask", "risk.ask", "gate.asked", "preflight.page", "run.confirm", "inquiry.ask",
})  # fmt: skip
"""The kinds of messages that ask one person for an answer."""
ANSWERS = ("typed", "clicked", "submitted", "answered")
PATIENCE = timedelta(days=1)
ONE, SOME = 1, 3
"""One question is soon forgotten; a third of them is not."""
SERIES = {"standups": "standup", "cadences": "cadence", "meetings": "meeting"}


def found(scene: Scene) -> Iterator[Finding]:
    """Series that never come; questions at checkpoints, of gates and of risks; then those of a rehearsal."""
    yield from _never(scene)
    yield from _rounds(scene)
    yield from _checkpoints(scene)
    for key in scene.gates:
        if "/" not in key:
            yield from _criteria(scene, key)
    yield from _risks(scene)
    yield from _unanswered(scene)


def _never(scene: Scene) -> Iterator[Finding]:
    """What comes again and again comes at least once; what is over by now does not count."""
    if scene.begin > scene.first:
        return
    for section, kind in SERIES.items():
        held = {one.key for one in scene.of_kind(kind)}
        for number, (key, item) in enumerate(keyed(scene.document.body.get(section) or ()).items()):
            if key not in held and not (isinstance(item, dict) and item.get("after")):
                name = item.get("name", key) if isinstance(item, dict) else key
                yield scene.fault(
                    (section, number), f"The {kind} {name} never takes place.",
                    "None of its days is a working day of the plan, or nobody is asked.",
                    "Write other `days`, or take it out.",
                )  # fmt: skip


def _rounds(scene: Scene) -> Iterator[Finding]:
    """Each question of a standup is asked in one of its rounds."""
    if scene.begin > scene.first:
        return
    rounds: dict[str, list[Happening]] = {}
    for one in scene.of_kind("standup"):
        rounds.setdefault(one.key, []).append(one)
    keys = keyed(scene.document.body.get("standups") or ())
    parts: tuple[StandupPart, ...] = scene.document.values.get(STANDUPS.name) or ()
    for number, (key, part) in enumerate(zip(keys, parts, strict=False)):
        if key in rounds:
            yield from _asked(scene, ("standups", number), part, rounds[key])


def _asked(scene: Scene, path: Path, part: StandupPart, rounds: Sequence[Happening]) -> Iterator[Finding]:
    every = part.questions if isinstance(part.questions, dict) else {"": part.questions}
    for team, questions in every.items():
        for number, question in enumerate(questions):
            if any(scene.table.stands(question.from_, question.to, one.at) for one in rounds):
                continue
            here = (*path, "questions", team, number) if team else (*path, "questions", number)
            yield scene.fault(
                here, f"`{question.ask}` is never asked.",
                f"{part.name} takes place on no day on which this question stands.",
                "Write another `from` or `to` for it, or take it out.",
            )  # fmt: skip


def _checkpoints(scene: Scene) -> Iterator[Finding]:
    """Somebody whom a checkpoint asks is there."""
    parts: tuple[CheckpointPart, ...] = scene.document.values.get(CHECKPOINTS.name) or ()
    keys = list(keyed(scene.document.body.get("checkpoints") or ()))
    for one in scene.of_kind("checkpoint"):
        part = parts[keys.index(one.key)] if one.key in keys and keys.index(one.key) < len(parts) else None
        people = scene.directory.named(one.who)
        if part is None or not part.ask or any(person.present(one.at) for person in people):
            continue
        if any(scene.directory.standing_in(person, one.at) for person in people):
            continue
        yield scene.fault(
            ("checkpoints", keys.index(one.key)), f"Nobody can answer at the checkpoint {one.name}.",
            f"{scene.names(people)} {is_are(people)} away on {scene.shown(one.at)}."
            if people else "It asks nobody.", "Ask somebody else: `who: [...]`.", one.at,
        )  # fmt: skip


def _criteria(scene: Scene, key: str) -> Iterator[Finding]:
    """Whoever ticks or reports something for a gate is there before it is due."""
    gate, due = scene.gates[key], scene.due(key)
    measures = scene.document.of(MEASURES) or {}
    if due is None or not scene.is_ahead(due):
        return
    for path, part in walk(gate.criteria, ("gates", key, "criteria")):
        if isinstance(part, TickPart) and part.by:
            yield from _able(scene, path, key, f"tick `{part.tick}`", scene.seats(part.by), due)
        elif isinstance(part, MeasuredPart) and (measure := measures.get(part.measure)) and measure.by:
            name = measure.name or part.measure
            if API not in measure.by and not measure.computed:
                yield from _able(scene, path, key, f"report {name}", scene.seats(measure.by), due)


def _able(scene: Scene, path: Path, key: str, what: str, people: Sequence[Person], due: datetime) -> Iterator[Finding]:
    needed = (scene.due(each) for each in scene.gates[key].needs if isinstance(each, str))
    begin = max([scene.begin, *filter(None, needed)])
    if not people:
        yield scene.fault(
            path, f"Nobody can {what} for {scene.key(key)}.", "Whoever is named has a vacant seat.",
            "Name somebody else too.", due,
        )  # fmt: skip
    elif begin < due and not any(_there(scene, person, begin, due) for person in people):
        yield scene.fault(
            path, f"Nobody can {what} for {scene.key(key)}.",
            f"{scene.names(people)} {is_are(people)} away from {scene.shown(begin)} until it is "
            f"due, {scene.shown(due)}.", "Name somebody who is there too.", due,
        )  # fmt: skip


def _there(scene: Scene, person: Person, begin: datetime, due: datetime) -> bool:
    """Whether somebody, or a deputy, is there at some time between two instants."""
    able = [person, *scene.directory.named(person.deputies)]
    instants = [begin, due, *(each.at for each in scene.stretches if begin < each.at < due)]
    return any(each.present(at) for each in able for at in instants)


def _risks(scene: Scene) -> Iterator[Finding]:
    """Whoever is asked about a risk is there at least once when that is."""
    parts: tuple[RiskPart, ...] = scene.document.values.get(RISKS.name) or ()
    for number, part in enumerate(parts):
        for place, indicator in enumerate(part.indicators):
            if not isinstance(indicator, AskPart):
                continue
            people = scene.seats(indicator.ask)
            if not any(person.present(each.at) for person in people for each in scene.stretches):
                yield scene.fault(
                    ("risks", number, "indicators", place), f"Nobody can answer about the risk `{part.risk}`.",
                    f"{scene.names(people)} {is_are(people)} away until the plan ends."
                    if people else "Whoever is named has a vacant seat.", "Ask somebody else.",
                )  # fmt: skip


def _unanswered(scene: Scene) -> Iterator[Finding]:
    """Whoever answered nothing for a day after each question of a rehearsal."""
    asked: dict[str, list[Line]] = {}
    for line in scene.lines:
        if line.kind in ASKS and line.did == "posted" and line.to.startswith("@"):
            asked.setdefault(line.to.removeprefix("@"), []).append(line)
    acts: dict[str, list[datetime]] = {}
    for line in scene.lines:
        if line.who and line.did in ANSWERS:
            acts.setdefault(line.who, []).append(line.at)
    for person, lines in asked.items():
        silent = [line for line in lines if not _answered(line, acts.get(person, ()))]
        if len(silent) > ONE and len(silent) * SOME >= len(lines) and person in scene.directory.people:
            yield scene.played(
                ("people", person), f"{scene.name(person)} left {counted(len(silent), 'question')} of {len(lines)} "
                "unanswered.", f"The first: {_first_line(silent[0])}",
                "Ask them less, or name somebody who answers for them.", silent[0].at,
            )  # fmt: skip


def _answered(line: Line, acts: Sequence[datetime]) -> bool:
    return any(line.at <= at <= line.at + PATIENCE for at in acts)


def _first_line(line: Line) -> str:
    return next(iter(line.text.splitlines()), line.kind)[:120]
