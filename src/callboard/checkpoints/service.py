"""The verbs of checkpoints: one is checked, and people answer what is behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.blocks import markup as m
from callboard.checkpoints import models, notices, plan, store
from callboard.checkpoints.expectations import Item, stands, unchecked, written
from callboard.checkpoints.models import INQUIRY, KIND, Checkpoint, CheckpointFailed, How, Inquiry, State, Verb
from callboard.checkpoints.plan import CheckpointPart
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.timeline import Subject
from callboard.core.words import folded, joined
from callboard.escalation import service as escalation
from callboard.escalation.service import StepsDue
from callboard.gates.models import GateSettled
from callboard.planfile import calendar
from callboard.plans import service as plans
from callboard.plans.models import PlanApplied, PlanEdited
from callboard.standups import schedule
from callboard.tasks import service as tasks
from callboard.teams import old_buttons
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Asker, Directory

LATELY = timedelta(days=30)
"""For how long what was called off may be asked again."""
GONE = "That checkpoint no longer exists. `/checkpoint` lists them."
NONE = "This plan has no checkpoints. They go into the plan file, under `checkpoints`."


@dataclass(frozen=True)
class Seat:
    """Who is asked together, and about which teams."""

    people: tuple[str, ...]
    teams: tuple[str, ...]

    def concerned_by(self, item: Item) -> bool:
        return not item.teams or not self.teams or bool(set(item.teams) & set(self.teams))


@dataclass(frozen=True)
class Planned:
    """A checkpoint of the plan, and its row; one that was not checked yet is not kept, and has no id."""

    part: CheckpointPart
    row: Checkpoint


def look(tx: Tx, plan_id: int, key: str, at: datetime, by: str = "") -> Checkpoint:
    """Check a checkpoint, for the first time or again; ask everybody who must answer and was not asked yet."""
    part, directory = written(tx, plan_id)[key], teams.directory(tx, plan_id)
    held, items = schedule.on_hold(tx, plan_id), stands(tx, plan_id, part)
    row = store.looked_at(tx, plan_id, key, at) or unchecked(tx, plan_id, key, part, at)
    row.looked_at, row.by, row.missed, row.teams = tx.now, by, False, list(part.concerned)
    row.on_hold, row.items = [team for team in row.teams if team in held], [asdict(item) for item in items]
    _measure(tx, row, directory)
    tx.session.add(row)
    tx.session.flush()
    timeline.record(
        tx, plan_id, row.subject, Verb.CHECKED, actor=by or timeline.BOT, checkpoint=key,
        holds=sum(item.holds for item in items), expected=len(items),
    )  # fmt: skip
    notices.card(tx, directory, row)
    _ask(tx, directory, row, part, items)
    outbox.touch(tx, KIND, [row.number])
    free = set(row.teams) - set(row.on_hold)
    behind = [f"{item.says}: {item.stands}" for item in items
              if not item.holds and (free & set(item.teams or row.teams) or not row.teams)]  # fmt: skip
    if behind:
        tx.publish(CheckpointFailed(row, part.name, behind))
    return row


def miss(tx: Tx, plan_id: int, key: str, at: datetime) -> None:
    """Put on record that Callboard was down through the whole window; nobody is told."""
    row = unchecked(tx, plan_id, key, written(tx, plan_id)[key], at)
    row.missed = True
    tx.session.add(row)
    tx.session.flush()
    timeline.record(tx, plan_id, row.subject, Verb.MISSED, checkpoint=key)


def _measure(tx: Tx, row: Checkpoint, directory: Directory) -> None:
    """Keep how far the tasks of the teams are, for the next checkpoint."""
    concerned = row.teams or list(directory.teams)
    own = [task for task in tasks.seen(tx, row.plan_id) if set(task.teams) & set(concerned)]
    row.percents = {task.key: tasks.rolled("", [task], tx.now).percent for task in own}
    row.progress = {
        team: tasks.rolled(team, [task for task in own if team in task.teams], tx.now).percent
        for team in concerned if any(team in task.teams for task in own)
    }  # fmt: skip


def _ask(tx: Tx, directory: Directory, row: Checkpoint, part: CheckpointPart, items: Sequence[Item]) -> None:
    already = {inquiry.seat for inquiry in store.inquiries(tx, row.number)}
    for seat in seats(tx, directory, row, part):
        name = ",".join(seat.people)
        places = [place for place, item in enumerate(items) if not item.holds and seat.concerned_by(item)]
        if name in already or not (places or part.ask):
            continue
        inquiry = _inquiry(directory, row, part, seat, tx.now)
        inquiry.places = places
        tx.session.add(inquiry)
        tx.session.flush()
        timeline.record(tx, row.plan_id, inquiry.subject, Verb.ASKED, people=inquiry.people, checkpoint=row.key)
        notices.ask(tx, directory, inquiry)


def _inquiry(directory: Directory, row: Checkpoint, part: CheckpointPart, seat: Seat, now: datetime) -> Inquiry:
    """Ask whoever is there in working hours, if these begin within a day for one of them; else at once."""
    people = directory.named(seat.people)
    present = dict.fromkeys((directory.standing_in(person, now) or person).key for person in people)
    at = min(filter(None, (schedule.may_ask(directory, person, now) for person in people)), default=now)
    return Inquiry(
        plan_id=row.plan_id, checkpoint_id=row.number, seat=",".join(seat.people), people=list(present),
        teams=list(seat.teams), questions=list(part.ask), asked_at=at, closes_at=at + part.window,
        next_at=at + part.window / 2,
    )  # fmt: skip


def seats(tx: Tx, directory: Directory, row: Checkpoint, part: CheckpointPart) -> list[Seat]:
    """Who is asked: the leads of each team together, anybody else alone; nobody of a team on hold."""
    free = tuple(team for team in part.concerned if team not in row.on_hold)
    if part.concerned and not free:
        return []
    people = plan.everybody(teams.document(tx, row.plan_id), part.who, free, tx.now)
    leading: dict[tuple[str, ...], list[str]] = {}
    for team in free:
        leads = tuple(lead.key for lead in directory.leads_of(team) if lead.key in people)
        if leads:
            leading.setdefault(leads, []).append(team)
    grouped = {key for leads in leading for key in leads}
    asked = [Seat(leads, tuple(own)) for leads, own in leading.items()]
    asked += [Seat((key,), free) for key in people if key not in grouped]
    return asked or [Seat((person.key,), free) for person in directory.coordinators]


def checkpoints(tx: Tx, plan_id: int) -> list[Planned]:
    """Every checkpoint of a plan, in order."""
    live, parts = plans.live(tx, plan_id), written(tx, plan_id)
    window = calendar.plan_window(live)
    rows = {(row.key, row.at): row for row in store.checkpoints(tx, plan_id)}
    times = {due.key: due.at for due in plan.happenings(live, parts.values(), window)} if window else {}
    planned = [
        Planned(parts[key], rows.get((key, at)) or unchecked(tx, plan_id, key, parts[key], at))
        for key, at in times.items()
    ]
    return sorted(planned, key=lambda each: each.row.at)


def named(tx: Tx, plan_id: int, words: str) -> Planned:
    """The checkpoint that somebody means by its key or name. Raises Refused with what they may have meant."""
    every, wanted = checkpoints(tx, plan_id), m.as_typed(words)
    exact = [each for each in every if m.means(words, each.row.key, each.part.name)]
    near = exact or [each for each in every if wanted and wanted in folded(each.part.name)]
    if len(near) == 1:
        return near[0]
    if not every:
        raise Refused(NONE)
    names = [each.part.name for each in near or every]
    if len(set(names)) < len(names):
        names = [each.row.key for each in near or every]
    if near:
        which = joined((f"{m.code(name)}" for name in names), word="or")
        raise Refused(f"Several checkpoints are called so. Type one of these: {which}.")
    raise unknown(f"There is no checkpoint `{m.clip(m.escape(wanted), 60)}`", wanted, names)


def run(tx: Tx, who: Asker, words: str) -> Checkpoint:
    """Check a checkpoint now, before its time or again. For leads of its teams, and coordinators."""
    directory = who.directory
    planned = named(tx, directory.plan_id, words)
    own = planned.part.concerned
    leads = any(directory.is_lead(who.person, team) for team in own) if own else directory.is_lead(who.person)
    if not leads and not directory.has_role(who.person, COORDINATOR):
        called = directory.one_of(lead for team in own for lead in directory.leads_of(team)) or "a lead"
        raise Refused(f"Only {called} or a coordinator can check {m.escape(planned.part.name)}.")
    row = look(tx, directory.plan_id, planned.row.key, planned.row.at, by=who.person.key)
    recheck(tx, directory.plan_id)
    return row


def on_it(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Inquiry:
    """Somebody works on what is behind."""
    return _answered(tx, who, mine(tx, who, number, expected), How.ON_IT)


def needs_help(tx: Tx, who: Asker, number: int, expected: int | None = None) -> list[str]:
    """Somebody asks the coordinators for help; return whom it reached. Raises Refused when that is nobody else."""
    inquiry = mine(tx, who, number, expected)
    if inquiry.how == How.HELP and inquiry.by == who.person.key and inquiry.answered_at:
        raise Refused(f"You asked for help already, {m.date(inquiry.answered_at, 'both')}. I told the coordinators.")
    told = notices.help_wanted(tx, who.directory, inquiry, who.person)
    if not told:
        raise Refused("Nobody else coordinates this plan. Raise a blocker instead.")
    _answered(tx, who, inquiry, How.HELP)
    return [who.directory.called(person) for person in told]


def blocked(tx: Tx, who: Asker, number: int, raised: Raised, expected: int | None = None) -> None:
    """Raise a blocker for what is behind."""
    inquiry = mine(tx, who, number, expected)
    inquiry.blockers = [*inquiry.blockers, blockers.raise_blocker(tx, who, raised).number]
    _answered(tx, who, inquiry, How.BLOCKER)


def say(tx: Tx, who: Asker, number: int, answers: Sequence[tuple[str, str]]) -> None:
    """Answer the questions, for the first time or anew."""
    inquiry = mine(tx, who, number)
    inquiry.answers = [{"ask": question, "said": text} for question, text in answers]
    said = "\n".join(f"{question}: {text}" for question, text in answers if text)
    _answered(tx, who, inquiry, inquiry.how or How.SAID, said=said)


def mine(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Inquiry:
    """An inquiry that somebody may answer, locked. Refuses everybody else, and buttons that are too old."""
    inquiry, directory = store.inquiry(tx, number, lock=True), who.directory
    if inquiry is None or inquiry.plan_id != directory.plan_id:
        raise Refused(GONE)
    leads = any(directory.is_lead(who.person, team) for team in inquiry.teams)
    paged = escalation.told(tx, store.checkpoint(tx, inquiry.checkpoint_id).subject)
    known = who.person.key in (*inquiry.people, *inquiry.told, *paged)
    if not (known or leads or directory.has_role(who.person, COORDINATOR)):
        raise Refused(f"Only {directory.one_of(directory.named(inquiry.people))} can answer this.")
    old_buttons.refuse_old(tx, who, inquiry, "This question", expected)
    return inquiry


def recheck(tx: Tx, plan_id: int, task: str = "") -> None:
    """Settle what has caught up: nobody need answer any more, and the escalation ends. `task` is what changed."""
    for inquiry in store.open_inquiries(tx, plan_id):
        checkpoint = store.checkpoint(tx, inquiry.checkpoint_id)
        behind = [checkpoint.items[place] for place in inquiry.places if place < len(checkpoint.items)]
        if inquiry.questions or (task and all(item["task"] not in ("", task) for item in behind)):
            continue
        part = written(tx, plan_id).get(checkpoint.key)
        items = stands(tx, plan_id, part) if part else []
        if len(items) == len(checkpoint.items) and all(items[place].holds for place in inquiry.places):
            _settle(tx, inquiry, State.SETTLED, Verb.SETTLED)


def close(tx: Tx, inquiry: Inquiry) -> None:
    """Its moment has passed: nobody is asked, reminded or told any more."""
    _settle(tx, inquiry, State.CLOSED, Verb.CLOSED)


def on_plan_changed(tx: Tx, event: PlanApplied | PlanEdited) -> None:
    """Call off what is asked at a checkpoint that the plan has moved or lost; where it is back, go on."""
    waiting, off = list(store.open_inquiries(tx, event.plan_id)), store.called_off(tx, event.plan_id, tx.now - LATELY)
    planned = {(each.row.key, each.row.at) for each in checkpoints(tx, event.plan_id)} if waiting or off else ()
    for inquiry in [*waiting, *off]:
        checkpoint = store.checkpoint(tx, inquiry.checkpoint_id)
        if inquiry.open != ((checkpoint.key, checkpoint.at) in planned):
            (_call_off if inquiry.open else _ask_again)(tx, inquiry, checkpoint)


def _call_off(tx: Tx, inquiry: Inquiry, checkpoint: Checkpoint) -> None:
    escalation.stop(tx, checkpoint.subject)
    models.become(inquiry, State.CALLED_OFF)
    _record(tx, inquiry, Verb.CALLED_OFF)


def _ask_again(tx: Tx, inquiry: Inquiry, checkpoint: Checkpoint) -> None:
    silent = inquiry.closes_at <= tx.now and bool(inquiry.told or escalation.start_again(tx, checkpoint.subject))
    models.ask_again(inquiry, silent=silent)
    _record(tx, inquiry, Verb.ASKED_AGAIN)


def _record(tx: Tx, inquiry: Inquiry, verb: Verb) -> None:
    timeline.record(tx, inquiry.plan_id, inquiry.subject, verb, change=inquiry.changes)
    tx.session.flush()
    _touch(tx, inquiry)


def gate_settled(tx: Tx, event: GateSettled) -> None:
    """A gate passed or was waived: what depends on it is looked at again, and its teams need not answer any more."""
    recheck(tx, event.plan_id)
    for inquiry in store.open_inquiries(tx, event.plan_id):
        if inquiry.teams and set(inquiry.teams) <= set(event.teams):
            close(tx, inquiry)


def _settle(tx: Tx, inquiry: Inquiry, state: State, verb: Verb) -> None:
    models.become(inquiry, state)
    timeline.record(tx, inquiry.plan_id, inquiry.subject, verb, change=inquiry.changes)
    show(tx, inquiry)


def _answered(tx: Tx, who: Asker, inquiry: Inquiry, how: str, said: str = "") -> Inquiry:
    models.answer(inquiry, how, who.person.key, tx.now)
    timeline.record(
        tx, inquiry.plan_id, inquiry.subject, Verb.ANSWERED, actor=who.person.key, said=said or None,
        change=inquiry.changes, how=how,
    )  # fmt: skip
    show(tx, inquiry)
    return inquiry


def show(tx: Tx, inquiry: Inquiry) -> None:
    """Keep a change of an inquiry, and show it on the card and to everybody asked; end a climb that is over."""
    tx.session.flush()
    if not store.silent(tx, inquiry.checkpoint_id):
        escalation.end(tx, Subject(KIND, inquiry.checkpoint_id))
    _touch(tx, inquiry)


def _touch(tx: Tx, inquiry: Inquiry) -> None:
    outbox.touch(tx, INQUIRY, [inquiry.number])
    outbox.touch(tx, KIND, [inquiry.checkpoint_id])


def show_steps(tx: Tx, event: StepsDue) -> None:
    """Show on the cards that an escalation has moved. A question pages each step once: after the last one it ends."""
    if event.kind == KIND:
        tx.flush()
        for climb in (step.climb for step in event.steps):
            if climb.reached == escalation.policy_of(tx, climb.policy).top:
                escalation.end(tx, climb.subject)
        outbox.touch(tx, KIND, {step.climb.subject_id for step in event.steps})
