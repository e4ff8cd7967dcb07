"""The runs: whatever the plan, no gate is over before its needs, more people never harm, and luck is drawn once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.forecast.engine import simulation, slip
from callboard.forecast.engine.lanes import Arrays, Column, Plain, lanes
from callboard.forecast.engine.network import Ask, Hours, Network, Node, Sample, Worker
from callboard.forecast.engine.outlook import Trial, outlooks

HOUR, DAY = 3600.0, 86_400.0
DAYS = range(40)
NINE_TO_FIVE = Hours(
    (*(at for day in DAYS for at in (day * DAY, day * DAY + 8 * HOUR)), 4000 * DAY),
    (*(done for day in DAYS for done in (day * 8.001 * HOUR, day * 8.001 * HOUR + 8 * HOUR)), 32_000 * HOUR),
)
RUNS = 40


@st.composite
def networks(draw, *, pooled=False):
    """Tasks that wait for earlier ones, done by three people, each by one of them or by whoever is free; two gates."""
    count = draw(st.integers(2, 9))
    nodes = []
    for number in range(count):
        after = draw(st.sets(st.integers(0, number - 1), max_size=2)) if number else set()
        low = draw(st.integers(1, 20)) * HOUR
        begun = draw(st.booleans())
        workers = (0, 1, 2) if pooled else (draw(st.integers(0, 2)),)
        nodes.append(Node(
            f"T{number}", "task", tuple(sorted(after)), low=low, high=low * draw(st.integers(1, 4)), begun=begun,
            worked=draw(st.integers(0, 30)) * HOUR if begun else 0.0, percent=draw(st.sampled_from([0.0, 50.0])),
            opens=draw(st.sampled_from([0.0, 3 * DAY])), workers=workers, team=0,
        ))  # fmt: skip
    for name, tasks in (("G0", range(count // 2)), ("G1", range(count))):
        nodes.append(Node(name, "gate", tuple(tasks), due=draw(st.integers(1, 20)) * DAY, asks=(Ask(1, (0, 0), HOUR),)))
    return Network(tuple(nodes), tuple(Worker(f"w{n}", 0, 0) for n in range(3)), (NINE_TO_FIVE,), ("omega",))


def trial(network, runs=RUNS, *, plain=False):
    known = slip.learn(network)
    return Trial(network, known, lanes(runs, 1, plain=plain), simulation.Rehearsal(network, known).order())


def each_run(column):
    return list(column.values if isinstance(column, Column) else column)


@settings(max_examples=40)
@given(networks(), st.booleans())
def test_outlooks_have_no_gate_before_its_needs(network, plain):
    over = trial(network, plain=plain).course.over
    for number, node in enumerate(network.nodes):
        for before in node.after:
            assert all(map(float.__ge__, each_run(over[number]), each_run(over[before])))


@settings(max_examples=40)
@given(networks(pooled=True))
def test_simulation_with_one_person_more_is_never_later(network):
    before = trial(network)
    larger = replace(
        network, workers=(*network.workers, Worker("new", 0, 0)),
        nodes=tuple(replace(node, workers=(0, 1, 2, 3) if node.workers else ()) for node in network.nodes),
    )  # fmt: skip
    after = simulation.run(larger, before.draws, before.order)
    for one, other in zip(before.course.over, after.over, strict=True):
        assert all(late >= early - 1 for late, early in zip(each_run(one), each_run(other), strict=True))


@settings(max_examples=25)
@given(networks(), st.integers(1, 10))
def test_outlooks_by_a_later_date_are_never_less_likely(network, days):
    later = replace(network, nodes=tuple(
        node if node.due is None else replace(node, due=node.due + days * DAY) for node in network.nodes
    ))  # fmt: skip
    for one, other in zip(outlooks(network, RUNS, tried=0), outlooks(later, RUNS, tried=0), strict=True):
        assert (one.chance or 0.0) <= (other.chance or 0.0)
        assert one.early <= one.middle <= one.often <= one.late


@settings(max_examples=15)
@given(networks(), st.booleans())
def test_outlooks_of_the_same_seed_are_the_same_and_helps_help(network, plain):
    found = outlooks(network, RUNS, plain=plain)
    assert found == outlooks(network, RUNS, plain=plain)
    for each in found:
        assert all(help_.gain > 0 for help_ in each.helps)
        assert all(0 < share <= 1 for _, share in each.paths)


def chain(*, due=4 * DAY, samples=()):
    """Three tasks of one person, one after the other, and a gate."""
    nodes = [
        Node(f"T{n}", "task", (n - 1,) if n else (), low=4 * HOUR, high=8 * HOUR, workers=(0,), team=0)
        for n in range(3)
    ]
    nodes.append(Node("G", "gate", (0, 1, 2), due=due, asks=(Ask(1, (0,), HOUR),)))
    return Network(tuple(nodes), (Worker("w", 0, 0),), (NINE_TO_FIVE,), ("omega",), tuple(samples))


def test_lanes_in_plain_python_say_what_numpy_says():
    pytest.importorskip("numpy")
    assert isinstance(lanes(1, 0), Arrays)
    assert isinstance(lanes(1, 0, plain=True), Plain)
    with_numpy, without = (outlooks(chain(), 4000, plain=plain)[0] for plain in (False, True))
    assert abs((with_numpy.chance or 0.0) - (without.chance or 0.0)) < 0.04
    assert abs(with_numpy.middle - without.middle) < DAY / 4
    assert {key for key, _ in with_numpy.paths} == {key for key, _ in without.paths} == {"T0", "T1", "T2"}


def test_slip_is_learned_from_what_was_done_and_from_what_is_not_done_yet():
    twice = [Sample(4 * HOUR, 8 * HOUR, 11.3 * HOUR, done=True, team=0, worker=0)] * 8
    waits = [Sample(4 * HOUR, 8 * HOUR, 30 * HOUR, done=False, team=0, worker=0)] * 3
    nothing, done, open_ones = (slip.learn(chain(samples=each)) for each in ((), twice, waits))
    assert nothing.middle < open_ones.middle
    assert nothing.middle < done.middle < 0.75
    usual, slower = outlooks(chain(), 2000, tried=0)[0], outlooks(chain(samples=twice), 2000, tried=0)[0]
    assert slower.middle > usual.middle
    as_planned = [Sample(4 * HOUR, 8 * HOUR, 5.7 * HOUR, done=True, team=0, worker=0)] * 30
    surer = outlooks(chain(samples=as_planned), 2000, tried=0)[0]
    assert surer.late - surer.early < usual.late - usual.early


def test_simulation_knows_that_what_is_begun_takes_longer_than_it_took_so_far():
    network = chain()
    begun = replace(network.nodes[0], begun=True, worked=20 * HOUR)
    late = replace(network, nodes=(begun, *network.nodes[1:]))
    fresh = replace(network, nodes=(replace(begun, worked=0.0), *network.nodes[1:]))
    assert outlooks(late, 2000, tried=0)[0].middle > outlooks(fresh, 2000, tried=0)[0].middle - 8 * HOUR
    assert min(each_run(trial(late).course.over[0])) >= 0


def test_outlooks_leave_out_what_waits_for_itself():
    network = chain()
    circle = replace(network, nodes=(replace(network.nodes[0], after=(2,)), *network.nodes[1:]))
    assert outlooks(circle, RUNS) == []


def test_outlooks_say_what_decides_and_what_would_help():
    found = outlooks(chain(due=2.5 * DAY), 2000)[0]
    assert [share for _, share in found.paths] == [1.0, 1.0, 1.0]
    helps = {help_.task or help_.team for help_ in found.helps}
    assert helps & {"T0", "T1", "T2"}
    assert "omega" not in helps, "nobody is faster where one waits for the other"
