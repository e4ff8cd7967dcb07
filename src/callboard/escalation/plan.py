"""The `escalation` section of the plan file: policies and their steps, and whom a new version leaves unpaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import delete

from callboard.core.db import Tx
from callboard.core.timeline import called
from callboard.core.words import counted, joined
from callboard.escalation import store
from callboard.escalation.models import AT_MOST, BACK_OFF, Climb, PlanPolicy, Policy, Step
from callboard.escalation.readers import concern
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.types import ON_CALL, Delay, Part, Span, Whom
from callboard.teams import recipients
from callboard.teams.directory import Directory
from callboard.teams.plan import directory as teams
from callboard.teams.plan.directory import drafted
from callboard.teams.recipients import OF_A_TEAM, RELATIVE

MOST_BACK_OFF, MOST_REPEATS = 10, 20


class StepPart(Part):
    """One step as it is written."""

    level: str = ""
    notify: Annotated[Whom, Field(min_length=1)]
    after: Delay | None = None
    respond_within: Span | None = None
    repeat_every: Span | None = None
    back_off: Annotated[float | None, Field(ge=1, le=MOST_BACK_OFF)] = None
    at_most: Annotated[int | None, Field(ge=1, le=MOST_REPEATS)] = None


class PolicyPart(Part):
    """One policy as it is written."""

    steps: Annotated[tuple[StepPart, ...], Field(min_length=1)]
    clock: Literal["wall", "working"] = "wall"
    idle_after: Span | None = None
    resolve_within: Span | None = None
    respect_quiet: bool = False


def read(name: str, part: PolicyPart) -> Policy:
    """Make the policy that climbs follow: every step at its time from the opening."""
    elapsed, steps = timedelta(), []
    for number, step in enumerate(part.steps, 1):
        after = elapsed if step.after is None else step.after
        level = step.level or f"Step {number}"
        repeats = (step.back_off or BACK_OFF, step.at_most or AT_MOST)
        steps.append(Step(level, step.notify, after, step.respond_within, step.repeat_every, *repeats))
        elapsed = after + (step.respond_within or timedelta())
    return Policy(name, tuple(steps), part.idle_after, part.resolve_within, part.clock == "working", part.respect_quiet)


def check(document: Document, policies: Mapping[str, PolicyPart]) -> Iterable[Problem]:
    """Steps come in rising order, name known people, and reach somebody."""
    for name, part in policies.items():
        steps = read(name, part).steps
        at: Path = ("escalation", name, "steps")
        for number, (before, step) in enumerate(pairwise(steps), 1):
            if step.after < before.after:
                sentence = "this step is due before the one above it; give it a later `after`, or move it up"
                yield document.error((*at, number), sentence)
            elif step.after == before.after and part.steps[number].after is None:
                sentence = "this step is due together with the one above it; give that one a `respond_within`"
                yield document.warning((*at, number), sentence)
        for number, (written, step) in enumerate(zip(part.steps, steps, strict=True)):
            yield from _check_repeats(document, (*at, number), written, last=number == len(steps) - 1)
            yield from _check_step(document, (*at, number, "notify"), step)


def _check_repeats(document: Document, at: Path, step: StepPart, *, last: bool) -> Iterator[Problem]:
    """Only the last step is paged again, and only with `repeat_every` is there anything to slow down or to count."""
    for key in ("back_off", "at_most"):
        if getattr(step, key) is not None and step.repeat_every is None:
            yield document.error((*at, key), f"`{key}` slows repeats down: write `repeat_every` beside it")
    if step.repeat_every is not None and not last:
        sentence = "only the last step is paged again: move `repeat_every` there, or leave it out"
        yield document.warning((*at, "repeat_every"), sentence)


def _check_step(document: Document, path: Path, step: Step) -> Iterator[Problem]:
    """Whom a step names is known, and at least one of them has a seat that is not vacant, whichever team it is for."""
    strange = list(teams.check_who(document, path, step.notify, RELATIVE, alone=False))
    yield from strange
    decided = teams.complete(document) and not strange and not any(_may_be_somebody(word) for word in step.notify)
    of_teams = (document.keys("teams") if OF_A_TEAM.keys() & set(step.notify) else [""]) if decided else []
    empty = [team for team in of_teams if not teams.meant(document, step.notify, team)]
    if empty:
        whose = "" if len(empty) == len(of_teams) else f" for {joined(empty)}"
        sentence = f"nobody is on this step{whose}: fill a vacant seat, or name somebody else too"
        yield document.warning(path, sentence)


def _may_be_somebody(word: str) -> bool:
    """Whether only a running climb can tell whom a word means; a channel always holds somebody."""
    return word.startswith("#") or word in teams.OF_A_SUBJECT or word.split(" ", maxsplit=1)[0] == ON_CALL


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """Keep each policy under its name; climbs that have begun keep the one they began with."""
    tx.connection.execute(delete(PlanPolicy).where(PlanPolicy.plan_id == plan_id))  # type: ignore[arg-type]
    for name, part in (document.of(section) or {}).items():
        digest = store.keep_policy(tx, read(name, part))
        tx.session.add(PlanPolicy(plan_id=plan_id, name=name, digest=digest))
    tx.session.flush()


def consequences(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Name the changed policies that climbs are under way with, which they keep, and whom they would page next."""
    new = {name: read(name, part).encoded()[0] for name, part in (after.of(section) or {}).items()}
    begun = Counter(climb.policy for climb in store.running(tx, plan_id))
    for name, digest in store.digests(tx, plan_id).items():
        if new.get(name) != digest and (count := begun[digest]):
            keep = "keeps" if count == 1 else "keep"
            yield f"{counted(count, 'climb')} {keep} the policy {name} as it was when the climb began"
    yield from _paged_next(tx, plan_id, before, after)


def _paged_next(tx: Tx, plan_id: int, before: Document, after: Document) -> Iterator[str]:
    """Name who leaves the plan and would be paged next, and the steps to come that reach nobody any more."""
    was, now = drafted(before), drafted(after)
    if was is None or now is None:
        return
    gone, waiting, empty = set(before.gone(after, "people")), dict[str, list[str]](), dict[str, list[str]]()
    for climb in store.running(tx, plan_id):
        subject = called(tx, climb.subject)
        to_come = store.policy_of(tx, climb.policy).steps[climb.reached + 1 :]
        for number, step in enumerate(to_come):
            people = _on(tx, was, step, climb)
            for key in gone.intersection(people) if number == 0 else ():
                waiting.setdefault(key, []).append(subject)
            if people and not _on(tx, now, step, climb):
                empty.setdefault(step.level, []).append(subject)
    for key, subjects in sorted(waiting.items()):
        yield f"{key} leaves the plan and would be paged next for {joined(subjects)}"
    for level, subjects in empty.items():
        yield f"nobody is on the step {level} any more, which {joined(subjects)} may climb to"


def _on(tx: Tx, directory: Directory, step: Step, climb: Climb) -> list[str]:
    return [person.key for person in recipients.seats(directory, step.notify, concern(climb), tx.now)]


def elsewhere(document: Document) -> Iterator[Problem]:
    """Without any policy a blocker is written down, and nobody is paged for it."""
    if "escalation" not in document.body and document.body.get("teams"):
        sentence = "the plan has no escalation, so a blocker pages nobody: write `escalation:` with a policy `default`"
        yield document.warning(("teams",), sentence)


section: Section[dict[str, PolicyPart]] = Section(
    name="escalation", one="policy", model=dict[str, PolicyPart], check=check, elsewhere=elsewhere, apply=apply,
    consequences=consequences,
)  # fmt: skip
