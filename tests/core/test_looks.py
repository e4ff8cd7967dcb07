"""A part that looks for work again and again goes on after a fault, and says it once."""

from __future__ import annotations

import asyncio
from itertools import chain

import pytest
from structlog.testing import capture_logs

from callboard.core import looks


async def test_a_turn_that_fails_keeps_no_other_from_coming_and_is_logged_once_until_one_goes_well():
    faults = [None, LookupError("first"), LookupError("the same again"), None, LookupError("second")]
    turns = chain(faults, [asyncio.CancelledError()])

    async def turn():
        if (fault := next(turns)) is not None:
            raise fault

    with capture_logs() as lines, pytest.raises(asyncio.CancelledError):
        await looks.again(turn, 0, "forecaster")
    assert [(line["event"], line["part"]) for line in lines] == [("part.failed", "forecaster")] * 2
    assert next(turns, None) is None
