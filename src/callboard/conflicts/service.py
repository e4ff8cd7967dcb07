"""The verbs of a conflict: found, answered, accepted, judged useful or not, gone; and who may do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from callboard.blocks import markup as m
from callboard.branches.models import BranchesSeen
from callboard.conflicts import models, notices, plan, store
from callboard.conflicts.models import (
    GOING,
    WAVE,
    Answer,
    Cause,
    Conflict,
    ConflictFound,
    ConflictTurned,
    Degree,
    State,
    Verb,
)
from callboard.conflicts.severity import MOST_FILES, Found, Judge
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.measures import MeasuresMoved
from callboard.core.words import joined
from callboard.escalation import service as escalation
from callboard.escalation.models import Climb
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Asker
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on

LATELY = 100
TO_LIST = "`/lock conflicts` lists them."


class Precision(NamedTuple):
    """How many conflicts people judged, in words or by acting, and how many of them were worth telling."""

    useful: int
    judged: int

    @property
    def share(self) -> float | None:
        """The share that was useful; None where nobody has judged any."""
        return self.useful / self.judged if self.judged else None


def answer(tx: Tx, asker: Asker, number: int, how: Answer, expected: int | None = None) -> Conflict:
    """The asker sees to it: the response clock stops."""
    conflict = still_open(tx, asker, number, "answer", expected)
    if (conflict.state, conflict.ended_how, conflict.answered_by) == (State.ANSWERED, how, asker.person.key):
        return conflict
    models.answer(conflict, how, asker.person.key, tx.now)
    models.set_next(conflict, tx.now)
    notices.changed(tx, conflict, Verb[how.name], asker.person.key)
    held(tx, conflict, Verb[how.name], asker.person.key)
    return conflict


def held(tx: Tx, conflict: Conflict, verb: Verb, by: str) -> None:
    """Somebody has it: nobody else is paged for it."""
    escalation.hold(tx, conflict.subject, by)
    tx.publish(ConflictTurned(conflict, verb, by))
    tx.publish(MeasuresMoved(conflict.plan_id))


def accept(tx: Tx, asker: Asker, number: int, why: str = "", expected: int | None = None) -> Conflict:
    """It is fine as it is: nobody is told any more, unless it gets worse."""
    conflict = still_open(tx, asker, number, "accept", expected)
    parts = store.parts(tx, conflict.number)
    for each in (conflict, *parts):
        models.accept(each, asker.person.key, why.strip(), tx.now)
    numbers = [part.number for part in parts]
    notices.changed(tx, conflict, Verb.ACCEPTED, asker.person.key, said=why.strip() or None, parts=numbers)
    escalation.end(tx, conflict.subject)
    tx.publish(ConflictTurned(conflict, Verb.ACCEPTED, asker.person.key))
    tx.publish(MeasuresMoved(conflict.plan_id))
    return conflict


def reopen(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Conflict:
    conflict = _known(tx, asker, number, "reopen", expected)
    if conflict.state != State.ACCEPTED:
        raise Refused(f"Conflict {number} is {conflict.state}. Only an accepted one can be reopened.")
    parts = store.parts(tx, conflict.number)
    for each in (conflict, *parts):
        models.open_again(each)
    models.set_next(conflict, tx.now)
    notices.changed(tx, conflict, Verb.REOPENED, asker.person.key, parts=[part.number for part in parts])
    _climb(tx, conflict)
    tx.publish(ConflictTurned(conflict, Verb.REOPENED, asker.person.key))
    tx.publish(MeasuresMoved(conflict.plan_id))
    return conflict


def judge(tx: Tx, asker: Asker, number: int, *, useful: bool) -> Conflict:
    """Say whether it was worth telling: once for each person, who may change their mind."""
    conflict = _known(tx, asker, number, "judge")
    conflict.verdicts = {**conflict.verdicts, asker.person.key: useful}
    notices.changed(tx, conflict, Verb.USEFUL if useful else Verb.USELESS, asker.person.key)
    return conflict


def precision(tx: Tx, plan_id: int) -> Precision:
    """Of the conflicts that were told lately, how many were worth it."""
    judged = [each.useful for each in store.latest(tx, plan_id, LATELY) if each.useful is not None]
    return Precision(sum(judged), len(judged))


def going(tx: Tx, plan_id: int) -> Sequence[Conflict]:
    """Those that nobody has accepted and that are not gone; of a wave its parts."""
    return [each for each in store.standing(tx, plan_id) if each.state in GOING and each.kind != WAVE]


def on_branches_seen(tx: Tx, seen: BranchesSeen) -> None:
    """Begin the conflicts that are new, go on with those found again, end the others, and tell the forges."""
    found, moved = {each.key(seen.repository): each for each in Judge(tx, seen).all()}, _moved(seen)
    standing = {conflict.key: conflict for conflict in store.standing(tx, seen.plan_id, seen.repository, lock=True)}
    waves = {models.cause_of(one): one for one in standing.values() if one.kind == WAVE}
    fresh: list[Conflict] = []
    quiet: list[Conflict] = []
    for key, each in found.items():
        if key in standing:
            fresh += go_on(tx, seen, standing[key], each)
        else:
            (fresh if moved.intersection(key) else quiet).append(begin(tx, seen, each))
    for key, conflict in standing.items():
        if key not in found and conflict.kind != WAVE:
            end(tx, conflict)
    _tell(tx, seen, fresh, waves)
    _keep_quiet(tx, seen, quiet)
    for wave in waves.values():
        _settle(tx, wave)
    notices.set_statuses(tx, seen.plan_id, seen.repository)


def begin(tx: Tx, seen: BranchesSeen, found: Found) -> Conflict:
    """A scan has found a new conflict; nobody is told yet."""
    conflict = Conflict(
        plan_id=seen.plan_id, repository=seen.repository, one=found.one.name,
        other=found.other.name if found.other else "", kind=found.kind, degree=found.degree,
        pushed_at=seen.pushed_at or tx.now, found_at=tx.now,
    )  # fmt: skip
    _take_over(conflict, found)
    tx.session.add(conflict)
    tx.session.flush()
    return conflict


def go_on(tx: Tx, seen: BranchesSeen, conflict: Conflict, found: Found) -> list[Conflict]:
    """A scan has found it again: what it shows is taken over. One that a push made worse is news, and begins anew."""
    worse = found.degree.rank > Degree(conflict.degree).rank and bool(_moved(seen).intersection(conflict.key))
    before = (conflict.degree, conflict.files, conflict.hunks, conflict.why)
    _take_over(conflict, found)
    if worse:
        escalation.end(tx, conflict.subject)
        models.open_again(conflict)
        return [conflict]
    if before != (conflict.degree, conflict.files, conflict.hunks, conflict.why):
        notices.changed(tx, conflict, Verb.CHANGED, timeline.BOT)
    return []


def end(tx: Tx, conflict: Conflict) -> None:
    """A scan has not found it any more."""
    models.end(conflict, tx.now)
    notices.changed(tx, conflict, Verb.GONE, timeline.BOT)
    escalation.end(tx, conflict.subject)
    tx.publish(ConflictTurned(conflict, Verb.GONE, timeline.BOT))


def _moved(seen: BranchesSeen) -> set[str]:
    return {moved.branch.name for moved in seen.moved}


def _tell(tx: Tx, seen: BranchesSeen, fresh: Sequence[Conflict], waves: Mapping[Cause, Conflict]) -> None:
    """Announce what is new: what one push made collide, as one; more of what is announced already joins it."""
    for cause, parts in models.caused(fresh, _moved(seen)).items():
        known = waves.get(cause)
        if known and known.state in GOING:
            _join(tx, known, parts)
        elif len(parts) > 1:
            _begin_wave(tx, seen, cause[0], parts)
        else:
            conflict = parts[0]
            conflict.wave, conflict.quiet = None, False
            _set_clocks(tx, seen, conflict)
            _announce(tx, conflict, Verb.WORSE if conflict.changes else Verb.FOUND)


def _begin_wave(tx: Tx, seen: BranchesSeen, cause: str, parts: Sequence[Conflict]) -> None:
    wave = Conflict(
        plan_id=seen.plan_id, repository=seen.repository, one=cause, other="", kind=WAVE, degree=Degree.SIMPLE,
        pushed_at=seen.pushed_at or tx.now, found_at=tx.now,
    )  # fmt: skip
    tx.session.add(wave)
    tx.session.flush()
    models.gather(wave, parts)
    _set_clocks(tx, seen, wave)
    for part in parts:
        notices.changed(tx, part, Verb.WORSE if part.changes else Verb.FOUND, timeline.BOT)
    _announce(tx, wave, Verb.FOUND)


def _join(tx: Tx, wave: Conflict, parts: Sequence[Conflict]) -> None:
    """Whoever was not concerned before is told; for all others the card shows more. A worse one pages anew."""
    degree, told = wave.degree, notices.responsible(tx, wave)
    models.gather(wave, [*store.parts(tx, wave.number), *parts])
    for part in parts:
        notices.changed(tx, part, Verb.WORSE if part.changes else Verb.FOUND, timeline.BOT)
    if wave.degree != degree:
        escalation.end(tx, wave.subject)
        models.open_again(wave)
        _announce(tx, wave, Verb.WORSE)
    else:
        notices.changed(tx, wave, Verb.JOINED, timeline.BOT)
        notices.page(tx, wave, told, "joined")
        notices.cards(tx, wave)


def _settle(tx: Tx, wave: Conflict) -> None:
    """A wave goes on while a part of it does."""
    parts = store.parts(tx, wave.number)
    if not parts:
        end(tx, wave)
    elif len(parts) != wave.parts:
        models.gather(wave, parts)
        notices.changed(tx, wave, Verb.CHANGED, timeline.BOT)


def _keep_quiet(tx: Tx, seen: BranchesSeen, quiet: Sequence[Conflict]) -> None:
    """What nobody has just pushed was there before: a summary, and neither clocks nor pages."""
    for conflict in quiet:
        conflict.quiet = True
        notices.changed(tx, conflict, Verb.FOUND, timeline.BOT)
    if quiet:
        notices.tell_quiet(tx, seen, quiet)


def _set_clocks(tx: Tx, seen: BranchesSeen, conflict: Conflict) -> None:
    """Its clocks begin with the newest push of its branches."""
    pushes = [moved.pushed_at for moved in seen.moved if moved.branch.name in (conflict.one, conflict.other)]
    conflict.pushed_at = pushed_at = max(pushes, default=conflict.pushed_at)
    spans = plan.clocks(tx, conflict.plan_id)
    if conflict.degree != Degree.SIMPLE:
        conflict.resolve_at = max(pushed_at + spans["resolve"], tx.now + (spans["resolve"] - spans["respond"]))
        conflict.validate_at = max(pushed_at + spans["validate"], conflict.resolve_at)
    models.set_next(conflict, tx.now)


def run_out(tx: Tx, numbers: Sequence[int]) -> None:
    """The time to resolve them has come, or the time to see that they are gone."""
    for conflict in store.numbered(tx, numbers):
        if conflict.next_at and conflict.next_at <= tx.now and conflict.state in GOING:
            late = conflict.validate_at is not None and conflict.validate_at <= tx.now
            models.set_next(conflict, tx.now)
            _run_out(tx, conflict, "validated" if late else "resolved")


def _known(tx: Tx, asker: Asker, number: int, what: str, expected: int | None = None) -> Conflict:
    """The conflict as the asker last saw it, locked. Only the teams and people concerned and coordinators have it.

    Who can decide is asked elsewhere: not all of them can, and others too.
    """
    directory, person = asker.directory, asker.person
    conflict = store.find(tx, number, lock=True)
    if conflict is None or conflict.plan_id != directory.plan_id:
        other = teams.elsewhere(tx, directory, conflict, f"Conflict {number}", "/lock {} conflicts")
        raise Refused(f"There is no conflict {number} in {m.escape(directory.plan_name)}.{other} {TO_LIST}")
    refuse_old(tx, asker, conflict, f"Conflict {number}", expected, TO_LIST)
    own = set() if looks_on(directory, person) else {team.key for team in directory.teams_of(person)}
    concerned = own & set(conflict.teams) or person.key in conflict.people or what == "decide"
    if not concerned and not directory.has_role(person, COORDINATOR):
        names = joined(m.escape(directory.teams[key].name) for key in conflict.teams if key in directory.teams)
        raise Refused(f"Only {names or 'the people of its branches'} can {what} conflict {number}.")
    return conflict


def still_open(tx: Tx, asker: Asker, number: int, what: str, expected: int | None) -> Conflict:
    """The same, while there is something to be done about it."""
    conflict = _known(tx, asker, number, what, expected)
    if conflict.state not in GOING:
        when = f", {m.date(conflict.ended_at)}" if conflict.ended_at else ""
        raise Refused(f"Conflict {number} is {conflict.ended_how or 'over'} already{when}. {TO_LIST}")
    return conflict


def _announce(tx: Tx, conflict: Conflict, verb: Verb) -> None:
    part = plan.part(tx, conflict)
    notices.changed(tx, conflict, verb, timeline.BOT)
    tx.publish(ConflictFound(conflict, part.emergency, part.rollback, part.policy))
    climb = _climb(tx, conflict)
    known = {key for move in climb.trail for key in move["people"]} if climb else ()
    notices.page(tx, conflict, {*known, *(notices.told_by_emergency(tx, conflict) or ())})
    notices.cards(tx, conflict)


def leave(tx: Tx, number: int) -> None:
    """It is an emergency again: that pages for it."""
    conflict = store.find(tx, number, lock=True)
    if conflict and conflict.state == State.OPEN:
        escalation.end(tx, conflict.subject)


def climb_on(tx: Tx, number: int) -> None:
    """It is no emergency after all: while nobody has answered it, it climbs by itself."""
    conflict = store.find(tx, number, lock=True)
    if conflict and conflict.state == State.OPEN and not escalation.is_climbing(tx, conflict.subject):
        climb = _climb(tx, conflict)
        notices.page(tx, conflict, {key for move in climb.trail for key in move["people"]} if climb else ())


def _climb(tx: Tx, conflict: Conflict) -> Climb | None:
    """Page by its policy; while it is an emergency that one pages."""
    policy = plan.policy(tx, conflict)
    if not policy or notices.told_by_emergency(tx, conflict) is not None:
        return None
    digest = escalation.digest(tx, teams.directory(tx, conflict.plan_id), policy)
    return escalation.start(tx, conflict.plan_id, conflict.subject, digest, notices.concern(conflict))


def _take_over(conflict: Conflict, found: Found) -> None:
    sides = list(filter(None, (found.one, found.other, found.source)))
    conflict.degree, conflict.why, conflict.files = found.degree, list(found.why), list(found.files[:MOST_FILES])
    conflict.hunks = list(map(list, found.hunks))
    conflict.teams = list(found.teams)
    conflict.people = [side.person or side.author for side in sides]


def _run_out(tx: Tx, conflict: Conflict, what: str) -> None:
    """The next step of its policy is paged at once; where there is none, the leads are told."""
    notices.changed(tx, conflict, Verb.LATE if what == "resolved" else Verb.NOT_VALIDATED, timeline.BOT)
    try:
        escalation.go_on(tx, conflict.subject)
    except Refused:  # everybody on its ladder knows, or it has none
        notices.tell_late(tx, conflict, what)
