"""Slack takes nothing for ten minutes: every page goes by mail or webhook, is answered there, and comes once."""

from __future__ import annotations

from datetime import timedelta

from tests.answers.conftest import link, mails
from tests.world import keys


async def test_links_answer_the_pages_of_ten_minutes_without_slack_and_nothing_comes_twice(outside):
    world, http = outside.world, outside.http
    before = keys(world.slack)
    begun = world.clock.now()
    world.slack.fault("*", "dropped", seconds=600)
    await world.says("pa", "/blocker mongo refuses TLS")
    await world.says("sc", "/blocker tests are red", "sigma")
    await world.advance(seconds=75)
    (mongo,), (_,) = mails(outside, "olga"), mails(outside, "sara")
    assert "mongo refuses TLS" in mongo
    assert "Answer without Slack, until 14 Nov, 09:01 UTC" in mongo
    assert "answers as Omega lead" in mongo
    shown = await http.get(link(mongo))
    assert shown.status_code == 200
    assert "mongo refuses TLS" in shown.text
    assert "<button>Take it</button>" in shown.text
    assert world.row("blocker", 1).state == "open"
    answered = await http.post(link(mongo), data={"changes": "0"})
    assert "You have blocker 1" in answered.text
    assert world.row("blocker", 1).owner == "olga"
    await world.advance(minutes=5)
    assert world.clock.now() - begun == timedelta(seconds=375)
    (hook,) = outside.webhook.received
    assert "tests are red" in hook["message"]
    assert "tests are red" in (await http.get(link(hook["message"]))).text
    assert "You have blocker 2" in (await http.post(link(hook["message"]), data={"changes": "0"})).text
    await world.advance(minutes=5)
    assert len(mails(outside, "olga")) == 2, "she took it and said nothing: she is asked once"
    assert len(mails(outside, "sara")) == len(outside.webhook.received) == 1
    assert "by mail" in world.card(1).shown
    assert "<@UOLGA>" in world.card(1).shown
    assert set((keys(world.slack) - before).values()) == {1}
    for person in ("olga", "sara"):
        world.dm(person).expect_nothing("You are paged")
    assert world.dm("amp").count("While Slack was away") == 1
    world.dm("amp").expect("09:00 UTC", "09:10 UTC", "3 pages went by mail, 1 went by JSON", "2 of them were answered")
    assert world.verified() == []
