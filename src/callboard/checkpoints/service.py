"""Checkpoints as everybody above knows them: looking at one now, and what people say about what is off track."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.checkpoints import looking, models, posts, store, times
from callboard.checkpoints.models import INQUIRY, KIND, Checkpoint, How, Inquiry, State
from callboard.checkpoints.parts import CheckpointPart
from callboard.core import blocks as b
from callboard.core import outbox, timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.escalation import service as escalation
from callboard.planfile import calendar
from callboard.plans import service as plans
from callboard.teams.directory import COORDINATOR
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = "That is not there any more. `/checkpoint` shows what is."


def checkpoints(tx: Tx, plan_id: int) -> list[tuple[str, CheckpointPart, datetime, Checkpoint | None]]:
    """Every checkpoint of a plan with its moment, and how it stood where it was looked at, in order."""
    live, parts = plans.live(tx, plan_id), looking.written(tx, plan_id)
    whole = calendar.plan_window(live)
    rows = {(one.key, one.at): one for one in store.checkpoints(tx, plan_id)}
    found = times.checkpoints(live, parts.values(), whole) if whole else ()
    known = {one.key: one.at for one in found}
    return [(key, parts[key], at, rows.get((key, at))) for key, at in sorted(known.items(), key=lambda one: one[1])]


def named(tx: Tx, plan_id: int, words: str) -> tuple[str, CheckpointPart, datetime, Checkpoint | None]:
    """The checkpoint that somebody means by its key or name. Raises Refused with what may have been meant."""
    every, wanted = checkpoints(tx, plan_id), b.unescape(words).strip().strip("`").lower()
    exact = [one for one in every if wanted in (one[0].lower(), one[1].name.lower())]
    near = exact or [one for one in every if wanted and wanted in one[1].name.lower()]
    if len(near) == 1:
        return near[0]
    if not every:
        raise Refused("This plan has no checkpoints. Whoever keeps the plan file can write some.")
    known = [one[1].name for one in near or every]
    raise Refused(f"There is no checkpoint `{b.clip(b.escape(wanted), 60)}`; {did_you_mean(wanted, known)}")


def run(tx: Tx, who: Asker, words: str) -> Checkpoint:
    """Look at a checkpoint now: before its time, or anew. For those who lead its teams, and who coordinates."""
    key, part, at, _ = named(tx, who.directory.plan_id, words)
    directory, own = who.directory, part.concerned
    leads = any(directory.is_lead(who.person, team) for team in own) if own else directory.is_lead(who.person)
    if not leads and not directory.has_role(who.person, COORDINATOR):
        called = directory.one_of(one for team in own for one in directory.leads_of(team)) or "a lead"
        raise Refused(f"{b.escape(part.name)} is run by {called}, or by whoever coordinates.")
    one = looking.look(tx, directory.plan_id, key, at, by=who.person.key)
    recheck(tx, directory.plan_id)
    return one


def on_it(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Inquiry:
    """Somebody has seen it, and works on it."""
    return _answered(tx, who, mine(tx, who, number, expected), How.ON_IT)


def needs_help(tx: Tx, who: Asker, number: int, expected: int | None = None) -> tuple[Inquiry, list[str]]:
    """Somebody asks for help: whoever coordinates is told. Raises Refused where that is nobody but themselves."""
    one = mine(tx, who, number, expected)
    told = posts.help_wanted(tx, who.directory, one, who.person)
    if not told:
        raise Refused("Nobody else coordinates this plan. Raise a blocker instead: it climbs until somebody has it.")
    return _answered(tx, who, one, How.HELP), [who.directory.called(person) for person in told]


def blocked(tx: Tx, who: Asker, number: int, said: Raised, expected: int | None = None) -> Blocker:
    """What is off track becomes a blocker, which climbs by itself."""
    one = mine(tx, who, number, expected)
    blocker = blockers.raise_blocker(tx, who, said)
    one.blockers = [*one.blockers, blocker.number]
    _answered(tx, who, one, How.BLOCKER)
    return blocker


def say(tx: Tx, who: Asker, number: int, answers: Sequence[tuple[str, str]]) -> Inquiry:
    """Answer what was asked, for the first time or anew."""
    one = mine(tx, who, number)
    one.answers = [{"ask": ask, "said": said} for ask, said in answers]
    said = "\n".join(f"{ask}: {text}" for ask, text in answers if text)
    return _answered(tx, who, one, one.how or How.SAID, said=said)


def mine(tx: Tx, who: Asker, number: int, expected: int | None = None) -> Inquiry:
    """What somebody was asked, held until the end. Refuses whom it is not for, and buttons that are too old."""
    one = store.inquiry(tx, number, lock=True)
    directory = who.directory
    if one is None or one.plan_id != directory.plan_id:
        raise Refused(GONE)
    leads = any(directory.is_lead(who.person, team) for team in one.teams)
    paged = who.person.key in escalation.told(tx, one.subject)
    if not (who.person.key in one.people or leads or paged or directory.has_role(who.person, COORDINATOR)):
        called = directory.one_of(directory.named(one.people))
        raise Refused(f"That is asked of {called}. `/checkpoint` shows how everything stands.")
    if expected is not None and expected != one.changes:
        raise Refused(f"That button is older than what happened since: {since(who, one)}. Nothing was changed now.")
    return one


def since(who: Asker, one: Inquiry) -> str:
    """What became of an inquiry."""
    if one.state == State.ANSWERED and one.answered_at:
        return f"{who.directory.called(one.by)} said “{one.how}”, {b.date(one.answered_at)}"
    return "everything holds by now" if one.state == State.SETTLED else "nobody answered in time, and it climbs"


def recheck(tx: Tx, plan_id: int, task: str = "") -> None:
    """Where everything holds that was off track, nobody need say anything any more, and nothing climbs on."""
    for one in store.open_inquiries(tx, plan_id):
        checkpoint = store.checkpoint(tx, one.checkpoint_id)
        if checkpoint is None or one.questions or not _concerns(checkpoint, one, task):
            continue
        part = looking.written(tx, plan_id).get(checkpoint.key)
        now = looking.stands(tx, plan_id, part) if part else []
        if len(now) == len(checkpoint.items) and all(now[place].holds for place in one.places):
            models.settle(one)
            escalation.end(tx, one.subject)
            timeline.record(tx, plan_id, one.subject, "settled", change=one.changes)
            _show(tx, one)


def _concerns(checkpoint: Checkpoint, one: Inquiry, task: str) -> bool:
    """Whether a task can make a difference to what was off track."""
    off = [checkpoint.items[place] for place in one.places if place < len(checkpoint.items)]
    return not task or any(item["task"] in ("", task) for item in off)


def _answered(tx: Tx, who: Asker, one: Inquiry, how: str, said: str | None = None) -> Inquiry:
    models.answer(one, how, who.person.key, tx.now)
    escalation.end(tx, one.subject)
    timeline.record(
        tx, one.plan_id, one.subject, "answered", actor=who.person.key, said=said or None, change=one.changes, how=how
    )
    _show(tx, one)
    return one


def _show(tx: Tx, one: Inquiry) -> None:
    tx.session.add(one)
    tx.session.flush()
    outbox.touch(tx, INQUIRY, [one.number])
    outbox.touch(tx, KIND, [one.checkpoint_id])
