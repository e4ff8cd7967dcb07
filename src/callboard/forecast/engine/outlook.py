"""What comes of the runs: for each gate and phase the chance, the dates, what decides it, and what would help."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from callboard.forecast.engine import simulation, slip
from callboard.forecast.engine.lanes import Lanes, lanes
from callboard.forecast.engine.network import Network
from callboard.forecast.engine.simulation import Course, Draws

RUNS = 10_000
WORK, LEAST_RUNS = 2_000_000, 500
"""So many nodes times runs are computed at most, with numpy; without, a twelfth of that."""
PLAIN_WORK = 160_000
TRIED = 8
"""So many changes are tried."""
PATHS = 8
LEAST_SHARE = 0.02
A_TENTH, HALF, OFTEN, NINE_TENTHS = 0.1, 0.5, 0.85, 0.9
QUANTILES = (A_TENTH, HALF, OFTEN, NINE_TENTHS)
POINT = 0.01


@dataclass(frozen=True)
class Help:
    """Something that would help: `who` joins, or `task` is done at once. The chance then, and when half of all runs are over."""

    team: str
    task: str
    chance: float | None
    middle: float


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of one node. Times are in seconds from now, as the runs have them in order."""

    key: str
    kind: str
    chance: float | None
    early: float
    middle: float
    often: float
    late: float
    paths: tuple[tuple[str, float], ...] = ()
    helps: tuple[Help, ...] = ()


def runs_for(network: Network, *, plain: bool) -> int:
    most = (PLAIN_WORK if plain else WORK) // max(len(network.nodes), 1)
    return min(RUNS, max(most, LEAST_RUNS))


def outlooks(network: Network, runs: int | None = None, *, plain: bool = False, tried: int = TRIED) -> list[Outlook]:
    """The outlook of every node with a date, or gate."""
    columns = lanes(1, 0, plain=plain)
    is_plain = not hasattr(columns, "np")
    columns = lanes(runs or runs_for(network, plain=is_plain), network.seed, plain=plain)
    known = slip.learn(network)
    draws = simulation.draw(network, known, columns)
    order = simulation.Rehearsal(network, known).order()
    course = simulation.run(network, draws, order)
    reached = set(order)
    wanted = [number for number, node in enumerate(network.nodes) if node.kind != "task" and number in reached]
    found = {number: _outlook(network, columns, course.over[number], number) for number in wanted}
    shares = {number: _shares(network, columns, course, order, number) for number in wanted}
    helps = _helps(network, draws, order, course, wanted, shares, tried)
    return [_whole(found[number], network, shares[number], helps.get(number, [])) for number in wanted]


def _whole(found: Outlook, network: Network, shares: Sequence[float], helps: Sequence[Help]) -> Outlook:
    ranked = sorted(((share, -number) for number, share in enumerate(shares) if share >= LEAST_SHARE), reverse=True)
    paths = tuple((network.nodes[-number].key, share) for share, number in ranked if _is_named(network, -number))
    return Outlook(
        found.key, found.kind, found.chance, found.early, found.middle, found.often, found.late, paths[:PATHS],
        tuple(helps),
    )  # fmt: skip


def _is_named(network: Network, number: int) -> bool:
    return network.nodes[number].kind != "phase"


def _outlook(network: Network, columns: Lanes, over: Any, number: int) -> Outlook:
    node = network.nodes[number]
    chance = None if node.due is None else columns.share(over <= node.due)
    return Outlook(node.key, node.kind, chance, *columns.quantiles(over, QUANTILES))


def _shares(network: Network, columns: Lanes, course: Course, order: Sequence[int], number: int) -> list[float]:
    """Of each node the share of runs in which it is on the path to this one: a minute more there is one more here."""
    marks = columns.marks(len(network.nodes))
    within, shares = columns.full(value=True), [0.0] * len(network.nodes)
    columns.follow(course.causes, number, within, marks)
    for place in reversed(order[: order.index(number)]):
        if columns.any(marks[place]):
            shares[place] = columns.share(marks[place])
            columns.follow(course.causes, place, marks[place], marks)
    return shares


def _helps(
    network: Network, draws: Draws, order: Sequence[int], course: Course, wanted: Sequence[int],
    shares: dict[int, list[float]], tried: int,
) -> dict[int, list[Help]]:  # fmt: skip
    """Try again with the same chances: somebody more in the teams that decide most, the most deciding tasks done now."""
    found: dict[int, list[Help]] = {}
    unsure = [number for number in wanted if _is_unsure(network, draws.lanes, course, number)]
    teams, tasks = Counter[int](), Counter[int]()
    for number in unsure:
        for place, share in enumerate(shares[number]):
            node = network.nodes[place]
            if node.kind == "task" and share >= LEAST_SHARE:
                tasks[place] += math.ceil(share * 1000)
                if node.team >= 0:
                    teams[node.team] += math.ceil(share * 1000)
    for team, _ in teams.most_common(tried // 2):
        larger, changed = simulation.joined(network, team, _hours_of(network, team))
        if changed:
            course_then = simulation.run(larger, draws, order)
            for number, help_ in _gains(network, draws.lanes, course, course_then, unsure, team=network.teams[team]):
                found.setdefault(number, []).append(help_)
    for task, _ in tasks.most_common(tried - tried // 2):
        course_then = simulation.run(network, draws, order, instant=frozenset({task}))
        key = network.nodes[task].key
        for number, help_ in _gains(network, draws.lanes, course, course_then, unsure, task=key):
            found.setdefault(number, []).append(help_)
    return {number: sorted(each, key=lambda one: (-(one.chance or 0.0), one.middle)) for number, each in found.items()}


def _is_unsure(network: Network, columns: Lanes, course: Course, number: int) -> bool:
    due = network.nodes[number].due
    return due is not None and columns.share(course.over[number] <= due) < 1 - POINT


def _hours_of(network: Network, team: int) -> int:
    """The hours that most of a team have: those of somebody who joins it."""
    own = Counter(worker.hours for worker in network.workers if worker.team == team)
    return own.most_common(1)[0][0] if own else 0


def _gains(
    network: Network, columns: Lanes, course: Course, then: Course, unsure: Iterable[int], *, team: str = "",
    task: str = "",
) -> Iterator[tuple[int, Help]]:  # fmt: skip
    """What is won for each gate. Nobody has to use the help: in a run in which it harms, all stays as it was."""
    for number in unsure:
        over, due = course.over[number], network.nodes[number].due
        better = columns.where(over > then.over[number], then.over[number], over)
        chance = None if due is None else columns.share(better <= due)
        if chance is not None and chance >= columns.share(over <= (due or 0.0)) + POINT:
            yield number, Help(team, task, chance, columns.quantiles(better, (HALF,))[0])


def answer(question: Any) -> dict[str, Any]:
    """A network as JSON, and what is to be expected of its gates and phases."""
    from callboard.forecast.engine.network import read

    network = read(question["network"])
    known = slip.learn(network)
    found = outlooks(network, question.get("runs"))
    return {"outlooks": [asdict(each) for each in found], "slip": math.exp(known.middle), "seen": known.seen}
