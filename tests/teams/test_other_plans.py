"""Numbers are counted over all plans: whoever names the wrong plan with one reads of which it is."""

from __future__ import annotations

import pytest

from callboard.conflicts.models import Conflict
from callboard.emergencies.models import Emergency
from callboard.freezes.models import FreezeException
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # the same rows are found in tests of their own on both
RISKS = "risks:\n  - {risk: Overload, probability: low, impact: high, owner: amp}\n"
QUAY = (
    PLAN.replace("key: release\nname: Release", "key: quay\nname: Quay & Pier")
    .replace("#release", "#quay").replace("#urgent", "#quay-now").replace("#omega", "#quay-o")
    .replace("#sigma", "#quay-s")
    + RISKS
)  # fmt: skip


@pytest.fixture
async def both(database_url):
    async with World(database_url, PLAN + RISKS) as world:
        world.apply(QUAY)
        yield world


async def test_a_number_with_the_wrong_plan_before_it_is_refused_with_its_own_and_what_shows_it_there(both):
    await both.says("amp", "/blocker quay: mongo refuses TLS in staging")
    await both.says("amp", "/lock quay: src/api/** for refactoring")
    await both.says("amp", "/plan quay: lesson test the rollback first")
    at, of_quay = both.clock.now(), 2
    rows = (
        FreezeException(plan_id=of_quay, freeze_id=1, item="Dark mode", by="amp", at=at),
        Conflict(plan_id=of_quay, repository="app", one="a", other="b", kind="merge", degree="simple", pushed_at=at,
                 found_at=at),
        Emergency(plan_id=of_quay, level="1", name="Critical", what="Fire", by="amp", declared_at=at),
    )  # fmt: skip
    both.app.db.transact(lambda tx: tx.session.add_all(rows))
    for typed, other in (
        ("/blocker release: show {}", "Blocker {} is of Quay &amp; Pier: `/blocker quay: show {}`."),
        ("/lock release: release {}", "Lock {} is of Quay &amp; Pier: `/lock quay: show {}`."),
        ("/lock release: decide {} omega rebases", "Conflict {} is of Quay &amp; Pier: `/lock quay: conflicts`."),
        ("/gate release: grant {}", "Exception {} is of Quay &amp; Pier: `/gate quay: freezes`."),
        ("/emergency release: show {}", "Emergency {} is of Quay &amp; Pier: `/emergency quay: show {}`."),
        ("/risk release: show {}", "Risk {} is of Quay &amp; Pier: `/risk quay: show {}`."),
        ("/plan release: lessons withdraw {}", "Lesson {} is of Quay &amp; Pier: `/plan quay: lessons`."),
    ):
        number = 2 if "risk" in typed else 1
        refused = (await both.says("amp", typed.format(number))).text
        assert refused.startswith(f"There is no {other.split()[0].lower()} {number} in Release."), typed
        assert other.format(number, number) in refused, typed
        nowhere = (await both.says("amp", typed.format(8))).text
        assert "8 in Release" in nowhere, typed
        assert "Quay" not in nowhere, typed
    assert "mongo refuses TLS" in (await both.says("amp", "/blocker quay: show 1")).messages[-1].shown
