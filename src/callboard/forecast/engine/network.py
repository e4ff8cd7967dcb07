"""A plan as the model sees it: nodes that wait for each other, people who do them, and their working time.

Times are in seconds from now, work in seconds of somebody's full attention. It goes through JSON as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PRIOR = 0.25
"""Work takes e^0.25 times its estimate in the middle, 28 % more: what people who estimate are known for."""
TASK, TICKS, GATE, PHASE = "task", "ticks", "gate", "phase"
"""The kinds of nodes. Ticks are what must be ticked and reported before a gate can be signed."""


@dataclass(frozen=True)
class Hours:
    """A calendar as a rising line: at `xs` seconds from now, `ys` seconds of work can have been done."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]


@dataclass(frozen=True)
class Worker:
    """Who does one thing after the other, in which hours, and in which team their work is counted."""

    key: str
    hours: int
    team: int


@dataclass(frozen=True)
class Ask:
    """So many of these must answer; each by their hours, half of the time within `within` seconds of work."""

    count: int
    hours: tuple[int, ...]
    within: float


@dataclass(frozen=True)
class Node:
    """One thing of a plan that is over at some time.

    It waits for the nodes `after` it and for `opens`. `low` to `high` is the work it needs, `likely` where somebody
    says so, of which `worked` is done and `percent` is said to be. One of `workers` does it; without any nobody waits.
    `blocked` is how long half of all blockers take. `spread` is added to the uncertainty, where nobody estimated it.
    Work that is `measured` is what such tasks took, with all their slips.
    """

    key: str
    kind: str
    after: tuple[int, ...] = ()
    opens: float = 0.0
    due: float | None = None
    low: float = 0.0
    high: float = 0.0
    likely: float = 0.0
    spread: float = 0.0
    measured: bool = False
    begun: bool = False
    worked: float = 0.0
    percent: float = 0.0
    workers: tuple[int, ...] = ()
    hours: int = 0
    team: int = -1
    blocked: float = 0.0
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True)
class Sample:
    """What was done or is being done: the work it took so far, how much it was estimated, by which team and worker."""

    low: float
    high: float
    worked: float
    done: bool
    team: int = -1
    worker: int = -1
    likely: float = 0.0


@dataclass(frozen=True)
class Network:
    """All of it. The slip is learned from `samples`, and from the plans before this one: they slipped by `prior`."""

    nodes: tuple[Node, ...]
    workers: tuple[Worker, ...] = ()
    hours: tuple[Hours, ...] = ()
    teams: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    seed: int = 0
    prior: float = PRIOR


def written(network: Network) -> dict[str, Any]:
    """A network as plain values, for JSON."""
    nodes = [{**vars(node), "asks": [vars(ask) for ask in node.asks]} for node in network.nodes]
    rows = {"workers": network.workers, "hours": network.hours, "samples": network.samples}
    return {**vars(network), "nodes": nodes, **{name: [vars(each) for each in these] for name, these in rows.items()}}


def read(written: Mapping[str, Any]) -> Network:
    """A network from what JSON makes of it."""
    return Network(
        nodes=tuple(map(_node, written["nodes"])), workers=tuple(Worker(**each) for each in written["workers"]),
        hours=tuple(Hours(tuple(each["xs"]), tuple(each["ys"])) for each in written["hours"]),
        teams=tuple(written["teams"]), samples=tuple(Sample(**each) for each in written["samples"]),
        seed=written["seed"], prior=written["prior"],
    )  # fmt: skip


def _node(written: Mapping[str, Any]) -> Node:
    asks = tuple(Ask(each["count"], tuple(each["hours"]), each["within"]) for each in written["asks"])
    lists = {"after": tuple(written["after"]), "workers": tuple(written["workers"]), "asks": asks}
    return Node(**{**written, **lists})
