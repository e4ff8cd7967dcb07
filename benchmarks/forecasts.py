"""How honest forecasts are, on plans whose truth is of other families than the model; what ten thousand runs cost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks import synthetic
from benchmarks.harness import Stage
from benchmarks.report import Table, s
from benchmarks.synthetic import FAMILIES, wall
from callboard.forecast.engine import simulation, slip
from callboard.forecast.engine.lanes import lanes
from callboard.forecast.engine.network import Ask, Hours, Network, Node, Worker
from callboard.forecast.engine.outlook import outlooks

SEEDS = ("20271014", "20271015", "20271016")
"""Written down before anything was run on them, and after the last change of the model and of the families."""
TUNED_ON = "tune"
PLANS, RUNS, TUNING = 1000, 1000, 200
LEAST, MOST, BETTER = 0.75, 0.85, 0.9
TASKS, OFTEN, PLAIN, WITHIN = 200, 10_000, 600, 1.0


@dataclass(frozen=True)
class Case:
    """What was said of one gate, and what came."""

    family: str
    chance: float
    within: bool
    pace: float | None
    came: bool


@dataclass
class Line:
    """What a line through the last week is worth once it is known how often it is right."""

    said: dict[float | None, list[bool]] = field(default_factory=dict)

    def chance(self, pace: float | None) -> float:
        known = self.said.get(pace, [])
        return sum(known) / len(known) if known else 0.5


def run(stage: Stage) -> None:
    """Print coverage and Brier scores for each seed and family, and the seconds that the runs take."""
    line = Line()
    for case in cases(TUNED_ON, stage.some(TUNING)):
        line.said.setdefault(case.pace, []).append(case.came)
    for seed in SEEDS:
        found = list(cases(seed, stage.some(PLANS)))
        table = Table(
            f"{stage.some(PLANS):,} plans, seed {seed}: of 80% intervals {LEAST:.0%} to {MOST:.0%} hold, and the Brier "
            f"score is at most {BETTER} of the velocity line's", "gates", "hold", "Brier", "velocity", "corrected",
        )  # fmt: skip
        for family in (*FAMILIES, ""):
            _row(table, family or "all", [case for case in found if family in ("", case.family)], line)
        # A tenth of the plans tells too little to fail.
        assert stage.share < 1 or _is_good(found), "forecasts are not honest"
    _speed()


def cases(seed: str, plans: int) -> Iterator[Case]:
    """Every gate that is open in the midst of a plan."""
    for number in range(plans):
        family = list(FAMILIES)[number % len(FAMILIES)]
        plan = synthetic.made(f"{seed}-{number}", family)
        paces = synthetic.velocity(plan)
        for found in outlooks(synthetic.seen(plan, number), RUNS, tried=0):
            gate, now = plan.gates[int(found.key.removeprefix("G"))], wall(plan.now)
            over, due, pace = wall(gate.passed) - now, wall(gate.due) - now, paces[found.key]
            says = None if pace is None else float(pace <= due)
            yield Case(family, found.chance or 0.0, found.early <= over <= found.late, says, over <= due)


def _row(table: Table, name: str, some: list[Case], line: Line) -> None:
    table.row(
        name, f"{len(some)}", f"{_held(some):.1%}", f"{brier(some, _ours):.3f}", f"{brier(some, _pace):.3f}",
        f"{brier(some, lambda case: line.chance(case.pace)):.3f}",
    )  # fmt: skip


def _is_good(found: list[Case]) -> bool:
    return LEAST <= _held(found) <= MOST and brier(found, _ours) <= BETTER * brier(found, _pace)


def _held(some: list[Case]) -> float:
    return sum(case.within for case in some) / len(some)


def _ours(case: Case) -> float:
    return case.chance


def _pace(case: Case) -> float:
    """Where nothing was done in the week, the line says nothing: even odds."""
    return 0.5 if case.pace is None else case.pace


def brier(some: list[Case], said: Callable[[Case], float]) -> float:
    return sum((said(case) - case.came) ** 2 for case in some) / len(some)


def _speed() -> None:
    table = Table(f"{TASKS} tasks; {OFTEN:,} runs take {WITHIN:.0f} s at most with numpy", "runs", "work")
    plan = large(random.Random(1))  # noqa: S311 - chance without secrets
    took = {runs: _took(plan, runs, plain=plain) for runs, plain in ((OFTEN, False), (PLAIN, True))}
    table.row("with numpy", f"{OFTEN:,}", s(took[OFTEN]))
    table.row("in plain Python", f"{PLAIN:,}", s(took[PLAIN]))
    began = time.process_time()
    outlooks(plan)
    table.row("with what decides and what would help", f"{OFTEN:,}", s(time.process_time() - began))
    assert took[OFTEN] <= WITHIN, "ten thousand runs take too long"


def _took(plan: Network, runs: int, *, plain: bool) -> float:
    """The seconds of work for all runs, the least of three turns."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        known = slip.learn(plan)
        draws = simulation.draw(plan, known, lanes(runs, 1, plain=plain))
        simulation.run(plan, draws, simulation.Rehearsal(plan, known).order())
        taken.append(time.process_time() - began)
    return min(taken)


def large(rng: random.Random) -> Network:
    """A plan of so many tasks in five teams of four, with a gate after each quarter."""
    day, shift = 86_400.0, 28_800.0
    days = [number for number in range(400) if number % 7 < 5]
    xs = [at for number in days for at in (number * day, number * day + shift)]
    ys = [done for number in range(len(days)) for done in (number * (shift + 1e-3), number * (shift + 1e-3) + shift)]
    hours = Hours((*xs, 4000 * day), (*ys, ys[-1] + 3600 * day / 4.2))
    nodes = []
    for number in range(TASKS):
        worker = rng.randrange(20)
        after = {rng.randrange(number) for _ in range(rng.randrange(3))} if number else set()
        nodes.append(Node(f"T{number}", "task", tuple(sorted(after)), low=7200.0, high=21_600.0, workers=(worker,),
                          team=worker % 5))  # fmt: skip
    quarter = TASKS // 4
    gates = [
        Node(f"G{number}", "gate", tuple(range(number * quarter, (number + 1) * quarter)), due=20 * day * (number + 1),
             asks=(Ask(1, (0,), 1800.0),)) for number in range(4)
    ]  # fmt: skip
    workers = tuple(Worker(f"w{number}", 0, number % 5) for number in range(20))
    return Network((*nodes, *gates), workers, (hours,), tuple("abcde"))
