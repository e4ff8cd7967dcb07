"""What comes due with risks: every hour their indicators are read, and questions are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

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
BACK = timedelta(days=1)


def _attend(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Ask whom it is time to ask, and tell owners what has tripped; when to look next."""
    directory = teams.directory(tx, plan_id)
    open_ones = [kept for kept in register.kept(tx, plan_id, lock=True) if kept.row.is_open and kept.part.indicators]
    if not open_ones or (directory.ends_at is not None and directory.ends_at <= tx.now):
        return None
    scene = Scene(tx, plan_id)
    coming = [tx.now + EVERY]
    for kept in open_ones:
        coming += _ask(scene, kept, since)
        _look(scene, kept)
    return min(coming)


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


def _ask(scene: Scene, kept: Kept, since: datetime) -> Iterator[datetime]:
    """Ask the questions that came since; yields when the next ones come within the hour."""
    for part in kept.part.indicators:
        if isinstance(part, AskPart):
            yield from _ask_one(scene, kept, part, since)


def _ask_one(scene: Scene, kept: Kept, part: AskPart, since: datetime) -> Iterator[datetime]:
    tx, document = scene.tx, teams.document(scene.tx, scene.plan_id)
    newest = dict[str, datetime]()
    begin = max(since, tx.now - BACK)
    for (at, _), people in sorted(plan.asked(document, part, (begin + MOMENT, tx.now + EVERY)).items()):
        if at > tx.now:
            yield at
        else:
            newest |= dict.fromkeys(people, at)
    _put(scene, kept, part, newest)


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
