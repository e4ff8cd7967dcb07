"""What a transcript leaves out: whatever is made by chance, so that the same rehearsal is the same text."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callboard.rehearsal.words import Reader
from slack_standin import Sandbox, WorkspaceSpec

NOW = datetime(2025, 11, 13, 9, 0, tzinfo=UTC)


@pytest.fixture
def reader():
    return Reader(Sandbox(WorkspaceSpec(name="Release")).workspace, ZoneInfo("UTC"))


@pytest.mark.parametrize("mark", ["55019836136979a8", "5501983613697978", "abcdefabcdefabcd", "1a" * 32, "7" * 64])
def test_a_hash_is_left_out_whatever_it_is_made_of(reader, mark):
    assert reader.words(f"Sealed up to entry 396 (`{mark}`).", NOW) == "Sealed up to entry 396 (`…`)."


@pytest.mark.parametrize("number", ["4917012345678", "1763024400", "202511130900"])
def test_a_number_that_people_write_stays(reader, number):
    assert reader.words(f"Call {number}.", NOW) == f"Call {number}."
