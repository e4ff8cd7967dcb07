"""What goes wrong in a run is decided by its seed, and nothing that can go wrong is left out for ever."""

from __future__ import annotations

import pytest

from tests.chaos import faults


def planned(database, seed=7, seconds=3600.0):
    return faults.schedule(seed, seconds, database, sockets=True, replicas=3, every=1.5)


@pytest.mark.parametrize("database", faults.OF)
def test_the_same_seed_plans_the_same_faults_and_another_one_others(database):
    assert planned(database) == planned(database)
    assert planned(database) != planned(database, seed=8)
    assert all(0 < fault.at < 3600 for fault in planned(database))


@pytest.mark.parametrize("database", faults.OF)
def test_whoever_wants_only_some_faults_gets_no_others(database):
    planned = faults.schedule(7, 600.0, database, sockets=True, replicas=3, every=1.5, only=["killed", "frozen"])
    assert {fault.kind for fault in planned} == {"killed", "frozen"}


@pytest.mark.parametrize("database", faults.OF)
def test_every_kind_of_fault_comes_by(database):
    kinds = {fault.kind for fault in planned(database)}
    assert kinds == {*faults.ANY, *faults.OF_SLACK, *faults.OF_SOCKETS, *faults.OF[database]}
