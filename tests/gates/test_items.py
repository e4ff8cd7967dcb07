"""One gate for each of many items: each met and signed alone, all of them one card, one list and one page."""

from __future__ import annotations

import pytest

from callboard.gates import store
from tests.gates.company import company
from tests.planfile.sample import GOOD, check
from tests.world import PLAN

ITEMS = [f"KEP-{number}" for number in range(1001, 1061)]
MOLECULE = """\
tasks:
  - MOLECULE-1: {title: Web meets API, lead_team: omega, support_teams: [sigma],
                 points: {Sign-in: omega, Search: sigma}}
"""
ENHANCEMENT = """\
  enhancement:
    name: Enhancement frozen
    due: 2025-11-13 17:00
    remind: 2h
    each: {of: KEP, items: [KEP-1001..KEP-1060], owner: {KEP-1001: pa, KEP-1002: pb, KEP-1003: sc}}
    criteria: [Design merged, {points: MOLECULE-1}]
    sign_off: [{owner: each}, {role: coordinator}]
    if_missed: {say: The release slips, escalate: default, tell: [exec]}
  frozen:
    name: All is frozen
    due: 2025-11-14 17:00
    needs: [enhancement]
    criteria: [Seen]
"""
ALL = PLAN + MOLECULE + "gates:\n" + ENHANCEMENT


@pytest.fixture
async def world(database_url):
    async with company(database_url, ALL) as world:
        yield world


async def meet(world, *items):
    await world.says("pa", "/task point MOLECULE-1 Sign-in completed", channel="omega")
    await world.says("sc", "/task point MOLECULE-1 Search completed", channel="omega")
    for item in items:
        assert "Ticked" in (await world.says("pa", f"/gate tick {item} 1", channel="release")).text


async def test_the_items_of_a_gate_are_found_typed_and_listed_by_their_names(world):
    for name in ("enhancement/KEP-1001", "kep-1001"):
        shown = (await world.says("pa", f"/gate show {name}", channel="release")).text
        assert "Enhancement frozen: KEP-1001" in shown
        assert "Points of MOLECULE-1 completed: 0 of 2; open: Sign-in (MOLECULE-1): not started" in shown
        assert "the owner, Person A" in shown
    listed = (await world.says("pa", "/gate list", channel="release")).text
    assert "0 of 60 KEPs passed. See `/gate list enhancement`" in listed
    assert "KEP-1001" not in listed
    every = (await world.says("pa", "/gate list enhancement", channel="release")).text
    assert [item for item in ITEMS if item not in every] == [], every


async def test_the_items_of_a_gate_pass_alone_and_hold_what_waits_for_all_of_them(world):
    await meet(world, "KEP-1001", "KEP-1004")
    await world.signs("pa", "KEP-1001")
    await world.signs("amp", "enhancement/KEP-1001")
    await world.signs("amp", "KEP-1004")
    await world.settled()
    assert world.row("gate", "enhancement/KEP-1001").state == "passed"
    assert world.row("gate", "enhancement/KEP-1004").state == "passed"
    assert world.row("gate", "enhancement").state == "pending"
    assert "2 of 60 KEPs passed" in (await world.says("pa", "/gate", channel="release")).text
    await world.says("pa", "/gate tick frozen 1", channel="release")
    assert world.row("gate", "frozen").state == "pending"
    assert (
        "2 of 60 passed; open: KEP-1002" in (await world.says("pa", "/gate show enhancement", channel="release")).text
    )


async def test_the_items_of_a_gate_ask_their_owner_each_and_a_role_once_for_all(world):
    await meet(world, "KEP-1001", "KEP-1002", "KEP-1004", "KEP-1005")
    assert world.dm("pa").count("KEP-1001", "all criteria are met") == 1
    assert world.dm("pb").count("KEP-1002", "all criteria are met") == 1
    await world.advance(minutes=10)
    assert len(world.dm("amp")) == 1
    world.dm("amp").expect("4 items wait for your signature", "`KEP-1001`", "`KEP-1005`")
    assert world.channel("release").count("KEP-1004") <= 1


async def test_the_items_of_a_gate_that_come_due_at_once_are_one_card_one_page_and_one_reminder(world):
    await world.advance(hours=6, seconds=10)
    assert world.dm("amp").count("is due") == 1
    await world.advance(hours=2, seconds=10)
    assert world.channel("release").count("Enhancement frozen") == 1
    await world.advance(minutes=5)
    assert world.dm("amp").count("Enhancement frozen", "Why you") == 1
    await world.advance(minutes=6)
    assert world.dm("exec").count("Enhancement frozen") == 1
    world.dm("exec").expect("Enhancement frozen", "0 of 60 passed", "The release slips")


async def test_the_items_of_a_gate_that_are_added_or_removed_leave_the_others_as_they_are(world):
    await meet(world, "KEP-1001")
    await world.signs("pa", "KEP-1001")
    await world.signs("amp", "KEP-1001")
    world.apply(ALL.replace("KEP-1001..KEP-1060", "KEP-1001..KEP-1040, KEP-2001"))
    await world.settled()
    keys = [row.key for row in world.app.db.transact(store.gates, 1)]
    assert len(keys) == 43
    assert "enhancement/KEP-1041" not in keys
    assert "enhancement/KEP-2001" in keys
    assert world.row("gate", "enhancement/KEP-1001").state == "passed"
    world.dm("pa").expect_nothing("is void")
    assert "1 of 41 KEPs passed" in (await world.says("pa", "/gate", channel="release")).text


PLAIN = (
    GOOD + "tasks:\n  - for: {team: backend}\n    A-1: {title: One, points: {Sign-in: backend}}\n"
    "    A-2: Two\ngates:\n  each:\n    name: Each\n    due: 2026-03-26 12:00\n"
    "    each: {of: KEP, items: [K-1, K-2], owner: {K-1: one, K-2: two}}\n"
    "    criteria: [Seen, {points: A-1}]\n    sign_off: [{owner: each}, {role: coordinator}]\n"
)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("K-2: two}", "K-3: two}", "there is no item `K-3`"),
        ("K-2: two}", "K-2: nobody}", "nobody is called `nobody`"),
        (", K-2: two}", "}", "K-2 has no owner, so nobody signs as the owner"),
        ("[K-1, K-2]", "[K-1, K-1]", "`K-1` is there twice"),
        ("[K-1, K-2]", "[]", "items"),
        ("[K-1, K-2]", "[K-1, a/b]", "`a/b` is no id of an item"),
        ("[K-1, K-2]", "[K-1..K-900]", "a gate has 500 at most"),
        ("[K-1, K-2]", "[K-2..K-1]", "is written backwards"),
        (
            "    due: 2026-03-26 12:00\n",
            "    due: 2026-03-26 12:00\n    decision: true\n",
            "a decision is about the whole",
        ),
        ("    each: {of: KEP, items: [K-1, K-2], owner: {K-1: one, K-2: two}}\n", "", "whose owner? Write `each:`"),
        ("{points: A-1}", "{points: A-2}", "A-2 has no `points:` at which teams meet"),
        ("{points: A-1}", "{points: A-9}", "there is no task `A-9`"),
        ("sign_off: [{owner: each}", "sign_off: [{owner: on}", "nobody is called `on`"),
        ("{K-1: one, K-2: two}", "{one: [K-1, K-2], K-2: two}", "`K-2` has two owners, one and two: write one"),
        ("{K-1: one, K-2: two}", "{K-1..K-3: one}", "there is no item `K-3`"),
        ("{K-1: one, K-2: two}", "{on: [K-1, K-2]}", "nobody is called `on`; did you mean `one`?"),
        ("    A-2: Two\n", "    A-2: {title: Two, needs: [each/K-3]}\n", "gate `each/K-3`; did you mean `each/K-1`"),
        (
            "    A-1: {title",
            "    A-1: {needs: [each/K-2], title",
            "waits for itself: A-1 -> each/K-2 -> each",
        ),
    ],
)
def test_the_items_of_a_gate_that_cannot_be_are_refused_with_a_sentence(old, new, sentence):
    assert check(PLAIN).problems == []
    assert check(PLAIN.replace("{K-1: one, K-2: two}", "{one: [K-1], K-2..K-2: two}")).problems == []
    assert check(PLAIN.replace("    A-2: Two", "    A-2: {title: Two, needs: [each/K-2]}")).problems == []
    assert old in PLAIN
    assert sentence in "\n".join(problem.sentence for problem in check(PLAIN.replace(old, new)).problems)


def test_the_items_of_a_gate_may_all_have_one_owner():
    text = PLAIN.replace("owner: {K-1: one, K-2: two}", "owner: one")
    assert check(text).problems == []
