"""A private channel gets another id when it is shared with another workspace."""

from __future__ import annotations


async def test_a_channel_with_another_id_shows_its_cards_anew_where_they_are_and_takes_new_ones(world):
    await world.says("sc", "/blocker mongo refuses TLS", "sigma")
    before = len(world.channel("sigma"))
    world.slack.share("sigma")
    await world.heard("channel_id_changed")
    await world.says("sara", "/blocker ack 1", "sigma")
    assert "<@USARA> has it" in world.card(1, "sigma").shown
    world.thread(world.card(1, "sigma")).expect("<@USARA> has it")
    assert len(world.channel("sigma")) == before
    await world.says("sc", "/blocker redis is slow today", "sigma")
    world.card(2, "sigma")
    world.slack.say("sara", "sigma", "still on it", world.card(1, "sigma").ts)
    await world.heard("message")
    assert len(world.dm("amp")) == 0
