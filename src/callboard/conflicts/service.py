"""The verbs of a conflict: found, answered, accepted, judged useful or not, gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callboard.conflicts import models, notices, plan, rights, store
from callboard.conflicts.events import CollisionFound
from callboard.conflicts.models import GOING, Conflict, Degree, State
from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.escalation import service as escalation
from callboard.teams import service as teams
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx
    from callboard.escalation.models import Climb


@dataclass(frozen=True)
class Precision:
    """Of how many conflicts somebody has said, or shown, whether it was worth telling; and of how many it was."""

    useful: int
    judged: int

    @property
    def share(self) -> float | None:
        """Their share; None where nobody has judged any."""
        return self.useful / self.judged if self.judged else None


def answer(tx: Tx, asker: Asker, number: int, how: str, expected: int | None = None) -> Conflict:
    """The asker sees to it: `talk` or `rebase`. The response clock stops."""
    conflict = rights.going(tx, asker, number, expected)
    rights.may(asker, conflict, f"say that you {how}")
    models.answer(conflict, how, asker.person.key, tx.now)
    models.look(conflict, tx.now)
    notices.changed(tx, conflict, f"answered: {how}", asker.person.key)
    if _climbs(tx, conflict):
        escalation.hold(tx, conflict.subject)
    return conflict


def accept(tx: Tx, asker: Asker, number: int, why: str = "", expected: int | None = None) -> Conflict:
    """It is fine as it is: nobody is told any more, unless it gets worse."""
    conflict = rights.going(tx, asker, number, expected)
    rights.may(asker, conflict, "say that it is fine")
    models.accept(conflict, asker.person.key, why.strip(), tx.now)
    notices.changed(tx, conflict, "accepted", asker.person.key, said=why.strip() or None)
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
    notices.changed(tx, conflict, "reopened", asker.person.key)
    _climb(tx, conflict)
    return conflict


def judge(tx: Tx, asker: Asker, number: int, *, useful: bool) -> Conflict:
    """Say whether it was worth telling. It counts once for each person, and may be changed; what stands stays."""
    conflict = rights.known(tx, asker, number)
    rights.may(asker, conflict, "judge it")
    conflict.verdicts = {**conflict.verdicts, asker.person.key: useful}
    notices.changed(tx, conflict, "found useful" if useful else "found not useful", asker.person.key)
    return conflict


def precision(tx: Tx, plan_id: int) -> Precision:
    """Of all that were told, how many were worth it."""
    judged = [one.useful for one in store.every(tx, plan_id) if one.useful is not None]
    return Precision(sum(judged), len(judged))


def going(tx: Tx, plan_id: int) -> Sequence[Conflict]:
    """Those that nobody has accepted and that are not gone."""
    return [one for one in store.standing(tx, plan_id) if one.state in GOING]


def run_out(tx: Tx, conflict: Conflict, what: str) -> None:
    """The time to resolve or validate it is over: whoever is next on its ladder is told at once."""
    notices.changed(tx, conflict, f"not {what} in time", timeline.BOT)
    if _climbs(tx, conflict):
        try:
            escalation.go_on(tx, conflict.subject)
        except Refused:  # everybody on the ladder knows
            notices.tell_late(tx, conflict, what)
    else:
        notices.tell_late(tx, conflict, what)


def announce(tx: Tx, conflict: Conflict, verb: str) -> None:
    part = plan.part(tx, conflict)
    notices.changed(tx, conflict, verb, timeline.BOT)
    notices.pages(tx, conflict, _climb(tx, conflict))
    notices.cards(tx, conflict)
    if conflict.degree == Degree.CRITICAL or part.emergency or part.rollback:
        tx.publish(CollisionFound(conflict, part.emergency, part.rollback))


def _climb(tx: Tx, conflict: Conflict) -> Climb | None:
    policy = plan.policy(tx, conflict)
    if not policy:
        return None
    digest = escalation.digest(tx, teams.directory(tx, conflict.plan_id), policy)
    return escalation.start(tx, conflict.plan_id, conflict.subject, digest, notices.concern(conflict))


def _climbs(tx: Tx, conflict: Conflict) -> bool:
    ladder = escalation.ladder(tx, conflict.subject)
    return ladder is not None and ladder.state != "ended"
