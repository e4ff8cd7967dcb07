"""What a plan looks like at an instant: as its rows have it now, and for ever as it was kept then."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlmodel import col, select

from callboard.blockers import store as blockers
from callboard.board.picture import album, drawn, fill, picture
from callboard.board.picture.body import canonical
from callboard.board.picture.counts import Row
from callboard.board.picture.fold import Entry, fold
from callboard.board.picture.parts import Colour, Gate
from callboard.board.picture.state import State
from callboard.conflicts import notices as conflict_notices
from callboard.conflicts import service as conflicts
from callboard.conflicts.models import Conflict, Verb
from callboard.core import timeline
from callboard.core.timeline import Subject
from callboard.emergencies import store as emergencies
from callboard.escalation import store as climbs
from callboard.gates import store as gates
from callboard.gates.assessment import Look
from callboard.locks import store as locks
from callboard.locks.models import KEEPING
from callboard.plans import holds
from callboard.runbooks import course
from callboard.runbooks import store as runs
from callboard.tasks import service as tasks
from tests.world import PLAN, World, at

TWO_WEEKS = (
    PLAN.replace("to: 2025-11-15 18:00", "to: 2025-11-30 18:00")
    + """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-20 18:00}
  ship: {name: Ship, from: 2025-11-21 09:00, to: 2025-11-28 18:00, needs: [validated]}
tasks:
  - for: {team: omega, phase: build}
    O-1: {title: Database, assignee: pa, due: 2025-11-14 12:00}
    O-2: {title: Sign-in, assignee: pb, due: 2025-11-24 12:00}
    O-3: {title: Mail}
  - for: {team: sigma, phase: build}
    S-1: {title: Screens, assignee: sc, due: 2025-11-26 12:00, status: in progress, percent: 20}
  - for: {phase: ship}
    M-1: {title: Sign-in works, lead_team: omega, support_teams: [sigma], points: {Form to API: sigma, Session: omega}}
gates:
  validated: {name: Omega signs off, due: 2025-11-19 17:00, sign_off: [{lead_of: omega}],
              criteria: [{key: secrets, tick: No credentials in git}, {tasks: [O-1, O-2]}]}
  go: {name: Go, due: 2025-11-27 17:00, needs: [validated], sign_off: [{role: coordinator}], criteria: [{tasks: [M-1]}]}
standups: [{name: Daily, at: "09:00", days: [thu], who: [omega], window: 2h, remind_after: 1h, questions: [Today]}]
emergencies:
  1: {name: Critical, respond_within: 5m, resolve_within: 30m, tell: [leads]}
runbooks:
  go-live:
    name: Go-live
    starts: {at: 2025-11-28 10:00}
    steps:
      - {id: announce, title: Announce, lead: amp, takes: 10m}
      - {reserve: 15m, title: Catch up}
      - {id: deploy, title: Deploy, lead: omega, takes: 30m}
      - {id: smoke, title: Smoke tests, lead: sigma, takes: 20m}
"""
)


async def says(world: World, *lines: str) -> None:
    for line in lines:
        person, _, text = line.partition(": ")
        await world.says(person, text)


async def first_week(world: World) -> None:
    await says(
        world, "pb: /task start O-2", "pb: /task progress O-2 40%", "pa: /blocker mongo refuses TLS",
        "pa: /lock src/auth/** for the fix", "sc: /lock src/auth/login.py for the form", "pa: /task start O-1",
        "sc: /task block S-1 the API is not there", "amp: /plan away 2025-11-17..24 @sara",
    )  # fmt: skip
    await world.advance(minutes=7)
    await says(world, "olga: /blocker ack 1", "amp: /task assign O-3 @pb", "pa: /gate tick validated secrets")
    world.app.db.transact(collide)
    await world.until("2025-11-15 10:00")
    await says(
        world, "olga: /blocker resolve 1 a new certificate", "pa: /task complete O-1",
        "amp: /emergency 1 the shop is down", "olga: /emergency take", "amp: /plan set O-2 due 2025-11-18 12:00",
        "pb: /lock src/mail/** for the move until 2025-11-19 12:00",
    )  # fmt: skip
    await world.until("2025-11-18 16:00")


async def second_week(world: World) -> None:
    await says(
        world, "olga: /emergency end the shop is back", "pb: /task complete O-2", "olga: /blocker reopen 1",
        "sc: /task point M-1 form to API started", "olga: /task point M-1 Session done",
    )  # fmt: skip
    world.apply(CHANGED)
    await world.settled()
    await world.signs("olga", "validated")
    await world.until("2025-11-21 10:00")
    await says(world, "olga: /blocker resolve 1", "amp: /task reopen O-1 it lacks an index", "amp: /plan back @sara")
    await world.until("2025-11-27 18:00")
    await says(
        world, "sara: /blocker resolve 2", "olga: /task start M-1", "amp: /task drop O-3 because nobody needs it",
        "sara: /blocker the certificate is gone",
    )  # fmt: skip
    await world.until("2025-11-28 10:20")
    await says(
        world, "amp: /run confirm announce", "olga: /run delay deploy 15m it is big", "sc: /lock src/form/** for it"
    )
    await world.advance(minutes=25)


CHANGED = TWO_WEEKS.replace("title: Screens,", "title: All screens,").replace("percent: 20", "percent: 70").replace(
    "O-3: {title: Mail}", "O-3: {title: Mail}\n    O-4: {title: Search, status: completed}"
)  # fmt: skip


def collide(tx) -> None:
    conflict = Conflict(
        plan_id=1, repository="app", one="omega/auth", other="sigma/form", kind="merge", degree="medium",
        teams=["omega", "sigma"], people=["pa", "sc"], files=["src/auth.py"], pushed_at=tx.now, found_at=tx.now,
    )  # fmt: skip
    tx.session.add(conflict)
    tx.session.flush()
    conflict_notices.changed(tx, conflict, Verb.FOUND, timeline.BOT)


def kept(tx):
    return list(tx.session.exec(select(album.Kept).order_by(col(album.Kept.at))))


def rebuilt(tx, at) -> bytes:
    return canonical(drawn.drawn(tx, 1, album.then(tx, 1, at, anew=True), at))


@pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # on the other one a shorter story goes on from memory
async def test_a_picture_rebuilt_from_nothing_is_the_one_kept_then_and_the_present_one_is_as_the_rows_are(database_url):
    async with World(database_url, TWO_WEEKS) as world:
        await first_week(world)
        world.app.db.transact(same_as_rows)
        assert world.app.db.transact(picture, 1).emergencies
        await second_week(world)
        world.app.db.transact(same_as_rows)
        album_of_then = world.app.db.transact(kept)
        assert len(album_of_then) == 16
        for each in album_of_then:
            assert world.app.db.transact(rebuilt, each.at) == each.picture
            assert canonical(world.app.db.transact(picture, 1, each.at)) == each.picture
        assert len({each.picture for each in album_of_then}) == 16
        then = json.loads(album_of_then[2].picture)
        assert then["at"] == "2025-11-16T00:00:00+00:00"
        assert [each["colour"] for each in then["lights"]] == ["minor delays", "minor delays"]
        assert then["tasks"]["completed"] == {"number": 1, "rows": ["task O-1"]}
        assert world.verified() == []


def same_as_rows(tx) -> None:
    """The present picture, counted a second way: from the rows of every capability."""
    shown, rows = picture(tx, 1), tasks.tasks(tx, 1)
    for phase in (None, *shown.phases):
        own = [row for row in rows if phase is None or row.phase == phase.key]
        whole, tally = tasks.rolled("", own, tx.now), phase.tasks if phase else shown.tasks
        numbers = (tally.total, tally.completed, tally.in_progress, tally.blocked, tally.late)
        assert [count.number for count in numbers] == [
            whole.total, whole.completed, whole.in_progress, whole.blocked, whole.overdue,
        ]  # fmt: skip
        assert tally.percent == whole.percent
    held = {hold.target for hold in holds.standing(tx, 1)}
    assert {phase.key for phase in shown.phases if phase.held_by} == held & {"build", "ship"}
    same_matters(tx, shown)
    for gate in gates.gates(tx, 1):
        look, other = Look(tx, gate), next(each for each in shown.gates if each.key == gate.key)
        assert (other.state, other.due, other.settled) == (gate.state, gate.due_at, gate.settled_at)
        assert other.criteria.number == len(look.readings)
        assert {row.key for row in other.sign_offs.rows} == {each.person for each in look.standing}
        if not gate.settled:
            assert other.criteria.number - other.met.number == len(look.lacking)
    points = {point["name"]: point["status"] for row in rows for point in row.points}
    assert {row.name: row.state for pair in shown.pairs for row in pair.points.rows} == points
    for run, drawn_run in zip(runs.open_runs(tx, 1), shown.runs, strict=True):
        of = course.shown(tx, run)
        assert (drawn_run.state, drawn_run.expected, drawn_run.done.number) == (
            run.state, of.forecast.end, sum(step.settled for step in of.steps),
        )  # fmt: skip
        assert [step.key for step in drawn_run.now] == [step.key for step in of.steps if step.state == "running"]


def same_matters(tx, shown) -> None:
    open_ones = blockers.open_in(tx, 1)
    assert [(each.number, each.state, each.severity) for each in shown.blockers] == [
        (each.number, each.state, each.severity) for each in open_ones
    ]
    for row, other in zip(open_ones, shown.blockers, strict=True):
        climb = climbs.latest(tx, row.subject)
        assert climb is not None
        assert (other.next_at, other.resolve_by) == (climb.due_at, climb.resolve_at)
    kept_from_others = [lock for lock in locks.live(tx, 1) if lock.state in KEEPING]
    assert [(each.number, each.expires, list(each.paths)) for each in shown.locks] == [
        (lock.number, lock.expires_at, lock.targets) for lock in kept_from_others
    ]
    assert [each.number for each in shown.conflicts] == [each.number for each in conflicts.going(tx, 1)]
    assert [(each.number, each.state) for each in shown.emergencies] == [
        (each.number, each.state) for each in emergencies.open_in(tx, 1)
    ]


async def test_a_text_that_was_erased_is_gone_from_the_pictures_of_then_too(database_url):
    async with World(database_url, TWO_WEEKS) as world:
        await world.says("pa", "/blocker Dana is ill")
        await world.until("2025-11-14 01:00")
        sealed = world.entries("blocker", "raised")[0].seq or 0
        assert b"Dana is ill" in world.app.db.transact(kept)[0].picture
        world.app.db.transact(timeline.erase, 1, sealed, actor="amp", reason="asked for it")
        (again,) = world.app.db.transact(kept)
        assert b"Dana is ill" not in again.picture
        assert again.picture == world.app.db.transact(rebuilt, again.at)
        for moment in (None, at("2025-11-13 12:00")):
            shown = world.app.db.transact(picture, 1, moment)
            assert [blocker.what for blocker in shown.blockers] == [""]
            assert "Dana" not in canonical(shown).decode()


async def test_the_latest_of_a_picture_is_what_people_did_and_not_what_became_of_messages(database_url):
    async with World(database_url, TWO_WEEKS) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        world.app.db.transact(lambda tx: timeline.record(tx, 1, Subject("blocker", 1), "folded a message", actor="x"))
        told = [happened.text for happened in world.app.db.transact(picture, 1).latest if happened.kind == "blocker"]
        assert told
        assert not [text for text in told if "message" in text]


async def test_the_latest_of_a_picture_calls_a_task_that_nobody_has_touched_by_its_key(database_url):
    async with World(database_url, TWO_WEEKS) as world:
        await world.says("pa", "/blocker mongo is down")
        await world.until("2025-11-14 12:01")
        told = [happened.text for happened in world.app.db.transact(picture, 1).latest]
        assert "O-1 Database: overdue" in told
        assert not [text for text in told if "ran out of steps" in text or "parked a message" in text]


async def test_the_lights_of_a_picture_say_why(database_url):
    async with World(database_url, TWO_WEEKS) as world:
        omega, sigma = world.app.db.transact(picture, 1).lights
        assert (omega.colour, sigma.colour) == (Colour.GREEN, Colour.GREEN)
        await says(world, "pa: /blocker mongo refuses TLS", "amp: /plan away 2025-11-13..14 @sara")
        await says(world, "sc: /plan away 2025-11-13..14")
        omega, sigma = world.app.db.transact(picture, 1).lights
        assert (omega.colour, omega.reasons[0].words) == (Colour.YELLOW, "1 blocker open")
        assert (sigma.colour, sigma.reasons[0].words) == (Colour.BLACK, "nobody is there")
        assert [row.key for row in sigma.reasons[0].rows.rows] == ["sara", "sc"]
        await world.advance(days=2)
        assert world.app.db.transact(picture, 1).lights[1].colour == Colour.GREEN


async def test_a_picture_that_goes_on_from_memory_is_the_one_that_is_folded_from_nothing(database_url):
    async with World(database_url, TWO_WEEKS) as world:
        db = world.app.db
        for line in (
            "pb: /task start O-2", "pa: /blocker mongo refuses TLS", "olga: /blocker ack 1",
            "pa: /lock src/auth/** for the fix", "amp: /plan set O-2 due 2025-11-18 12:00", "olga: /blocker resolve 1",
            "pa: /lock release 1",
        ):  # fmt: skip
            before = db.transact(picture, 1)
            await says(world, line)
            now = db.transact(picture, 1)
            assert canonical(now) == db.transact(rebuilt, now.at) != canonical(before)
            await world.advance(seconds=45)
        assert 0 < db._memo[album.BASES][1].revision < now.revision


async def test_a_picture_makes_again_only_what_stands_otherwise_or_has_become_late(database_url):
    async with World(database_url, TWO_WEEKS) as world:
        db = world.app.db

        def things(shown) -> list[Row | Gate]:
            return [*shown.tasks.total.rows, *shown.gates]

        async def anew(deed):
            """Which tasks and gates another picture has that were not made for the one before."""
            await world.advance(minutes=2)  # what is so new is folded again
            before = db.transact(picture, 1)
            await deed
            now = db.transact(picture, 1)
            assert canonical(now) == db.transact(rebuilt, now.at)
            made = {id(each) for each in things(before)}
            return [each.key for each in things(now) if id(each) not in made]

        assert await anew(says(world, "pb: /task start O-2")) == ["O-2", "validated"]
        assert await anew(says(world, "pa: /task note O-1 the schema is ready")) == ["O-1"]
        assert await anew(says(world, "pa: /blocker mongo refuses TLS")) == []
        await world.until("2025-11-14T11:50")
        assert await anew(world.until("2025-11-14T12:00")) == ["O-1"]


async def test_a_picture_of_then_is_folded_from_one_kept_nearby_wherever_much_happened(database_url):
    async with World(database_url, TWO_WEEKS) as world:
        db, began = world.app.db, world.clock.now()
        many = 2 * album.EACH + 100
        await world.advance(hours=5)

        def write(tx):
            rows = [timeline.row(tx, 1, Subject("task", n % 4 + 1), "noted", said=f"note {n}") for n in range(many)]
            for n, row in enumerate(rows):
                row["at"] = began + timedelta(hours=1, seconds=n)
            timeline.append(tx, rows)

        db.transact(write)
        assert [db.transact(fill, 1) for _ in range(3)] == [True, True, False]
        instants = [began + timedelta(hours=1, seconds=n) for n in (0, album.EACH, 2 * album.EACH, many - 1)]
        for at in instants:
            folded = db.transact(nothing_open_after, at).revision - db.transact(album._last, 1, at).revision
            assert folded <= album.EACH
            assert canonical(db.transact(picture, 1, at)) == db.transact(rebuilt, at)


def nothing_open_after(tx, at):
    """What was then; PostgreSQL keeps no cursor of what was not read to its end."""
    state = album.then(tx, 1, at)
    assert not tx.on_postgres or not tx.connection.exec_driver_sql("SELECT name FROM pg_cursors").all()
    return state


def test_a_picture_takes_no_news_from_messages_about_a_check_in():
    state = State()
    fold(state, Entry(1, "2026-01-12T09:30:00", "check-in", 7, "folded a message", "", {"reason": "budget"}, None))
    assert (state.revision, state.of("check-in"), state.latest) == (1, {}, [])
