"""Ladders and turns: a rung, or a turn on call, with nobody on it, or with the same people as the one below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from callboard.core.words import is_are, joined, lasted
from callboard.escalation import plan as escalation
from callboard.escalation.models import Policy, Step
from callboard.planfile.sections import Path
from callboard.planfile.times import show_span
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, OF_A_TEAM, Scene, Stretch
from callboard.teams.directory import Person
from callboard.teams.plan.turns import rotations

MEANT_BY_CHANCE = frozenset({"reporter"})
"""Only a running climb can tell whom these mean, and there always is somebody."""


def found(scene: Scene) -> Iterator[Finding]:
    """What is wrong with each rung, then with each turn on call, then what a rehearsal paged for nothing."""
    for name, part in (scene.document.of(escalation.section) or {}).items():
        policy = escalation.read(name, part)
        for number, step in enumerate(policy.steps):
            yield from _rung(scene, policy, number, step)
            yield from _never(scene, policy, number, step)
            yield from _slow(scene, policy, number, step)
        yield from _same(scene, policy)
        yield from _on_holiday(scene, policy)
    yield from _turns(scene)
    yield from _unheard(scene)


def _rung(scene: Scene, policy: Policy, number: int, step: Step) -> Iterator[Finding]:
    path: Path = ("escalation", policy.name, "steps", number)
    if all(word.startswith("#") for word in step.notify):
        yield scene.risk(
            path, f"{_called(policy, number)} pages nobody.",
            f"It only writes to {joined(step.notify)}. A channel wakes nobody.",
            "Name a person, a role or {on_call: a team} beside the channel.",
        )  # fmt: skip
        return
    if MEANT_BY_CHANCE.intersection(step.notify):
        return
    empty = {team: gaps for team in scene.concerned(step.notify) if (gaps := _gaps(scene, step, team))}
    if empty:
        yield _empty(scene, path, policy, number, empty)
        return
    yield from _unreachable(scene, path, policy, number, step)


def _never(scene: Scene, policy: Policy, number: int, step: Step) -> Iterator[Finding]:
    """A rung is called while the plan lasts."""
    if step.after > scene.lasts:
        yield scene.risk(
            ("escalation", policy.name, "steps", number), f"{_called(policy, number)} is never called.",
            f"Its turn is {lasted(step.after)} after the first, and the plan lasts {lasted(scene.lasts)}.",
            "Write a shorter `after`, or let the step before it wait less.",
        )  # fmt: skip


def _slow(scene: Scene, policy: Policy, number: int, step: Step) -> Iterator[Finding]:
    """Whoever is on a rung answers while it waits for them, and it waits as long as it says."""
    waits, path = step.respond_within, ("escalation", policy.name, "steps", number)
    people = [person for team in scene.concerned(step.notify) for person in scene.seats(step.notify, team)]
    slow = next((each for each in people if waits and each.responds_within and each.responds_within > waits), None)
    if waits and slow and slow.responds_within:
        yield scene.risk(
            path, f"{_called(policy, number)} does not wait long enough.",
            f"{slow.name} answers within {show_span(slow.responds_within)}, and it waits {show_span(waits)}.",
            "Let the step wait longer, or agree on a shorter time with them.",
        )  # fmt: skip
    following = policy.steps[number + 1].after - step.after if number + 1 < len(policy.steps) else None
    if waits and following is not None and following < waits:
        yield scene.risk(
            path, f"{_called(policy, number)} is called off before its time is over.",
            f"It waits {show_span(waits)}, and the next step is called {show_span(following)} after it.",
            "Write a later `after` for the next step, or a shorter `respond_within` for this one.",
        )  # fmt: skip


def _called(policy: Policy, number: int) -> str:
    """`Step 3 (Executive) of the ladder default`."""
    return f"Step {number + 1} ({policy.steps[number].level}) of the ladder `{policy.name}`"


def _gaps(scene: Scene, step: Step, team: str) -> list[Stretch]:
    """When a rung has neither a person nor a channel."""
    return [stretch for stretch in scene.stretches if not _staffed(scene, step, team, stretch)]


def _staffed(scene: Scene, step: Step, team: str, stretch: Stretch) -> bool:
    return scene.reached(step.notify, stretch.at, team)


def _empty(scene: Scene, path: Path, policy: Policy, number: int, empty: dict[str, list[Stretch]]) -> Finding:
    team, gaps = next(iter(empty.items()))
    words = policy.steps[number].notify
    meant = scene.who(words, gaps[0].at, team)
    away = (*meant.missing, *(each.instead_of for each in meant.people if each.instead_of))
    teams = joined([scene.team(each) for each in empty if each], FEW)
    always = sum(len(each) for each in empty.values()) == len(empty) * len(scene.stretches)
    whose = f" for {teams}" if any(empty) else ""
    when = "" if always else f" from {scene.shown(gaps[0].at)} to {scene.shown(gaps[0].until)}"
    vacant = [person.name for person in away if person.vacant]
    gone = [person.name for person in away if not person.vacant]
    why = " ".join(filter(None, (
        f"{joined(gone, FEW)} {is_are(gone)} away, and nobody stands in." if gone else "",
        f"The seat {joined(vacant, FEW)} is vacant." if vacant else "", "" if away else "Its words mean nobody here.",
    )))  # fmt: skip
    return scene.fault(
        path, f"Nobody is on {_called(policy, number)}{whose}{when}.", why,
        "Name a deputy, or name somebody else on this step too.", None if always else gaps[0].at,
    )  # fmt: skip


def _unreachable(scene: Scene, path: Path, policy: Policy, number: int, step: Step) -> Iterator[Finding]:
    """Somebody is on the rung, and nothing says how to reach them."""
    for team in scene.concerned(step.notify):
        people = scene.seats(step.notify, team)
        if people and not any(_reached(scene, person) for person in people):
            yield scene.fault(
                path, f"{_called(policy, number)} reaches nobody.",
                f"Nothing says how to reach {scene.names(people)}.", "Write `slack:` or `email:` for them.",
            )  # fmt: skip
            return


def _reached(scene: Scene, person: Person) -> bool:
    return bool(person.email) or scene.directory.reach(person) is not None


def _same(scene: Scene, policy: Policy) -> Iterator[Finding]:
    """Climbing from a rung to one with the same people changes nothing."""
    for number, (below, step) in enumerate(pairwise(policy.steps), 1):
        both = (*below.notify, *step.notify)
        if MEANT_BY_CHANCE.intersection(both) or ("leads" in below.notify) != ("leads" in step.notify):
            continue  # a matter may concern several teams, whose leads these are
        teams = [team for team in scene.concerned(both) if _alike(scene, below, step, team)]
        if teams:
            whose = f" for {joined([scene.team(team) for team in teams], FEW)}" if any(teams) else ""
            seats = scene.seats(step.notify, teams[0])
            yield scene.risk(
                ("escalation", policy.name, "steps", number),
                f"{_called(policy, number)} calls the same people as step {number}{whose}.",
                f"Both mean {scene.names(seats)}, who {is_are(seats)} called once for both: "
                "nobody else hears of it.",
                "Name somebody else on one of the two.",
            )  # fmt: skip


def _on_holiday(scene: Scene, policy: Policy) -> Iterator[Finding]:
    """Rungs of which everybody is away, and only somebody of a rung beside stands in: the first time of each."""
    words = [word for step in policy.steps for word in step.notify]
    told: set[int] = set()
    for stretch, team in product(scene.stretches, scene.concerned(words)):
        rungs = [scene.who(step.notify, stretch.at, team).people for step in policy.steps]
        for number, own in enumerate(rungs):
            beside = {each.person.key for other in (*rungs[max(number - 1, 0) : number], *rungs[number + 1 :][:1])
                      for each in other}  # fmt: skip
            away = [each.instead_of for each in own if each.instead_of]
            alone = own and len(away) == len(own) and {each.person.key for each in own} <= beside
            alone = alone and not all(each.vacant for each in away)  # of whom another finding speaks
            if not alone or number in told:
                continue
            told.add(number)
            whose = f" for {scene.team(team)}" if OF_A_TEAM.intersection(policy.steps[number].notify) else ""
            yield scene.fault(
                ("escalation", policy.name, "steps", number),
                f"{_called(policy, number)} is on holiday{whose}.",
                f"From {scene.shown(stretch.at)} {scene.names(away)} {is_are(away)} away, and "
                f"only {scene.names([each.person for each in own])} of the step beside it stands in.",
                "Name a deputy who is on no other step.", stretch.at,
            )  # fmt: skip


def _alike(scene: Scene, below: Step, step: Step, team: str) -> bool:
    channels = [{word for word in each.notify if word.startswith("#")} for each in (below, step)]
    seats: Sequence[tuple[Person, ...]] = [scene.seats(each.notify, team) for each in (below, step)]
    return bool(seats[0]) and set(seats[0]) == set(seats[1]) and channels[0] >= channels[1]


def _turns(scene: Scene) -> Iterator[Finding]:
    """Whoever has a turn is there, or somebody of the rotation is."""
    for team, rotation in rotations(scene.document).items():
        for stretch in scene.stretches:
            holder = scene.directory.people.get(rotation.holder(stretch.at) or "")
            if holder is None or holder.present(stretch.at):
                continue
            acting, when = scene.directory.standing_in(holder, stretch.at), scene.shown(stretch.at)
            state = "The seat is vacant" if holder.vacant else f"{holder.name} is away"
            instead = "Swap the turn: write it under `overrides`."
            path: Path = ("on_call", team)
            what = f"{scene.team(team)} has nobody on call from {when} to {scene.shown(stretch.until)}."
            if acting is None:
                yield scene.fault(path, what, f"{state}, and nobody stands in.", instead, stretch.at)
                break
            if acting.key not in rotation.everybody:
                what = f"{acting.name} is on call for {scene.team(team)} from {when}, and takes no turns there."
                yield scene.risk(path, what, f"{state}, and {acting.name} stands in.", instead, stretch.at)
                break


def _unheard(scene: Scene) -> Iterator[Finding]:
    """Pages of a rehearsal after which nobody did anything for the rest of it."""
    pages = [line for line in scene.lines if line.page and line.to.startswith("@") and not line.who]
    acted = {line.who: line.at for line in scene.lines if line.who}
    silent: dict[str, list[int]] = {}
    for number, line in enumerate(pages):
        person = line.to.removeprefix("@")
        if acted.get(person, line.at) <= line.at and person in scene.directory.people:
            silent.setdefault(person, []).append(number)
    for person, numbers in silent.items():
        count, first = len(numbers), pages[numbers[0]]
        yield scene.played(
            ("people", person), f"{scene.name(person)} did not answer {'a page' if count == 1 else f'{count} pages'}.",
            f"The first: {first.text.splitlines()[0][:120] if first.text else first.kind}",
            "See that pages reach them by a second way: `phone:` or `fallback:`.", first.at,
        )  # fmt: skip
