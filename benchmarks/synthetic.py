"""Plans that never were, whose truth is of other families than the forecast's model: what it is measured against.

The model draws one slip for a plan, and a logistic chance for each of its tasks. Here work slips by what happens to it:
by interruptions, by work that comes back, by optimism that grows with size, by a level that drifts while the plan runs,
by days on which a whole team gets little done. Some of it is shared, and the tails are long.
"""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from callboard.forecast.engine.network import Ask, Hours, Network, Node, Sample, Worker

HOUR, DAY = 3600.0, 86400.0
SHIFT = 8
WEEK = 5 * SHIFT
HORIZON_WEEKS = 150


@dataclass
class Work:
    """A task: what it was estimated, and the hours of work that it truly needs."""

    number: int
    team: int
    worker: int
    low: float
    high: float
    likely: float = 0.0
    needs: list[int] = field(default_factory=list)
    gate: int | None = None
    truly: float = 0.0
    start: float = math.inf
    end: float = math.inf


@dataclass
class Gate:
    """A gate: the tasks it asks for, the gate before it, and its due time in hours of work since the beginning."""

    tasks: list[int]
    before: int | None
    signers: int
    due: float = 0.0
    passed: float = math.inf


@dataclass
class Plan:
    """All of it; `pace` is how much of an hour's work a team truly does, for each hour."""

    tasks: list[Work]
    gates: list[Gate]
    teams: int
    workers: list[int]
    now: float = 0.0
    begun_at: float = 0.0


def wall(hours: float) -> float:
    """Seconds since Monday, 9:00, when so many hours of work were possible: five days of eight hours."""
    day, rest = divmod(hours, SHIFT)
    week, weekday = divmod(day, 5)
    return (week * 7 + weekday) * DAY + rest * HOUR


def draft(rng: random.Random) -> Plan:
    """A plan as people make it."""
    teams = rng.randint(2, 4)
    workers = [team for team in range(teams) for _ in range(rng.randint(1, 3))]
    count = rng.randint(15, 60)
    tasks = []
    three = rng.random() < 0.5  # half of all plans say what is likely
    for number in range(count):
        worker = rng.randrange(len(workers))
        usual = 2.0 ** rng.uniform(1, 5)
        task = Work(number, workers[worker], worker, usual * rng.uniform(0.6, 1.0), usual * rng.uniform(1.1, 2.2))
        if three:
            task.likely = task.low + rng.betavariate(2, 3) * (task.high - task.low)
        task.needs = sorted(
            {rng.randrange(max(number - 10, 0), number) for _ in range(rng.randint(0, 2))} if number else ()
        )
        tasks.append(task)
    gates, stages = [], rng.randint(2, 4)
    for stage in range(stages):
        own = [task.number for task in tasks if task.number * stages // count == stage]
        gates.append(Gate(own, stage - 1 if stage else None, rng.randint(1, 3)))
    for stage in range(1, stages):
        if rng.random() < 0.5:
            for number in gates[stage].tasks:
                tasks[number].gate = stage - 1
    return Plan(tasks, gates, teams, workers)


def _drawn(rng: random.Random, task: Work, least: float = 1.0, most: float = 1.0) -> float:
    """Work as an estimate says, where it says what is likely around that."""
    return rng.triangular(task.low * least, task.high * most, task.likely or None)


def _heavy(rng: random.Random) -> float:
    """Student's t with three degrees of freedom: the variance is there, the next moment is not."""
    return rng.gauss(0, 1) / math.sqrt(rng.gammavariate(1.5, 2) / 3)


def interrupted(rng: random.Random, plan: Plan) -> None:
    """Each task is interrupted now and then, some for long; how often is shared by the plan."""
    often = rng.gammavariate(1.5, 0.06)
    for task in plan.tasks:
        work, left = _drawn(rng, task, most=1.1), 0.0
        left = rng.expovariate(often) if often else math.inf
        lost = 0.0
        while left < work:
            lost += 0.7 * rng.paretovariate(1.6)
            left += rng.expovariate(often)
        task.truly = work + lost


def returning(rng: random.Random, plan: Plan) -> None:
    """What was done comes back, in part, as often as the plan's quality makes it."""
    again = rng.betavariate(2, 4)
    for task in plan.tasks:
        part = _drawn(rng, task) if task.likely else rng.uniform(task.low, task.high)
        task.truly = part
        while rng.random() < again:
            part *= rng.uniform(0.3, 1.0)
            task.truly += part


def optimistic(rng: random.Random, plan: Plan) -> None:
    """Estimates are too small by a factor of the plan and of each team, more for large tasks; Weibull around it."""
    plans = rng.choice((0.8, 1.0, 1.2, 1.5, 2.2))
    teams = [rng.uniform(0.7, 1.4) for _ in range(plan.teams)]
    for task in plan.tasks:
        usual = (task.low + 4 * (task.likely or (task.low + task.high) / 2) + task.high) / 6
        task.truly = (
            usual * plans * teams[task.team] * rng.weibullvariate(1.0, 2.2) * (1 + 0.1 * math.log2(1 + usual / 8))
        )


def shaken(rng: random.Random, plan: Plan) -> None:
    """Some tasks were misunderstood: they take several times as long, and those of one worker together."""
    doubtful = [rng.random() < 0.25 for _ in plan.workers]
    for task in plan.tasks:
        rate = 0.35 if doubtful[task.worker] else 0.08
        burst = rng.paretovariate(1.5) if rng.random() < rate else 1.0
        task.truly = _drawn(rng, task, 0.9, 1.2) * min(burst, 12.0)


def drifting(rng: random.Random, plan: Plan) -> None:
    """How far work slips drifts while the plan runs, in jumps: its first half does not tell of the second."""
    level = 0.15 + 0.25 * _heavy(rng)
    teams = [0.05 * _heavy(rng) for _ in range(plan.teams)]
    for task in plan.tasks:
        level += 0.05 * _heavy(rng)
        slip = level + teams[task.team] + 0.2 * _heavy(rng)
        task.truly = (task.likely or math.sqrt(task.low * task.high)) * math.exp(min(max(slip, -1.5), 2.5))


FAMILIES: dict[str, Callable[[random.Random, Plan], None]] = {
    "interrupted": interrupted, "returning": returning, "optimistic": optimistic, "shaken": shaken,
    "drifting": drifting,
}  # fmt: skip


def paces(rng: random.Random, plan: Plan) -> list[list[float]]:
    """For each team the work that is done by the end of each hour: there are weeks in which little gets done."""
    found = []
    for _ in range(plan.teams):
        slow, total, summed = False, 0.0, [0.0]
        bad = rng.uniform(0.3, 0.8)
        for hour in range(HORIZON_WEEKS * WEEK):
            if hour % SHIFT == 0:
                slow = rng.random() < (0.7 if slow else 0.08)
            total += bad if slow else 1.0
            summed.append(total)
        found.append(summed)
    return found


def _after(summed: Sequence[float], start: float, work: float) -> float:
    hour = min(int(start), len(summed) - 2)
    done = summed[hour] + (start - hour) * (summed[hour + 1] - summed[hour]) + work
    place = min(max(bisect_left(summed, done), 1), len(summed) - 1)
    part = summed[place] - summed[place - 1]
    return place - 1 + (done - summed[place - 1]) / part if done <= summed[-1] else len(summed) + done - summed[-1]


def happen(rng: random.Random, plan: Plan, summed: Sequence[Sequence[float]], *, truly: bool = True) -> None:
    """Let it happen; without `truly`, as the estimates say."""
    for task in plan.tasks:
        task.start = task.end = math.inf
    free = [0.0] * len(plan.workers)
    over = [math.inf] * len(plan.gates)
    waiting, events = set(range(len(plan.tasks))), [(0.0, -1)]
    clock = 0.0

    def ready(task: Work) -> bool:
        held = task.gate is not None and over[task.gate] > clock
        return not held and all(plan.tasks[need].end <= clock for need in task.needs)

    while events and (waiting or any(each == math.inf for each in over)):
        clock, _ = heapq.heappop(events)
        for place, gate in enumerate(plan.gates):
            before = 0.0 if gate.before is None else over[gate.before]
            if (
                over[place] == math.inf
                and before <= clock
                and all(plan.tasks[each].end <= clock for each in gate.tasks)
            ):
                late = max(_signature(rng) for _ in range(gate.signers)) if truly else 0.5
                over[place] = clock + late
                heapq.heappush(events, (over[place], -1))
        for worker in range(len(plan.workers)):
            own = [number for number in waiting if plan.tasks[number].worker == worker and ready(plan.tasks[number])]
            if free[worker] <= clock and own:
                number = rng.choice(own) if truly and rng.random() < 0.2 else min(own)
                task = plan.tasks[number]
                pause = rng.expovariate(2.0) if truly else 0.0
                work = task.truly if truly else task.likely or math.sqrt(task.low * task.high)
                task.start = clock + pause
                task.end = _after(summed[task.team], task.start, work) if truly else task.start + work
                free[worker] = task.end
                waiting.discard(number)
                heapq.heappush(events, (task.end, number))
    for place, gate in enumerate(plan.gates):
        gate.passed = over[place]


def _signature(rng: random.Random) -> float:
    """Within the hour, or the next day."""
    return rng.uniform(0.05, 1.0) if rng.random() < 0.85 else rng.uniform(4, 14)


def made(seed: str, family: str) -> Plan:
    """A plan, what truly becomes of it, and a moment in its midst."""
    rng = random.Random(seed)  # noqa: S311 - chance without secrets
    plan = draft(rng)
    happen(rng, plan, (), truly=False)
    planned = [gate.passed for gate in plan.gates]
    for gate, at in zip(plan.gates, planned, strict=True):
        gate.due = at * rng.uniform(1.0, 2.2)
    plan.now = max(planned) * rng.uniform(0.05, 0.9)
    FAMILIES[family](rng, plan)
    happen(rng, plan, paces(rng, plan))
    return plan


def seen(plan: Plan, seed: int) -> Network:
    """The plan as it is known at that moment."""
    rng = random.Random(seed)  # noqa: S311 - chance without secrets
    nodes: list[Node] = []
    samples = []
    for task in plan.tasks:
        if task.start <= plan.now:
            worked = (min(task.end, plan.now) - task.start) * HOUR
            done = task.end <= plan.now
            samples.append(Sample(
                task.low * HOUR, task.high * HOUR, worked, done, task.team, task.worker, task.likely * HOUR,
            ))  # fmt: skip
    open_tasks = [task for task in plan.tasks if task.end > plan.now]
    open_gates = [number for number, gate in enumerate(plan.gates) if gate.passed > plan.now]
    place = {task.number: number for number, task in enumerate(open_tasks)}
    where = {gate: len(open_tasks) + number for number, gate in enumerate(open_gates)}
    for task in open_tasks:
        begun = task.start <= plan.now
        after = [place[need] for need in task.needs if need in place]
        after += [where[task.gate]] if task.gate in where else []
        part = (plan.now - task.start) / (task.end - task.start) if begun else 0.0
        percent = min(part * rng.uniform(0.8, 1.6), 0.95) * 100 if begun and rng.random() < 0.5 else 0.0
        nodes.append(Node(
            f"T{task.number}", "task", tuple(after), low=task.low * HOUR, high=task.high * HOUR,
            likely=task.likely * HOUR, begun=begun,
            worked=(plan.now - task.start) * HOUR if begun else 0.0, percent=round(percent, -1),
            workers=(task.worker,), team=task.team,
        ))  # fmt: skip
    for number in open_gates:
        gate = plan.gates[number]
        after = [place[each] for each in gate.tasks if each in place]
        after += [where[gate.before]] if gate.before in where else []
        asks = tuple(Ask(1, (0,), HOUR) for _ in range(gate.signers))
        nodes.append(Node(f"G{number}", "gate", tuple(after), due=wall(gate.due) - wall(plan.now), asks=asks))
    workers = tuple(Worker(f"w{number}", 0, team) for number, team in enumerate(plan.workers))
    teams = tuple(f"team{number}" for number in range(plan.teams))
    return Network(tuple(nodes), workers, (_hours(plan.now),), teams, tuple(samples), seed)


def _hours(now: float) -> Hours:
    xs, ys, began = [0.0], [0.0], wall(now)
    for day in range(HORIZON_WEEKS * 5):
        begin, end = wall(day * SHIFT) - began, wall(day * SHIFT) + SHIFT * HOUR - began
        if end > 0:
            if begin > xs[-1]:
                ys.append(ys[-1] + 1e-3)
                xs.append(begin)
            ys.append(ys[-1] + end - max(begin, 0.0))
            xs.append(end)
    return Hours(tuple(xs), tuple(ys))


def velocity(plan: Plan) -> dict[str, float | None]:
    """When each gate is over by the pace of the last week, in seconds from now; None where nothing was done."""
    since = max(plan.now - WEEK, 0.0)
    days = max((wall(plan.now) - wall(since)) / DAY, 1.0)
    done = sum(since < task.end <= plan.now for task in plan.tasks)
    found: dict[str, float | None] = {}
    for number in range(len(plan.gates)):
        needs = sum(plan.tasks[each].end > plan.now for before in plan.gates[: number + 1] for each in before.tasks)
        found[f"G{number}"] = (needs / (done / days) * DAY if needs else 0.0) if done or not needs else None
    return found
