"""Rescues: rollbacks nobody can start, emergencies that call nobody new, run-books that last longer than promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from callboard.alerts.plan import AlertPart
from callboard.core.words import is_are, joined
from callboard.emergencies.plan import EMERGENCIES, GATES, LOCKS, EmergencyPart
from callboard.escalation import plan as escalation
from callboard.planfile.sections import Path
from callboard.planfile.times import show_span
from callboard.plans.plan import PHASES
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.runbooks.plan.schedule import Timed, timed
from callboard.runbooks.plan.steps import LeaderPart, RollbackPart, RunbookPart, StepPart
from callboard.teams.directory import Person

GRAVEST = "1"


def found(scene: Scene) -> Iterator[Finding]:
    """Each run-book and its steps, with the rollbacks that they fall back on; then emergencies and alerts."""
    rollbacks = scene.document.values.get("rollbacks") or {}
    for key, part in (scene.document.values.get("runbooks") or {}).items():
        steps = timed(scene.table, part)
        for number, one in enumerate(steps):
            path: Path = ("runbooks", key, "steps", number)
            if one.at and scene.is_ahead(one.at) and not one.step.reserve:
                yield from _led(scene, path, one.step, one.at)
                yield from _confirmed(scene, path, one.step.confirm, one.step.title, one.at)
            if one.step.if_failed and (back := rollbacks.get(one.step.if_failed.rollback)):
                yield from _back_in_time(scene, path, one, back, part)
        yield from _ends(scene, key, part, steps)
    for name, back in rollbacks.items():
        yield from _rollback(scene, name, back)
    for level, each in (scene.document.of(EMERGENCIES) or {}).items():
        yield from _emergency(scene, level, each, rollbacks.get(each.rollback))
    yield from _alerts(scene)


def _led(scene: Scene, path: Path, step: StepPart, at: datetime) -> Iterator[Finding]:
    """One of those who lead a step is there at its time."""
    words = [_word(leader) for leader in step.lead]
    people = scene.seats(words, at=at)
    if words and not scene.reached(words, at):
        gone = scene.names(people)
        yield scene.fault(
            (*path, "lead"), f"Nobody can lead the step {step.title}.",
            f"{gone} {is_are(people)} away on {scene.shown(at)}, and nobody stands in."
            if people else "Whoever is named has a vacant seat.", "Let somebody else lead it.", at,
        )  # fmt: skip


def _word(leader: str | LeaderPart) -> str:
    if isinstance(leader, str):
        return leader
    return f"on_call {leader.on_call}" if leader.on_call else leader.role


def _confirmed(scene: Scene, path: Path, words: tuple[str, ...], title: str, at: datetime) -> Iterator[Finding]:
    people = scene.seats(words)
    if people and not scene.who(words, at).people:
        yield scene.fault(
            (*path, "confirm"), f"Nobody can confirm {title}.",
            f"{scene.names(people)} {is_are(people)} away on {scene.shown(at)}.",
            "Name somebody else too.", at,
        )  # fmt: skip


def _back_in_time(scene: Scene, path: Path, one: Timed, back: RollbackPart, part: RunbookPart) -> Iterator[Finding]:
    """Whoever turns back at the last moment is back in time; and somebody can give the word for it then."""
    step, promised = one.step, scene.instant(part.promised)
    if step.turn_back and back.within > step.turn_back:
        yield scene.risk(
            (*path, "turn_back"), f"Turning back from {step.title} may take longer than it says.",
            f"It says {show_span(step.turn_back)}, and the rollback takes up to {show_span(back.within)}.",
            "Write the longer time: the card counts with it back to the last moment to decide.", one.at,
        )  # fmt: skip
    if step.turn_back and one.at and promised and promised - step.turn_back <= one.at:
        yield scene.risk(
            (*path, "turn_back"), f"It is too late to turn back from {step.title} before it begins.",
            f"It begins {scene.shown(one.at)}, the way back takes {show_span(step.turn_back)}, and the end is promised "
            f"for {scene.shown(promised)}.", "Begin earlier, or promise a later end.", one.at,
        )  # fmt: skip
    if one.at is None or not scene.is_ahead(one.at):
        return
    last = one.at + (step.within or (step.takes.most if step.takes else timedelta()))
    if step.if_failed:
        yield from _ordered(scene, ("rollbacks", step.if_failed.rollback), back, last)
    if promised and last + back.within > promised >= last:
        yield scene.note(
            path, f"If {step.title} fails at the end, the rollback is over after the promised end.",
            f"It may last until {scene.shown(last)}, and the rollback {show_span(back.within)} more.",
            "Promise a later end, or tell whoever counts on it.", last,
        )  # fmt: skip


def _ordered(scene: Scene, path: Path, back: RollbackPart, at: datetime) -> Iterator[Finding]:
    """Somebody can order a rollback then, and enough confirm it."""
    orders = scene.seats(back.order)
    if back.order and not any(scene.reached(back.order, at, team) for team in scene.concerned(back.order)):
        yield scene.fault(
            (*path, "order"), f"Nobody can order the rollback {path[1]}.",
            f"{scene.names(orders)} {is_are(orders)} away on {scene.shown(at)}."
            if orders else "Whoever is named has a vacant seat.", "Name somebody else too.", at,
        )  # fmt: skip
    if isinstance(back.confirm, int):
        able = [person for person in scene.seats(("everyone", "coordinator", *back.order)) if person.present(at)]
        if len(able) < back.confirm:
            yield scene.fault(
                (*path, "confirm"), f"The rollback {path[1]} can't be confirmed.",
                f"{back.confirm} must confirm it, and on {scene.shown(at)} only {scene.names(able)} can.",
                "Ask for fewer, or have somebody else there.", at,
            )  # fmt: skip
    else:
        yield from _confirmed(scene, path, back.confirm, f"the rollback {path[1]}", at)
    leads = scene.seats(back.lead)
    if leads and not scene.who(back.lead, at).people:
        yield scene.fault(
            (*path, "lead"), f"Nobody can lead the rollback {path[1]}.",
            f"{scene.names(leads)} {is_are(leads)} away on {scene.shown(at)}.",
            "Let somebody else lead it.", at,
        )  # fmt: skip


def _rollback(scene: Scene, name: str, back: RollbackPart) -> Iterator[Finding]:
    """At any time of the plan somebody can order it."""
    for stretch in scene.stretches:
        teams = scene.concerned(back.order) if back.order else []
        empty = [team for team in teams if not scene.reached(back.order, stretch.at, team)]
        if empty:
            whose = f" of {joined([scene.team(each) for each in empty], FEW)}" if any(empty) else ""
            yield scene.fault(
                ("rollbacks", name, "order"), f"Nobody{whose} can order the rollback {name}.",
                f"From {scene.shown(stretch.at)} to {scene.shown(stretch.until)} nobody whom it names is there.",
                "Name somebody else too, or a deputy.", stretch.at,
            )  # fmt: skip
            return


def _ends(scene: Scene, key: str, part: RunbookPart, steps: tuple[Timed, ...]) -> Iterator[Finding]:
    """A run-book is over before its phase and its plan are."""
    last = max((one.until or one.at for one in steps if one.at), default=None)
    first = min((one.at for one in steps if one.at), default=None)
    if last is None or first is None or not scene.is_ahead(last):
        return
    if part.drill and part.drill.before and first - part.drill.before < scene.begin <= first:
        yield scene.fault(
            ("runbooks", key, "drill"), f"There is no time for the drill of {part.name or key}.",
            f"It must be {show_span(part.drill.before)} before {scene.shown(first)}, which is before "
            f"{scene.shown(scene.begin)}.", "Allow the drill later, or do it at once.", first,
        )  # fmt: skip
    end, what = _limit(scene, part, first)
    if end and last > end:
        yield scene.fault(
            ("runbooks", key), f"The run-book {part.name or key} ends after {what}.",
            f"Its last step may last until {scene.shown(last)}, and {what} ends {scene.shown(end)}.",
            "Begin earlier, plan less, or move the end.", last,
        )  # fmt: skip


def _limit(scene: Scene, part: RunbookPart, first: datetime) -> tuple[datetime | None, str]:
    """What a run-book must not outlast: what was promised, the phase in which it begins, or the plan."""
    if promised := scene.instant(part.promised):
        return promised, "what was promised"
    for phase in (scene.document.of(PHASES) or {}).values():
        begin, end = scene.instant(phase.from_, opening=True), scene.instant(phase.to)
        if begin and end and begin <= first < end:
            return end, phase.name
    return scene.end, "the plan"


def _emergency(scene: Scene, level: str, part: EmergencyPart, back: RollbackPart | None) -> Iterator[Finding]:
    path: Path = ("emergencies", level)
    if part.tell:
        for stretch in scene.stretches:
            if not any(scene.reached(part.tell, stretch.at, team) for team in scene.concerned(part.tell)):
                yield scene.fault(
                    (*path, "tell"), f"An emergency of level {level} reaches nobody.",
                    f"From {scene.shown(stretch.at)} to {scene.shown(stretch.until)} nobody whom it names is there.",
                    "Name somebody else too.", stretch.at,
                )  # fmt: skip
                break
        if level == GRAVEST:
            yield from _nobody_new(scene, path, level, part)
    yield from _frozen(scene, path, level, part)
    if back and part.resolve_within and (part.respond_within or timedelta()) + back.within > part.resolve_within:
        yield scene.risk(
            (*path, "resolve_within"), f"An emergency of level {level} can't be resolved in time by its rollback.",
            f"The rollback {part.rollback} takes {show_span(back.within)} after the answer, and "
            f"{show_span(part.resolve_within)} are allowed in all.", "Allow more time, or make the rollback faster.",
        )  # fmt: skip
    policy = (scene.document.of(escalation.section) or {}).get(part.policy)
    first = escalation.read(part.policy, policy).steps[0].respond_within if policy else None
    if first and part.respond_within and first > part.respond_within:
        yield scene.risk(
            (*path, "policy"), f"The ladder of an emergency of level {level} is slower than it promises.",
            f"Its first rung waits {show_span(first)}, and it is answered within {show_span(part.respond_within)}.",
            "Name a faster ladder.",
        )  # fmt: skip


def _frozen(scene: Scene, path: Path, level: str, part: EmergencyPart) -> Iterator[Finding]:
    """What an emergency freezes allows no exception until it is over: its own fix can't get in."""
    code = [word for word in part.freezes or () if word not in (GATES, LOCKS)]
    if code:
        back = scene.document.body.get("rollbacks")
        made = scene.risk if back else scene.fault
        yield made(
            (*path, "freezes"), f"An emergency of level {level} freezes the fix that it needs.",
            f"While it lasts no branch takes changes, without exceptions. "
            f"{'Only a rollback is possible.' if back else 'There is no rollback either.'}",
            "Freeze gates and locks only, or end the emergency before the fix.",
        )  # fmt: skip


def _nobody_new(scene: Scene, path: Path, level: str, part: EmergencyPart) -> Iterator[Finding]:
    """Whoever is told of the gravest emergency is not only who was paged for the blocker before."""
    told: set[Person] = {person for team in scene.concerned(part.tell) for person in scene.seats(part.tell, team)}
    for name, each in (scene.document.of(escalation.section) or {}).items():
        words = [word for step in each.steps for word in step.notify]
        paged = {person for team in scene.concerned(words) for person in scene.seats(words, team)}
        if told and told <= paged and not part.channel:
            yield scene.risk(
                (*path, "tell"), f"An emergency of level {level} calls nobody new.",
                f"All whom it tells are on the ladder `{name}`, too: if they did not answer there, nobody does.",
                "Tell somebody else too, or write to a channel of its own.",
            )  # fmt: skip
            return


def _alerts(scene: Scene) -> Iterator[Finding]:
    """Whoever an alert pages is there at any time."""
    parts: tuple[AlertPart, ...] = scene.document.values.get("alerts") or ()
    for number, part in enumerate(parts):
        for word, words in (("page", part.page), ("tell", part.tell)):
            if not words or {"reporter"} & set(words) or any(each.startswith("#") for each in words):
                continue
            team = part.team or next(iter(scene.concerned(words)), "")
            for stretch in scene.stretches:
                if not scene.reached(words, stretch.at, team):
                    made = scene.fault if word == "page" else scene.risk
                    yield made(
                        ("alerts", number, word), f"Nobody hears the alert {part.called}.",
                        f"From {scene.shown(stretch.at)} to {scene.shown(stretch.until)} nobody of them is there.",
                        "Name somebody else too, or {on_call: a team}.", stretch.at,
                    )  # fmt: skip
                    break
