"""A picture drawn: the plan of then is read, and every part made of it and of the state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TypeVar

from callboard.board.picture import album, gates, matters, runs, teams, words, work
from callboard.board.picture.body import canonical
from callboard.board.picture.counts import Count
from callboard.board.picture.parts import Gate, Phase, Picture, Run
from callboard.board.picture.scene import Made, Scene, directory
from callboard.board.picture.state import State
from callboard.board.picture.work import Work
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import TextErased
from callboard.planfile import check, diff
from callboard.planfile.diff import Change
from callboard.planfile.paths import ABSENT
from callboard.planfile.sections import SECTIONS, Document
from callboard.plans import live_plan, store
from callboard.tasks.models import SETTLED
from callboard.teams import service as members

K = TypeVar("K")
V = TypeVar("V")
DOCUMENTS, PRESENT = "plans of then", "made of plans"
MOST = 8
"""How many plans are in memory, of then and of now."""
MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


def picture(tx: Tx, plan_id: int, at: datetime | None = None) -> Picture:
    """What a plan looks like now, or looked like then. Raises Refused for a plan that is not here, or was not then."""
    if at is not None and at > tx.now:
        raise Refused("That time has not come yet.")
    if at is not None:
        return drawn(tx, plan_id, album.then(tx, plan_id, at), at)
    state = album.present(tx, plan_id)
    document = _document(tx, plan_id, state)
    known: dict[int, tuple[Document, dict[tuple[str, str], Made]]] = tx.memo.setdefault(PRESENT, {})
    made = known[plan_id][1] if plan_id in known and known[plan_id][0] is document else {}
    _put(known, plan_id, (document, made))
    return draw(scene_of(document, state, tx.now, album.erased(tx, plan_id), _former(tx, plan_id), made))


def keep(tx: Tx, plan_id: int, at: datetime) -> None:
    """Keep what a plan looked like at an instant, a few minutes ago at least; nothing while there was no plan."""
    state = album.then(tx, plan_id, at)
    if state.version and album.kept(tx, plan_id, at) is None:
        album.put(tx, plan_id, at, state, canonical(drawn(tx, plan_id, state, at)))


def fill(tx: Tx, plan_id: int) -> bool:
    """Keep one more picture where so many entries follow one that is kept that whoever looks back would wait."""
    at = album.gap(tx, plan_id)
    if at is None or album.kept(tx, plan_id, at) is not None:
        return False
    keep(tx, plan_id, at)
    return album.kept(tx, plan_id, at) is not None


def on_text_erased(tx: Tx, event: TextErased) -> None:
    """What was kept with the text is kept anew without it."""
    for at in album.take_out(tx, event.plan_id, event.entry):
        keep(tx, event.plan_id, at)


def drawn(tx: Tx, plan_id: int, state: State, at: datetime) -> Picture:
    """The picture of a state."""
    document = _document(tx, plan_id, state)
    return draw(scene_of(document, state, at, album.erased(tx, plan_id), _former(tx, plan_id)))


def scene_of(
    document: Document, state: State, at: datetime, erased: frozenset[int], former: Mapping[str, str],
    made: dict[tuple[str, str], Made] | None = None,
) -> Scene:  # fmt: skip
    people = directory(document, state)
    if people is None:
        raise Refused(f"{document.file} is not a valid plan: `callboard check` says why.")
    return Scene(state, document, replace(people, former=former), at, erased, {} if made is None else made)


def _former(tx: Tx, plan_id: int) -> Mapping[str, str]:
    """The names of all who were ever in a plan: the plan of then need not name them any more."""
    now = members.directory(tx, plan_id)
    return {**now.former, **{key: now.spoken_of(key) for key in (*now.teams, *now.people)}}


def draw(scene: Scene) -> Picture:
    """Pure: the same scene makes the same picture."""
    columns, works = live_plan.columns(scene.document), work.works(scene)
    opened, line = matters.blockers(scene), gates.gates(scene)
    phases, going = tuple(work.phases(scene, works.values())), runs.runs(scene)
    return Picture(
        plan=columns["key"], name=columns["name"], zone=columns["timezone"], version=scene.state.version,
        revision=scene.state.revision, at=scene.at, begins=columns["from_at"], ends=columns["to_at"],
        tasks=work.tally(works.values()), phases=phases, gates=line,
        lights=teams.team_lights(scene, works, opened, line), pairs=teams.pairs(scene, works), blockers=opened,
        opened=Count(tuple(map(matters.blocker_row, opened))), locks=matters.locks(scene),
        conflicts=matters.conflicts(scene), runs=going, emergencies=matters.emergencies(scene),
        latest=tuple(words.latest(scene, works)),
        until=min((at for at in _turns(scene, works.values(), phases, line, going) if at > scene.at), default=None),
    )  # fmt: skip


def _turns(
    scene: Scene, works: Iterable[Work], phases: Iterable[Phase], line: Iterable[Gate], going: Iterable[Run]
) -> Iterator[datetime]:
    """When something looks otherwise though nobody does anything."""
    yield from (each.due for each in works if each.due and each.status not in SETTLED)
    yield from (at for phase in phases for at in (phase.begins, phase.ends) if at)
    yield from (gate.due for gate in line if gate.due)
    if any(run.begun and run.ended is None for run in going):
        yield scene.at + MINUTE
    yield from (run.ended + runs.SHOWN for run in going if run.ended)
    for zone in {person.zone for person in scene.directory.people.values() if person.away}:
        day = scene.at.astimezone(zone).date() + A_DAY
        yield datetime.combine(day, time(), zone).astimezone(scene.at.tzinfo)


def _document(tx: Tx, plan_id: int, state: State) -> Document:
    """The plan as it was: the version of then with what people had changed. Made once for each of its states."""
    known: dict[tuple[int, int], Document] = tx.memo.setdefault(DOCUMENTS, {})
    mark = plan_id, state.mark
    if mark not in known:
        version = store.version(tx, plan_id, state.version)
        if version is None:
            raise Refused("This plan was not there yet.")
        changes = (
            Change(tuple(json.loads(path)), ABSENT, ABSENT if removed else value)
            for path, (removed, value) in state.edits.items()
        )
        body, live = diff.applied(version.body, changes), live_plan.document(tx, plan_id)
        _put(known, mark, live if live.body == body else check.typed(body, version.file, tx.of(SECTIONS)))
    return known[mark]


def _put(known: dict[K, V], key: K, value: V) -> None:
    """Keep something, and forget what was kept first where there is too much."""
    known.pop(key, None)
    while len(known) >= MOST:
        known.pop(next(iter(known)), None)
    known[key] = value
