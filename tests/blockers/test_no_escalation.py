"""A plan without escalation: a blocker is written down and shown, and whoever raised it reads that nobody is paged."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

DATABASES = ("sqlite",)
BARE = PLAN.partition("escalation:")[0]


@pytest.fixture
async def bare(database_url):
    async with World(database_url, BARE) as world:
        yield world


async def test_the_answer_to_a_blocker_of_a_plan_without_escalation_says_that_nobody_is_paged(bare):
    answer = (await bare.says("pa", "/blocker mongo refuses TLS on staging")).text
    assert answer.startswith(
        "Blocker 1 is open for Omega. Release has no escalation. Nobody is paged. Ask somebody to take it: "
        "`/blocker reassign 1 @somebody`"
    )
    assert "*Nobody has it yet.* Nobody is paged." in bare.card().shown
    await bare.advance(days=1)
    assert [len(bare.dm(person)) for person in ("olga", "amp", "exec")] == [0, 0, 0]


async def test_whoever_is_asked_to_take_a_blocker_of_a_plan_without_escalation_is_paged(bare):
    await bare.says("pa", "/blocker mongo refuses TLS on staging")
    assert "nobody is next" in (await bare.says("pa", "/blocker escalate 1")).text
    await bare.says("pa", "/blocker reassign 1 @olga")
    await bare.clicks(
        "olga", "Take it", bare.dm("olga").expect("mongo refuses TLS", "hands it to you", "Nobody else is paged.")
    )
    bare.dm("pa").expect("<@UOLGA> has your blocker 1")
    assert "Nobody is paged" not in bare.card().shown
    await bare.says("olga", "/blocker unack 1")
    assert "Nobody is paged" in bare.card().shown
    await bare.says("olga", "/blocker resolve 1 rotated the certificate")
    assert bare.row("blocker", 1).state == "resolved"


async def test_a_small_slip_in_a_plan_without_escalation_is_still_asked_about(bare):
    assert "page nobody" in (await bare.says("pa", "/blocker resolve")).text
