"""The address of the database, as providers and tired people write it."""

from __future__ import annotations

import pytest

from callboard.core.engine import normalised
from callboard.core.errors import Refused


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bob:my:pass@127.0.0.1:hunter2/x",
        "postgresql://bob:hunter2@[::1/x",
        "hunter2",
        "mysql://b:hunter2@h",
    ],
)
def test_an_engine_that_cannot_read_its_address_does_not_repeat_it(url):
    with pytest.raises(Refused, match="DATABASE_URL") as refused:
        normalised(url)
    assert "hunter2" not in str(refused.value)
