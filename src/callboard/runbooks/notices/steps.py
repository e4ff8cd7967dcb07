"""What is sent about the steps of runs: to whom and where, and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.escalation.messages import duties, nudged, still_silent, why_paged
from callboard.escalation.models import Why
from callboard.gates.notices import named
from callboard.planfile.types import ON_CALL
from callboard.rota import notices as rota
from callboard.rota.events import TurnBegan
from callboard.runbooks import messages, rights, store
from callboard.runbooks.messages import RunView, steps
from callboard.runbooks.models import STEP, Run, RunStep, StepState
from callboard.runbooks.notices import GONE, ahead_of_runs, channel, to_people, view
from callboard.teams.directory import Directory, Person

SEE = "/run show"


def soon(tx: Tx, directory: Directory, run: Run, step: RunStep) -> None:
    """Ten minutes before a step each concerned team hears its own part, and a leader who is no team too."""
    stem = f"step:{step.number}:soon:{step.expected_at.isoformat()}"
    outbox.enqueue(tx, _parts(SOON, tx, directory, run, step, stem, at=step.expected_at))


def leads_now(tx: Tx, directory: Directory, run: Run, step: RunStep) -> None:
    """At its minute whoever leads a step hears so; the other teams only where they did not hear of it before."""
    stem = f"step:{step.number}:now:{step.changes}"
    posts = list(_parts(LEAD, tx, directory, run, step, stem))
    outbox.enqueue(tx, [post for post in posts if post and (post.args["leads"] or step.told_at is None)])
    if step.plan.get("confirm") and not run.drill:
        leads = rights.leads(tx, directory, step)
        others = [each for each in rights.present(tx, directory, step.plan["confirm"], step.team) if each not in leads]
        args = {"leads": False, "teams": [], "confirms": True}
        outbox.enqueue(tx, to_people(LEAD, directory, step, f"{stem}:confirm", others, args))


def stands_in(tx: Tx, directory: Directory, step: RunStep, away: str) -> None:
    """Whoever led or confirms a step under way has gone away: who stands in hears that it is theirs now."""
    stem, team = f"step:{step.number}:for:{away}:{step.started_at}", step.team
    leading = rights.standing_in(tx, directory, rights.leaders(directory, step), team, away)
    confirming = rights.standing_in(tx, directory, step.plan.get("confirm", ()), team, away)
    leads, confirms = {"leads": True, "teams": []}, {"leads": False, "teams": [], "confirms": True}
    others = [person for person in confirming if person not in leading]
    outbox.enqueue(tx, [
        *to_people(LEAD, directory, step, stem, leading, leads),
        *to_people(LEAD, directory, step, stem, others, confirms),
    ])  # fmt: skip


def left(tx: Tx, directory: Directory, step: RunStep) -> None:
    """Nobody of those who lead a step under way is in the plan any more: it falls to whoever coordinates."""
    stem, args = f"step:{step.number}:left:{','.join(step.leaders)}", {"leads": True, "teams": []}
    outbox.enqueue(tx, to_people(LEAD, directory, step, stem, directory.coordinating(tx.now), args))
    outbox.touch(tx, STEP, [step.number])


def handed(tx: Tx, run: Run, directory: Directory, step: RunStep, to: Person) -> None:
    """Whoever leads a step from now on hears so, once it is near or has begun. A drill stays in its channel."""
    if run.drill or (step.state != StepState.RUNNING and step.told_at is None):
        return
    notice = LEAD if step.state == StepState.RUNNING else SOON
    stem = f"step:{step.number}:handed:{step.changes}"
    outbox.enqueue(tx, to_people(notice, directory, step, stem, [to], {"leads": True, "teams": []}))


def takes_turn(tx: Tx, directory: Directory, step: RunStep, turn: TurnBegan) -> None:
    """Whoever is on call from now on leads or confirms a step under way, which is led by whoever is on call."""
    duty = {ON_CALL, f"{ON_CALL} {turn.team}"} if step.team in ("", turn.team) else {f"{ON_CALL} {turn.team}"}
    leads, confirms = (duty.intersection(words) for words in (step.leaders, step.plan.get("confirm", ())))
    if leads or confirms:
        args = {"leads": bool(leads), "teams": [], "confirms": not leads}
        stem = f"step:{step.number}:turn:{turn.at.isoformat()}"
        outbox.enqueue(tx, to_people(LEAD, directory, step, stem, directory.named([turn.person]), args))
        outbox.touch(tx, STEP, [step.number])


def _parts(
    notice: Notice, tx: Tx, directory: Directory, run: Run, step: RunStep, stem: str, at: datetime | None = None
) -> Iterator[Post | None]:
    """One message for each place: a team's own channel, or the person who leads, now or at an instant.

    A drill stays in its channel.
    """
    places: dict[str, dict[str, Any]] = {}
    own = [word for word in step.leaders if word in directory.teams]
    for team in own:
        _place(directory, run, places, team)["leads"] = True
    for team in dict.fromkeys((*own, *step.plan.get("with", ()), *step.plan.get("meanwhile", ()))):
        if team in directory.teams:
            _place(directory, run, places, team)["teams"].append(team)
    if run.drill and len(own) < len(step.leaders):
        places.setdefault(channel(directory, run), {"leads": False, "teams": []})["leads"] = True
    for address, part in places.items():
        yield notice.post(directory, address, step.subject, f"{stem}:{address}", args=part)
    if not run.drill:
        people = rights.present(
            tx, directory, [word for word in step.leaders if word not in directory.teams], step.team, at
        )
        if not own and not people:
            people = directory.coordinating(at or tx.now)
        yield from to_people(notice, directory, step, stem, people, {"leads": True, "teams": []})


def _place(directory: Directory, run: Run, places: dict[str, dict[str, Any]], team: str) -> dict[str, Any]:
    address = channel(directory, run) if run.drill else directory.home_channel(team)
    return places.setdefault(address, {"leads": False, "teams": []})


def ask(tx: Tx, directory: Directory, run: Run, step: RunStep) -> None:
    """A step should be done: whoever leads it is asked once whether it is. In a drill its channel is."""
    stem, people = f"step:{step.number}:late:{step.changes}", rights.leads(tx, directory, step)
    if run.drill:
        outbox.enqueue(tx, [LATE.post(directory, channel(directory, run), step.subject, stem)])
    else:
        outbox.enqueue(tx, to_people(LATE, directory, step, stem, people, {}))


def announce(tx: Tx, directory: Directory, run: Run, step: RunStep) -> None:
    """Tell whoever the plan names that a step is done. A drill tells nobody."""
    told = step.plan.get("announce")
    if not told or run.drill:
        return
    to = named(tx, directory, told.get("to", ()), told.get("mail", ()))
    outbox.enqueue(tx, [
        ANNOUNCE.post(
            directory, reach, step.subject, f"step:{step.number}:announce:{name}:{reach.medium}",
            args={"say": told.get("say", "")},
        ) for name, reach in to
    ])  # fmt: skip


def hand_over(tx: Tx, directory: Directory, step: RunStep) -> None:
    """Tell whoever is on call from now on what is theirs: of the team that leads the step, else of all teams.

    Whose turn begins at this time by the rotation hears of it by that.
    """
    whom: dict[Person, list[str]] = {}
    for team in _on_call(directory, step):
        if rota.begins_now(tx, directory, team):
            continue
        for person in rights.present(tx, directory, [f"{ON_CALL} {team}"]):
            whom.setdefault(person, []).append(team)
    stem = f"step:{step.number}:on_call:{step.changes}"
    outbox.enqueue(tx, [
        post for person, teams in whom.items()
        for post in to_people(ON_CALL_BEGINS, directory, step, stem, [person], {"teams": teams})
    ])  # fmt: skip


def _on_call(directory: Directory, step: RunStep) -> list[str]:
    """The teams whose people on call begin with a step."""
    return [step.team] if step.team in directory.on_call else list(directory.on_call)


def to_know(tx: Tx, plan_id: int, team: str) -> list[str]:
    """What runs leave to whoever begins on call for a team while their last steps are under way."""
    lines = []
    for run in store.open_runs(tx, plan_id):
        shown = messages.view(tx, run)
        begins = (step for step in shown.steps if step.plan.get("starts") == "on_call" and not run.drill)
        if run.begun_at and any(team in _on_call(shown.directory, step) for step in begins):
            lines += [f"{m.bold(shown.name)}:", *steps.to_know(shown)]
    return lines


def _of_step(
    write: Callable[[Tx, RunView, RunStep, Delivery], Message | Drop],
) -> Callable[[Tx, Delivery], Message | Drop]:
    def render(tx: Tx, delivery: Delivery) -> Message | Drop:
        step = store.step(tx, delivery.subject_id)
        shown = view(tx, step.run_id) if step else None
        if step is None or shown is None:
            return GONE
        if delivery.posted_as is None and shown.run.over and delivery.kind != ANNOUNCE.kind:
            return Drop(f"the run is {shown.run.state}")
        message = write(tx, shown, step, delivery)
        return message if isinstance(message, Drop) else messages.marked(shown.run, message)

    return render


def _soon(tx: Tx, shown: RunView, step: RunStep, delivery: Delivery) -> Message | Drop:
    if delivery.posted_as is None and step.state != StepState.WAITING:
        return Drop(f"the step is {step.state}")
    begins = shown.forecast.spans[step.place].at
    leads = delivery.args["leads"] and (
        not delivery.recipient
        or any(lead.key == delivery.recipient for lead in rights.leads(tx, shown.directory, step, begins))
    )
    return steps.soon(shown, step, delivery.args["teams"], leads=leads)


def _lead(tx: Tx, shown: RunView, step: RunStep, delivery: Delivery) -> Message | Drop:
    if delivery.posted_as is None and step.state != StepState.RUNNING:
        return Drop(f"the step is {step.state}")
    leads = rights.leads(tx, shown.directory, step)
    if passed_on := _passed_on(tx, shown, step, delivery, leads):
        return passed_on
    names = list(map(shown.directory.called, leads))
    mine = "You lead" if delivery.recipient else f"{joined(names)} {'leads' if len(names) == 1 else 'lead'}"
    able = _confirming(tx, shown.directory, step, delivery.recipient, leads)
    return steps.lead_now(shown, step, mine, delivery.args["teams"], leads=delivery.args["leads"], able=able)


def _passed_on(
    tx: Tx, shown: RunView, step: RunStep, delivery: Delivery, leads: Sequence[Person]
) -> Message | Drop | None:
    """What is left of a message to somebody who led a step under way and has no part in it any more; else None."""
    directory, reader = shown.directory, delivery.recipient
    if not reader or not delivery.args.get("leads", True) or step.state != StepState.RUNNING:
        return None
    able = {person.key for person in (*leads, *rights.works_on(tx, directory, step))}
    if reader in able or directory.coordinates(directory.people[reader], tx.now):
        return None
    return steps.handed_on(shown, step) if delivery.posted_as else Drop("somebody else leads the step by now")


def _confirming(
    tx: Tx, directory: Directory, step: RunStep, reader: str | None, leads: Sequence[Person]
) -> steps.Confirming:
    """Who confirms a step, where the plan names them: the reader, or somebody of those who lead it, or others."""
    wanted = step.plan.get("confirm")
    people = rights.present(tx, directory, wanted, step.team) if wanted else ()
    readers = directory.named([reader]) if reader else leads
    able = not wanted or any(person in people for person in readers)
    return steps.Confirming("you" if reader and people and able else directory.one_of(people), able=able)


def _late(tx: Tx, shown: RunView, step: RunStep, delivery: Delivery) -> Message | Drop:
    if delivery.posted_as is None and step.state != StepState.RUNNING:
        return Drop(f"the step is {step.state}")
    leads = rights.leads(tx, shown.directory, step)
    if passed_on := _passed_on(tx, shown, step, delivery, leads):
        return passed_on
    return steps.late(shown, step, _confirming(tx, shown.directory, step, delivery.recipient, leads))


def _page(tx: Tx, shown: RunView, step: RunStep, delivery: Delivery) -> Message | Drop:
    if delivery.posted_as is None and step.state not in (StepState.RUNNING, StepState.FAILED):
        return Drop(f"the step is {step.state}")
    directory = shown.directory
    leads = any(person.key == delivery.recipient for person in rights.leads(tx, directory, step))
    duty = duties(directory, delivery.args)
    told = "the plan names it" if delivery.recipient is None else "the plan names you"
    duty = "you lead it" if leads else f"you are {duty}" if duty else told
    ladder = escalation.ladder(tx, step.subject)
    if delivery.args.get("why") == Why.NUDGE and step.state == StepState.RUNNING:
        has = f"{directory.called(step.plan['holder'])} has it." if step.plan.get("holder") else "Nobody has it."
        silent = still_silent(ladder, delivery.args)
        return steps.nudge(shown, step, nudged(directory, delivery.args) if silent else has, ladder)
    why = why_paged(directory, delivery.args, duty)
    return steps.page(shown, step, why, ladder, here=delivery.recipient is None)


def _ahead_of_steps(tx: Tx, numbers: Collection[int]) -> None:
    """Many steps of one run, each with its pages."""
    ahead_of_runs(tx, store.runs_of(tx, numbers))
    escalation.read_ahead(tx, STEP, numbers)


SOON = Notice(
    kind="step.soon", told="each concerned team, ten minutes before a step: its own part", render=_of_step(_soon),
    priority=Priority.PROMPT, editable=True, ahead=_ahead_of_steps,
)  # fmt: skip
LEAD = Notice(
    kind="step.lead", told="whoever leads a step, at its minute", render=_of_step(_lead), priority=Priority.PROMPT,
    editable=True, ahead=_ahead_of_steps,
)  # fmt: skip
LATE = Notice(
    kind="step.late", told="whoever leads a step, once, when it should be done", render=_of_step(_late),
    priority=Priority.PROMPT, editable=True, folds=True, see=SEE, ahead=_ahead_of_steps,
)  # fmt: skip
PAGE = Notice(
    kind="step.page", told="whoever leads a step that is over its limit, once; then each step of the plan's policy",
    render=_of_step(_page), priority=Priority.PAGE, editable=True, see=SEE, ahead=_ahead_of_steps,
)  # fmt: skip
ANNOUNCE = Notice(
    kind="step.announce", told="whoever the plan names, when a step is done", priority=Priority.ANSWER,
    render=_of_step(lambda _, shown, step, delivery: steps.announcement(shown, step, delivery.args)),
    ahead=_ahead_of_steps,
)  # fmt: skip
ON_CALL_BEGINS = Notice(
    kind="step.on_call", told="whoever begins on call at the end of a run", priority=Priority.PROMPT,
    render=_of_step(lambda _, shown, step, delivery: steps.hand_over(shown, step, delivery.args["teams"])),
    ahead=_ahead_of_steps,
)  # fmt: skip
NOTICES = (SOON, LEAD, LATE, PAGE, ANNOUNCE, ON_CALL_BEGINS)
