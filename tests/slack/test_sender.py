"""Messages on their way to Slack: posted, edited, found again, and refused in ways that are told apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callboard import blocks as b
from callboard.core.courier.carrier import Accepted, Final, Later, Lost, Passing, Uneditable
from callboard.core.outbox import Delivery, Message

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOON = datetime(2025, 11, 13, 12, tzinfo=UTC)


@pytest.fixture
def way():
    return "socket"


@pytest.fixture
def sender(bot):
    return bot.app.sender


def delivery(address="COPS", key="blocker:1:card", **fields):
    return Delivery(
        key=key, plan_id=1, workspace="T0SANDBOX", medium="slack", address=address, lane=address, priority=0,
        kind="card", subject_kind="blocker", subject_id=1, created_at=NOON, due_at=NOON, **fields,
    )  # fmt: skip


CARD = Message("Blocker 1: mongo", [b.section("Blocker 1: mongo")])


async def test_the_slack_sender_posts_a_message_and_says_where(bot, sender):
    accepted = await sender.post(delivery(), CARD, None)
    posted = bot.sandbox.messages("ops")[0]
    assert accepted == Accepted("COPS", posted.ts)
    assert posted.metadata == {"event_type": "callboard_delivery", "event_payload": {"key": "blocker:1:card"}}


async def test_the_slack_sender_posts_a_page_without_opening_a_conversation_first(bot, sender):
    accepted = await sender.post(delivery("UOLGA"), CARD, None)
    assert accepted.channel == "DOLGA"
    assert bot.sandbox.record.calls("conversations.open") == []


async def test_the_slack_sender_posts_history_into_the_thread_of_its_card(bot, sender):
    card = await sender.post(delivery(), CARD, None)
    await sender.post(delivery(key="blocker:1:note"), Message("Olga has it"), (card.channel, card.stamp))
    assert [reply.shown for reply in bot.sandbox.threads("ops", card.stamp)] == ["Olga has it"]


async def test_the_slack_sender_edits_a_message_in_its_place(bot, sender):
    card = await sender.post(delivery(), CARD, None)
    await sender.edit(delivery(posted_in=card.channel, posted_as=card.stamp), Message("Blocker 1 is resolved"))
    assert [message.shown for message in bot.sandbox.messages("ops")] == ["Blocker 1 is resolved"]


async def test_the_slack_sender_finds_a_message_accepted_although_its_answer_was_lost(bot, sender):
    bot.sandbox.fault("chat.postMessage", "lost")
    with pytest.raises(Lost):
        await sender.post(delivery(), CARD, None)
    assert len(bot.sandbox.messages("ops")) == 1
    assert await sender.find(delivery()) == Accepted("COPS", bot.sandbox.messages("ops")[0].ts)


async def test_the_slack_sender_finds_a_page_in_the_conversation_with_its_person(bot, sender):
    accepted = await sender.post(delivery("UOLGA", key="page"), CARD, None)
    assert await sender.find(delivery("UOLGA", key="page")) == accepted


async def test_the_slack_sender_finds_a_reply_in_its_thread(bot, sender, db):
    card = await sender.post(delivery(), CARD, None)
    await db.write(lambda tx: tx.session.add(delivery(posted_in=card.channel, posted_as=card.stamp)))
    reply = delivery(key="note", parent_key="blocker:1:card")
    accepted = await sender.post(reply, Message("Olga has it"), (card.channel, card.stamp))
    assert await sender.find(reply) == accepted


async def test_the_slack_sender_does_not_find_a_message_that_was_never_accepted(bot, sender):
    bot.sandbox.fault("chat.postMessage", "dropped")
    with pytest.raises(Lost):
        await sender.post(delivery(), CARD, None)
    assert await sender.find(delivery()) is None


async def test_the_slack_sender_finds_a_message_behind_many_others(bot, sender):
    accepted = await sender.post(delivery(), CARD, None)
    for number in range(230):
        bot.sandbox.say("olga", "ops", f"message {number}")
    assert await sender.find(delivery()) == accepted


async def test_the_slack_sender_waits_when_slack_asks_for_patience(bot, sender):
    bot.sandbox.fault("chat.postMessage", "ratelimited", retry_after=60)
    with pytest.raises(Later) as later:
        await sender.post(delivery(), CARD, None)
    assert later.value.seconds == 60


@pytest.mark.parametrize(
    ("method", "kind", "fields", "expected"),
    [
        ("chat.postMessage", "broken", {"status": 503}, Lost),
        ("chat.postMessage", "broken", {"status": 504}, Lost),
        ("chat.postMessage", "error", {"code": "service_unavailable"}, Passing),
        ("chat.postMessage", "error", {"code": "fatal_error"}, Lost),
        ("chat.postMessage", "error", {"code": "not_in_channel", "times": 2}, Final),
        ("chat.postMessage", "error", {"code": "account_inactive"}, Passing),
        ("chat.update", "lost", {}, Passing),
        ("chat.update", "error", {"code": "message_not_found"}, Uneditable),
        ("chat.update", "error", {"code": "edit_window_closed"}, Uneditable),
    ],
)
async def test_the_slack_sender_tells_errors_that_pass_from_final_ones(bot, sender, method, kind, fields, expected):
    card = await sender.post(delivery(), CARD, None)
    bot.sandbox.fault(method, kind, **fields)
    if method == "chat.update":
        sending = sender.edit(delivery(posted_in=card.channel, posted_as=card.stamp), CARD)
    else:
        sending = sender.post(delivery(key="another"), CARD, None)
    with pytest.raises(expected):
        await sending


async def test_the_slack_sender_knows_that_nothing_was_accepted_when_slack_cannot_be_reached(bot, sender):
    await bot.sandbox.close()
    bot.app.api.client.base_url = "http://127.0.0.1:9/api/"
    with pytest.raises(Passing, match="could not connect"):
        await sender.post(delivery(), CARD, None)
