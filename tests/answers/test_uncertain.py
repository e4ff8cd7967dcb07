"""A server that takes a page and says nothing: uncertain is not failed, and the card says so."""

from __future__ import annotations

import socket

import pytest

from tests.answers.conftest import PEOPLE, Outside, link, mails

DATABASES = ("sqlite",)  # what is stored of it, tests/core/test_courier.py tries on both


@pytest.fixture
async def mute(database_url):
    """The world, whose mail server says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        world = Outside(database_url, PEOPLE)
        world.mail = silent.getsockname()[1]
        async with world:
            world.app.fallback.limit = 1.0
            yield world


async def test_the_fallback_without_an_answer_is_uncertain_on_the_card_and_slack_pages_when_it_is_back(mute):
    mute.slack.fault("*", "dropped", seconds=65)
    await mute.says("pa", "/blocker mongo refuses TLS")
    await mute.advance(minutes=3)
    mute.dm("olga").expect("Why you", "mongo refuses TLS")
    assert "not sure" not in mute.card().shown
    mute.slack.fault("conversations.open", "dropped", seconds=70)
    mute.slack.fault("chat.postMessage", "dropped", channel="sara", seconds=70)
    await mute.says("sc", "/blocker tests are red", "sigma")
    await mute.advance(seconds=65)
    card = mute.card(2, "sigma").shown
    assert "<@USARA> (by mail," in card
    assert "sent a page, not sure it arrived" in card


async def test_the_person_whose_plan_says_so_is_paged_by_mail_beside_slack_at_night(outside):
    world = outside.world
    world.apply(
        world.plan.replace("email: olga@example.com", "email: olga@example.com, mediums: {critical: {night: [mail]}}")
    )
    await world.says("pa", "/blocker critical: mongo refuses TLS")
    await world.says("pa", "/blocker slow builds since noon")
    assert mails(outside, "olga") == []
    await world.advance(hours=14)
    before = len(mails(outside, "olga"))
    raised = await world.says("pa", "/blocker critical: nothing answers any more")
    assert "Blocker 3 is open" in raised.text
    assert world.dm("olga").count("Why you", "nothing answers any more") == 1
    (mail,) = mails(outside, "olga")[before:]
    assert "nothing answers any more" in mail
    answer = await outside.http.post(link(mail), data={"changes": "0"})
    assert "You have blocker 3" in answer.text
