"""The runs: each draws how long everything takes, and does it in the order in which it would usually be done."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from callboard.forecast.engine.lanes import Lanes, between
from callboard.forecast.engine.network import Hours, Network, Node, Worker
from callboard.forecast.engine.slip import GRID, Slip, middle, scales

ANSWERS = 0.9
"""The scale of the time until somebody answers: one in ten takes seven times as long as half of them."""
MOST = 0.9995
"""No run draws worse luck than one in two thousand: what is beyond tells nothing about dates."""
LEAST_PERCENT = 1.0


@dataclass(frozen=True)
class Draws:
    """The chances of all runs, drawn once. Whatever is tried is tried with the same."""

    lanes: Lanes
    works: Sequence[Any]
    """How long the work of each node takes, in seconds of work from its beginning."""
    waits: Sequence[Any]
    answers: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Course:
    """When each node is over in each run, and the node because of which it was not earlier; -1 for none.

    A course that is not `traced` has no causes.
    """

    over: Sequence[Any]
    causes: Sequence[Any]


def draw(network: Network, slip: Slip, lanes: Lanes) -> Draws:
    common = lanes.interp(lanes.uniform(), slip.summed, GRID)
    teams = [_normal(lanes, slip.team(number)) for number in range(len(network.teams))]
    workers = [_normal(lanes, slip.worker(number)) for number in range(len(network.workers))]
    works, waits, answers = [], [], []
    for node in network.nodes:
        slips = common - slip.middle if node.measured else common
        if 0 <= node.team < len(teams):
            slips = slips + teams[node.team]
        if len(node.workers) == 1:
            slips = slips + workers[node.workers[0]]
        works.append(_work(lanes, node, slips, slip.own) if node.high else None)
        waits.append(_answer(lanes, node.blocked) if node.blocked else None)
        answers.append([_answer(lanes, ask.within) for ask in node.asks for _ in ask.hours])
    return Draws(lanes, works, waits, answers)


def _normal(lanes: Lanes, known: tuple[float, float]) -> Any:
    mean, spread = known
    return lanes.normal() * spread + mean


def _work(lanes: Lanes, node: Node, slips: Any, own: float) -> Any:
    """What is left of a task. Of one that was begun it is known that it is not done after so much work."""
    usual = middle(node.low, node.high, node.likely)
    below, above = scales(node, max(own, node.spread))
    chance = lanes.uniform()
    if node.worked:
        beyond = slips * -1 + math.log(node.worked / usual)
        passed = lanes.logistic(_sided(lanes, beyond, 1 / below, 1 / above))
        chance = passed + chance * (passed * -1 + 1)
    whole = lanes.exp(slips + _sided(lanes, lanes.logit(chance, MOST), below, above) + math.log(usual))
    if not node.worked:
        return whole * (1 - node.percent / 100)
    left = lanes.later(whole - node.worked, 0.0)
    if node.percent < LEAST_PERCENT:
        return left
    # What people say and what the time says count alike.
    return (left + lanes.later(whole * (1 - node.percent / 100), 0.0)) * 0.5


def _sided(lanes: Lanes, column: Any, below: float, above: float) -> Any:
    """A column times one number below nothing, and another above."""
    return column * (above if below == above else lanes.where(column > 0.0, above, below))


def _answer(lanes: Lanes, within: float) -> Any:
    return lanes.exp(lanes.logit(lanes.uniform(), MOST) * ANSWERS + math.log(max(within, 1.0)))


@dataclass
class Crew:
    """When each worker is free again, and, if that is `traced`, what keeps them until then."""

    network: Network
    lanes: Lanes
    traced: bool
    free: list[Any] = field(default_factory=list)
    last: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        nobody = self.lanes.full(-1.0)
        self.free = [self.lanes.full(0.0)] * len(self.network.workers)
        self.last = [nobody] * len(self.network.workers)

    def do(self, number: int, node: Node, ready: Any, cause: Any, work: Any) -> tuple[Any, Any]:
        """Have whoever is done first do it; when it is over, and why not earlier."""
        lanes, network = self.lanes, self.network
        if not node.workers:
            return _worked(lanes, network.hours[node.hours], ready, work), cause
        if len(node.workers) == 1:
            return self._alone(number, node.workers[0], ready, cause, work)
        over, chosen = self._chosen(node, ready, work)
        for place, worker in enumerate(node.workers):
            mine = chosen == float(place)
            if self.traced:
                cause = lanes.where(mine & (self.free[worker] > ready), self.last[worker], cause)
                self.last[worker] = lanes.where(mine, float(number), self.last[worker])
            self.free[worker] = lanes.where(mine, over, self.free[worker])
        return over, cause

    def _alone(self, number: int, worker: int, ready: Any, cause: Any, work: Any) -> tuple[Any, Any]:
        """The same where only one can do it."""
        over = self._by(worker, ready, work)
        if self.traced:
            cause = self.lanes.where(self.free[worker] > ready, self.last[worker], cause)
            self.last[worker] = self.lanes.full(float(number))
        self.free[worker] = over
        return over, cause

    def _chosen(self, node: Node, ready: Any, work: Any) -> tuple[Any, Any]:
        """When whoever is done first is done, and who that is; of several, whoever is free first."""
        lanes, (first, *others) = self.lanes, node.workers
        over, free, chosen = self._by(first, ready, work), self.free[first], lanes.full(0.0)
        for place, worker in enumerate(others, 1):
            done = self._by(worker, ready, work)
            sooner = (over > done) | ((over == done) & (free > self.free[worker]))
            over, free = lanes.where(sooner, done, over), lanes.where(sooner, self.free[worker], free)
            chosen = lanes.where(sooner, float(place), chosen)
        return over, chosen

    def _by(self, worker: int, ready: Any, work: Any) -> Any:
        hours = self.network.hours[self.network.workers[worker].hours]
        return _worked(self.lanes, hours, self.lanes.later(self.free[worker], ready), work)


def _worked(lanes: Lanes, hours: Hours, start: Any, work: Any) -> Any:
    """When so much work is done, from a start on."""
    return lanes.later(lanes.interp(lanes.interp(start, hours.xs, hours.ys) + work, hours.ys, hours.xs), start)


def run(
    network: Network, draws: Draws, order: Sequence[int], *, instant: int = -1, traced: bool = True
) -> Course:  # fmt: skip
    """Let all runs happen. The node that is `instant` takes no time."""
    lanes, crew = draws.lanes, Crew(network, draws.lanes, traced)
    over: list[Any] = [None] * len(network.nodes)
    causes: list[Any] = [None] * len(network.nodes)
    for number in order:
        node = network.nodes[number]
        ready, cause = lanes.full(max(node.opens, 0.0)), lanes.full(-1.0)
        for before in node.after:
            if traced:
                cause = lanes.where(over[before] > ready, float(before), cause)
            ready = lanes.later(ready, over[before])
        if number != instant:
            if draws.waits[number] is not None:
                ready = _worked(lanes, network.hours[node.hours], ready, draws.waits[number])
            if draws.works[number] is not None:
                ready, cause = crew.do(number, node, ready, cause, draws.works[number])
        over[number], causes[number] = _answered(network, draws, number, ready), cause
    return Course(over, causes)


def _answered(network: Network, draws: Draws, number: int, ready: Any) -> Any:
    """When enough people have answered for all that a gate asks."""
    lanes, place, over = draws.lanes, 0, ready
    for ask in network.nodes[number].asks:
        drawn = draws.answers[number][place : place + len(ask.hours)]
        place += len(ask.hours)
        answered = [
            _worked(lanes, network.hours[hours], ready, each) for hours, each in zip(ask.hours, drawn, strict=True)
        ]
        if answered:
            over = lanes.later(over, lanes.nth(answered, min(ask.count, len(answered)) - 1))
    return over


@dataclass
class Rehearsal:
    """One run with what is usual, in which everybody does what they can do first: it gives the order of all runs."""

    network: Network
    slip: Slip
    free: list[float] = field(default_factory=list)

    @cached_property
    def urgency(self) -> list[float]:
        """By when each node, or what waits for it, is due."""
        found = [math.inf if node.due is None else node.due for node in self.network.nodes]
        for number in reversed(list(_topological(self.network.nodes))):
            for before in self.network.nodes[number].after:
                found[before] = min(found[before], found[number])
        return found

    def order(self) -> list[int]:
        """All nodes, each after those it waits for; what waits for itself is left out."""
        nodes, self.free = self.network.nodes, [0.0] * len(self.network.workers)
        over, behind = [0.0] * len(nodes), _behind(nodes)
        missing = [len(node.after) for node in nodes]
        queue = [self._entry(number, over) for number, count in enumerate(missing) if not count]
        heapq.heapify(queue)
        found: list[int] = []
        while queue:
            entry = heapq.heappop(queue)
            number = entry[-1]
            now = self._entry(number, over)
            if now[0] > entry[0]:
                heapq.heappush(queue, now)
                continue
            found.append(number)
            over[number] = self._do(number, now[0])
            for after in behind[number]:
                missing[after] -= 1
                if not missing[after]:
                    heapq.heappush(queue, self._entry(after, over))
        return found

    def _entry(self, number: int, over: Sequence[float]) -> tuple[float, bool, float, int]:
        node = self.network.nodes[number]
        ready = max([node.opens, 0.0, *(over[before] for before in node.after)])
        start = max(ready, min((self.free[worker] for worker in node.workers), default=0.0))
        return start, not node.begun, self.urgency[number], number

    def _usual(self, node: Node) -> float:
        return middle(node.low, node.high, node.likely) * (1.0 if node.measured else math.exp(self.slip.middle))

    def _do(self, number: int, start: float) -> float:
        node = self.network.nodes[number]
        work = max(self._usual(node) - node.worked, 0.0) if node.high else 0.0
        worker = min(node.workers, key=lambda each: (self.free[each], each), default=None)
        hours = self.network.workers[worker].hours if worker is not None else node.hours
        end = _at(self.network.hours[hours], start, work) if work else start
        if worker is not None:
            self.free[worker] = end
        return end


def _at(hours: Hours, start: float, work: float) -> float:
    return max(between(between(start, hours.xs, hours.ys) + work, hours.ys, hours.xs), start)


def _behind(nodes: Sequence[Node]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in nodes]
    for number, node in enumerate(nodes):
        for before in node.after:
            found[before].append(number)
    return found


def _topological(nodes: Sequence[Node]) -> Iterator[int]:
    missing, behind = [len(node.after) for node in nodes], _behind(nodes)
    waiting = [number for number, count in enumerate(missing) if not count]
    while waiting:
        number = waiting.pop()
        yield number
        for after in behind[number]:
            missing[after] -= 1
            if not missing[after]:
                waiting.append(after)


def joined(network: Network, team: int, hours: int) -> Network | None:
    """The same with one person more in a team, who may do whatever of it is not begun; None where that is nothing."""
    newcomer, changed = len(network.workers), False
    nodes = []
    for node in network.nodes:
        mine = node.team == team and bool(node.workers) and not node.begun and bool(node.high)
        changed |= mine
        nodes.append(replace(node, workers=(*node.workers, newcomer)) if mine else node)
    workers = (*network.workers, Worker("", hours, team))
    return replace(network, nodes=tuple(nodes), workers=workers) if changed else None
