"""A way back on a bad day: nobody answers, somebody is away, the step is tried again meanwhile."""

from __future__ import annotations

import pytest

from tests.runbooks.shipping import SHIPPING, shipping

DATABASES = ("sqlite",)
AWAY = SHIPPING.replace("amp: {name: Amp, slack: UAMP,", "amp: {name: Amp, slack: UAMP, deputies: [exec],")


@pytest.fixture
async def ship(database_url):
    async with shipping(database_url, AWAY) as world:
        await world.passes()
        await world.until("2025-11-15 14:01")
        await world.done("amp", "announce")
        await world.says("amp", "/run skip 2 because we are early")
        await world.settled()
        yield world


async def test_a_rollback_that_is_proposed_rests_while_its_step_is_tried_again_and_is_asked_about_anew(ship):
    await ship.says("olga", "/run fail deploy because the copy is empty")
    ship.dm("amp").expect("*Rollback system* is proposed: Deploy failed: the copy is empty", "Nothing goes back")
    await ship.advance(minutes=2)
    await ship.says("olga", "/run start deploy")
    await ship.advance(minutes=20)
    ship.dm("amp").expect("*Rollback system* is proposed", "Deploy is tried again. <@UAMP> can call it")
    assert ship.dm("amp").count("*Rollback system*") == 1, "nobody is asked again while it is tried again"
    await ship.says("olga", "/run fail deploy because the copy is empty again")
    assert ship.dm("amp").count("*Rollback system*") == 2
    ship.dm("amp").expect("*Rollback system* is proposed: Deploy failed: the copy is empty again. <@UAMP> can call it")
    await ship.advance(minutes=6)
    ship.dm("amp").expect("It still waits.")


@pytest.mark.parametrize(
    ("settles", "why"),
    [("confirm deploy", "Deploy is done"), ("skip deploy because we do it by hand", "Deploy is skipped")],
)
async def test_a_rollback_that_is_proposed_is_withdrawn_when_its_step_is_settled_after_all(ship, settles, why):
    await ship.says("olga", "/run fail deploy because the copy is empty")
    await ship.says("olga", "/run start deploy")
    await ship.says("olga", "/run items deploy all")
    await ship.says("olga", f"/run {settles}")
    await ship.advance(minutes=20)
    page = ship.dm("amp").expect("*Rollback system* is withdrawn", why)
    assert "Confirm rollback" not in page.shown
    ship.channel("release").expect("*Rollback system* is withdrawn", why)
    assert ship.dm("amp").count("*Rollback system*") == 1


async def test_a_rollback_that_somebody_called_stays_when_its_step_is_tried_again(ship):
    await ship.says("olga", "/run fail deploy because the copy is empty")
    await ship.says("amp", "/run confirm system")
    await ship.says("olga", "/run start deploy")
    assert ship.row("run", "system").state == "called"


@pytest.mark.both_databases
async def test_a_rollback_that_nobody_confirms_is_not_forgotten_whoever_called_it_hears(ship):
    await ship.says("amp", "/run rollback system because it burns")
    await ship.advance(minutes=11)
    ship.dm("olga").expect("It still waits.", "<@UAMP> calls *Rollback system*: it burns.", "Nothing goes back before")
    told = ship.dm("amp").expect("Nobody has confirmed *Rollback system* since", "it burns. I asked <@UOLGA>")
    assert "`/plan contacts`" in told.shown
    assert "Confirm rollback" not in told.shown, "whoever called it can't confirm it"
    ship.channel("release").expect("Nobody has confirmed *Rollback system* since")
    await ship.advance(hours=2)
    assert ship.dm("amp").count("Nobody has confirmed") == 1
    assert "has begun" in (await ship.says("sara", "/run confirm system")).text
    assert "is running" in ship.dm("amp").expect("*Rollback system*").shown, "the page says how it stands now"


async def test_a_rollback_that_nobody_calls_is_not_forgotten_whoever_led_its_step_hears(ship):
    await ship.says("olga", "/run fail deploy because the copy is empty")
    await ship.advance(minutes=11)
    told = ship.dm("olga").expect("Nobody has called *Rollback system* since", "I asked <@UAMP> twice")
    assert "Confirm rollback" not in told.shown, "she led the step, and can't call it"


async def test_all_who_were_asked_for_their_word_on_a_rollback_are_named(ship):
    await ship.says("amp", "/run rollback system because it burns.")
    ship.dm("sara").expect("calls *Rollback system*: it burns. Somebody else must confirm it", "Confirm rollback")
    await ship.advance(minutes=11)
    ship.dm("amp").expect("it burns. I asked", " and ", " twice. Reach them")


async def test_whoever_stands_in_for_the_coordinator_hears_of_a_run_and_can_stop_it(ship):
    await ship.says("olga", "/run fail deploy because the copy is empty")
    await ship.says("amp", "/plan away today")
    ship.dm("exec").expect("*Rollback system* is proposed", "<@UEXEC> can call it")
    await ship.says("exec", "/run confirm system")
    assert ship.dm("amp").count("calls *Rollback system*") <= 1
    await ship.says("sara", "/run confirm system")
    await ship.advance(minutes=31)
    ship.dm("exec").expect("*Rollback system* is not over by its limit", "Close the doors")
    ship.dm("amp").expect_nothing("is not over by its limit")
    await ship.says("exec", "/run stop system because it is out")
    assert "is stopped" in (await ship.says("exec", "/run stop go-live because we try again tomorrow")).text


async def test_whoever_confirms_a_rollback_that_has_begun_reads_who_was_before_them(ship):
    await ship.says("amp", "/run rollback system because it burns")
    await ship.says("sara", "/run confirm system")
    assert "confirmed by <@USARA>" in (await ship.says("olga", "/run confirm system")).text


async def test_a_run_that_a_rollback_has_on_hold_announces_no_step_and_says_how_it_goes_on(ship):
    await ship.says("amp", "/run rollback system because it burns")
    await ship.says("sara", "/run confirm system")
    skipped = (await ship.says("olga", "/run skip deploy because it is taken back")).text
    assert "Go-live is on hold: Rollback system." in skipped
    assert "Next" not in skipped
    await ship.advance(minutes=15)
    ship.channel("sigma").expect_nothing("you lead *Smoke tests*")
    assert "Close the doors is done" in (await ship.says("amp", "/run confirm 1")).text
    await ship.says("amp", "/run skip 2 because nothing was copied")
    await ship.done("amp", "validate")
    await ship.advance(seconds=9)
    shown = ship.channel("release").expect("*Go-live* is running")
    assert "It is over. Go on: `/run start go-live`" in shown.shown


async def test_a_step_that_is_named_wrongly_is_named_without_the_reason(ship):
    told = (await ship.says("olga", "/run fail deplyo because the copy is empty")).text
    assert "no step `deplyo`" in told
    assert "did you mean `deploy`" in told
