"""How much longer work takes than it was estimated: what is known before, and what this plan has shown so far.

The work of a task is its estimate times e^(slip of the plan + slip of its team + of its worker + its own chance). The
own chance is logistic: half are near, and the tail is long. What is done, and what has taken so long already without
being done, is weighed against the prior by Bayes' rule: it says how far the plan slips, and how far its tasks scatter.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callboard.forecast.engine.network import Network, Node, Sample

PRIOR_SPREAD = 0.27
"""How far plans are from each other."""
OWN = {0.1: 0.1, 0.15: 0.2, 0.2: 0.25, 0.25: 0.2, 0.3: 0.15, 0.4: 0.07, 0.5: 0.03}
"""Scales of a task's own chance, and how likely each is at first; one task in ten takes e^(2.2 * scale) as long."""
OF_TEAM, OF_WORKER = 0.08, 0.1
NINE_TENTHS = math.log(9)
"""The logit of 0.9: an estimate from low to high holds, by itself, for eight of ten."""
GRID = tuple(step / 10 for step in range(-20, 36))
"""Slips of the plan that are considered, from e^-2 to e^3.5."""
LOGISTIC = math.pi**2 / 3
"""The variance of the logistic distribution of scale 1."""
LEAST_WORK = 60.0
LATEST = 300
"""So many of the latest tasks are learned from."""


@dataclass(frozen=True)
class Slip:
    """What is known: the plan's slip as shares of the grid summed up, its middle, how far tasks scatter by themselves.

    Then mean and spread of each team and worker, and how many tasks were done.
    """

    summed: tuple[float, ...]
    middle: float
    own: float
    teams: Mapping[int, tuple[float, float]]
    workers: Mapping[int, tuple[float, float]]
    seen: int

    def team(self, number: int) -> tuple[float, float]:
        return self.teams.get(number, (0.0, OF_TEAM))

    def worker(self, number: int) -> tuple[float, float]:
        return self.workers.get(number, (0.0, OF_WORKER))


def middle(low: float, high: float, likely: float = 0.0) -> float:
    """The work that half of such tasks need, where nothing slips. What is likely counts for two thirds."""
    usual = math.sqrt(max(low, LEAST_WORK) * max(high, LEAST_WORK))
    return usual ** (1 / 3) * max(likely, LEAST_WORK) ** (2 / 3) if likely else usual


def scales(task: Node | Sample, own: float) -> tuple[float, float]:
    """How far a task's own chance goes below its middle and above, with the width of its estimate."""
    low, high = max(task.low, LEAST_WORK), max(task.high, LEAST_WORK)
    wide = math.log(high / low)
    below = math.log(middle(low, high, task.likely) / low) if task.likely else wide / 2
    return math.hypot(own, below / NINE_TENTHS), math.hypot(own, (wide - below) / NINE_TENTHS)


def slipped(sample: Sample) -> float:
    """How much more work it took than its middle, as a logarithm."""
    return math.log(sample.worked / middle(sample.low, sample.high, sample.likely))


def learn(network: Network) -> Slip:
    samples = [sample for sample in network.samples if sample.worked >= LEAST_WORK][-LATEST:]
    by_own = {own: _posterior(samples, own, network.prior) for own in OWN}
    most = max(max(logs) for logs in by_own.values())
    shares = {own: [math.exp(each - most) for each in logs] for own, logs in by_own.items()}
    total = sum(map(sum, shares.values()))
    own = sum(own * sum(each) for own, each in shares.items()) / total
    weights = [sum(column) / total for column in zip(*shares.values(), strict=True)]
    mean = sum(share * at for share, at in zip(weights, GRID, strict=True))
    teams = _effects(samples, "team", [mean] * len(samples), own, OF_TEAM)
    expected = [mean + teams.get(sample.team, (0.0, 0.0))[0] for sample in samples]
    workers = _effects(samples, "worker", expected, own, OF_WORKER)
    done = sum(sample.done for sample in samples)
    return Slip(tuple(_summed(weights)), mean, own, teams, workers, done)


def _summed(weights: Iterable[float]) -> Iterable[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


def _posterior(samples: Sequence[Sample], own: float, prior: float) -> list[float]:
    """The likelihood of each slip of the grid. Tasks of one team are alike, so they tell less than those of several."""
    logs = [math.log(OWN[own]) + _prior(at - prior) for at in GRID]
    sizes = Counter(sample.team for sample in samples)
    besides = OF_TEAM**2 + OF_WORKER**2
    shared = OF_TEAM**2 / (besides + LOGISTIC * own**2)
    for sample in samples:
        weight = 1 / (1 + (sizes[sample.team] - 1) * shared)
        below, above = (math.hypot(each, math.sqrt(besides / LOGISTIC)) for each in scales(sample, own))
        for number, each in enumerate(_log_likelihoods(slipped(sample), below, above, done=sample.done)):
            logs[number] += weight * each
    return logs


def _prior(beyond: float) -> float:
    """Student's t with four degrees of freedom: some plans slip far more than anybody thought."""
    return -2.5 * math.log1p((beyond / PRIOR_SPREAD) ** 2 / 4)


def _log_likelihoods(took: float, below: float, above: float, *, done: bool) -> Iterator[float]:
    """For each slip of the grid, of a logistic variable of the scale that it has on that side of it.

    That it is as much as it took, or while it is not done, that it is more than that.
    """
    log1p, exp, known = math.log1p, math.exp, {below: math.log(below), above: math.log(above)}
    for at in GRID:
        wide = below if took < at else above
        x = (took - at) / wide
        softplus = log1p(exp(-x)) + x if x > 0 else log1p(exp(x))
        yield x - 2 * softplus - known[wide] if done else -softplus


def _effects(
    samples: Sequence[Sample], word: str, expected: Sequence[float], own: float, prior: float
) -> dict[int, tuple[float, float]]:
    """How much more or less than expected each one slips, shrunk towards nothing while little was seen of it."""
    precision, weighed = defaultdict[int, float](lambda: 1 / prior**2), defaultdict[int, float](float)
    for sample, usual in zip(samples, expected, strict=True):
        key = getattr(sample, word)
        if sample.done and key >= 0:
            told = 1 / (LOGISTIC * math.prod(scales(sample, own)))
            precision[key] += told
            weighed[key] += told * (slipped(sample) - usual)
    return {key: (weighed[key] / known, math.sqrt(1 / known)) for key, known in precision.items()}
