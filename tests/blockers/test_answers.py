"""What was done by mistake is undone by one click."""

from __future__ import annotations

import pytest

from tests.world import World

DATABASES = ("sqlite",)  # what a button runs is the same command on both


async def undone(world, person, answer):
    """What somebody reads who clicks Undo."""
    await world.slack.until(lambda: answer.messages)
    outcome = await world.clicks(person, "Undo", answer.messages[-1])
    await world.slack.until(lambda: outcome.messages)
    return outcome.text


@pytest.mark.parametrize(
    ("text", "then", "state"),
    [
        ("", "Blocker 1 is withdrawn.", "withdrawn"),
        ("/blocker resolve 1", "Blocker 1 is open again.", "open"),
        ("/blocker withdraw 1", "Blocker 1 is open again.", "open"),
        ("/blocker ack 1", "You handed back blocker 1.", "open"),
    ],
)
async def test_answers_have_a_button_that_undoes_what_was_done(database_url, text, then, state):
    async with World(database_url) as world:
        answer = await world.says("olga", "/blocker mongo refuses TLS")
        answer = await world.says("olga", text) if text else answer
        assert then in await undone(world, "olga", answer)
        assert world.row("blocker", 1).state == state


async def test_answers_are_undone_as_often_as_the_same_was_done_and_a_second_click_says_so(database_url):
    async with World(database_url) as world:
        await world.says("olga", "/blocker mongo refuses TLS")
        for _ in range(2):
            answer = await world.says("olga", "/blocker resolve 1")
            assert "Blocker 1 is open again." in await undone(world, "olga", answer)
            assert world.row("blocker", 1).state == "open"
        assert "already open" in await undone(world, "olga", answer)
        assert world.row("blocker", 1).state == "open"


async def test_answers_to_a_button_are_undone_too(database_url):
    async with World(database_url) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        taken = await world.clicks("olga", "Take it", "mongo refuses TLS")
        assert "You handed back blocker 1." in await undone(world, "olga", taken)
        assert world.row("blocker", 1).state == "open"
