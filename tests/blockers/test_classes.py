"""Classes of blockers, as the people in them see it: proposed by anybody, decided by votes, counted by a gate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.blockers.classes import Tally
from callboard.teams.directory import Person
from tests.planfile.sample import GOOD, check
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

CLASSES = "  classes: {release-blocker: {gate: done, accept: {count: 2, of: [coordinator, all leads]}}}\n"
GATE = """\
gates:
  done:
    name: Release is done
    due: 2025-11-14 17:00
    criteria: [Somebody has tried it]
    sign_off: [{role: coordinator}]
"""


@pytest.fixture
async def world(database_url):
    async with World(database_url, PLAN + CLASSES + GATE) as world:
        yield world


async def test_classes_of_blockers_are_proposed_by_anybody_and_those_who_vote_are_asked(world):
    await world.says("pa", "/blocker sign-in fails for new people")
    told = await world.says("sc", "/blocker propose 1 as release-blocker because nobody can sign in")
    assert "0 of 2 accepted. 2 more must accept it: <@UOLGA>, <@USARA> or <@UAMP>" in told.text
    assert "Withdraw it: `/blocker unpropose 1`" in told.text
    for voter in ("olga", "sara", "amp"):
        asked = world.dm(voter).expect("Is blocker 1 in Release a release-blocker?", "sign-in fails")
        assert asked.buttons == ["Accept as release-blocker", "Reject as release-blocker"]
        assert "If 2 accept it, Release is done (`done`) can't pass while it is open" in asked.shown
    world.dm("pb").expect_nothing("release-blocker")
    assert "proposed as release-blocker: 0 of 2 accepted" in world.card().shown
    assert "proposed as release-blocker (0 of 2)" in (await world.says("pb", "/blocker list")).text
    shown = (await world.says("pb", "/gate show done")).text
    assert "No open release-blocker: none open; blocker 1 proposed" in shown


async def test_a_class_that_enough_people_accept_counts_for_its_gate_until_the_blocker_is_resolved(world):
    await world.says("pa", "/blocker sign-in fails for new people")
    await world.says("sc", "/blocker propose 1")
    answer = await world.clicks("olga", "Accept as release-blocker", "Is blocker 1")
    assert "1 of 2 accepted. 1 more must accept it: <@USARA> or <@UAMP>" in answer.text
    assert "You accepted it." in world.dm("olga").expect("Is blocker 1").shown
    told = await world.says("amp", "/blocker accept 1")
    assert "Blocker 1 is a release-blocker. Release is done (`done`) can't pass until it is resolved." in told.text
    for person in ("pa", "sc"):
        world.dm(person).expect("Blocker 1 is a release-blocker", "sign-in fails")
    assert "Accept as release-blocker" not in world.card().buttons
    assert world.dm("sara").expect("Blocker 1 is a release-blocker").buttons == []
    assert "·  *release-blocker*  ·" in (await world.says("pb", "/blocker list")).text.replace("\n", " ")
    shown = (await world.says("pb", "/gate show done")).text
    assert "No open release-blocker: blocker 1 open" in shown
    await world.advance(seconds=10)
    world.thread(world.card()).expect("<@UAMP> decided it: 2 of 2 accepted, it is a release-blocker now.")
    await world.says("olga", "/blocker resolve 1 rolled back")
    assert "No open release-blocker: none open" in (await world.says("pb", "/gate show done")).text


@pytest.mark.both_databases
async def test_a_class_is_not_given_once_too_many_reject_it_with_a_reason(world):
    await world.says("pa", "/blocker sign-in fails for new people")
    await world.says("pa", "/blocker propose 1 as release-blocker")
    assert "Say why: `/blocker reject 1 because ...`" in (await world.says("olga", "/blocker reject 1")).text
    await world.clicks("olga", "Reject as release-blocker", "Is blocker 1")
    await world.submits("olga", {"why": "only in the preview"})
    told = await world.says("amp", "/blocker reject 1 because we can ship without it")
    assert "Blocker 1 is not a release-blocker: 2 of 3 rejected it." in told.text
    world.thread(world.card()).expect("<@UOLGA> rejected it as release-blocker: only in the preview")
    world.dm("pa").expect("Blocker 1 is not a release-blocker")
    assert "No open release-blocker: none open" in (await world.says("pb", "/gate show done")).text
    assert "is proposed as release-blocker" in (await world.says("pb", "/blocker propose 1")).text


async def test_a_class_is_refused_with_who_may_vote_what_is_missing_and_how_to_undo_it(world):
    await world.says("pa", "/blocker sign-in fails for new people")
    assert (
        "Nobody has proposed blocker 1. Propose it: `/blocker propose 1 as release-blocker`"
        in (await world.says("amp", "/blocker accept 1")).text
    )
    wrong = await world.says("pa", "/blocker propose 1 as relase-blocker")
    assert "There is no class `relase-blocker`; did you mean `release-blocker`?" in wrong.text
    assert "There is no blocker 9" in (await world.says("pa", "/blocker propose 9")).text
    await world.says("sc", "/blocker propose 1")
    again = await world.says("pa", "/blocker propose 1 as release-blocker")
    assert "0 of 2 accepted" in again.text
    assert again.text.endswith("\nUndo")
    assert again.messages[-1].buttons == ["Undo"]
    only = (await world.says("pb", "/blocker accept 1")).text
    assert "Only <@UOLGA>, <@USARA> or <@UAMP> can vote on a release-blocker. 2 more must accept this one." in only
    await world.says("olga", "/blocker accept 1")
    assert "You have already accepted it." in (await world.says("olga", "/blocker accept 1")).text
    await world.says("olga", "/blocker reject 1 because I was wrong")
    assert "0 of 2 accepted" in (await world.says("olga", "/blocker propose 1")).text
    assert (
        "Only <@USC>, <@UOLGA> or <@UAMP> can take that back" in (await world.says("pb", "/blocker unpropose 1")).text
    )
    await world.says("olga", "/blocker accept 1")
    await world.says("amp", "/blocker accept 1")
    assert "Only <@UAMP> can take that back" in (await world.says("sc", "/blocker unpropose 1")).text
    await world.advance(seconds=10)
    old = world.dm("sara").expect("Blocker 1 is a release-blocker")
    assert "counts for no gate" in (await world.says("amp", "/blocker unpropose 1")).text
    await world.advance(seconds=10)
    assert "The proposal for blocker 1 was taken back" in world.dm("sara").expect("blocker 1").shown
    assert old.buttons == []
    assert "is not proposed as anything" in (await world.says("amp", "/blocker unpropose 1")).text


async def test_a_class_needs_no_votes_any_more_once_its_blocker_is_closed(world):
    await world.says("pa", "/blocker sign-in fails for new people")
    await world.says("sc", "/blocker propose 1")
    await world.says("pa", "/blocker withdraw 1 it was my password")
    assert (
        "Blocker 1 is withdrawn. No vote is needed."
        in world.dm("sara").expect("blocker 1 is withdrawn".capitalize()).shown
    )
    assert "withdrawn blocker 1" in (await world.says("olga", "/blocker accept 1")).text


@pytest.mark.both_databases
async def test_a_class_is_voted_on_by_the_deputy_of_whoever_is_away_once_and_in_their_name(world):
    await world.says("pa", "/blocker sign-in fails for new people")
    await world.says("sc", "/blocker propose 1")
    refused = (await world.says("pa", "/blocker accept 1")).text
    assert "You are <@UOLGA>'s deputy and vote only while they are away: `/plan away`." in refused
    world.dm("pa").expect_nothing("Is blocker 1")
    await world.says("olga", "/plan away today")
    asked = world.dm("pa").expect("Is blocker 1 in Release a release-blocker?")
    assert "You vote for <@UOLGA>, who is away." in asked.shown
    assert "1 of 2 accepted" in (await world.clicks("pa", "Accept as release-blocker", asked)).text
    assert "You accepted it for <@UOLGA>." in world.dm("pa").expect("Is blocker 1").shown
    assert "<@UPA> accepted it for you." in world.dm("olga").expect("Is blocker 1").shown
    assert world.entries("blocker", "accepted")[-1].on_behalf_of == "olga"
    assert "You have already accepted it." in (await world.says("pa", "/blocker accept 1")).text
    await world.says("pa", "/blocker reject 1 because it is only the preview")
    assert "0 of 2 accepted" in (await world.says("pb", "/blocker propose 1")).text
    await world.says("olga", "/blocker accept 1")
    told = (await world.says("amp", "/blocker accept 1")).text
    assert "Blocker 1 is a release-blocker." in told


async def test_a_vote_on_a_class_changes_what_a_gate_was_signed_on(world):
    await world.says("pa", "/blocker sign-in fails for new people")
    await world.says("amp", "/gate tick done 1")
    await world.says("amp", "/blocker propose 1")
    await world.says("amp", "/blocker accept 1")
    await world.says("olga", "/blocker accept 1")
    assert world.row("gate", "done").state == "pending"
    await world.says("olga", "/blocker resolve 1 rolled back")
    await world.signs("amp", "done")
    assert world.row("gate", "done").state == "passed"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gate: done", "gate: doen", "gate: there is no gate `doen`; did you mean `done`?"),
        ("gate: done", "gate: Release is done", "did you mean `done`, whose name this is?"),
        ("count: 2", "count: 9", "accept.count: 9 must accept, and only 3 can: ask for fewer, or name more people"),
        ("count: 2", "count: 0", "accept.count: "),
        ("all leads]", "al leads]", "accept.of[2]: nobody is called `al leads`; did you mean `all leads`?"),
        (", accept: {count: 2, of: [coordinator, all leads]}", "", "`accept` is missing"),
        ("release-blocker:", "release blocker:", "a class is made of letters, digits, dots and dashes"),
        ("gate: done,", "gate: done, gates: [a],", "gates: there is no such key here; did you mean `gate`?"),
    ],
)
def test_the_check_of_classes_in_a_plan_file_says_what_to_write_instead(old, new, said):
    text = PLAN + CLASSES + GATE
    assert check(text).errors == []
    found = [problem.sentence for problem in check((PLAN + CLASSES.replace(old, new)) + GATE).errors]
    assert any(said in sentence for sentence in found), found
    assert check(GOOD).errors == []


VOTES = st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=20)


@given(st.integers(1, 7), st.integers(1, 7), VOTES)
def test_votes_on_a_class_are_decided_as_soon_as_no_other_outcome_is_possible(able, count, votes):
    people = [Person(key=str(number), name="") for number in range(max(able, count))]
    last = {voter: yes for voter, yes in votes if voter < len(people)}
    yes, no = (tuple(p for p in people if last.get(int(p.key)) is verdict) for verdict in (True, False))
    tally = Tally(count, tuple(people), yes, no)
    open_ones = len(people) - len(last)
    outcomes = {sum(last.values()) + more >= count for more in range(open_ones + 1)}
    assert tally.rejected == (outcomes == {False})
    assert tally.accepted == (sum(last.values()) >= count)
    assert len(tally.undecided) == open_ones
