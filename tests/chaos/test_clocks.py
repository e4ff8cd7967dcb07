"""Clocks that were set: whatever they said, it can be told which moment it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.core.clock import SystemClock
from tests.chaos.clocks import Machines, Servers, Steps, Tale, Tales
from tests.serving.house import NURSERY

NEAR = timedelta(seconds=20)


@pytest.fixture
def steps():
    return Steps.new(NURSERY.RawValue("d", 0.0))


def moments(folder, said):
    tales = Tales(folder)
    return [abs(tales.moment(instant) - moment) < NEAR for moment, instant in said]


def test_the_moments_of_a_machines_clock_are_known_however_it_was_set(tmp_path, steps):
    clock, said = Machines(steps, Tale(tmp_path, 0, steps)), []
    for steps.machine.value in (0.0, 3600.0, 0.0, 45.0, -3600.0):
        said.append((SystemClock().now(), clock.now()))
    assert [instant - moment > timedelta(minutes=50) for moment, instant in said] == [False, *[True] * 4]
    assert moments(tmp_path, said) == [True] * 5


def test_the_moments_of_a_servers_clock_are_known_after_it_went_back_and_in_a_replica_that_started_again(
    tmp_path, steps
):
    said = []
    for _ in range(2):
        for steps.server.value in (0.0, 3600.0, -3600.0):
            clock = Servers(steps, Tale(tmp_path, 2, steps))
            clock.keep(SystemClock().now)
            said.append((SystemClock().now(), clock.now()))
    assert moments(tmp_path, said) == [True] * 6
