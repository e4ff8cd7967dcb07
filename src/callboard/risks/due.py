"""What comes due with risks: every hour their indicators are read, and questions are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from callboard.core import outbox, ticks, timeline
from callboard.core.db import Tx
from callboard.core.ticks import MOMENT
from callboard.risks import indicators, models, notices, plan, register, store
from callboard.risks.indicators import Scene
from callboard.risks.models import RISK, Verb
from callboard.risks.plan import AskPart
from callboard.risks.register import Kept
from callboard.risks.service import WATCH
from callboard.teams import service as teams

EVERY = timedelta(hours=1)
BACK = A_DAY = timedelta(days=1)
Turns = dict[str, dict[str, datetime]]
"""When each person is asked, by indicator."""


def _attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Ask whom it is time to ask, and tell owners what has tripped; when to look next."""
    directory = teams.directory(tx, plan_id)
    open_ones = [kept for kept in register.kept(tx, plan_id) if kept.row.is_open and kept.part.indicators]
    if not open_ones or (directory.ends_at is not None and directory.ends_at <= tx.now):
        return None
    scene = Scene(tx, plan_id)
    coming = [tx.now + EVERY]
    for kept in open_ones:
        turns, then = _turns(scene, kept, since)
        coming += then
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
            _put(scene, kept, part, turns[indicators.name_of(part)])
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


def _turns(scene: Scene, kept: Kept, since: datetime) -> tuple[Turns, list[datetime]]:
    """The questions that came since, and when the next ones come within the hour."""
    turns, coming, now = Turns(), list[datetime](), scene.tx.now
    for part in kept.part.indicators:
        if isinstance(part, AskPart):
            newest = turns.setdefault(indicators.name_of(part), {})
            for at, people in _asked(scene, part, max(since, now - BACK) + MOMENT, now + EVERY):
                if at > now:
                    coming.append(at)
                else:
                    newest |= dict.fromkeys(people, at)
    return turns, coming


def _asked(scene: Scene, part: AskPart, begin: datetime, end: datetime) -> Iterator[tuple[datetime, list[str]]]:
    """Whom a question is asked within a stretch of time, by moments; counted once for each day of a plan as it is."""
    memo, midnight = scene.tx.memo, begin.replace(hour=0, minute=0, second=0, microsecond=0)
    kept: tuple[Any, ...] = memo.get(("risk questions", scene.plan_id), (None, None))
    if kept[0] is not scene.document or kept[1] != midnight:
        kept = memo["risk questions", scene.plan_id] = scene.document, midnight, {}
    known = kept[2]
    while midnight < end:
        if (midnight, part) not in known:
            window = (midnight, midnight + A_DAY)
            known[midnight, part] = sorted(plan.asked(scene.document, part, window).items())
        yield from ((at, people) for (at, _), people in known[midnight, part] if begin <= at < end)
        midnight += A_DAY


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
