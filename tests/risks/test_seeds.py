"""The risk register of seed 003: its example plan watches Developer02, the scope, and who is there."""

from __future__ import annotations

import pytest

from tests.standups.test_seeds import STANDUP, Seed
from tests.world import at

MINE = ("TM-001", "TM-002", "TM-003", "TM-004", "TM-005", "TM-006")
REGISTER = (
    "Developer02 overload", "Developer01 planning bottleneck", "Cross-module dependencies", "External API changes",
    "Database performance", "Security vulnerabilities", "Scope creep", "Team member absence", "Integration issues",
    "Deployment failures",
)  # fmt: skip


@pytest.fixture
async def seed(database_url):
    """Nine o'clock on the first Monday."""
    async with Seed(database_url, "prismq", at("2026-01-12 08:59")) as world:
        yield world


async def test_the_register_of_seed_003_watches_developer02_and_tells_developer01_once(seed):
    listed = (await seed.says("dev-09", "/risk", STANDUP)).text
    assert [name for name in REGISTER if name not in listed] == []
    await seed.until("2026-01-12 09:00")
    asked = {"Is it too much for you?": "dev-02", "Did new requirements come within the sprint?": "dev-01",
             "Do integration tests fail?": "dev-04"}  # fmt: skip
    for question, person in asked.items():
        seed.dm(person).expect(question)
    for task in MINE:
        await seed.says("dev-01", f"/task override {task} because we begin", STANDUP)
        assert "only" not in (await seed.says("dev-02", f"/task start {task}", STANDUP)).text.lower(), task
    await seed.until("2026-01-12 10:01")
    told = seed.dm("dev-01").expect("Risk 1 needs you", "6 tasks of Developer02 in progress, 5 allowed", "TM-001")
    for action in ("1 Move tasks to Developer03", "4 Review priorities with Developer01"):
        assert action in told.shown, action
    await seed.clicks("dev-02", "Yes", "Is it too much for you?")
    await seed.clicks("dev-01", "Yes", "Did new requirements come within the sprint?")
    await seed.advance(minutes=1)
    seed.dm("dev-01").expect("Risk 7 needs you", "Developer01 said yes: Did new requirements come within the sprint?")
    seed.dm("dev-01").expect("Risk 1 needs you", "Developer02 said yes")
    assert len(seed.posted("Risk 7 needs you")) == 1
    assert {to for _, to in seed.posted("needs you")} == {"U0DEV01"}


async def test_the_register_of_seed_003_asks_nobody_who_is_absent_and_tells_nobody_who_owns_and_is_away(seed):
    await seed.says("dev-02", "/plan away today", STANDUP)
    await seed.until("2026-01-12 09:01")
    seed.dm("dev-02").expect_nothing("Is it too much for you?")
    happened = await seed.says("dev-01", "/risk happened 8 Developer02 is ill", STANDUP)
    assert "Risk 8 happened: it is blocker 1" in happened.text
    assert seed.row("blocker", 1).what == "Risk 8 happened: Team member absence: Developer02 is ill"
