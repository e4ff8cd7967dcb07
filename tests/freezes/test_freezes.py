"""Freezes: announced, and one item at a time let through by whoever signs."""

from __future__ import annotations

import pytest

from callboard.freezes import service
from tests.gates.company import company

ANSWERS = {"Time needed": "an hour", "Risk of adding": "none known", "Risk of cutting": "nobody signs in"}


@pytest.fixture
async def world(database_url):
    """The freeze has begun."""
    async with company(database_url) as world:
        await world.jump(days=1)
        await world.advance(seconds=30)
        yield world


async def ask(world, item="the sign-in fix"):
    await world.opens("pa", f"/gate exception code {item}", "release")
    return await world.submits("pa", ANSWERS)


def frozen(world, branch="main"):
    return world.app.db.transact(lambda tx: [one.key for one in service.active(tx, 1, "app", branch)])


async def test_the_freeze_service_announces_a_freeze_when_it_begins_and_when_it_ends(world):
    world.channel("release").expect("Code freeze has begun", "Don't change")
    assert frozen(world) == ["code"]
    await world.jump(days=1)
    await world.advance(hours=3)
    world.channel("release").expect("Code freeze ended")
    assert frozen(world) == []


async def test_the_card_of_a_freeze_exception_shows_the_answers_of_whoever_asks_for_it(world):
    assert "You asked for exception 1" in await ask(world)
    card = world.channel("release").expect("Exception 1", "the sign-in fix", "Risk of cutting:* nobody signs in")
    world.dm("amp").expect("<@UPA> asks to let `the sign-in fix` through Code freeze")
    await world.clicks("amp", "Grant", card)
    await world.advance(seconds=10)
    world.dm("pa").expect("Exception 1 is granted")
    world.channel("release").expect("Exception 1 is granted", "the sign-in fix")
    assert "the sign-in fix: granted" in (await world.says("pa", "/gate freezes", channel="release")).text


async def test_nobody_has_the_right_to_grant_their_own_freeze_exception_or_ask_for_it_twice(world):
    await ask(world)
    outcome = await world.says("pb", "/gate exception code The sign-in fix", channel="release")
    assert "Exception 1 for `the sign-in fix` is already asked" in outcome.text
    assert "so only somebody else can sign it" in (await world.says("pa", "/gate grant 1", channel="release")).text
    assert tried(world)[-1] == ("pa", "grant", "You asked for this exception, so only somebody else can sign it.")
    await world.says("amp", "/gate deny 1 too late to test", channel="release")
    await world.advance(seconds=10)
    world.dm("pa").expect("Exception 1 for `the sign-in fix` is denied: too late to test")
    assert "was denied" in (await world.says("amp", "/gate grant 1", channel="release")).text


async def test_the_right_to_ask_for_a_freeze_exception_ends_when_the_plan_says(world):
    await world.jump(days=1)
    await world.advance(minutes=1)
    outcome = await world.says("pa", "/gate exception code the sign-in fix", channel="release")
    assert "You could ask for exceptions from Code freeze until" in outcome.text


async def test_only_whom_the_plan_names_has_the_right_to_decide_a_freeze_exception_and_once(world):
    """Two have to sign: whoever is not asked, only looks on, is a stranger or signs twice changes nothing."""
    world.apply(world.plan.replace("sign_off: [{role: coordinator}]}}", "sign_off: [coordinator, {lead_of: sigma}]}}"))
    await ask(world)
    card = world.channel("release").expect("Exception 1")
    for person, channel, words in (
        ("olga", "release", "Only <@UAMP> or <@USARA> can decide"),
        ("obi", "release", "You follow Release as Observer"),
        ("stranger", "elsewhere", "You are not in the plan Release"),
    ):
        for text in ("grant 1", "deny 1 because I say so"):
            assert words in (await world.says(person, f"/gate {text}", channel=channel)).text
            actor, what, why = tried(world)[-1]
            assert (actor.removeprefix("U").lower(), what) == (person, text.partition(" ")[0])
            assert words in why
    await world.clicks("sara", "Grant", card)
    assert "Nobody signs twice" in (await world.says("sara", "/gate grant 1", channel="release")).text
    assert "Nobody signs twice" in tried(world)[-1][2]
    assert world.verified() == []
    await world.says("amp", "/gate grant 1", channel="release")
    assert "the sign-in fix: granted" in (await world.says("pa", "/gate freezes", channel="release")).text


async def test_an_old_button_of_a_freeze_exception_changes_nothing_and_says_what_happened_since(world):
    world.apply(world.plan.replace("sign_off: [{role: coordinator}]}}", "sign_off: [coordinator, {lead_of: sigma}]}}"))
    await ask(world)
    asked_for = world.dm("amp").expect("<@UPA> asks to let")
    await world.says("sara", "/gate grant 1", channel="release")
    for button in ("Grant", "Deny..."):
        outcome = await world.clicks("amp", button, asked_for)
        assert "Exception 1 was already signed by <@USARA>" in outcome.text
        assert tried(world)[-1][:2] == ("amp", button.removesuffix("...").lower())


def tried(world):
    """What the timeline keeps of refused votes: by whom, what, and what they read."""
    return [(one.actor, one.facts["tried"], one.facts["why"]) for one in world.entries("exception", "refused")]


async def test_answers_stay_with_their_questions_though_the_plan_asks_them_in_another_order(world):
    form = "form: [Time needed, Risk of adding, Risk of cutting]"
    await world.opens("pa", "/gate exception code the sign-in fix", "release")
    world.apply(world.plan.replace(form, "form: [Risk of cutting, Time needed, Risk of adding]"))
    assert "You asked for exception 1" in await world.submits("pa", ANSWERS)
    card = world.channel("release").expect("Exception 1").shown
    for question, answer in ANSWERS.items():
        assert f"*{question}:* {answer}" in card
    await world.opens("pa", "/gate exception code another fix", "release")
    world.apply(world.plan.replace(form, "form: [Time needed, Who tests it]"))
    assert "Fill in Who tests it too" in await world.submits("pa", ANSWERS)


async def test_nobody_grants_an_exception_from_a_freeze_that_has_left_the_plan_or_ended(world):
    await ask(world)
    card = world.channel("release").expect("Exception 1")
    world.apply(world.plan.partition("freezes:")[0])
    assert (
        "Code freeze has left the plan. Nobody needs an exception." in (await world.clicks("amp", "Grant", card)).text
    )
    world.apply(world.plan)
    await world.jump(days=2)
    await world.advance(seconds=10)
    assert "Code freeze ended" in (await world.clicks("amp", "Deny...", card)).text
    assert world.entries("exception", "granted") == []


async def test_an_item_stands_between_ticks_on_one_line(world):
    await world.opens("pa", "/gate exception code", "release")
    await world.submits("pa", {"Item": "the `main`\nbranch", **ANSWERS})
    world.dm("amp").expect("asks to let `the 'main' branch` through Code freeze. Please grant or deny it.")
    await world.opens("pb", "/gate exception code", "release")
    outcome = await world.slack.submit("pb", {"Item": "x" * 201, **ANSWERS})
    assert "200 characters" in outcome.errors["item"]
