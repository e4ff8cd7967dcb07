"""Whatever climbs declares the notice by which it pages: what is missing is found at start."""

from __future__ import annotations

import pytest

from callboard import app, blockers
from callboard.capability import Capability


def test_the_app_knows_a_page_notice_for_every_kind_of_subject_that_climbs():
    assert {kind: notice.kind for kind, notice in app.page_notices().items()} == {
        "blocker": "blocker.page", "conflict": "conflict.page", "gate": "gate.page", "checkpoint": "checkpoint.page",
        "emergency": "emergency.page", "step": "step.page",
    }  # fmt: skip


def test_the_app_does_not_start_with_a_capability_that_climbs_without_a_page_notice():
    subscriptions = blockers.capability.subscriptions
    with pytest.raises(LookupError, match="toys hears how its climbs move"):
        app.page_notices([Capability(name="toys", subscriptions=subscriptions)])
