"""The light of a team: green, yellow, red or black, and why. One more bad thing never makes it better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from callboard.board.picture.counts import NONE, Count
from callboard.board.picture.parts import Colour, Reason
from callboard.core.words import counted

FEW = 2
"""So many late tasks are minor delays, whatever their share."""
SHARE = 4
"""A team is critical with more than `FEW` late tasks, when they are at least one in so many."""
ORDER = tuple(Colour)


@dataclass(frozen=True, kw_only=True)
class Troubles:
    """What a light is made of. `critical` are open blockers of the gravest severity, `blockers` the other open ones.

    `gates` are past their time and wait for tasks of the team, `silent` who missed their last check-in, `away` who of
    its `people` is not there.
    """

    tasks: Count = NONE
    late: Count = NONE
    blocked: Count = NONE
    critical: Count = NONE
    blockers: Count = NONE
    gates: Count = NONE
    silent: Count = NONE
    people: Count = NONE
    away: Count = NONE


def light(troubles: Troubles) -> tuple[Colour, tuple[Reason, ...]]:
    """The colour, that of the worst reason, and all reasons with the worst first."""
    reasons = tuple(sorted(_reasons(troubles), key=lambda reason: -ORDER.index(reason.colour)))
    return (reasons[0].colour if reasons else Colour.GREEN), reasons


def _reasons(troubles: Troubles) -> Iterator[Reason]:
    late, tasks = troubles.late.number, troubles.tasks.number
    if troubles.people and troubles.away.number >= troubles.people.number:
        yield Reason(colour=Colour.BLACK, words="nobody is there", rows=troubles.away)
    if troubles.critical:
        words = f"{counted(troubles.critical.number, 'critical blocker')} open"
        yield Reason(colour=Colour.RED, words=words, rows=troubles.critical)
    if troubles.gates:
        words = f"{counted(troubles.gates.number, 'gate')} missed"
        yield Reason(colour=Colour.RED, words=words, rows=troubles.gates)
    if late:
        colour = Colour.RED if late > FEW and late * SHARE >= tasks else Colour.YELLOW
        yield Reason(colour=colour, words=f"{late} of {counted(tasks, 'task')} late", rows=troubles.late)
    if troubles.blocked:
        words = f"{counted(troubles.blocked.number, 'task')} blocked"
        yield Reason(colour=Colour.YELLOW, words=words, rows=troubles.blocked)
    if troubles.blockers:
        words = f"{counted(troubles.blockers.number, 'blocker')} open"
        yield Reason(colour=Colour.YELLOW, words=words, rows=troubles.blockers)
    if troubles.silent:
        words = f"{counted(troubles.silent.number, 'check-in')} missed"
        yield Reason(colour=Colour.YELLOW, words=words, rows=troubles.silent)
