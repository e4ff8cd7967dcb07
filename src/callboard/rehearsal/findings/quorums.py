"""Quorums: signatures, votes and polls that can't be given on their day, or that one absence breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from callboard.blockers import plan as blockers
from callboard.core.words import is_are, joined
from callboard.gates import quorum
from callboard.gates.plan.poll import opens, voices
from callboard.gates.plan.types import GatePart, SignOff, tasks_in
from callboard.gates.quorum import Ask, Work, shortage
from callboard.planfile.sections import Path
from callboard.planfile.times import show_span
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.teams.directory import Person


def found(scene: Scene) -> Iterator[Finding]:
    """Each sign-off of each gate by itself, then all of them together; polls; who accepts a class of blockers."""
    for key, gate in scene.gates.items():
        due = scene.due(key)
        if "/" not in key and (due is None or scene.is_ahead(due)):
            yield from _gate(scene, key, gate, due)
            yield from _poll(scene, key, gate)
    yield from _classes(scene)


def signs(scene: Scene, person: Person, at: datetime | None, barred: frozenset[str] = frozenset()) -> bool:
    """Whether somebody's signature can be given at an instant: by themselves, or by a deputy while they are away."""
    if person.vacant:
        return False
    if at is None or person.present(at):
        return True
    deputies = scene.directory.named(person.deputies)
    return any(each.present(at) and each.key not in barred for each in deputies)


def _gate(scene: Scene, key: str, gate: GatePart, due: datetime | None) -> Iterator[Finding]:
    about = Work(scene.document, tasks_in(scene.document, gate.criteria), at=due)
    there: list[Ask] = []
    missing = False
    for number, part in enumerate(gate.sign_off):
        path: Path = ("gates", key, "sign_off", number)
        at = scene.instant(part.due) or due
        people, ask = quorum.ask(scene.directory, part, about)
        barred = quorum.excluded(scene.directory, part, about)
        able = [person for person in people if signs(scene, person, at, barred)]
        filled = replace(ask, people={person.key: ask.people[person.key] for person in able})
        yield from _stale(scene, path, part, at, due)
        if shortage([filled]):
            missing = True
            yield _nobody(scene, path, key, people, able, at)
        else:
            there.append(filled)
            yield from _breaks(scene, path, key, able, filled, at)
    if not missing and (short := shortage(there)):
        names = joined([scene.name(person) for person in short.people], FEW)
        yield scene.fault(
            ("gates", key, "sign_off"), f"{scene.key(key)} can't be signed on the day it is due.",
            f"Only {names} can sign then, and nobody signs twice.", "Name a deputy, or ask for fewer signatures.", due,
        )  # fmt: skip
    yield from _asleep(scene, key, gate, about, due)


def _stale(scene: Scene, path: Path, part: SignOff, at: datetime | None, due: datetime | None) -> Iterator[Finding]:
    if part.fresh and at and due and at + part.fresh <= due:
        yield scene.fault(
            path, f"A signature given in time is too old when {scene.key(str(path[1]))} is due.",
            f"It is asked for by {scene.shown(at)}, counts for {show_span(part.fresh)}, and the gate is due "
            f"{scene.shown(due)}.", "Ask for it later, or let it count longer.", at,
        )  # fmt: skip


def _nobody(
    scene: Scene, path: Path, key: str, people: tuple[Person, ...], able: list[Person], at: datetime | None
) -> Finding:
    gone = [person for person in people if person not in able]
    vacant = all(person.vacant for person in gone)
    made = scene.risk if vacant else scene.fault
    when = f" on {scene.shown(at)}" if at and not vacant else ""
    names = f"{scene.names(gone)} {is_are(gone)}"
    why = f"The seat {names} vacant." if vacant else f"{names} away, and no deputy is there."
    return made(
        path, f"{scene.key(key)} can't be signed{when}.", why,
        "Fill the seat, or ask somebody else." if vacant else "Name a deputy who is there, or ask somebody else.",
        at,
    )  # fmt: skip


def _breaks(scene: Scene, path: Path, key: str, able: list[Person], ask: Ask, at: datetime | None) -> Iterator[Finding]:
    """A sign-off of several people that fails as soon as one of them is missing, whoever it is."""
    if ask.count < 2:  # noqa: PLR2004 - a quorum is more than one
        return
    alone = [person for person in able if not _deputies(scene, person, at)]
    needed = [person for person in alone if shortage([_without(ask, person.key)])]
    if needed:
        yield scene.risk(
            path, f"One absence keeps {scene.key(key)} shut.",
            f"{ask.count} of {len(able)} must sign, and nobody signs for {scene.names(needed)} while they are away.",
            "Name deputies for them, or ask for one signature less.", at,
        )  # fmt: skip


def _without(ask: Ask, person: str) -> Ask:
    return replace(ask, people={key: teams for key, teams in ask.people.items() if key != person})


def _deputies(scene: Scene, person: Person, at: datetime | None) -> list[Person]:
    deputies = scene.directory.named(person.deputies)
    return [each for each in deputies if not each.vacant and (at is None or each.present(at))]


def _asleep(scene: Scene, key: str, gate: GatePart, about: Work, due: datetime | None) -> Iterator[Finding]:
    """A gate is due when somebody who must sign is at work."""
    people = {person.key: person for part in gate.sign_off for person in quorum.signers(scene.directory, part, about)}
    there = [person for person in people.values() if due and person.present(due)]
    if due and there and not any(scene.works(person, due) for person in there):
        at = due.astimezone(there[0].zone)
        yield scene.risk(
            _due(scene, key), f"{scene.key(key)} is due when nobody works who signs it.",
            f"It is due {scene.shown(due)}; for {there[0].name} that is {at:%a %H:%M}.",
            "Move its `due` into working hours.", due,
        )  # fmt: skip


def _due(scene: Scene, key: str) -> Path:
    path: Path = ("gates", key, "due")
    return path if path in scene.document.lines else path[:-1]


def _poll(scene: Scene, key: str, gate: GatePart) -> Iterator[Finding]:
    """Everybody whom a poll asks is there when it opens: silence is NO-GO."""
    opened = opens(scene.document, gate.poll) if gate.poll else None
    if gate.poll is None or opened is None or not scene.is_ahead(opened[0]):
        return
    at = opened[0]
    for number, voice in enumerate(voices(scene.directory, gate.poll.order, gate.poll.fresh)):
        people = quorum.signers(scene.directory, voice, Work(scene.document, at=at))
        if people and not any(signs(scene, person, at) for person in people) and not all(p.vacant for p in people):
            yield scene.fault(
                ("gates", key, "poll", "order", number), f"Nobody answers the poll for {gate.poll.order[number]}.",
                f"{scene.names(people)} {is_are(people)} away on {scene.shown(at)}. "
                "Silence is NO-GO.", "Name a deputy, or move the poll.", at,
            )  # fmt: skip


def _classes(scene: Scene) -> Iterator[Finding]:
    """Enough of those who accept a class of blockers are there all the time."""
    part = scene.document.of(blockers.section)
    for name, each in (part.classes if part else {}).items():
        for stretch in scene.stretches:
            people = scene.seats(each.accept.of)
            there = [person for person in people if signs(scene, person, stretch.at)]
            if people and len(there) < each.accept.count <= len(people):
                yield scene.fault(
                    ("blockers", "classes", name, "accept"), f"No blocker can become a {name} for some days.",
                    f"From {scene.shown(stretch.at)} only {scene.names(there)} can accept one, and "
                    f"{each.accept.count} must.", "Name more people, or ask for fewer.", stretch.at,
                )  # fmt: skip
                break
