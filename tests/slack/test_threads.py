"""What people answer to a page, a prompt or a card in their own words: the verb they mean is a click away."""

from __future__ import annotations

import pytest

from tests.runbooks.shipping import SHIPPING, Shipping
from tests.world import PLAN as ANY
from tests.world import World, at

DATABASES = ("sqlite",)  # words
PLAN = f"""{SHIPPING}
emergencies: {{1: {{name: Sinking, when: [All is down], respond_within: 6m, tell: [all leads]}}}}
"""
STANDUP = f"""{ANY}
standups: [{{name: Daily, days: mon-sun, at: "09:00", who: [omega], window: 8h, questions: [Today, Blockers]}}]
"""


@pytest.fixture
async def world(database_url):
    async with Shipping(database_url, PLAN, at=at("2025-11-15 13:30")) as made:
        yield made


async def answered(world, person, text, thread=None):
    """What somebody reads who writes to the bot, under a message or just so."""
    said = world.slack.say(person, "dm", text, thread and thread.ts)
    found = await world.slack.until(lambda: [one for one in world.slack.dm(person) if one.ts > said.ts and one.bot_id])
    return found[0].shown


async def offered(world, person, text, thread=None):
    shown = await answered(world, person, text, thread)
    assert shown.startswith("Did you mean "), (text, shown)
    return shown.partition("?")[0].removeprefix("Did you mean ")


async def whispered(world, person, text, card):
    """What somebody alone reads who writes in the thread of a card; nothing where the bot leaves them alone."""
    before = len(world.slack.ephemerals(person, card.channel))
    world.slack.say(person, card.channel, text, card.ts)
    await world.heard("message")
    await world.app.slack.idle()
    return [one.shown for one in world.slack.ephemerals(person, card.channel)[before:]]


@pytest.mark.parametrize("under", [True, False])
async def test_whoever_answers_a_page_in_their_own_words_is_offered_the_verb_that_they_mean(world, under):
    await world.says("pa", "/blocker mongo refuses TLS")
    page = world.dm("olga").expect("mongo refuses TLS")
    for text, meant in (
        ("on it", "ack 1"), ("I'm on it!", "ack 1"), ("looking into it", "ack 1"), ("👍", "ack 1"),
        (":+1::skin-tone-3:", "ack 1"), ("ack", "ack 1"), ("5 min", "snooze 1 5 min"),
        ("give me 10 more minutes", "snooze 1 10 minutes"), ("snooze 10m", "snooze 1 10m"),
        ("it works again", "resolve 1"),
        ("fixed", "fixed 1"), ("@pb please take it", "reassign 1 @somebody"), ("ok", "show 1"),
        ("what is this about?", "show 1"),
    ):  # fmt: skip
        assert await offered(world, "olga", text, page if under else None) == f"`/blocker {meant}`", text
    assert await offered(world, "olga", "who is on call?", page if under else None) == "`/plan oncall`"
    assert world.row("blocker", 1).state == "open"


async def test_a_sentence_behind_a_page_may_be_about_it_or_new(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    both = "`/blocker note 1 not me, ask pb` or `/blocker not me, ask pb`"
    assert await offered(world, "olga", "not me, ask pb") == both
    page = world.dm("olga").expect("mongo refuses TLS")
    assert await offered(world, "olga", "not me, ask pb", page) == "`/blocker note 1 not me, ask pb`"
    assert await offered(world, "olga", "O-1 is done") == "`/task complete O-1`"
    await world.advance(hours=9)
    assert "`/blocker`: Say what stops your work" in await answered(world, "pb", "on it")


async def test_whoever_answers_the_page_of_an_emergency_raises_no_blocker(world):
    await world.says("olga", "/emergency 1 everything is down", "release")
    page = world.dm("sara").expect("everything is down")
    for text, meant in (
        ("on it", "ack 1"), ("fixed", "fixed 1"), ("done", "resolve 1"), ("5 min", "show 1"),
        ("update: the replica takes over", "update 1 the replica takes over"),
        ("the replica takes over", "update 1 the replica takes over"),
    ):  # fmt: skip
        assert await offered(world, "sara", text, page) == f"`/emergency {meant}`", text
    assert world.row("emergency", 1).state == "open"


async def test_whoever_answers_for_a_step_is_offered_the_verbs_of_its_run(world):
    await world.passes()
    await world.until("2025-11-15 14:00")
    prompt = world.dm("amp").expect("You lead *Go announced*")
    for text, meant in (
        ("done", "done announce"), ("failed", "failed announce"), ("15 more minutes", "delay announce 15 minutes"),
        ("delay 15m", "delay announce 15m"), ("on it", "ack announce"), ("still waiting for olga", "show"),
    ):  # fmt: skip
        assert await offered(world, "amp", text, prompt) == f"`/run {meant}`", text
    assert world.step("announce").state == "running"


async def test_whoever_reports_under_the_prompt_of_a_standup_gets_the_form_with_it(database_url):
    async with World(database_url, STANDUP) as world:
        prompt = world.dm("pa").expect("Daily")
        for text, meant in (
            ("today: the schema, no blockers", "`/standup today: the schema, no blockers`"),
            ("nothing new", "`/standup`"), ("skip because I am ill", "`/standup skip because I am ill`"),
            ("today: the schema", "`/standup today: the schema`"),
        ):  # fmt: skip
            assert await offered(world, "pa", text, prompt) == meant
        await world.clicks("pa", "Run /standup today: the schema", world.slack.dm("pa")[-1])
        assert "the schema" in str((await world.opened("pa")).values)


async def test_whoever_says_in_the_thread_of_an_open_card_that_they_take_it_is_asked_alone(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    card = world.card()
    assert "Did you mean `/blocker ack 1`?" in (await whispered(world, "olga", "on it", card))[0]
    assert "Did you mean `/blocker resolve 1`?" in (await whispered(world, "olga", "it works again", card))[0]
    for chat in ("did you try to restart it?", "ok", "pb?", "still broken", "the certificate has expired"):
        assert await whispered(world, "olga", chat, card) == [], chat
    await world.says("olga", "/blocker resolve 1")
    assert await whispered(world, "olga", "fixed", card) == []
    assert world.thread(card).count("Did you mean") == 0
