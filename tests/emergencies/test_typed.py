"""What people type after `/emergency` while a house is on fire: it is understood, or nothing happens."""

from __future__ import annotations

import pytest

from tests.emergencies.test_life_of_an_emergency import DECLARED, LEVELS, card
from tests.world import PLAN, World

DATABASES = ("sqlite",)  # words


@pytest.fixture
async def world(database_url):
    async with World(database_url, PLAN + LEVELS) as made:
        yield made


async def said(world, person, text):
    """What somebody reads who types this, or the form that opens."""
    answer = await world.says(person, text)
    if answer.text:
        return answer.text
    form = str((await world.opened(person)).shown)
    await world.slack.close_view(person)
    return f"FORM {form}"


async def test_typed_numbers_of_actions_tick_them_all_and_never_become_an_action(world):
    await said(world, "pa", DECLARED)
    for typed in ("1, 2", "1-2", "1 and 2", "#1 #2", "1 1-2", "1 1 2"):
        answer = await said(world, "pa", f"/emergency action {typed}")
        if typed != "#1 #2":  # two numbers are an emergency and its action
            assert "Actions 1 and 2 of emergency 1 are done. Not done? `/emergency untick 1 1, 2`" in answer, typed
            answer = await said(world, "pa", "/emergency untick 1, 2")
            assert answer == "Actions 1 and 2 of emergency 1 are open again.", typed
        else:
            assert "Action 2 of emergency 1 is done." in answer
            await said(world, "pa", "/emergency untick 2")
    assert len(world.row("emergency", 1).actions) == 2
    answer = await said(world, "pa", "/emergency action 2 nodes must go")
    assert answer.startswith("There is no emergency 2")
    answer = await said(world, "pa", "/emergency action ask the vendor")
    assert "Action 3 is on the card of emergency 1: ask the vendor" in answer


async def test_typed_several_actions_are_done_together_or_not_at_all(world):
    await said(world, "pa", DECLARED)
    assert "There is no action 7" in await said(world, "pa", "/emergency action 1, 7")
    assert ":white_small_square: 1  Investigate" in card(world).shown


@pytest.mark.parametrize(
    "typed", ["end users can't log in", "close to no disk", "end of month report fails", "cancel orders are not sent"]
)
async def test_typed_words_that_begin_like_an_end_and_say_what_is_wrong_call_nobody_off(world, typed):
    await said(world, "pa", DECLARED)
    await said(world, "olga", "/emergency take")
    answer = await said(world, "olga", f"/emergency {typed}")
    assert "sounds as if emergency 1 goes on, so it does. Is it over, and that was what happened?" in answer
    verb, words = typed.split(" ", 1)
    verb = {"close": "end", "cancel": "withdraw"}.get(verb, verb)
    assert f"`/emergency {verb} 1 {words}` Another one? `/emergency 1 {verb} {words}`" in answer
    assert world.row("emergency", 1).state == "open"
    assert "Emergency 1 is " in await said(world, "olga", f"/emergency {verb} 1 {words}")


@pytest.mark.parametrize("what", ["restarted it, nothing was lost", "the disk works again", "nobody can log in again"])
async def test_typed_words_that_say_what_helped_end_an_emergency(world, what):
    await said(world, "pa", DECLARED)
    assert "Emergency 1 is over." in await said(world, "amp", f"/emergency end {what}")


async def test_typed_words_that_say_what_is_wrong_are_nobodys_to_end_who_may_not(world):
    await said(world, "pa", DECLARED)
    assert "can end emergency 1" in await said(world, "pb", "/emergency end users can't log in")


async def test_typed_words_say_that_an_emergency_is_taken_and_declare_none(world):
    await said(world, "pa", DECLARED)
    assert "You have command of emergency 1." in await said(world, "olga", "/emergency ack 1")
    assert "You are commander of emergency 1 already." in await said(world, "olga", "/emergency take the command")
    assert "`and` is too much after `hand scribe pb`" in await said(world, "olga", "/emergency hand scribe pb and sc")
    answer = await said(world, "olga", "/emergency hand scribe to #omega")
    assert "`#omega` is nobody" in answer
    assert "FORM" not in answer
    assert len(world.entries("emergency", "declared")) == 1


@pytest.mark.parametrize(
    ("typed", "level", "what"),
    [
        ("p1 the database is gone", "1", "the database is gone"),
        ("sev-2: it is slow today", "2", "it is slow today"),
        ("severity 3 it is slow today", "3", "it is slow today"),
        ("2 :fire: in the cellar", "2", ":fire: in the cellar"),
        ("1: :fire: in the cellar", "1", ":fire: in the cellar"),
        ("2 – it is slow today", "2", "it is slow today"),
    ],
)
async def test_typed_levels_are_read_as_people_write_them(world, typed, level, what):
    await said(world, "pa", f"/emergency {typed}")
    row = world.row("emergency", 1)
    assert (row.level, row.what) == (level, what)


async def test_typed_levels_in_the_wrong_place_say_how_to_declare(world):
    answer = await said(world, "pa", "/emergency level 1 the database is gone")
    assert "To declare one: `/emergency 1 the database is gone`." in answer
    assert world.entries("emergency", "declared") == []


async def test_typed_twice_an_emergency_tells_nobody_twice(world):
    await said(world, "pa", DECLARED)
    told = len(world.dm("olga"))
    answer = await said(world, "pb", "/emergency 1 The database is gone!")
    assert "Emergency 1 (Critical) says that already" in answer
    assert "Another one? Say how it differs." in answer
    assert "Make it level 2: `/emergency level 1 2`." in await said(world, "pb", "/emergency 2 the database is gone")
    assert len(world.dm("olga")) == told
    await said(world, "pb", "/emergency 1 the database is gone in Frankfurt")
    assert len(world.entries("emergency", "declared")) == 2
    await said(world, "amp", "/emergency end 1 restarted it")
    await said(world, "pb", DECLARED)
    assert len(world.entries("emergency", "declared")) == 3


async def test_typed_words_that_promise_the_end_of_an_emergency_do_not_end_it(world):
    await said(world, "pa", DECLARED)
    await said(world, "olga", "/emergency take")
    for typed, verb in (("end in 2 hours", "end"), ("over by 5pm", "end"), ("withdraw 1 soon", "withdraw")):
        promise = typed.split(maxsplit=1)[1].removeprefix("1 ")
        now = f"Is it over now? `/emergency {verb} 1`. Not yet? `/emergency update 1 ...`"
        answer = await said(world, "olga", f"/emergency {typed}")
        assert answer == f"`{promise}` says when, so emergency 1 goes on. {now}"
    assert "There is no emergency 7" in await said(world, "olga", "/emergency end 7 in 2 hours")
    assert not world.entries("emergency", "ended")


@pytest.mark.parametrize("words", ["resolved", "is fixed", "ended", "closed, we restarted it", "over"])
async def test_typed_words_that_say_an_emergency_is_over_ask_whether_to_end_it_and_declare_none(world, words):
    await said(world, "pa", DECLARED)
    verb = words.removeprefix("is ").replace(",", "").split(maxsplit=1)
    meant = " ".join([verb[0], "1", *verb[1:]])
    assert (await said(world, "pa", f"/emergency 1 {words}")).startswith(f"Did you mean `/emergency {meant}`?")
    assert len(world.entries("emergency", "declared")) == 1


@pytest.mark.parametrize("words", ["false alarm", "it works again", "it was a mistake.", "everything is fine"])
async def test_typed_words_of_a_false_alarm_declare_no_emergency_and_say_how_one_ends(world, words):
    answer = await said(world, "pa", f"/emergency 1 {words}")
    assert answer == f"`{words}` sounds as if it is over, so nobody was told. Is it one? Say it in other words."
    await said(world, "pa", DECLARED)
    answer = await said(world, "pa", f"/emergency 2 {words}")
    assert "Over? `/emergency end 1`. A false alarm? `/emergency withdraw 1`." in answer
    assert len(world.entries("emergency", "declared")) == 1


@pytest.mark.parametrize("words", ["the attacker is back", "the error rate is up again", "nothing works now"])
async def test_typed_words_of_what_is_bad_again_declare_an_emergency_at_once(world, words):
    await said(world, "pa", f"/emergency 1 {words}")
    assert world.row("emergency", 1).what == words
