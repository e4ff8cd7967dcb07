"""What people write into forms: what says that it is not over yet ends nothing, and they read so at that very field."""

from __future__ import annotations

import pytest

from tests.runbooks.shipping import Shipping
from tests.slack.test_own_words import PLAN
from tests.world import at

DATABASES = ("sqlite",)  # words
MORE = PLAN + "emergencies: {1: {name: Sinking, when: [All is down], respond_within: 6m, tell: [all leads]}}\n"
LATER = ("will be fixed tonight", "I'll fix it", "working on it", "tomorrow", "not yet", "TBD")
BOXES = {"Criteria": ["It compiles", "Docs are read", "It is signed"]}


@pytest.fixture
async def world(database_url):
    async with Shipping(database_url, MORE, at=at("2025-11-15 13:30")) as made:
        yield made


async def opens(world, person, label, message, value=None):
    await world.slack.click(person, message.channel, message.ts, label, value=value)
    await world.opened(person)


async def sends(world, person, values):
    """What is wrong, by field, with what somebody sends; the form stays open then."""
    outcome = await world.slack.submit(person, values)
    await world.settled()
    assert bool(outcome.errors) == bool(world.slack.views(person))
    return outcome.errors


async def test_own_words_in_a_form_that_say_it_is_not_over_resolve_no_blocker(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    await opens(world, "olga", "Resolve", world.card())
    for words in LATER:
        wrong = (await sends(world, "olga", {"outcome": words}))["outcome"]
        assert "so blocker 1 is still open. Is it over? Say what helped, or nothing. Not yet?" in wrong
        assert wrong.endswith(f"`/blocker note 1 {words}`")
    assert await sends(world, "olga", {"outcome": "should be fine now, will not happen again"}) == {}
    assert world.row("blocker", 1).state == "resolved"


async def test_own_words_in_a_form_that_say_it_is_not_over_end_no_emergency(world):
    await world.says("olga", "/emergency 1 everything is down", "release")
    card = world.channel("omega").expect("everything is down")
    await opens(world, "amp", "End", card)
    for words in (*LATER, "-", "@pb"):
        assert list(await sends(world, "amp", {"summary": words})) == ["summary"], words
    assert (await sends(world, "amp", {"summary": "."})) == {"summary": "Say what happened and what helped."}
    await world.slack.close_view("amp")
    await opens(world, "amp", "emergency.more", card, "False alarm")
    for words in LATER:
        assert list(await sends(world, "amp", {"text": words})) == ["text"], words
    assert world.row("emergency", 1).state == "open"


async def test_own_words_in_a_form_that_say_it_is_not_done_complete_tick_close_and_drop_nothing(world):
    await world.says("pa", "/task start O-1")
    await world.says("pa", "/task show O-1")
    task = world.slack.ephemerals("pa", "omega")[-1]
    await opens(world, "pa", "Complete", task)
    wrong = await sends(world, "pa", {**BOXES, "said": "working on it"})
    assert wrong["said"].startswith("`working on it` says that it is not so yet, so O-1 is as it was.")
    await world.slack.close_view("pa")
    await world.says("olga", "/task show O-1")
    await opens(world, "olga", "task.more", world.slack.ephemerals("olga", "omega")[-1], "Drop")
    for words in ("tomorrow", "-", "..."):
        assert list(await sends(world, "olga", {"why": words})) == ["why"], words
    assert world.row("task", "O-1").status == "in progress"
    await world.says("amp", "/risk show 1", "release")
    await opens(world, "amp", "Close...", world.slack.ephemerals("amp", "release")[-1])
    assert "so risk 1 is still open." in (await sends(world, "amp", {"word": "will be done by friday"}))["word"]


async def test_own_words_in_a_form_that_are_none_give_no_reason_and_what_was_written_stays(world):
    await world.says("amp", "/gate reject tested", "release")
    await world.opened("amp")
    for words in ("-", ".", "@pb", "<@UPB>", "\u200b"):
        assert await sends(world, "amp", {"reason": words}) == {"reason": "Say why."}, words
    await world.slack.close_view("amp", everything=True)
    await world.says("amp", "/gate waive tested", "release")
    await world.opened("amp")
    written = {"why": "The vendor tests it", "adding": "It may fail", "cutting": "-"}
    wrong = await sends(world, "amp", written)
    assert wrong == {"cutting": "Fill in the risk of cutting too. `/gate waive tested` opens the form."}
    past = {**written, "cutting": "We ship late", "until": int(at("2025-11-14 12:00").timestamp())}
    assert await sends(world, "amp", past) == {"until": "That time is over. Choose a later one, or leave it empty."}
    assert world.slack.views("amp")[-1].values["why"]["value"]["value"] == "The vendor tests it"


async def test_own_words_in_a_form_about_a_step_fail_and_stop_nothing_yet(world):
    await world.passes()
    await world.until("2025-11-15 14:00")
    card = next(each for each in world.channel("release").messages if "Failed..." in each.buttons)
    await opens(world, "amp", "Failed...", card)
    for words in ("in 10 minutes", "-"):
        assert list(await sends(world, "amp", {"reason": words})) == ["reason"], words
    assert world.step("announce").state == "running"
