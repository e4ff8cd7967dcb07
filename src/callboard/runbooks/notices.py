"""What is sent about runs: to whom and where, and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice, rows
from callboard.core.outbox import Delivery, Drop, Message, Post, Priority
from callboard.core.timeline import Subject
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.escalation.messages import duties, nudged, why_paged
from callboard.escalation.models import Why
from callboard.gates.notices import by_person, named
from callboard.planfile.types import ON_CALL
from callboard.rota import notices as rota
from callboard.rota.events import TurnBegan
from callboard.runbooks import messages, rights, store
from callboard.runbooks.messages import RunView, news, steps
from callboard.runbooks.models import CAUSE, STEP, Kind, Run, RunStep, State, StepState, Verb
from callboard.teams.directory import Directory, Person

GONE = Drop("the run is gone")
SEE = "/run show"
TO_RUNNERS = frozenset({Verb.BLOCKED, Verb.OFFERED, Verb.CALLED, Verb.OVERDUE})
"""What those who run the plan hear by themselves too; all else they read in the channel of the run."""


def channel(directory: Directory, run: Run) -> str:
    """Where a run is told: the channel that the plan names, else that of the plan."""
    own = run.plan.get("channel", "")
    return directory.address(own) if own else directory.home_channel()


def card(tx: Tx, directory: Directory, run: Run) -> None:
    """Post the one card of a run and, once it has begun, the line that is pinned, unless they are there already."""
    to = channel(directory, run)
    posts = [CARD.post(directory, to, run.subject, run.card)]
    if run.begun_at:
        posts.append(NOW.post(directory, to, run.subject, f"run:{run.number}:now"))
    outbox.enqueue(tx, posts)


def tell(
    tx: Tx,
    directory: Directory,
    run: Run,
    verb: Verb,
    first: Sequence[RunStep] = (),
    key: str = "",
    *,
    alone: bool = False,
    **args: Any,
) -> None:
    """Tell the channel of a run what happened to it, and those who can do something about it.

    They are told `alone` where the card, posted at the same time, says it to the channel.
    """
    facts = {"verb": verb, "why": list(run.blocked), **args}
    stem = f"run:{run.number}:{verb}:{key or run.changes}"
    posts = [] if alone else [NEWS.post(directory, channel(directory, run), run.subject, stem, args=facts)]
    people = [
        *directory.coordinating(tx.now),
        *(lead for step in first for lead in rights.leads(tx, directory, step)),
    ]
    if verb == Verb.CALLED:
        people = list(rights.asked(tx, directory, run))
    if not (verb in TO_RUNNERS or _leaves_on_hold(run, verb)):
        people = []
    if not run.drill:
        people += _asked(tx, directory, run, verb)
        posts += _to(NEWS if verb != Verb.CALLED else URGENT, directory, run, stem, people, facts)
    outbox.enqueue(tx, posts)


def unanswered(tx: Tx, directory: Directory, run: Run) -> None:
    """Nobody gave their word on a rollback, asked twice: whoever called it, runs the plan or led what failed hears."""
    facts, stem = {"verb": Verb.CALLED, "unanswered": True}, f"run:{run.number}:unanswered:{run.changes}"
    failed = store.step(tx, run.plan[CAUSE]) if run.plan.get(CAUSE) else None
    people = dict.fromkeys([
        *directory.named([run.called_by]), *directory.coordinating(tx.now),
        *(rights.leads(tx, directory, failed) if failed else ()),
    ])  # fmt: skip
    outbox.enqueue(tx, [
        NEWS.post(directory, channel(directory, run), run.subject, stem, args=facts),
        *_to(URGENT, directory, run, stem, people, facts),
    ])  # fmt: skip


def ask_also(tx: Tx, directory: Directory, run: Run) -> None:
    """Somebody has gone away while a rollback waits: whoever else can give their word now is asked as well."""
    asked = {sent.recipient for sent in outbox.about(tx, run.subject) if sent.kind == URGENT.kind}
    people = [person for person in rights.asked(tx, directory, run) if person.key not in asked]
    stem = f"run:{run.number}:{Verb.CALLED}:{run.changes}"
    outbox.enqueue(tx, [*_to(URGENT, directory, run, stem, people, {"verb": Verb.CALLED, "why": []})])


def _leaves_on_hold(run: Run, verb: Verb) -> bool:
    """Whether somebody must say now how a run-book goes on: a rollback that has begun is over."""
    return verb in (Verb.ENDED, Verb.STOPPED) and run.begun_at is not None and run.of_run is not None


def _asked(tx: Tx, directory: Directory, run: Run, verb: Verb) -> Sequence[Person]:
    """Whoever was asked for their word on a rollback that has begun, once it is over."""
    if run.kind != Kind.ROLLBACK or run.begun_at is None or verb not in (Verb.ENDED, Verb.STOPPED):
        return ()
    return directory.named(dict.fromkeys(
        sent.recipient for sent in outbox.about(tx, run.subject) if sent.kind == URGENT.kind and sent.recipient
    ))  # fmt: skip


def _to(
    notice: Notice, directory: Directory, row: Run | RunStep, stem: str, people: Iterable[Person],
    args: Mapping[str, Any],
) -> Iterator[Post | None]:  # fmt: skip
    for name, reach in by_person(directory, people):
        yield notice.post(directory, reach, row.subject, f"{stem}:{name}", args=args, recipient=name)


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
        outbox.enqueue(tx, _to(LEAD, directory, step, f"{stem}:confirm", others, args))


def stands_in(tx: Tx, directory: Directory, step: RunStep, away: str) -> None:
    """Whoever led or confirms a step under way has gone away: who stands in hears that it is theirs now."""
    stem, team = f"step:{step.number}:for:{away}:{step.started_at}", step.team
    leading = rights.standing_in(tx, directory, rights.leaders(directory, step), team, away)
    confirming = rights.standing_in(tx, directory, step.plan.get("confirm", ()), team, away)
    leads, confirms = {"leads": True, "teams": []}, {"leads": False, "teams": [], "confirms": True}
    others = [person for person in confirming if person not in leading]
    outbox.enqueue(tx, [
        *_to(LEAD, directory, step, stem, leading, leads), *_to(LEAD, directory, step, stem, others, confirms),
    ])  # fmt: skip


def handed(tx: Tx, run: Run, directory: Directory, step: RunStep, to: Person) -> None:
    """Whoever leads a step from now on hears so, once it is near or has begun. A drill stays in its channel."""
    if run.drill or (step.state != StepState.RUNNING and step.told_at is None):
        return
    notice = LEAD if step.state == StepState.RUNNING else SOON
    stem = f"step:{step.number}:handed:{step.changes}"
    outbox.enqueue(tx, _to(notice, directory, step, stem, [to], {"leads": True, "teams": []}))


def takes_turn(tx: Tx, directory: Directory, step: RunStep, turn: TurnBegan) -> None:
    """Whoever is on call from now on leads or confirms a step under way, which is led by whoever is on call."""
    duty = {ON_CALL, f"{ON_CALL} {turn.team}"} if step.team in ("", turn.team) else {f"{ON_CALL} {turn.team}"}
    leads, confirms = (duty.intersection(words) for words in (step.leaders, step.plan.get("confirm", ())))
    if leads or confirms:
        args = {"leads": bool(leads), "teams": [], "confirms": not leads}
        stem = f"step:{step.number}:turn:{turn.at.isoformat()}"
        outbox.enqueue(tx, _to(LEAD, directory, step, stem, directory.named([turn.person]), args))
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
        yield from _to(notice, directory, step, stem, people, {"leads": True, "teams": []})


def _place(directory: Directory, run: Run, places: dict[str, dict[str, Any]], team: str) -> dict[str, Any]:
    address = channel(directory, run) if run.drill else directory.home_channel(team)
    return places.setdefault(address, {"leads": False, "teams": []})


def ask(tx: Tx, directory: Directory, run: Run, step: RunStep) -> None:
    """A step should be done: whoever leads it is asked once whether it is. In a drill its channel is."""
    stem, people = f"step:{step.number}:late:{step.changes}", rights.leads(tx, directory, step)
    if run.drill:
        outbox.enqueue(tx, [LATE.post(directory, channel(directory, run), step.subject, stem)])
    else:
        outbox.enqueue(tx, _to(LATE, directory, step, stem, people, {}))


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
        for post in _to(ON_CALL_BEGINS, directory, step, stem, [person], {"teams": teams})
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


def tell_named(tx: Tx, directory: Directory, run: Run, step: RunStep, whom: Sequence[str]) -> None:
    """Tell whoever the plan names that a step failed."""
    stem, args = (
        f"step:{step.number}:failed:{step.changes}",
        {"verb": Verb.FAILED, "step": step.title, "why": step.reason},
    )
    facts = {**args, "by": step.ended_by, "link": step.link}
    posts = (NEWS.post(directory, reach, run.subject, f"{stem}:{name}", args=facts)
             for name, reach in named(tx, directory, whom))  # fmt: skip
    outbox.enqueue(tx, posts)


def remind_of_drill(tx: Tx, directory: Directory, plan_id: int, key: str, hour: datetime) -> None:
    """Nobody has tried a run-book as long before it as the plan wants: those who run the plan hear of it."""
    about, stem = Subject("plan", plan_id), f"run:{plan_id}:{key}:drill:{hour.isoformat()}"
    args = {"key": key, "hour": hour.isoformat()}
    outbox.enqueue(tx, [
        NO_DRILL.post(directory, reach, about, f"{stem}:{name}", args=args)
        for name, reach in by_person(directory, directory.coordinators)
    ])  # fmt: skip


def _view(tx: Tx, number: int) -> RunView | None:
    run = None if (known := tx.local.get(_view, {}).get(number)) else store.run(tx, number)
    return known or (messages.view(tx, run) if run else None)


def _of_run(write: Callable[[RunView, Delivery], Message | Drop]) -> Callable[[Tx, Delivery], Message | Drop]:
    def render(tx: Tx, delivery: Delivery) -> Message | Drop:
        shown = _view(tx, delivery.subject_id)
        if shown is None:
            return GONE
        message = write(shown, delivery)
        return message if isinstance(message, Drop) else messages.marked(shown.run, message)

    return render


def _of_step(
    write: Callable[[Tx, RunView, RunStep, Delivery], Message | Drop],
) -> Callable[[Tx, Delivery], Message | Drop]:
    def render(tx: Tx, delivery: Delivery) -> Message | Drop:
        step = store.step(tx, delivery.subject_id)
        shown = _view(tx, step.run_id) if step else None
        if step is None or shown is None:
            return GONE
        if delivery.posted_as is None and shown.run.over and delivery.kind != ANNOUNCE.kind:
            return Drop(f"the run is {shown.run.state}")
        message = write(tx, shown, step, delivery)
        return message if isinstance(message, Drop) else messages.marked(shown.run, message)

    return render


def _news(shown: RunView, delivery: Delivery) -> Message | Drop:
    verb = Verb(delivery.args["verb"])
    untrue = (
        (verb == Verb.BLOCKED and shown.run.state != State.BLOCKED) or (verb == Verb.OFFERED and shown.run.begun_at)
        or (verb == Verb.CALLED and shown.run.state != State.CALLED)
    )  # fmt: skip
    if untrue and delivery.posted_as is None:
        return Drop(f"the run is {shown.run.state}")
    return news.news(shown, verb, delivery.args)


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
        return steps.nudge(shown, step, nudged(directory, delivery.args), ladder)
    why = why_paged(directory, delivery.args, duty)
    return steps.page(shown, step, why, ladder, here=delivery.recipient is None)


RUNS = rows(Run)


def _ahead_of_runs(tx: Tx, numbers: Collection[int]) -> None:
    """Look once at each run, for all that is written of it."""
    RUNS(tx, numbers)
    store.shown.of(tx, numbers)
    known = tx.local.setdefault(_view, {})
    for run in filter(None, (store.run(tx, number) for number in numbers if number not in known)):
        known[run.number] = messages.view(tx, run)


def _ahead_of_steps(tx: Tx, numbers: Collection[int]) -> None:
    """Many steps of one run, each with its pages."""
    _ahead_of_runs(tx, store.runs_of(tx, numbers))
    escalation.read_ahead(tx, STEP, numbers)


CARD = Notice(
    kind="run.card", told="the channel of a run, once; the card changes with it", priority=Priority.ANSWER,
    editable=True, render=_of_run(lambda shown, _: messages.card(shown)), ahead=_ahead_of_runs,
)  # fmt: skip
NOW = Notice(
    kind="run.now", told="the channel of a run: one pinned line, where it is and what is next", editable=True,
    render=_of_run(lambda shown, _: messages.now_line(shown)), priority=Priority.ANSWER, ahead=_ahead_of_runs,
)  # fmt: skip
NEWS = Notice(
    kind="run.news", told="the channel of a run at its turns; whoever runs it when something must be decided",
    render=_of_run(_news), priority=Priority.ANSWER, ahead=_ahead_of_runs,
)  # fmt: skip
URGENT = Notice(
    kind="run.confirm", told="whoever can confirm a rollback that somebody called", render=_of_run(_news),
    priority=Priority.PAGE, editable=True, ahead=_ahead_of_runs,
)  # fmt: skip
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
NO_DRILL = Notice(
    kind="run.no_drill", told="who runs the plan, when nobody has tried a run-book as early as the plan wants",
    render=lambda _, delivery: news.no_drill(delivery.args), priority=Priority.PROMPT, folds=True, see="/run",
)  # fmt: skip
NOTICES = (CARD, NOW, NEWS, URGENT, SOON, LEAD, LATE, PAGE, ANNOUNCE, ON_CALL_BEGINS, NO_DRILL)
