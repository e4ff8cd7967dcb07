"""Buttons, menus, modals, shortcuts and the App Home."""

from __future__ import annotations

import asyncio

import pytest
from slack_sdk.errors import SlackApiError

from slack_standin import NotPossibleError
from tests.slack_standin.bot import opened
from tests.slack_standin.shapes import CARD, asked, modal, option, plain


async def test_people_in_the_stand_in_click_a_button_of_a_message_that_is_then_replaced(slack, bot):
    heard = []

    @bot.app.action("ack")
    async def acknowledged(ack, action, body, respond):
        await ack()
        heard.append((action["value"], body["message"]["ts"], body["container"]["channel_id"]))
        await respond(text="acknowledged", replace_original=True)

    ts = (await bot.client.chat_postMessage(channel="COPS", text="card", blocks=CARD))["ts"]
    assert slack.messages("ops")[0].buttons == ["Acknowledge"]
    assert (await slack.click("olga", "ops", ts, "Acknowledge")).ok
    assert heard == [("12", ts, "COPS")]
    await slack.until(lambda: slack.messages("ops")[0].shown == "acknowledged")
    with pytest.raises(NotPossibleError, match="nothing"):
        await slack.click("olga", "ops", ts, "Acknowledge")


async def test_choices_from_menus_and_pickers_in_the_stand_in_are_sent_in_slacks_shape(slack, bot):
    heard = {}

    for name in ("snooze", "to", "on", "more"):

        @bot.app.action(name)
        async def chosen(ack, action):
            await ack()
            heard[action["action_id"]] = action

    ts = (await bot.client.chat_postMessage(channel="COPS", text="card", blocks=CARD))["ts"]
    await slack.click("olga", "ops", ts, "snooze", "Hour")
    await slack.click("olga", "ops", ts, "to", selected="pa")
    await slack.click("olga", "ops", ts, "on", "2026-04-01")
    await slack.click("olga", "ops", ts, "more", "withdraw")
    assert heard["snooze"]["selected_option"]["value"] == "hour"
    assert heard["to"]["selected_user"] == "UPA"
    assert heard["on"]["selected_date"] == "2026-04-01"
    assert heard["more"]["selected_option"]["value"] == "withdraw"
    with pytest.raises(NotPossibleError, match="only Hour, Day"):
        await slack.click("olga", "ops", ts, "snooze", "Week")


async def test_the_stand_ins_payload_of_a_click_leaves_out_an_ephemeral_message(slack, bot):
    heard = []

    @bot.app.action("ack")
    async def acknowledged(ack, body, respond):
        await ack()
        heard.append(("message" in body, body["container"]["is_ephemeral"]))
        await respond(delete_original=True)

    await bot.client.chat_postEphemeral(channel="COPS", user="UOLGA", text="card", blocks=CARD)
    ts = slack.ephemerals("olga", "ops")[0].ts
    await slack.click("olga", "ops", ts, "ack")
    await slack.until(lambda: not slack.ephemerals("olga", "ops"))
    assert heard == [(False, True)]
    with pytest.raises(NotPossibleError):
        await slack.click("pa", "ops", ts, "ack")


async def test_views_open_in_the_stand_in_takes_a_trigger_id_once_and_not_for_long(slack, bot):
    errors = []

    @bot.app.command("/note")
    async def note(ack, command, client):
        await ack()
        for trigger in ("nonsense", command["trigger_id"], command["trigger_id"]):
            try:
                await client.views_open(trigger_id=trigger, view=modal())
            except SlackApiError as error:
                errors.append(error.response["error"])

    @bot.app.command("/raw")
    async def raw(ack, command, client):
        await ack()
        slack.triggers.lifetime = 0
        with pytest.raises(SlackApiError) as caught:
            await client.views_open(trigger_id=command["trigger_id"], view=modal())
        errors.append(caught.value.response["error"])

    await slack.command("olga", "ops", "/note")
    await slack.until(lambda: len(errors) == 2)
    await slack.command("olga", "ops", "/raw")
    await slack.until(lambda: len(errors) == 3)
    assert errors == ["invalid_trigger_id", "exchanged_trigger_id", "expired_trigger_id"]


async def test_the_stand_ins_form_sends_what_people_filled_in(slack, bot):
    heard = {}

    @bot.app.view("form")
    async def submitted(ack, view):
        heard.update({block: next(iter(held.values())) for block, held in view["state"]["values"].items()})
        await ack()

    await opened(
        slack,
        bot,
        modal(
            asked("Words", "plain_text_input"),
            asked("Who", "multi_users_select"),
            asked("Where", "channels_select"),
            asked("Which", "radio_buttons", options=[option("Low"), option("High")]),
            asked("Done", "checkboxes", optional=True, options=[option("Told"), option("Found")]),
            asked("When", "datetimepicker"),
        ),
    )
    outcome = await slack.submit(
        "olga",
        {"Words": "hello", "Who": ["pa", "olga"], "where": "#ops", "Which": "High", "Done": "Told", "When": 1774425600},
    )
    assert outcome.ok
    assert slack.views("olga") == []
    assert heard["words"]["value"] == "hello"
    assert heard["who"]["selected_users"] == ["UPA", "UOLGA"]
    assert heard["where"]["selected_channel"] == "COPS"
    assert heard["which"]["selected_option"]["value"] == "high"
    assert [one["value"] for one in heard["done"]["selected_options"]] == ["told"]
    assert heard["when"]["selected_date_time"] == 1774425600


async def test_the_stand_ins_form_itself_refuses_a_missing_or_too_long_field(slack, bot):
    await opened(slack, bot, modal(asked("Words", "plain_text_input", max_length=5)))
    assert (await slack.submit("olga")).errors == {"words": "Please complete this required field."}
    assert "5 characters" in (await slack.submit("olga", {"Words": "too long"})).errors["words"]
    assert not [entry for entry in slack.record.of("delivery") if entry["method"] == "view_submission"]


async def test_a_form_submitted_in_the_stand_in_is_answered_by_errors_update_push_or_clear(slack, bot):
    answers = [
        {"response_action": "errors", "errors": {"words": "Not these."}},
        {"response_action": "update", "view": modal(title=plain("Updated"))},
        {"response_action": "push", "view": modal(title=plain("On top"))},
        {},
        {"response_action": "clear"},
    ]

    @bot.app.view("form")
    async def submitted(ack):
        await ack(**answers.pop(0))

    first = await opened(slack, bot, modal())
    refused = await slack.submit("olga", {"Words": "these"})
    assert (refused.ok, refused.errors, refused.view.id) == (False, {"words": "Not these."}, first.id)
    updated = await slack.submit("olga")
    assert (updated.view.title, updated.view.id) == ("Updated", first.id)
    assert [one.title for one in slack.views("olga")] == ["Updated"]
    await slack.submit("olga", {"Words": "more"})
    assert [one.title for one in slack.views("olga")] == ["Updated", "On top"]
    await slack.submit("olga", {"Words": "on top"})
    assert [one.title for one in slack.views("olga")] == ["Updated"]
    await slack.submit("olga", {"Words": "the end"})
    assert slack.views("olga") == []


async def test_a_form_in_the_stand_in_shows_trouble_where_the_apps_answer_breaks_slacks_rules(slack, bot):
    @bot.app.view("form")
    async def submitted(ack):
        await ack(response_action="errors", errors={"nowhere": "x"})

    await opened(slack, bot, modal())
    outcome = await slack.submit("olga", {"Words": "x"})
    assert "trouble connecting" in outcome.failure
    assert slack.record.of("warning")[0]["answer"]["error"] == "invalid_arguments"


async def test_views_update_in_the_stand_in_keeps_what_was_typed_into_fields_that_stay(slack, bot):
    seen = []

    @bot.app.action("go")
    async def went(ack, body, client):
        await ack()
        seen.append(body["view"]["state"]["values"]["words"]["v"]["value"])
        grown = modal(button, asked("Words", "plain_text_input"), asked("More", "plain_text_input", optional=True))
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=grown)
        with pytest.raises(SlackApiError) as caught:
            await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=grown)
        seen.append(caught.value.response["error"])

    button = {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": plain("Go")}]}
    await opened(slack, bot, modal(button, asked("Words", "plain_text_input")))
    await slack.click_in_view("olga", "Go", values={"Words": "typed"})
    await slack.until(lambda: len(seen) == 2)
    assert seen == ["typed", "hash_conflict"]
    view = slack.views("olga")[-1]
    assert view.values["words"]["v"]["value"] == "typed"
    assert "more" in view.values


async def test_views_push_in_the_stand_in_stacks_three_modals_and_no_more(slack, bot):
    errors: list[str] = []

    @bot.app.action("push")
    async def pushed(ack, body, client):
        await ack()
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=modal(button))
        except SlackApiError as error:
            errors.append(error.response["error"])

    button = {"type": "actions", "elements": [{"type": "button", "action_id": "push", "text": plain("Push")}]}
    await opened(slack, bot, modal(button))
    for depth in (2, 3):
        await slack.click_in_view("olga", "push")
        await slack.until(lambda depth=depth: len(slack.views("olga")) == depth)
    await slack.click_in_view("olga", "push")
    await slack.until(lambda: errors)
    assert errors == ["push_limit_reached"]


async def test_a_form_closed_in_the_stand_in_is_told_to_the_app_where_it_asked_for_that(slack, bot):
    heard = []

    @bot.app.view_closed("form")
    async def closed(ack, body):
        heard.append(body["is_cleared"])
        await ack()

    await opened(slack, bot, modal(notify_on_close=True))
    await slack.close_view("olga")
    assert slack.views("olga") == []
    assert heard == [False]


async def test_views_publish_in_the_stand_in_puts_up_an_app_home_whose_buttons_work(slack, bot):
    clicked = asyncio.Event()

    @bot.app.event("app_home_opened")
    async def home_opened(event, client):
        button = {"type": "button", "action_id": "go", "text": plain("Go")}
        blocks = [{"type": "section", "text": plain("Your board"), "accessory": button}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @bot.app.action("go")
    async def went(ack, body):
        await ack()
        assert body["view"]["type"] == "home"
        clicked.set()

    await slack.open_home("olga")
    home = await slack.until(lambda: slack.home("olga"))
    assert "Your board" in home.shown
    assert slack.home("pa") is None
    await slack.click_in_view("olga", "Go", view_id=home.id)
    assert clicked.is_set()


async def test_people_in_the_stand_in_use_a_shortcut_on_a_message_or_from_anywhere(slack, bot):
    heard = []

    @bot.app.shortcut("note_this")
    async def note_this(ack, shortcut, respond):
        await ack()
        heard.append(shortcut["message"]["text"])
        await respond("noted")

    @bot.app.shortcut("note_something")
    async def note_something(ack, shortcut, client):
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())

    ts = slack.say("pa", "ops", "this matters").ts
    await slack.shortcut("olga", "note_this", "ops", ts)
    await slack.until(lambda: slack.ephemerals("olga", "ops"))
    await slack.shortcut("olga", "note_something")
    await slack.until(lambda: slack.views("olga"))
    assert heard == ["this matters"]
    with pytest.raises(NotPossibleError):
        await slack.shortcut("olga", "note_this")
