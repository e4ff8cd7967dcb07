"""The verbs of risks: raised, rated, handed over, acted upon, closed, opened again; and what happens when one happens.

What the plan says of a risk is changed in the plan, as a live change: the next version of the file keeps it or asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.blocks import markup as m
from callboard.core import outbox, ticks, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.emergencies import service as emergencies
from callboard.emergencies.models import Emergency
from callboard.meetings import service as meetings
from callboard.planfile.paths import slug
from callboard.planfile.sections import Path
from callboard.plans import service as plans
from callboard.plans import store as plan_rows
from callboard.risks import models, notices, register, rights, store
from callboard.risks.models import QUESTION, RISK, Question, Risk, Said, State, Verb
from callboard.risks.register import LEVELS, Kept
from callboard.teams.directory import Asker, Person

WATCH = "risks"
LONGEST = 200
A_WEEK = timedelta(days=7)
GONE = "This question is no longer there. `/risk` lists the risks."


@dataclass(frozen=True, kw_only=True)
class New:
    """What somebody says about a risk that the plan does not have; as Slack sends it."""

    risk: str
    probability: str
    impact: str
    owner: Person | None = None
    mitigation: str = ""
    actions: Sequence[str] = field(default=())


def raise_risk(tx: Tx, asker: Asker, said: New) -> Kept:
    """Put a risk into the plan; whoever raises it owns it unless they name somebody else."""
    rights.raises(asker)
    plan_id, name = asker.directory.plan_id, m.unescape(said.risk).strip()
    if not m.says_something(name) or len(name) > LONGEST:
        raise Refused(
            f"Say in a few words what may go wrong, {LONGEST} characters at most: `/risk raise vendor is late`."
        )
    key, owner = slug(name), said.owner or asker.person
    rights.takes(asker, owner)
    plan_rows.locked(tx, plan_id)
    for row in store.risks(tx, plan_id):
        if row.key == key:
            raise Refused(f"The plan has that already: `/risk show {row.number}`.")
    entry = {
        "risk": name, "probability": level(said.probability), "impact": level(said.impact), "owner": owner.key,
        "mitigation": m.unescape(said.mitigation).strip(), "actions": [m.unescape(text) for text in said.actions],
    }  # fmt: skip
    entry = {word: value for word, value in entry.items() if value}
    there = plans.live(tx, plan_id).body.get("risks")
    values: Mapping[Path, Any] = {("risks", key): entry} if there else {("risks",): [entry]}
    plans.edit_all(tx, plan_id, values, author=asker.person.key)
    row = next(row for row in store.risks(tx, plan_id) if row.key == key)
    kept = register.known(tx, asker, row.number, lock=True)
    models.reopen(kept.row)
    _changed(tx, kept.row, asker, Verb.RAISED, said=name, owner=owner.key)
    notices.tell_owner(tx, asker, kept)
    return kept


def level(word: str) -> str:
    """A rating as the plan has it. Raises Refused for what is none."""
    if (found := m.unescape(word).strip().lower()) in LEVELS:
        return found
    raise Refused(f"`{m.clip(word, 40)}` is no rating. Say low, medium or high.")


def rate(tx: Tx, asker: Asker, number: int, probability: str, impact: str, expected: int | None = None) -> Kept:
    """How likely it is, and how bad it would be."""
    kept = rights.watched(tx, asker, number, "rate", expected)
    new = (level(probability), level(impact))
    if new == (kept.part.probability, kept.part.impact):
        raise Refused(f"Risk {number} is already rated so: probability {new[0]}, impact {new[1]}.")
    edited = {"probability": new[0], "impact": new[1]}
    _edit(tx, asker, kept, edited)
    _changed(tx, kept.row, asker, Verb.RATED, **edited)
    return register.known(tx, asker, number)


def hand(tx: Tx, asker: Asker, number: int, to: Person, expected: int | None = None) -> Kept:
    """Somebody else owns it from now on, and is told."""
    kept = rights.watched(tx, asker, number, "hand over", expected)
    rights.takes(asker, to)
    if register.owners(asker.directory, kept.part) == (to,):
        raise Refused(f"{asker.directory.called(to)} already owns risk {number}.")
    _edit(tx, asker, kept, {"owner": to.key})
    _changed(tx, kept.row, asker, Verb.HANDED, to=to.key)
    now = register.known(tx, asker, number)
    notices.tell_owner(tx, asker, now)
    return now


def act(tx: Tx, asker: Asker, number: int, place: int | None, expected: int | None = None) -> tuple[Kept, str]:
    """Make an action of the plan a task of the owner, due in a week; the risk, and the task's key."""
    kept = rights.watched(tx, asker, number, "act on", expected)
    text = _action(kept, place)
    (key,) = meetings.action_keys(tx, kept.row.plan_id, 1)
    plans.edit(tx, kept.row.plan_id, ("tasks", key), _task(tx, asker, kept, text), author=asker.person.key,
               reason=f"Risk {number}")  # fmt: skip
    kept.row.actions = {**kept.row.actions, slug(text): key}
    _changed(tx, kept.row, asker, Verb.TASK, task=key)
    return kept, key


def _action(kept: Kept, place: int | None) -> str:
    actions, number = kept.part.actions, kept.row.number
    left = [text for text in actions if slug(text) not in kept.row.actions]
    if not left:
        raise Refused(f"All actions of risk {number} are tasks." if actions else f"Risk {number} has no actions yet.")
    if place is None and len(left) > 1:
        lines = "\n".join(f"{actions.index(text) + 1} {m.escape(text)}" for text in left)
        raise Refused(f"Which action? `/risk action {number} 2`\n{lines}")
    text = left[0] if place is None else next(iter(actions[place - 1 : place] if place > 0 else ()), "")
    if not text:
        raise Refused(f"Risk {number} has {len(actions)} actions. `/risk show {number}` numbers them.")
    if task := kept.row.actions.get(slug(text)):
        raise Refused(f"Action {place} of risk {number} is already task {task}: `/task show {task}`.")
    return text


def _task(tx: Tx, asker: Asker, kept: Kept, text: str) -> dict[str, Any]:
    directory, owners = asker.directory, register.owners(asker.directory, kept.part)
    person = asker.person if asker.person in owners else next(iter(owners), asker.person)
    teams = (*directory.teams_of(person), *directory.teams.values())
    due = min(filter(None, (tx.now + A_WEEK, directory.ends_at)))
    day = str(due.astimezone(directory.calendar.zone).date())
    return {"title": text[:LONGEST], "assignee": person.key, "team": teams[0].key, "due": day}


def close(tx: Tx, asker: Asker, number: int, word: str, expected: int | None = None) -> Kept:
    """Nobody need watch it any more, and why."""
    kept = rights.watched(tx, asker, number, "close", expected)
    text = m.needed(word, f"Say why: `/risk close {number} the vendor has delivered`.")
    models.settle(kept.row, State.CLOSED, asker.person.key, tx.now, m.clip(text, LONGEST))
    _changed(tx, kept.row, asker, Verb.CLOSED, said=kept.row.word)
    return kept


def reopen(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Kept:
    """It is watched again. What it became stays as it is."""
    kept = rights.keeps(tx, asker, number, "reopen", expected)
    if kept.row.is_open:
        raise Refused(f"Risk {number} is open already.")
    models.reopen(kept.row)
    _changed(tx, kept.row, asker, Verb.REOPENED)
    return kept


def happen(tx: Tx, asker: Asker, number: int, said: str = "", expected: int | None = None) -> tuple[Kept, Blocker]:
    """It happened: raise a blocker, of the owner's team."""
    kept = rights.watched(tx, asker, number, "raise a blocker for", expected)
    mine = asker.directory.teams_of(next(iter(register.owners(asker.directory, kept.part)), asker.person))
    blocker = blockers.raise_blocker(
        tx, asker, Raised(what=_became(kept, said), team=mine[0].key if mine else None)
    )  # fmt: skip
    kept.row.blocker = blocker.number
    _happened(tx, asker, kept, said, blocker=blocker.number)
    return kept, blocker


def declare(
    tx: Tx, asker: Asker, number: int, grade: str, said: str = "", expected: int | None = None
) -> tuple[Kept, Emergency]:  # fmt: skip
    """It happened, and everybody must know: declare an emergency."""
    kept = rights.watched(tx, asker, number, "declare an emergency for", expected)
    emergency = emergencies.declare(tx, kept.row.plan_id, grade, _became(kept, said), by=asker, cause="")
    kept.row.emergency = emergency.number
    _happened(tx, asker, kept, said, emergency=emergency.number)
    return kept, emergency


def _became(kept: Kept, said: str) -> str:
    more = f": {said.strip()}" if said.strip() else ""
    return f"Risk {kept.row.number} happened: {m.escape(kept.part.risk)}{more}"


def _happened(tx: Tx, asker: Asker, kept: Kept, said: str, **became: int) -> None:
    models.settle(kept.row, State.HAPPENED, asker.person.key, tx.now, m.clip(said.strip(), LONGEST))
    _changed(tx, kept.row, asker, Verb.HAPPENED, said=kept.row.word or None, **became)


def answer(tx: Tx, asker: Asker, number: int, said: Said) -> Question:
    """Answer the question of an indicator, or answer it differently while it is the newest. Raises Refused."""
    row = store.question(tx, number, lock=True)
    if row is None or row.plan_id != asker.directory.plan_id:
        raise Refused(GONE)
    rights.answers(asker, row)
    kept = register.known(tx, asker, row.risk_id, lock=True)
    if not kept.row.is_open:
        raise Refused(rights.over(asker, kept))
    last = kept.row.answers.get(row.indicator, {})
    if last.get(row.person, {}).get("question") != number:
        raise Refused(f"This question is from {m.date(row.at, 'both')}, and I have asked again since. Answer that one.")
    if row.said == said:
        raise Refused(f"You have already said {said}.")
    row.said, row.answered_at = said, tx.now
    answered = {**last, row.person: {"question": number, "said": str(said)}}
    kept.row.answers = {**kept.row.answers, row.indicator: answered}
    tx.session.add_all((row, kept.row))
    tx.session.flush()
    timeline.record(
        tx, row.plan_id, row.subject, Verb.ANSWERED, actor=asker.person.key, how=str(said), risk=row.risk_id
    )
    outbox.touch(tx, QUESTION, [number])
    ticks.keep(tx, row.plan_id, WATCH)
    return row


def _edit(tx: Tx, asker: Asker, kept: Kept, values: Mapping[str, str]) -> None:
    changes: dict[Path, str] = {("risks", kept.row.key, word): value for word, value in values.items()}
    plans.edit_all(tx, kept.row.plan_id, changes, author=asker.person.key, reason=f"Risk {kept.row.number}")


def _changed(tx: Tx, row: Risk, asker: Asker, verb: Verb, *, said: str | None = None, **facts: Any) -> None:
    row.changes += 1
    tx.session.add(row)
    tx.session.flush()
    timeline.record(tx, row.plan_id, row.subject, verb, actor=asker.person.key, said=said, change=row.changes, **facts)
    outbox.touch(tx, RISK, [row.number])
    ticks.keep(tx, row.plan_id, WATCH)
    tx.publish(models.RiskChanged(row.plan_id))
