"""What will go wrong from now on, asked for in Slack and found in a process of its own."""

from __future__ import annotations

import pytest

from callboard.core.workshop import Away
from callboard.preflight.rehearsal import service, store
from callboard.preflight.rehearsal.models import FINDER, State
from callboard.preflight.rehearsal.reader import AWAY, NOBODY, TOO_LONG
from callboard.rehearsal import program
from callboard.rehearsal.finder import Finder
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

GATES = """\
tasks:
  - for: {team: omega}
    T-1: {title: Schema, assignee: pa, due: 2025-11-13 16:00, estimate: 2h}
    T-2: {title: Done before, assignee: pb, due: 2025-11-13 16:00, estimate: 2h}
gates:
  early: {name: Early, due: 2025-11-13 12:00, criteria: [Seen]}
  ready: {name: Ready, due: 2025-11-14 17:00, criteria: [{tasks: [T-1, T-2]}], sign_off: [{lead_of: omega}]}
"""
FAULT = {"kind": "fault", "line": 12, "what": "Olga & Pa are away at the same time.", "why": "On Friday.",
         "instead": "Name a second deputy.", "at": None}  # fmt: skip
NOTE = {**FAULT, "kind": "note", "what": "Nothing depends on the error rate."}


class Desk:
    """Finds what it is told to find, and keeps what it was asked."""

    def __init__(self, *found, fails=None):
        self.found, self.fails, self.asked = list(found), fails, []

    async def __call__(self, question):
        self.asked.append(question)
        if self.fails:
            raise self.fails
        return self.found


@pytest.fixture
async def world(database_url):
    async with World(database_url, PLAN + GATES) as world:
        yield world


def put(world, finder):
    world.app.db.registry.put(FINDER, finder)
    return finder


@pytest.mark.both_databases
async def test_rehearsal_of_the_plan_as_it_stands_is_answered_at_once_and_told_in_one_message(world):
    desk = put(world, Desk(FAULT, NOTE))
    await world.says("pa", "/plan away 2025-11-14")
    await world.says("pb", "/task complete T-2")
    await world.says("olga", "/gate tick early 1")
    assert "Still looking at Release" in (await world.says("amp", "/plan rehearse")).text
    world.dm("amp").expect("Release from now on: 1 fault", "Olga &amp; Pa are away", "On Friday.", "second deputy")
    asked = desk.asked[0]
    assert asked["away"]["pa"] == [["2025-11-14", "2025-11-14"]]
    assert (asked["passed"], "status: completed" in asked["source"]) == (["early"], True)
    assert asked["now"] == world.clock.now().isoformat()


async def test_rehearsal_that_finds_only_what_is_worth_a_note_says_that_nothing_goes_wrong(world):
    put(world, Desk(NOTE))
    await world.says("olga", "/plan rehearse")
    world.dm("olga").expect("I found nothing that will or may go wrong")


@pytest.mark.both_databases
async def test_rehearsal_is_refused_while_one_goes_on_and_to_whoever_leads_nothing(world):
    put(world, Desk(FAULT))
    asker = world.app.db.transact(lambda tx: Asker(teams.directory(tx, 1), teams.directory(tx, 1).people["olga"]))
    world.app.db.transact(service.ask, asker)
    assert (
        "I'm still looking at Release: <@UOLGA> asked"
        in (await world.slack.command("amp", "omega", "/plan rehearse")).text
    )
    assert "Only leads and <@UAMP> can rehearse Release" in (await world.says("pa", "/plan rehearse")).text
    await world.settled()
    world.dm("olga").expect("1 fault")
    assert "Still looking" in (await world.says("amp", "/plan rehearse")).text


FAILS = ((TimeoutError(), TOO_LONG), (Away(), AWAY), (ValueError(), AWAY), (None, NOBODY))


@pytest.mark.parametrize(("fails", "why"), FAILS)
async def test_rehearsal_that_fails_says_why_and_what_to_do(world, fails, why):
    put(world, Desk(fails=fails) if fails else None)
    await world.says("amp", "/plan rehearse")
    world.dm("amp").expect("I could not look at Release.", why)


async def test_rehearsal_whose_reader_was_stopped_is_read_by_another_once(world):
    desk = put(world, Desk(FAULT))
    asker = world.app.db.transact(lambda tx: Asker(teams.directory(tx, 1), teams.directory(tx, 1).people["olga"]))
    number = world.app.db.transact(service.ask, asker).number
    stopped = world.app.db.transact(service.claim, number)
    assert world.app.db.transact(store.waiting) == []
    await world.advance(minutes=3)
    assert len(desk.asked) == 1
    world.app.db.transact(service.found, stopped, [])
    assert [each["what"] for each in world.app.db.transact(store.rehearsal, number).findings] == [FAULT["what"]]
    assert world.app.db.transact(store.rehearsal, number).state == State.FOUND


QUESTION = {"source": PLAN + GATES, "now": "2025-11-13T10:00:00+00:00", "passed": [], "away": {}}


BOTH_AWAY = {"olga": [["2025-11-14", "2025-11-14"]], "pa": [["2025-11-14", "2025-11-14"]]}


SPINS = """\
from callboard.core.workshop import serve


def spin(question):
    while True:
        pass


serve(spin)
"""


def faults(found):
    return [each["what"] for each in found if each["kind"] == "fault"]


def test_finder_reads_a_plan_from_now_on_with_the_absences_of_today():
    assert faults(program.found(QUESTION)) == []
    question = {**QUESTION, "away": BOTH_AWAY}
    assert "Omega lead and Person A are away at the same time." in faults(program.found(question))
    assert faults(program.found({**question, "now": "2025-11-15T10:00:00+00:00"})) == []


async def test_finder_has_it_done_in_a_process_of_its_own_with_a_limit(tmp_path):
    assert "Omega lead and Person A are away at the same time." in faults(
        await Finder()({**QUESTION, "away": BOTH_AWAY})
    )
    (tmp_path / "spins.py").write_text(SPINS)
    with pytest.raises(TimeoutError):
        await Finder(within=0.05, program=str(tmp_path / "spins.py"))(QUESTION)
