"""What comes of the runs: for each gate and phase the chance, the dates, what decides it, and what would help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from callboard.forecast.engine import simulation, slip
from callboard.forecast.engine.lanes import Arrays, Lanes, lanes
from callboard.forecast.engine.network import TASK, TICKS, Network
from callboard.forecast.engine.simulation import Course, Draws

RUNS, TRIALS = 10_000, 2_000
"""How often all of it happens, and how often again for each thing that is tried."""
WORK, PLAIN_WORK, LEAST_RUNS = 2_500_000, 150_000, 400
"""So many nodes times runs are computed at most, with numpy and without."""
TRIED = 8
PATHS, HELPS = 8, 3
LEAST_SHARE = 0.02
QUANTILES = (0.1, 0.5, 0.85, 0.9)
POINT = 0.01


@dataclass(frozen=True)
class Help:
    """Somebody more in a team, or a task that is done at once: so much more likely is the gate then."""

    team: str
    task: str
    gain: float


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of a gate or phase, at which quantiles, in seconds from now.

    `paths` are tasks and gates before it, each with the share of runs in which it decides the date.
    """

    key: str
    kind: str
    chance: float | None
    early: float
    middle: float
    often: float
    late: float
    paths: tuple[tuple[str, float], ...] = ()
    helps: tuple[Help, ...] = ()


@dataclass(frozen=True)
class Trial:
    """Many runs of a plan."""

    network: Network
    known: slip.Slip
    lanes: Lanes
    order: Sequence[int]

    @cached_property
    def draws(self) -> Draws:
        return simulation.draw(self.network, self.known, self.lanes)

    @cached_property
    def course(self) -> Course:
        return simulation.run(self.network, self.draws, self.order)

    @cached_property
    def wanted(self) -> list[int]:
        """The gates and phases, without those that wait for themselves."""
        reached = set(self.order)
        nodes = enumerate(self.network.nodes)
        return [number for number, node in nodes if node.kind not in (TASK, TICKS) and number in reached]

    def chance(self, number: int, over: Any) -> float | None:
        due = self.network.nodes[number].due
        return None if due is None else self.lanes.share(over <= due)

    def outlook(self, number: int) -> Outlook:
        node, over = self.network.nodes[number], self.course.over[number]
        early, middle, often, late = self.lanes.quantiles(over, QUANTILES)
        return Outlook(node.key, node.kind, self.chance(number, over), early, middle, often, late)

    def shares(self, number: int) -> list[float]:
        """Of each node the share of runs in which an hour more there is an hour more here."""
        marks, columns, causes = self.lanes.marks(len(self.network.nodes)), self.lanes, self.course.causes
        shares = [0.0] * len(self.network.nodes)
        columns.follow(causes, number, columns.full(value=True), marks)
        for place in reversed(self.order[: self.order.index(number)]):
            if columns.any(marks[place]):
                shares[place] = columns.share(marks[place])
                columns.follow(causes, place, marks[place], marks)
        return shares


def outlooks(
    network: Network, runs: int | None = None, *, plain: bool = False, tried: int = TRIED,
    known: slip.Slip | None = None,
) -> list[Outlook]:  # fmt: skip
    """The outlook of every gate and phase. The same network gives the same, on the same machine."""
    known = known or slip.learn(network)
    order = simulation.Rehearsal(network, known).order()
    whole = Trial(network, known, lanes(runs or _runs(network, plain=plain), network.seed, plain=plain), order)
    found = {number: whole.outlook(number) for number in whole.wanted}
    fewer = whole.lanes.runs > TRIALS
    trial = replace(whole, lanes=lanes(TRIALS, network.seed, plain=plain)) if fewer else whole
    shares = {number: trial.shares(number) for number in whole.wanted}
    helps = _helps(trial, shares, tried)
    return [
        replace(found[number], paths=tuple(_paths(network, shares[number])), helps=tuple(helps.get(number, ())[:HELPS]))
        for number in whole.wanted
    ]  # fmt: skip


def _runs(network: Network, *, plain: bool) -> int:
    work = WORK if isinstance(lanes(1, 0, plain=plain), Arrays) else PLAIN_WORK
    return min(RUNS, max(work // max(len(network.nodes), 1), LEAST_RUNS))


def _paths(network: Network, shares: Sequence[float]) -> list[tuple[str, float]]:
    ranked = sorted((-share, number) for number, share in enumerate(shares) if share >= LEAST_SHARE)
    return [(network.nodes[number].key, -share) for share, number in ranked if network.nodes[number].kind != TICKS][
        :PATHS
    ]


def _helps(trial: Trial, shares: Mapping[int, Sequence[float]], tried: int) -> dict[int, list[Help]]:
    """Try with the same luck: somebody more in each team that decides most, each task that does, done at once."""
    network, found = trial.network, dict[int, list[Help]]()
    unsure = [number for number in trial.wanted if _is_unsure(trial, number)]
    teams, tasks = Counter[int](), Counter[int]()
    for number in unsure:
        for place, share in enumerate(shares[number]):
            node = network.nodes[place]
            if node.kind == TASK and share >= LEAST_SHARE:
                tasks[place] += round(share * 1000)
                teams[node.team] += round(share * 1000)
    for team, _ in teams.most_common(tried // 2):
        larger = simulation.joined(network, team, _hours_of(network, team)) if team >= 0 else None
        if larger:
            then = simulation.run(larger, trial.draws, trial.order, traced=False)
            _keep(found, trial, then, unsure, Help(network.teams[team], "", 0.0))
    for task, _ in tasks.most_common(tried - tried // 2):
        then = simulation.run(network, trial.draws, trial.order, instant=task, traced=False)
        _keep(found, trial, then, unsure, Help("", network.nodes[task].key, 0.0))
    return {number: sorted(each, key=lambda help_: -help_.gain) for number, each in found.items()}


def _is_unsure(trial: Trial, number: int) -> bool:
    chance = trial.chance(number, trial.course.over[number])
    return chance is not None and chance < 1 - POINT


def _hours_of(network: Network, team: int) -> int:
    """The hours that most of a team have: those of somebody who joins it."""
    own = Counter(worker.hours for worker in network.workers if worker.team == team)
    return own.most_common(1)[0][0] if own else 0


def _keep(found: dict[int, list[Help]], trial: Trial, then: Course, unsure: Sequence[int], help_: Help) -> None:
    for number, gain in _gains(trial, then, unsure):
        found.setdefault(number, []).append(replace(help_, gain=gain))


def _gains(trial: Trial, then: Course, unsure: Sequence[int]) -> Iterator[tuple[int, float]]:
    """What is won for each gate. Nobody has to use the help: in a run in which it harms, all stays as it was."""
    for number in unsure:
        before, after = trial.course.over[number], then.over[number]
        better = trial.lanes.where(before > after, after, before)
        gain = (trial.chance(number, better) or 0.0) - (trial.chance(number, before) or 0.0)
        if gain >= POINT:
            yield number, gain
