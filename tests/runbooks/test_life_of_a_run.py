"""A run-book on its day: it begins at its hour, each step at its minute, every team reads its own part."""

from __future__ import annotations

import asyncio

import pytest

from callboard.runbooks import due, store
from tests.runbooks.shipping import SHIPPING, shipping
from tests.world import at

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file


@pytest.fixture
async def day(database_url):
    """Half past one; the gate has not passed."""
    async with shipping(database_url) as world:
        yield world


@pytest.fixture
async def ship(day):
    """Two o'clock: the gate has passed, and it has begun."""
    await day.passes()
    await day.until("2025-11-15 14:00")
    return day


async def to_deploy(world):
    """The first step is done in time, and the reserve is over."""
    await world.done("amp", "announce")
    await world.until("2025-11-15 14:25")


async def test_a_run_of_a_run_book_goes_from_its_hour_to_its_end(ship):
    card = ship.channel("release").expect("*Go-live* is running: 0 of 5 steps done")
    assert ":stopwatch: *T* 0 of 15 min reserve used, on plan" in card.shown
    now = ship.channel("release").expect("Go-live now: *Go announced*")
    assert [pin["ts"] for pin in ship.slack.workspace.state.conversations["CRELEASE"].pins] == [now.ts]
    ship.dm("amp").expect("You lead *Go announced* now")
    ship.channel("omega").expect_nothing("Go announced")
    assert "is done. Now: Release notes. Next: Deploy" in await ship.done("amp", "announce")
    await ship.until("2025-11-15 14:15")
    own = ship.channel("omega").expect("In 10 minutes you lead *Deploy*")
    assert "Checklist: Copy made, Doors shut" in own.shown
    assert "smoke" not in own.shown
    helper = ship.channel("sigma").expect("In 10 minutes: *Deploy*, led by Omega")
    assert "Sigma helps Omega." in helper.shown
    assert "Meanwhile Sigma: Prepare the smoke tests" in helper.shown
    await ship.until("2025-11-15 14:25")
    ship.channel("omega").expect("<@UOLGA> leads *Deploy* now", "I page whoever leads it.")
    assert ship.channel("sigma").count("*Deploy*") == 1
    await ship.done("sc", "notes")
    await ship.until("2025-11-15 14:50")
    await ship.done("olga", "deploy")
    ship.channel("sigma").expect("leads *Smoke tests* now")
    ship.dm("stan").expect_nothing("It works")
    await ship.done("sara", "smoke")
    ship.dm("stan").expect("Go-live: It works")
    handed = ship.dm("pa").expect("You are on call for Omega from now on")
    assert "Nothing failed" in handed.shown
    assert "Go-live is over." in await ship.done("pb", "watch")
    await ship.advance(seconds=10)
    ship.channel("release").expect("*Go-live* is done", "30 min ahead of plan")
    assert ship.slack.workspace.state.conversations["CRELEASE"].pins == []
    assert ship.row("run", "go-live").wake_at is None
    assert ship.verified() == []


@pytest.mark.both_databases
async def test_the_course_of_a_run_is_blocked_at_its_hour_and_begins_by_itself_once_its_gate_passes(day):
    await day.until("2025-11-15 14:05")
    told = day.channel("release").expect("*DEPLOYMENT BLOCKED*: Go-live was to begin", "by itself")
    assert "Go or no-go (`go`) is not signed" in told.shown
    assert "<@UAMP>" in told.shown
    assert day.channel("release").count(":octagonal_sign: *DEPLOYMENT BLOCKED*: Go-live was to begin", "by itself") == 1
    day.dm("amp").expect("DEPLOYMENT BLOCKED")
    day.dm("olga").expect_nothing("DEPLOYMENT BLOCKED")
    assert day.step("announce").state == "waiting"
    assert "can't begin: Go or no-go" in (await day.says("amp", "/run start go-live")).text
    await day.signs("amp", "go")
    await day.settled()
    assert day.row("run", "go-live").state == "running"
    day.channel("release").expect("*Go-live* has begun. It was planned for")
    assert "5 of 15 min reserve used, on plan" in day.channel("release").expect("*Go-live* is running").shown


async def test_the_readiness_of_a_run_says_that_the_go_is_in_doubt_until_it_is_not(database_url):
    checked = SHIPPING.replace("{name: Go or no-go, due", "{name: Go or no-go, decision: true, criteria: "
                               "[{blockers: none, severity: critical}], due")  # fmt: skip
    async with shipping(database_url, checked) as day:
        await day.passes()
        await day.until("2025-11-15 14:05")
        day.channel("release").expect("*Go-live* is running")
        doubt = "Go or no-go is in doubt: `/gate show go`"
        day.channel("release").expect_nothing(doubt)
        await day.says("pa", "/blocker critical: the disk is full")
        await day.advance(seconds=10)
        day.channel("release").expect("*Go-live* is running", doubt)
        assert doubt in str((await day.says("amp", "/run show go-live", "release")).text)
        await day.says("olga", "/blocker resolve 1 a bigger disk")
        await day.advance(seconds=10)
        day.channel("release").expect("*Go-live* is running")
        day.channel("release").expect_nothing(doubt)


async def test_the_course_of_a_run_without_windows_is_offered_when_its_gate_passes_late(database_url):
    plan = SHIPPING.replace('    windows: {days: mon-sun, hours: "13:00-17:00"}\n', "")
    async with shipping(database_url, plan) as day:
        await day.until("2025-11-15 14:05")
        await day.signs("amp", "go")
        offer = day.dm("amp").expect("*Go-live* may begin now")
        assert day.step("announce").state == "waiting"
        await day.clicks("amp", "Start", offer)
        assert day.step("announce").state == "running"
        await day.clicks("amp", "Start", offer)
        assert len(day.entries("step", "started")) == 1


@pytest.mark.both_databases
async def test_the_forecast_of_a_run_gives_a_delay_to_the_reserve_first_and_says_once_what_it_costs(ship):
    await ship.says("amp", "/run delay announce 11m because the mail is not written")
    told = ship.channel("release").expect("*Go announced* (Go-live) takes 11 min longer, says <@UAMP>: the mail is")
    assert "It moves nothing after it. 11 of 15 min reserve used." in told.shown
    assert "11 of 15 min reserve used, on plan" in ship.channel("release").expect("*Go-live* is running").shown
    await ship.says("amp", "/run delay 1 24m")
    await ship.advance(seconds=5)
    told = ship.channel("release").expect("24 min longer")
    assert "15 of 15 min reserve used." in told.shown
    assert ship.step("deploy").expected_at == at("2025-11-15 14:45")
    assert "20 min behind plan" in ship.channel("release").expect("*Go-live* is running").shown
    assert ship.channel("release").count("min longer") == 2


async def test_the_rights_of_a_run_leave_a_delay_beyond_its_window_to_the_coordinator(ship):
    await to_deploy(ship)
    refused = (await ship.says("olga", "/run delay deploy 2h because it is slow")).text
    assert "after its window closes at" in refused
    assert "Only <@UAMP> can delay it beyond that: `/run delay deploy 2h`" in refused
    assert ship.step("deploy").extra == 0
    await ship.says("amp", "/run delay deploy 2h")
    told = ship.channel("release").expect("*Deploy* (Go-live) takes 2 h longer")
    assert "That is 1 h 20 min after the promised" in told.shown


@pytest.mark.both_databases
async def test_the_failure_of_a_step_proposes_its_rollback_and_what_waits_for_it_waits(ship):
    await to_deploy(ship)
    await ship.says("olga", "/run fail deploy because the copy is empty")
    await ship.advance(seconds=3)
    ship.channel("release").expect(
        "<@UOLGA> says that *Deploy* (Go-live) failed: the copy is empty", "system is proposed. Now <@UAMP> can call it"
    )
    ship.channel("urgent").expect("*Deploy* (Go-live) failed: the copy is empty")
    ask = ship.dm("amp").expect("*Rollback system* is proposed: Deploy failed: the copy is empty. <@UAMP> can call it")
    assert ship.step("smoke").state == "waiting"
    assert ship.step("notes").state == "running"
    await ship.clicks("amp", "Confirm rollback", ask)
    assert ship.row("run", "system").state == "called"
    assert (
        "You called Rollback system, so somebody else must confirm it"
        in (await ship.says("amp", "/run confirm system")).text
    )
    confirmed = (await ship.says("sara", "/run confirm system")).text
    assert "Rollback system has begun" in confirmed
    assert ship.row("run", "go-live").held == "Rollback system"
    await ship.done("sc", "notes")
    for step in ("close-the-doors", "fetch-the-copy"):
        await ship.done("amp", step)
    assert "1 of 1 items of Validate are open: Sign-in" in (await ship.says("amp", "/run confirm validate")).text
    await ship.done("amp", "validate")
    await ship.advance(seconds=9)
    ship.channel("release").expect("*Rollback system* is done")
    assert ship.verbs("run", "system") == ["called", "agreed to", "agreed to", "begun", "ended"]
    assert "Go-live is running" in (await ship.says("amp", "/run start go-live")).text
    await ship.says("olga", "/run start deploy")
    assert ship.step("deploy").state == "running"


@pytest.mark.both_databases
async def test_a_step_that_is_late_is_asked_about_once_and_over_its_limit_pages_its_leader_and_then_the_policy(ship):
    await to_deploy(ship)
    await ship.until("2025-11-15 15:05")
    assert ship.dm("olga").count("should be done by now") == 1
    ship.dm("olga").expect("should be done by now", "I page you if it is not done by")
    ship.dm("pa").expect_nothing("Deploy")
    await ship.until("2025-11-15 15:25")
    page = ship.dm("olga").expect("*Deploy* (Go-live) has run since", "is over its limit")
    ship.dm("amp").expect_nothing("is over its limit")
    await ship.until("2025-11-15 15:30")
    ship.dm("amp").expect("is over its limit")
    await ship.clicks("olga", "I have it", page)
    await ship.until("2025-11-15 15:40")
    ship.dm("exec").expect_nothing("is over its limit")
    await ship.says("olga", "/run items deploy all")
    await ship.clicks("olga", "Done", ship.channel("omega").expect("*Deploy* now"))
    assert ship.step("deploy").state == "done"
    await ship.advance(minutes=40)
    ship.dm("exec").expect_nothing("Deploy")
    assert len(ship.entries("step", "paged", ship.step("deploy").number)) == 2


@pytest.mark.parametrize(
    ("person", "typed", "said"),
    [
        ("sc", "/run confirm announce", "Only <@UAMP> can confirm Go announced."),
        ("stan", "/run start go-live", "Only <@UAMP> can start Go-live."),
        ("amp", "/run start go-live", "Go-live has been running since"),
        ("olga", "/run confirm deploy", "It is not the turn of Deploy: it waits for Catch up (waiting)"),
        (
            "sara",
            "/run confirm smoke",
            "It is not the turn of Smoke tests: it waits for Deploy (waiting). Ask <@UOLGA>",
        ),
        ("amp", "/run confirm depoly", "Go-live has no step `depoly`; did you mean `deploy`?"),
        ("amp", "/run skip announce", "Say why: `/run skip announce because"),
        ("amp", "/run fail announce", "Say what failed: `/run fail announce because"),
        ("amp", "/run back deploy", "Deploy has not begun: there is nothing to take back."),
        ("amp", "/run items announce all", "Go announced has no checklist."),
        ("olga", "/run items deploy 7", "Deploy has 2 items: there is no item 7."),
        ("olga", "/run items deploy soon", "Type numbers, or all: `/run items deploy 1 2`."),
        ("amp", "/run delay announce 3d", "A delay of more than a day is another plan."),
        ("olga", "/run stop go-live because I say so", "Only <@UAMP> can stop Go-live."),
        ("amp", "/run stop go-live", "Say why: `/run stop go-live because"),
        ("olga", "/run rollback system because it is slow", "Only <@UAMP> can call Rollback system. Ask them to type"),
        ("amp", "/run rollback system", "Say why: `/run rollback system because"),
        ("amp", "/run rollback sytem because it is slow", "This plan has no rollback `sytem`; did you mean `system`?"),
        ("amp", "/run drill golive", "No run-book is called `golive`; did you mean `go-live`?"),
        ("stan", "/run drill go-live", "can begin a drill."),
        ("amp", "/run review go-live", "`go-live` has not run to an end yet."),
        ("amp", "/run ack announce", "Nobody was paged for Go announced"),
        ("amp", "/run show other", "No run-book is called `other`"),
    ],
)
async def test_what_a_run_refuses_says_who_can_and_what_to_type(ship, person, typed, said):
    assert said in (await ship.says(person, typed)).text


async def test_a_step_that_was_confirmed_is_neither_confirmed_again_nor_taken_back_once_the_next_has_begun(ship):
    now = ship.dm("amp").expect("You lead *Go announced* now")
    await ship.clicks("amp", "Done", now)
    assert "Go announced was already confirmed by you" in (await ship.says("amp", "/run confirm announce")).text
    assert "Catch up has begun since. Take that back first" in (await ship.says("amp", "/run back announce")).text
    await ship.until("2025-11-15 14:25")
    again = (await ship.says("olga", "/run back deploy")).text
    assert "Deploy is waiting again. Start it: `/run start deploy`." in again
    assert "Next: Deploy" not in again
    await ship.until("2025-11-15 14:40")
    assert ship.step("deploy").state == "waiting"
    waits = "once somebody starts it: `/run start deploy`"
    ship.channel("release").expect(":round_pushpin:", "Next: Deploy,", waits)
    for place in (ship.dm("olga"), ship.channel("omega"), ship.channel("release")):
        place.expect_nothing("From <!date^", "*Deploy*")
    await ship.says("olga", "/run start deploy")
    assert "Deploy is skipped." in (await ship.says("olga", "/run skip deploy because it was done yesterday")).text
    assert ship.step("smoke").state == "running"
    await ship.says("amp", "/run stop go-live because the database is gone")
    assert "No run-book is running" in (await ship.says("sara", "/run confirm smoke")).text
    ship.channel("release").expect("*Go-live* was stopped", "the database is gone")


async def test_a_run_that_has_begun_keeps_its_plan_and_one_that_has_not_follows_it(day):
    await day.until("2025-11-15 13:52")
    assert day.row("run", "go-live").state == "planned"
    day.apply(SHIPPING.replace("starts: {at: 2025-11-15 14:00}", "starts: {at: 2025-11-15 14:10}"))
    await day.passes()
    await day.until("2025-11-15 14:05")
    assert day.row("run", "go-live").state == "planned"
    await day.until("2025-11-15 14:10")
    assert day.row("run", "go-live").state == "running"
    day.apply(SHIPPING.replace("title: Deploy,", "title: Another,"))
    await day.settled()
    assert day.step("deploy").title == "Deploy"
    assert len(day.app.db.transact(store.open_runs, 1)) == 1


async def test_the_due_work_of_a_run_whose_hour_passed_in_an_outage_begins_it_once_and_says_so(day):
    await day.passes()
    await day.jump(minutes=50)
    assert day.step("announce").state == "running"
    day.channel("release").expect("*Go-live* has begun. It was planned for")
    assert "5 min behind plan" in day.channel("release").expect("*Go-live* is running").shown
    assert day.dm("amp").count("You lead *Go announced* now") == 1


async def test_a_run_that_begins_after_the_end_that_was_planned_says_that_it_was_to_be_over(day):
    await day.passes()
    await day.jump(hours=6)
    day.channel("release").expect("*Go-live* has begun. It was planned for", "which were to be over by")


@pytest.mark.both_databases
async def test_a_run_that_two_replicas_look_at_starts_no_step_twice(day):
    other = day.another()
    await other.start(beating=False)
    await other.settled_in.wait()
    await day.passes()
    day.clock.move_to(at("2025-11-15 14:00"))
    await asyncio.gather(day.app.ticker.tick(), other.ticker.tick(), day.app.ticker.tick(), other.ticker.tick())
    await day.settled()
    assert len(day.entries("step", "started")) == 1
    now = day.dm("amp").expect("You lead *Go announced* now")
    await asyncio.gather(*(day.slack.click("amp", now.channel, now.ts, "Done") for _ in range(4)))
    await day.settled()
    assert len(day.entries("step", "confirmed")) == 1
    assert len(day.entries("step", "started", day.step("notes").number)) == 1
    await other.stop()


class KilledError(Exception):
    """The bot dies before it has committed."""


@pytest.mark.both_databases
async def test_the_due_work_of_a_run_that_dies_on_its_way_starts_each_step_once(day):
    await day.passes()
    await day.until("2025-11-15 13:59")
    day.clock.move_to(at("2025-11-15 14:00"))

    def dies(tx):
        due.runs.handle(tx, due.runs.claim(tx, 10))
        raise KilledError

    for _ in range(3):
        with pytest.raises(KilledError):
            day.app.db.transact(dies)
    assert day.entries("step", "started") == []
    await day.settled()
    assert len(day.entries("step", "started")) == 1
    assert day.dm("amp").count("You lead *Go announced* now") == 1


async def test_a_run_that_somebody_starts_before_its_hour_does_not_begin_again_at_it(day):
    await day.passes()
    assert "Go-live is running" in (await day.says("amp", "/run start go-live")).text
    assert day.step("announce").state == "running"
    assert day.row("run", "go-live").planned_at == at("2025-11-15 14:00")
    await day.says("amp", "/run stop go-live because we try again tomorrow")
    await day.until("2025-11-15 14:30")
    assert day.app.db.transact(store.open_runs, 1) == []


async def test_a_run_book_that_leaves_the_plan_before_its_hour_does_not_run(day):
    await day.until("2025-11-15 13:52")
    assert day.row("run", "go-live").state == "planned"
    kept = SHIPPING[: SHIPPING.index("runbooks:\n")] + SHIPPING[SHIPPING.index("rollbacks:\n") :]
    day.apply(kept)
    await day.passes()
    await day.until("2025-11-15 14:10")
    assert (day.row("run", "go-live").state, day.row("run", "go-live").begun_at) == ("stopped", None)
    day.channel("release").expect("*Go-live* was stopped", "the plan no longer has it")


async def test_a_rollback_that_nobody_confirms_is_asked_about_once_more(ship):
    assert "Somebody else must confirm it" in (await ship.says("amp", "/run rollback system because it burns")).text
    await ship.advance(minutes=20)
    assert ship.dm("olga").count("<@UAMP> calls *Rollback system*: it burns.") == 2
    await ship.says("amp", "/run rollback system because it burns more")
    assert (await ship.says("amp", "/run stop system because it is out")).text.startswith(
        "Rollback system is withdrawn"
    )


async def test_a_run_of_sixty_steps_shows_its_card_and_edits_only_what_changed(database_url):
    steps = "".join(
        f"      - {{id: s{n}, title: Step {n}, lead: {('omega', 'sigma')[n % 2]}, takes: 1m, needs: []}}\n"
        for n in range(60)
    )
    plan = SHIPPING[: SHIPPING.index("      - {id: announce")] + steps + SHIPPING[SHIPPING.index("rollbacks:\n") :]
    async with shipping(database_url, plan.replace("    needs: [go]\n", "")) as world:
        await world.until("2025-11-15 14:00")
        await world.advance(minutes=2)
        card = world.channel("release").expect("0 of 60 steps done")
        before = len(world.slack.record.calls("chat.update"))
        await world.says("olga", "/run confirm s2")
        await world.advance(seconds=30)
        assert len(world.slack.record.calls("chat.update")) - before < 8
        assert "1 of 60 steps done" in world.channel("release").expect("of 60 steps done").shown
        assert len(card.shown) < 11_000
