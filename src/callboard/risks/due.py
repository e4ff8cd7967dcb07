"""What comes due with risks: every hour their indicators are read, and questions are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callboard.core import outbox, ticks, timeline
from callboard.core.db import Tx
from callboard.core.ticks import MOMENT
from callboard.planfile.sections import Window
from callboard.risks import indicators, models, notices, plan, register, store
from callboard.risks.indicators import Scene
from callboard.risks.models import RISK, Verb
from callboard.risks.plan import AskPart
from callboard.risks.register import Kept
from callboard.risks.service import WATCH
from callboard.teams import service as teams

EVERY = timedelta(hours=1)
BACK = timedelta(days=1)
LONGEST = timedelta(days=3)
Turns = dict[str, dict[str, datetime]]
"""When each person is asked, by indicator."""


@dataclass(frozen=True)
class Moment:
    """When some people are asked the question of an indicator."""

    at: datetime
    part: AskPart
    people: list[str]


def _attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Ask whom it is time to ask, and tell owners what has tripped; when to look next."""
    directory = teams.directory(tx, plan_id)
    open_ones = [kept for kept in register.kept(tx, plan_id) if kept.row.is_open and kept.part.indicators]
    if not open_ones or directory.is_over(tx.now):
        return None
    scene = Scene(tx, plan_id)
    moments = _moments(scene, open_ones, (max(since, tx.now - BACK) + MOMENT, tx.now + EVERY))
    coming = [tx.now + EVERY, *(moment.at for moment in moments if moment.at > tx.now)]
    for kept in open_ones:
        turns = _turns(kept, [moment for moment in moments if moment.at <= tx.now])
        if any(turns.values()) or models.trips(kept.row, indicators.readings(scene, kept), tx.now) != kept.row.tripped:
            _move(scene, kept, turns)
    return min(coming)


def _move(scene: Scene, seen: Kept, turns: Turns) -> None:
    """Ask what is to be asked of a risk, and take in how it is now."""
    row = store.risk(scene.tx, seen.row.number, lock=True)
    if row is None or not row.is_open:
        return
    kept = Kept(row, seen.part)
    for part in seen.part.indicators:
        if isinstance(part, AskPart):
            _put(scene, kept, part, turns.get(indicators.name_of(part), {}))
    _look(scene, kept)


def _look(scene: Scene, kept: Kept) -> None:
    tx, row, readings = scene.tx, kept.row, indicators.readings(scene, kept)
    before = row.tripped
    moved = models.look(row, readings, tx.now)
    if row.tripped == before:
        return
    tx.session.add(row)
    tx.session.flush()
    for verb, names in ((Verb.TRIPPED, moved.fresh), (Verb.QUIET, moved.quiet)):
        if names:
            says = [readings[name].says if name in readings else before[name]["says"] for name in names]
            timeline.record(tx, row.plan_id, row.subject, verb, indicators=list(names), says=says)
    if moved.fresh:
        notices.tell_tripped(tx, scene.directory, kept, moved.fresh)
    outbox.touch(tx, RISK, [row.number])


def _turns(kept: Kept, came: Sequence[Moment]) -> Turns:
    """Whom each question of a risk is for now, of those whose moment came."""
    turns = Turns()
    for moment in came:
        if moment.part in kept.part.indicators:
            turns.setdefault(indicators.name_of(moment.part), {}).update(dict.fromkeys(moment.people, moment.at))
    return turns


def _moments(scene: Scene, risks: Sequence[Kept], window: Window) -> list[Moment]:
    """When the questions of risks are asked; counted once a day for a plan as it is, while the same risks are open."""
    (begin, end), memo, numbers = window, ("risk questions", scene.plan_id), [kept.row.number for kept in risks]
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    known: tuple[Any, ...] = scene.tx.memo.get(memo, (None, None, None))
    if known[0] is not scene.document or known[1:3] != (midnight, numbers):
        parts = dict.fromkeys(part for kept in risks for part in kept.part.indicators if isinstance(part, AskPart))
        days = midnight, midnight + LONGEST
        asked = [
            Moment(at, part, people)
            for part in parts for (at, _), people in sorted(plan.asked(scene.document, part, days).items())
        ]  # fmt: skip
        known = scene.tx.memo[memo] = scene.document, midnight, numbers, asked
    return [moment for moment in known[3] if begin <= moment.at < end]


def _put(scene: Scene, kept: Kept, part: AskPart, turns: Mapping[str, datetime]) -> None:
    """Ask each person once a round; whoever is away is not asked."""
    tx, name = scene.tx, indicators.name_of(part)
    for person in scene.directory.named(turns):
        if person.vacant or not person.present(tx.now):
            continue
        asked = store.ask(tx, kept.row, name, person.key, part.question, turns[person.key])
        if asked is not None:
            answers = kept.row.answers.get(name, {})
            own = {**answers.get(person.key, {}), "question": asked.number}
            kept.row.answers = {**kept.row.answers, name: {**answers, person.key: own}}
            notices.ask(tx, scene.directory, asked, person)


indicators_due = ticks.watch(WATCH, _attend)
