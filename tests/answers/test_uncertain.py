"""A server that takes a page and says nothing: uncertain is not failed, and it is repeated as what may be a repeat."""

from __future__ import annotations

import socket

import pytest

from tests.answers.conftest import PEOPLE, Outside, mails


@pytest.fixture
async def mute(database_url, monkeypatch):
    """The world, whose mail server says nothing; its port is `mail`."""
    monkeypatch.setattr("callboard.teams.fallback.LIMIT", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        world = Outside(database_url, PEOPLE)
        world.mail = silent.getsockname()[1]
        async with world:
            yield world


async def test_the_fallback_that_gets_no_answer_is_uncertain_and_its_coordinator_hears_of_it_in_the_end(mute):
    mute.slack.fault("chat.postMessage", "dropped", channel="olga", seconds=3600)
    mute.slack.fault("conversations.open", "dropped", seconds=3600)
    await mute.says("pa", "/blocker mongo refuses TLS")
    await mute.advance(seconds=70)
    mute.card().expect if False else None
    assert "<@UOLGA> (by mail," in mute.card().shown
    assert "sent a page, not sure it arrived" in mute.card().shown
