"""What atheris tries for minutes, tried for seconds: inputs near good ones, and those that once failed."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, found
from tests.texts import ODD_NUMBERS, PIECES

PIECE = st.sampled_from([piece.encode() for piece in (*PIECES.values(), *ODD_NUMBERS)]) | st.binary(max_size=8)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), PIECE), max_size=4)
FEW = {"plan": 20, "command": 60, "webhook": 60, "lfs": 60}
"""How many are tried in the suite."""


def edited(seed, edits):
    """A good input with some of it replaced."""
    for where, length, piece in edits:
        at = int(where * len(seed))
        seed = seed[:at] + piece + seed[at + length :]
    return seed


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_is_nearly_right_and_what_once_failed(name):
    target = TARGETS[name]
    with asyncio.Runner() as runner:
        opened = target.opened()
        takes = runner.run(opened.__aenter__())
        for one in (*target.seeds, *found(name)):
            runner.run(takes(one))

        @settings(max_examples=FEW[name], database=None)
        @given(seed=st.sampled_from(target.seeds), edits=EDITS)
        def tries(seed, edits):
            runner.run(takes(edited(seed, edits)))

        tries()
        runner.run(opened.__aexit__(None, None, None))
