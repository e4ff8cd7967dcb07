"""The verbs of a conflict: found, answered, accepted, judged useful or not, gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from callboard.branches.models import BranchesSeen
from callboard.conflicts import models, rights, store, telling
from callboard.conflicts.judging import MOST_FILES, Found, Judging
from callboard.conflicts.models import GOING, Conflict, Degree, State
from callboard.conflicts.parts import ClocksPart
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.escalation import service as escalation
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.escalation.models import Climb

CLOCKS = ClocksPart(
    detect=timedelta(minutes=2), respond=timedelta(minutes=5), resolve=timedelta(minutes=15),
    validate=timedelta(minutes=30),
)  # fmt: skip
"""Where the plan says nothing."""


@dataclass(frozen=True)
class CollisionFound:
    """Branches collide, for the first time or worse than before; `emergency` and `rollback` as the plan has them."""

    conflict: Conflict
    emergency: str
    rollback: str


@dataclass(frozen=True)
class Precision:
    """Of how many conflicts somebody has said, or shown, whether it was worth telling; and of how many it was."""

    useful: int
    judged: int

    @property
    def share(self) -> float | None:
        """Their share; None where nobody has judged any."""
        return self.useful / self.judged if self.judged else None


def on_branches_seen(tx: Tx, seen: BranchesSeen) -> None:
    """Make what stands in the table what was seen: new ones are told, those that are gone close themselves."""
    found = {one.key(seen.repository): one for one in Judging(tx, seen).all()}
    there = {one.key: one for one in store.standing(tx, seen.plan_id, seen.repository, lock=True)}
    for key, one in found.items():
        if key in there:
            _seen_again(tx, there[key], one)
        else:
            _begin(tx, seen, one)
    for key, conflict in there.items():
        if key not in found:
            _gone(tx, conflict)


def answer(tx: Tx, asker: Asker, number: int, how: str, expected: int | None = None) -> Conflict:
    """The asker sees to it: `talk` or `rebase`. The response clock stops."""
    conflict = rights.going(tx, asker, number, expected)
    rights.may(asker, conflict, f"say that you {how}")
    models.answer(conflict, how, asker.person.key, tx.now)
    models.look(conflict, tx.now)
    telling.changed(tx, conflict, f"answered: {how}", asker.person.key)
    if _climbs(tx, conflict):
        escalation.hold(tx, conflict.subject)
    return conflict


def accept(tx: Tx, asker: Asker, number: int, why: str = "", expected: int | None = None) -> Conflict:
    """It is fine as it is: nobody is told any more, unless it gets worse."""
    conflict = rights.going(tx, asker, number, expected)
    rights.may(asker, conflict, "say that it is fine")
    models.accept(conflict, asker.person.key, why.strip(), tx.now)
    telling.changed(tx, conflict, "accepted", asker.person.key, said=why.strip() or None)
    escalation.end(tx, conflict.subject)
    return conflict


def reopen(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Conflict:
    """It is not fine after all."""
    conflict = rights.known(tx, asker, number, expected)
    rights.may(asker, conflict, "reopen it")
    if conflict.state != State.ACCEPTED:
        raise Refused(f"Conflict {number} is {conflict.state}: there is nothing to reopen.")
    models.open_again(conflict)
    models.look(conflict, tx.now)
    telling.changed(tx, conflict, "reopened", asker.person.key)
    _climb(tx, conflict)
    return conflict


def judge(tx: Tx, asker: Asker, number: int, *, useful: bool) -> Conflict:
    """Say whether it was worth telling. It counts once for each person, and may be changed; what stands stays."""
    conflict = rights.known(tx, asker, number)
    rights.may(asker, conflict, "judge it")
    conflict.verdicts = {**conflict.verdicts, asker.person.key: useful}
    telling.changed(tx, conflict, "found useful" if useful else "found not useful", asker.person.key)
    return conflict


def precision(tx: Tx, plan_id: int) -> Precision:
    """Of all that were told, how many were worth it."""
    judged = [one.useful for one in store.every(tx, plan_id) if one.useful is not None]
    return Precision(sum(judged), len(judged))


def going(tx: Tx, plan_id: int) -> Sequence[Conflict]:
    """Those that nobody has accepted and that are not gone."""
    return [one for one in store.standing(tx, plan_id) if one.state in GOING]


def clocks(tx: Tx, plan_id: int) -> Mapping[str, timedelta]:
    """The time for each thing from the push on: detect, respond, resolve, validate."""
    written = telling.rules(tx, plan_id).clocks
    return {
        "detect": written.detect or CLOCKS.detect or timedelta(),
        "respond": written.respond or CLOCKS.respond or timedelta(),
        "resolve": written.resolve or CLOCKS.resolve or timedelta(),
        "validate": written.validate_ or CLOCKS.validate_ or timedelta(),
    }


def run_out(tx: Tx, conflict: Conflict, what: str) -> None:
    """The time to resolve or validate it is over: whoever is next on its ladder is told at once."""
    telling.changed(tx, conflict, f"not {what} in time", timeline.BOT)
    if _climbs(tx, conflict):
        try:
            escalation.go_on(tx, conflict.subject)
        except Refused:  # everybody on the ladder knows
            telling.late(tx, conflict, what)
    else:
        telling.late(tx, conflict, what)


def _begin(tx: Tx, seen: BranchesSeen, found: Found) -> None:
    heads = {found.one.name, found.other.name if found.other else ""}
    pushes = [moved.pushed_at for moved in seen.moved if moved.branch.name in heads]
    pushed_at = max(pushes, default=seen.pushed_at or tx.now)
    spans = clocks(tx, seen.plan_id)
    conflict = Conflict(
        plan_id=seen.plan_id, repository=seen.repository, one=found.one.name,
        other=found.other.name if found.other else "", kind=found.kind, degree=found.degree, pushed_at=pushed_at,
        found_at=tx.now,
    )  # fmt: skip
    if found.degree != Degree.SIMPLE:
        conflict.resolve_at = max(pushed_at + spans["resolve"], tx.now + (spans["resolve"] - spans["respond"]))
        conflict.validate_at = max(pushed_at + spans["validate"], conflict.resolve_at)
    _take_over(conflict, found)
    models.look(conflict, tx.now)
    tx.session.add(conflict)
    tx.session.flush()
    _told(tx, conflict, "found")


def _seen_again(tx: Tx, conflict: Conflict, found: Found) -> None:
    worse = found.degree.rank > Degree(conflict.degree).rank
    before = (conflict.degree, conflict.files, conflict.hunks, conflict.why)
    _take_over(conflict, found)
    if before == (conflict.degree, conflict.files, conflict.hunks, conflict.why):
        tx.session.add(conflict)
        return
    if not worse:
        telling.changed(tx, conflict, "changed", timeline.BOT)
        return
    escalation.end(tx, conflict.subject)
    models.open_again(conflict)
    spans = clocks(tx, conflict.plan_id)
    conflict.resolve_at, conflict.validate_at = tx.now + spans["resolve"], tx.now + spans["validate"]
    models.look(conflict, tx.now)
    _told(tx, conflict, "got worse")


def _gone(tx: Tx, conflict: Conflict) -> None:
    models.end(conflict, "gone", tx.now)
    telling.changed(tx, conflict, "gone", timeline.BOT)
    escalation.end(tx, conflict.subject)


def _told(tx: Tx, conflict: Conflict, verb: str) -> None:
    part = telling.part(tx, conflict)
    telling.changed(tx, conflict, verb, timeline.BOT)
    telling.pages(tx, conflict, _climb(tx, conflict))
    telling.cards(tx, conflict)
    if conflict.degree == Degree.CRITICAL or part.emergency or part.rollback:
        tx.publish(CollisionFound(conflict, part.emergency, part.rollback))


def _climb(tx: Tx, conflict: Conflict) -> Climb | None:
    policy = telling.policy(tx, conflict)
    if not policy:
        return None
    digest = escalation.digest(tx, telling.directory(tx, conflict), policy)
    return escalation.start(tx, conflict.plan_id, conflict.subject, digest, telling.concern(conflict))


def _climbs(tx: Tx, conflict: Conflict) -> bool:
    ladder = escalation.ladder(tx, conflict.subject)
    return ladder is not None and ladder.state != "ended"


def _take_over(conflict: Conflict, found: Found) -> None:
    sides = [found.one, *([found.other] if found.other else [])]
    conflict.degree, conflict.why, conflict.files = found.degree, list(found.why), list(found.files[:MOST_FILES])
    conflict.hunks = [list(one) for one in found.hunks]
    conflict.teams = list(found.teams)
    conflict.people = [side.person or side.author for side in sides]
    conflict.heads = [side.head for side in sides]
