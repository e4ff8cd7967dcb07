"""A blocker is made graver or milder while it is open: it climbs by the other ladder, and everybody sees that."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

GRADED = PLAN.replace(
    "escalation:\n",
    """escalation:
  critical:
    steps:
      - {level: Everybody who leads, notify: [lead, coordinator, "#urgent"], respond_within: 5m}
      - {level: Executive, notify: [executive], respond_within: 5m}
    idle_after: 10m
""",
).replace("critical: default}", "critical: critical}")
assert GRADED.count("critical: critical}") == 1


@pytest.fixture
async def world(database_url):
    async with World(database_url, GRADED) as made:
        yield made


async def test_a_severity_that_is_graver_pages_by_its_own_ladder_from_now_on(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    assert len(world.dm("amp")) == 0
    answer = await world.says("pa", "/blocker severity 1 critical because production is down")
    assert "Blocker 1 is critical now. If nobody takes it by" in answer.text
    world.dm("amp").expect("mongo refuses TLS", "Severity: *critical*", "(step 1: Everybody who leads)")
    world.channel("urgent").expect("mongo refuses TLS")
    assert world.dm("olga").count("Escalation has started again.") == 1
    assert "Severity: *critical*" in world.card().shown
    assert "made it critical: production is down" in (await world.says("pa", "/blocker show 1")).messages[-1].shown
    await world.advance(minutes=5)
    world.dm("exec").expect("mongo refuses TLS", "(step 2)")
    assert not world.verified()
    assert "Blocker 1 is normal now." in (await world.clicks("pa", "Undo", answer.messages[-1])).text


async def test_a_severity_that_changes_while_somebody_has_it_pages_nobody_before_they_hand_it_back(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("olga", "/blocker ack 1")
    await world.says("olga", "/blocker make 1 critical")
    await world.advance(minutes=4)
    assert (len(world.dm("amp")), len(world.channel("urgent"))) == (0, 0)
    await world.says("olga", "/blocker unack 1")
    await world.advance(seconds=1)
    world.dm("amp").expect("mongo refuses TLS", "(step 1: Everybody who leads)")


async def test_a_severity_is_one_of_the_plan_another_than_before_and_changed_by_whom_it_concerns(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    for typed, answer in (
        ("1 awful", "There is no severity `awful`; write one of `normal`, `critical`"),
        ("1 normal", "Blocker 1 is normal already."), ("7 critical", "There is no blocker 7"),
        ("1", "`severity` needs a severity."),
    ):  # fmt: skip
        assert answer in (await world.says("pa", f"/blocker severity {typed}")).text
    refused = (await world.says("sc", "/blocker severity 1 critical")).text
    assert refused == "Only Omega, <@UOLGA> or <@UAMP> can change the severity of blocker 1. <@UPA> raised it."
    assert world.row("blocker", 1).severity == "normal"


async def test_a_severity_of_which_a_sentence_speaks_is_a_blocker(world):
    answer = (await world.says("pa", "/blocker severity of the new bug is unknown, and nobody can judge it")).text
    assert "Blocker 1 is open for Omega." in answer


@pytest.mark.parametrize(
    "order", ["link 1 to O-2", "add a note to 1", "1 eta 30m", "set 1 to high", "eta 1 30m please"]
)
async def test_a_blocker_that_is_open_is_not_raised_again_by_what_other_tools_call_a_change_of_it(world, order):
    assert "Blocker 1 is open" in (await world.says("pa", "/blocker mongo refuses TLS")).text
    answer = (await world.says("pa", f"/blocker {order}")).text
    assert "Nothing has happened yet." in answer
    assert answer.endswith("Show #1")
    assert len(world.entries("blocker", "raised")) == 1


@pytest.mark.parametrize(
    "words", ["change severity of 1 to critical", "set the severity of blocker 1 to critical", "upgrade 1 to critical",
              "blocker 1 is critical now", "1 is now critical", "it is critical now", "critical: 1", "set 1 critical",
              "increase the priority of 1 to critical, please"]
)  # fmt: skip
async def test_what_speaks_only_of_how_bad_a_blocker_is_raises_no_other_and_offers_to_change_that(world, words):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = await world.says("pa", f"/blocker {words}")
    assert "Nothing has happened yet." in answer.text
    assert "Blocker 1 is critical now." in (await world.clicks("pa", "Severity 1 critical", answer.messages[-1])).text
    assert len(world.entries("blocker", "raised")) == 1


@pytest.mark.parametrize(
    ("words", "number"),
    [("severity of 1", 1), ("the severity of blocker 1 to critical", 1), ("1", 1), ("severity of 7 to critical", 7)],
)
async def test_to_raise_a_severity_raises_no_blocker(world, words, number):
    await world.says("pa", "/blocker mongo refuses TLS")
    answer = (await world.says("pa", f"/blocker raise {words}")).text
    leads = f"To change how bad a blocker is: `/blocker severity {number} critical`."
    assert answer == f"{leads} To raise one, say what is blocked."
    assert len(world.entries("blocker", "raised")) == 1
    assert "Blocker 2 is open" in (await world.says("pa", "/blocker raise severity of alerts is lost in mongo")).text


async def test_a_word_for_how_bad_it_is_raises_a_blocker_while_none_is_open_that_it_could_be_about(world):
    assert "Blocker 1 is open" in (await world.says("pa", "/blocker raise severity")).text


async def test_a_severity_is_changed_by_the_menu_of_the_card_too(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.clicks("pa", "blocker.more", world.card(), value="Change its severity")
    form = str((await world.opened("pa")).shown)
    assert "It is normal. What is it now?" in form
    await world.submits("pa", {"It is normal. What is it now?": "Critical", "Why?": "production is down"})
    assert "Severity: *critical*" in world.card().shown
    world.dm("amp").expect("mongo refuses TLS", "(step 1: Everybody who leads)")
