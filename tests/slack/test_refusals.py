"""Every error of Slack's reference on every method that is called: what becomes of a message, and who reads what."""

from __future__ import annotations

from contextlib import suppress

import pytest
from slack_sdk.errors import SlackApiError

from callboard.core import outbox
from callboard.core.courier.carrier import Passing, Unseen
from callboard.core.outbox import Post
from callboard.core.timeline import Subject
from callboard.slack import refusals
from callboard.slack.refusals import Meaning
from slack_standin.state import Conversation
from tests.contract import published
from tests.slack.test_sender import CARD as MESSAGE
from tests.slack.test_sender import delivery

DATABASES = ("sqlite",)
TAKEN = "<@UOLGA> has it"
ANYWHERE = """
    access_denied account_inactive ekm_access_denied enterprise_is_restricted fatal_error internal_error
    invalid_arg_name invalid_arguments invalid_array_arg invalid_auth invalid_charset invalid_form_data
    invalid_post_type method_deprecated missing_post_type missing_scope no_permission not_allowed_token_type not_authed
    org_login_required ratelimited request_timeout service_unavailable team_access_not_granted team_added_to_org
    token_expired token_revoked two_factor_setup_required unknown_method
"""
IN_DOUBT = {"fatal_error", "internal_error", "an_error_of_next_year"}
LOOK_UPS = ("conversations.history", "conversations.replies", "conversations.join")


def codes(method):
    """Every one that is known, and one that is not. Last those that hold up all messages when they come together."""
    every = {*published.METHODS[method].errors, *ANYWHERE.split(), "an_error_of_next_year"}
    return sorted(every, key=lambda code: (code in refusals.PATIENCE, code))


def meanings(method):
    return {code: refusals.meaning(method, 200, code) for code in codes(method)}


class Rooms:
    """A card of one blocker in a channel for each error, so that each meets its own."""

    def __init__(self, world, method):
        self.world = world
        self.by_code = {code: f"C{number:03}" for number, code in enumerate(codes(method))}
        for code, room in self.by_code.items():
            made = Conversation(id=room, name=code, kind="channel", members=[world.slack.workspace.bot])
            world.slack.workspace.state.conversations[room] = made

    async def cards(self):
        """Put a card of blocker 1 into each."""
        about = Subject("blocker", 1)
        posts = [
            Post(key=f"card:{room}", plan_id=1, workspace="T0SANDBOX", address=room, kind="blocker.card", subject=about,
                 editable=True)
            for room in self.by_code.values()
        ]  # fmt: skip
        self.world.app.db.transact(outbox.enqueue, posts)
        await self.world.settled()

    def refuse(self, method):
        for code, room in self.by_code.items():
            self.world.slack.fault(method, "error", channel=room, code=code, seconds=10_000)

    def row(self, code):
        (row,) = self.world.app.db.transact(outbox.keyed, [f"card:{self.by_code[code]}"])
        return row

    def parked(self):
        """The errors on the timeline that kept a message back."""
        return {entry.facts["reason"] for entry in self.world.entries("blocker", "parked a message")}

    def shown(self, code):
        return [message.shown for message in self.world.slack.messages(self.by_code[code])]


async def test_refusals_of_a_message_are_final_for_known_codes_only_and_all_of_it_arrives_afterwards(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    rooms = Rooms(world, "chat.postMessage")
    rooms.refuse("chat.postMessage")
    await rooms.cards()
    for code, meaning in meanings("chat.postMessage").items():
        row = rooms.row(code)
        final = meaning in (Meaning.ADDRESS, Meaning.MESSAGE)
        assert row.state == ("parked" if final else "waiting"), code
        assert (row.doubtful_since is not None) == (code in IN_DOUBT), code
        assert (code in rooms.parked()) == final, code
    assert 0 < world.dm("amp").count("I can't post to") <= 6
    world.slack.faults.clear()
    said = (await world.says("amp", "/plan retry")).text
    assert "It does not exist, or it is private." in said
    assert "Slack says: as_user_not_supported." in said
    for _ in range(3):
        await world.jump(seconds=61)
    assert {code: len(rooms.shown(code)) for code in rooms.by_code} == dict.fromkeys(rooms.by_code, 1)
    world.dm("amp").expect_nothing("I can't post to")
    assert "Nothing to retry" in (await world.says("amp", "/plan retry")).text


async def test_refusals_of_an_edit_leave_no_card_behind_what_it_is_about(world):
    await world.says("pa", "/blocker mongo refuses TLS")
    rooms = Rooms(world, "chat.update")
    await rooms.cards()
    rooms.refuse("chat.update")
    await world.says("olga", "/blocker ack 1")
    for code, meaning in meanings("chat.update").items():
        row, anew = rooms.row(code), meaning in (Meaning.MESSAGE, Meaning.PLACE)
        assert (row.state == "parked") == (meaning is Meaning.ADDRESS), code
        assert len(rooms.shown(code)) == (2 if anew else 1), code
        assert (TAKEN in rooms.shown(code)[-1]) == anew, code
        assert (code in rooms.parked()) == (meaning is Meaning.ADDRESS), code
    assert 0 < world.dm("amp").count("I can't update my message in") <= 6
    world.dm("amp").expect_nothing("I can't post to")
    world.slack.faults.clear()
    await world.says("amp", "/plan retry")
    await world.jump(minutes=11)
    for _ in range(4):
        await world.jump(seconds=2)
    assert [code for code in rooms.by_code if TAKEN not in rooms.shown(code)[-1]] == []
    world.dm("amp").expect_nothing("I can't update")


@pytest.fixture
def way():
    return "socket"


@pytest.mark.parametrize("method", LOOK_UPS)
async def test_refusals_of_a_look_up_say_that_nobody_can_look_or_that_it_passes(bot, method):
    sender, wanted = bot.app.sender, delivery()
    if method == "conversations.replies":
        card = await sender.post(wanted, MESSAGE, None)
        await bot.db.write(lambda tx: tx.session.add(delivery(posted_in=card.channel, posted_as=card.stamp)))
        wanted = delivery(key="note", parent_key=wanted.key)
    if method == "conversations.join":
        bot.sandbox.remove_bot("ops")
    for code, meaning in meanings(method).items():
        bot.sandbox.fault(method, "error", code=code, times=2)
        if code in refusals.PATIENCE or code in {"not_in_channel", "thread_not_found"}:
            bot.sandbox.faults.clear()
            continue
        expected = Unseen if meaning in (Meaning.ADDRESS, Meaning.MESSAGE) else Passing
        with pytest.raises(expected):
            await sender.find(wanted)
        bot.sandbox.faults.clear()


@pytest.mark.parametrize("method", ["views.open", "views.push", "views.update", "users.lookupByEmail", "users.info"])
async def test_refusals_of_anything_else_end_in_a_word_and_in_no_traceback(bot, method):
    api, lookup = bot.app.api, bot.app.lookup
    ask = {
        "views.open": lambda: api.show("1.1", {}), "views.push": lambda: api.show("1.1", {}, on_top=True),
        "views.update": lambda: api.change("V1", {}), "users.info": lambda: lookup.user("UOLGA"),
        "users.lookupByEmail": lambda: lookup.user_by_email("olga@example.com", "T0SANDBOX"),
    }[method]  # fmt: skip
    for code in codes(method):
        bot.sandbox.fault(method, "error", code=code)
        with suppress(SlackApiError):
            assert not await ask()
