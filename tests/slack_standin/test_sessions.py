"""Twenty sessions such as bots have them, against an unmodified Bolt app, over Socket Mode and signed HTTP alike."""

from __future__ import annotations

import aiohttp
import pytest

from tests.slack_standin.shapes import asked, modal, option, plain


def section(text, **fields):
    return {"type": "section", "block_id": "said", "text": {"type": "mrkdwn", "text": text}, **fields}


def button(action, label, **fields):
    return {"type": "button", "action_id": action, "text": plain(label), **fields}


def actions(*elements):
    return {"type": "actions", "block_id": "verbs", "elements": list(elements)}


@pytest.fixture
def app(bot):
    return bot.app


async def test_people_in_the_stand_in_say_hello_to_a_bolt_app_and_click_the_button_it_greets_with(slack, app):
    """Say hello, get a greeting with a button, click it."""

    @app.message("hello")
    async def greet(message, say):
        await say(
            text="hi", blocks=[section(f"Hey there <@{message['user']}>!", accessory=button("click", "Click me"))]
        )

    @app.action("click")
    async def clicked(ack, body, say):
        await ack()
        await say(f"<@{body['user']['id']}> clicked")

    slack.say("olga", "ops", "hello bot")
    card = (await slack.until(lambda: slack.messages("ops")[1:]))[0]
    assert card.shown == "Hey there <@UOLGA>!\nClick me"
    await slack.click("pa", "ops", card.ts, "Click me")
    await slack.until(lambda: slack.messages("ops")[-1].text == "<@UPA> clicked")


async def test_a_response_url_of_the_stand_in_takes_a_bolt_apps_echo_of_a_command(slack, app):
    """Acknowledge at once, answer over the response_url."""

    @app.command("/note")
    async def echo(ack, respond, command):
        await ack()
        await respond(f"You said: {command['text']}")

    outcome = await slack.command("olga", "ops", "/note hello & goodbye")
    await slack.until(lambda: outcome.messages)
    assert slack.ephemerals("olga", "ops")[0].text == "You said: hello &amp; goodbye"


async def test_a_form_submitted_in_the_stand_in_is_made_a_message_by_a_bolt_app(slack, app):
    """A command opens a form, the submission becomes a message to the person."""

    @app.command("/note")
    async def new(ack, body, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(private_metadata=body["channel_id"]))

    @app.view("form")
    async def submitted(ack, body, view, client):
        await ack()
        words = view["state"]["values"]["words"]["v"]["value"]
        await client.chat_postMessage(
            channel=body["user"]["id"], text=f"Ticket for {view['private_metadata']}: {words}"
        )

    await slack.command("olga", "ops", "/note")
    await slack.until(lambda: slack.views("olga"))
    assert (await slack.submit("olga", {"Words": "the printer burns"})).ok
    assert (await slack.until(lambda: slack.dm("olga")))[0].text == "Ticket for COPS: the printer burns"


async def test_a_form_in_the_stand_in_is_corrected_after_a_bolt_app_found_a_field_too_short(slack, app):
    """The app finds fault with a field, the person mends it."""

    @app.shortcut("note_something")
    async def start(ack, shortcut, client):
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())

    @app.view("form")
    async def submitted(ack, view):
        if view["state"]["values"]["words"]["v"]["value"] == "short":
            await ack(response_action="errors", errors={"words": "More than that, please."})
        else:
            await ack()

    await slack.shortcut("olga", "note_something")
    await slack.until(lambda: slack.views("olga"))
    assert (await slack.submit("olga", {"Words": "short"})).errors == {"words": "More than that, please."}
    assert (await slack.submit("olga", {"Words": "long enough"})).ok
    assert slack.views("olga") == []


async def test_views_in_the_stand_in_are_pushed_and_updated_one_after_another_by_a_bolt_app(slack, app):
    """The first form pushes a second, the second updates the first, and closes."""

    @app.shortcut("note_something")
    async def start(ack, shortcut, client):
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(callback_id="one"))

    @app.view("one")
    async def first(ack):
        await ack(response_action="push", view=modal(callback_id="two", title=plain("Second")))

    @app.view("two")
    async def second(ack, view, client):
        await ack()
        changed = modal(section("changed"), callback_id="three", title=plain("Changed"))
        await client.views_update(view_id=view["root_view_id"], view=changed)

    @app.view("three")
    async def third(ack):
        await ack(response_action="clear")

    await slack.shortcut("olga", "note_something")
    await slack.until(lambda: slack.views("olga"))
    assert (await slack.submit("olga", {"Words": "a"})).view.title == "Second"
    await slack.submit("olga", {"Words": "b"})
    await slack.until(lambda: [one.title for one in slack.views("olga")] == ["Changed"])
    assert (await slack.submit("olga")).view is None


async def test_views_update_in_the_stand_in_lets_a_bolt_app_add_a_field_and_keeps_what_was_typed(slack, app):
    """A menu in a form decides which fields there are; what was typed stays."""
    menu = asked("Kind", "static_select", options=[option("Bug"), option("Wish")])

    @app.shortcut("note_something")
    async def start(ack, shortcut, client):
        await ack()
        first = modal(menu | {"dispatch_action": True}, asked("Words", "plain_text_input"))
        await client.views_open(trigger_id=shortcut["trigger_id"], view=first)

    @app.action("v")
    async def chosen(ack, body, client):
        await ack()
        grown = modal(menu, asked("Words", "plain_text_input"), asked("Steps", "plain_text_input", multiline=True))
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=grown)

    await slack.shortcut("olga", "note_something")
    await slack.until(lambda: slack.views("olga"))
    await slack.click_in_view("olga", "v", "Bug", block_id="kind", values={"Words": "it breaks"})
    view = await slack.until(lambda: [one for one in slack.views("olga") if "Steps" in one.shown])
    assert view[0].values["words"]["v"]["value"] == "it breaks"


async def test_a_response_url_of_the_stand_in_lets_a_bolt_app_replace_the_message_that_was_clicked(slack, app):
    """A card with two buttons is replaced by the decision, and cannot be decided twice."""

    @app.command("/note")
    async def ask(ack, command, client):
        await ack()
        verbs = actions(
            button("approve", "Approve", style="primary", value="7"), button("deny", "Deny", style="danger")
        )
        text = f"<@{command['user_id']}> asks: {command['text']}"
        await client.chat_postMessage(channel=command["channel_id"], text=text, blocks=[section(text), verbs])

    @app.action("approve")
    async def approve(ack, body, action, respond):
        await ack()
        await respond(text=f"{action['value']} approved by <@{body['user']['id']}>", replace_original=True)

    await slack.command("olga", "ops", "/note a day off")
    card = (await slack.until(lambda: slack.messages("ops")))[0]
    await slack.click("pa", "ops", card.ts, "Approve")
    await slack.until(lambda: slack.messages("ops")[0].shown == "7 approved by <@UPA>")
    assert slack.messages("ops")[0].buttons == []


async def test_people_in_the_stand_in_use_a_shortcut_on_a_message_that_a_bolt_app_answers_below_it(slack, app):
    """What somebody said is answered in its thread."""

    @app.shortcut("note_this")
    async def noted(ack, shortcut, client):
        await ack()
        said = shortcut["message"]
        await client.chat_postMessage(
            channel=shortcut["channel"]["id"], thread_ts=said["ts"], text=f"Noted: {said['text']}"
        )

    ts = slack.say("pa", "ops", "we ship on Friday").ts
    await slack.shortcut("olga", "note_this", "ops", ts)
    assert (await slack.until(lambda: slack.threads("ops", ts)))[0].text == "Noted: we ship on Friday"


async def test_views_publish_in_the_stand_in_lets_a_bolt_app_renew_its_home_at_each_click(slack, app):
    """A Home is published when it is opened and again at each click."""
    counts = {"UOLGA": 0}

    def home(user):
        return {"type": "home", "blocks": [section(f"{counts[user]} clicks", accessory=button("more", "More"))]}

    @app.event("app_home_opened")
    async def opened(event, client):
        await client.views_publish(user_id=event["user"], view=home(event["user"]))

    @app.action("more")
    async def more(ack, body, client):
        await ack()
        counts[body["user"]["id"]] += 1
        await client.views_publish(user_id=body["user"]["id"], view=home("UOLGA"), hash=body["view"]["hash"])

    await slack.open_home("olga")
    first = await slack.until(lambda: slack.home("olga"))
    await slack.click_in_view("olga", "More", view_id=first.id)
    await slack.until(lambda: "1 clicks" in slack.home("olga").shown)


async def test_a_file_that_a_bolt_app_uploads_to_the_stand_in_is_shared_in_the_thread(slack, app):
    """Mentioned, the app uploads a report into the thread."""

    @app.event("app_mention")
    async def mentioned(event, client):
        await client.files_upload_v2(
            channel=event["channel"], thread_ts=event["ts"], filename="report.csv", content="a,b\n1,2\n", title="Report"
        )

    ts = slack.say("olga", "ops", "@bot the report, please").ts
    shared = (await slack.until(lambda: slack.threads("ops", ts)))[0]
    assert (shared.files[0]["title"], shared.files[0]["size"]) == ("Report", 8)


async def test_a_file_that_a_person_shares_in_the_stand_in_is_downloaded_by_a_bolt_app(slack, app):
    """The app fetches what a person shared, with its token."""
    slack.spec.events.append("file_shared")

    @app.event("file_shared")
    async def shared(event, client):
        file = (await client.files_info(file=event["file_id"]))["file"]
        headers = {"Authorization": f"Bearer {client.token}"}
        async with aiohttp.ClientSession(headers=headers) as http, http.get(file["url_private_download"]) as answer:
            lines = (await answer.text()).splitlines()
        await client.chat_postMessage(channel=event["channel_id"], text=f"{file['name']} has {len(lines)} lines")

    slack.upload("olga", "plan.yml", "one\ntwo\nthree\n", channel="ops")
    await slack.until(lambda: slack.messages("ops")[-1].text == "plan.yml has 3 lines")


async def test_a_form_in_the_stand_in_asks_a_bolt_app_what_its_external_menu_offers_while_one_types(slack, app):
    """Options come from the app while the person types."""
    element = {"placeholder": plain("Search"), "min_query_length": 1}

    @app.shortcut("note_something")
    async def start(ack, shortcut, client):
        await ack()
        await client.views_open(
            trigger_id=shortcut["trigger_id"], view=modal(asked("Where", "external_select", **element))
        )

    @app.options("v")
    async def offer(ack, payload):
        places = ["Berlin", "Bern", "Paris"]
        await ack(options=[option(one) for one in places if one.lower().startswith(payload["value"])])

    heard = []

    @app.view("form")
    async def submitted(ack, view):
        await ack()
        heard.append(view["state"]["values"]["where"]["v"]["selected_option"]["value"])

    await slack.shortcut("olga", "note_something")
    await slack.until(lambda: slack.views("olga"))
    offered = await slack.options("olga", "v", "ber")
    assert [one["text"]["text"] for one in offered] == ["Berlin", "Bern"]
    await slack.submit("olga", {"Where": offered[1]})
    assert heard == ["bern"]


async def test_choices_from_a_menu_in_the_stand_in_are_counted_by_a_bolt_apps_poll(slack, app):
    """Everybody's choice in a menu is counted on the card."""
    votes: dict[str, str] = {}
    menu = {"type": "static_select", "action_id": "vote", "options": [option("Tea"), option("Coffee")]}

    def card():
        said = ", ".join(f"<@{user}>: {choice}" for user, choice in votes.items()) or "nobody yet"
        return {"text": "Tea or coffee?", "blocks": [section(said), actions(menu)]}

    @app.command("/note")
    async def poll(ack):
        await ack(response_type="in_channel", **card())

    @app.action("vote")
    async def voted(ack, body, action, client):
        await ack()
        votes[body["user"]["id"]] = action["selected_option"]["value"]
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], **card())

    await slack.command("olga", "ops", "/note")
    ts = slack.messages("ops")[0].ts
    await slack.click("olga", "ops", ts, "vote", "Tea")
    await slack.click("pa", "ops", ts, "vote", "Coffee")
    await slack.until(lambda: "<@UOLGA>: tea, <@UPA>: coffee" in slack.messages("ops")[0].shown)


async def test_choices_from_a_date_picker_in_the_stand_in_tell_a_bolt_app_the_day(slack, app):
    """A date picker in a message tells the day."""

    @app.message("when")
    async def when(say):
        await say(text="When?", blocks=[section("When?", accessory={"type": "datepicker", "action_id": "day"})])

    @app.action("day")
    async def picked(ack, action, say):
        await ack()
        await say(f"On {action['selected_date']} then", thread_ts=None)

    slack.say("olga", "dm", "when is it?")
    card = (await slack.until(lambda: slack.dm("olga")[1:]))[0]
    await slack.click("olga", "dm", card.ts, "day", "2026-04-01")
    await slack.until(lambda: slack.dm("olga")[-1].text == "On 2026-04-01 then")


async def test_conversations_open_in_the_stand_in_gives_a_bolt_app_a_dm_with_whoever_joins(slack, app):
    """Whoever joins gets a direct message."""

    @app.event("member_joined_channel")
    async def joined(event, client):
        opened = await client.conversations_open(users=event["user"])
        await client.chat_postMessage(channel=opened["channel"]["id"], text=f"Welcome to <#{event['channel']}>!")

    slack.workspace.join(slack.workspace.conversation("leads"), "UPA", "UOLGA")
    assert (await slack.until(lambda: slack.dm("pa")))[0].text == "Welcome to <#CLEADS>!"


async def test_history_in_the_stand_in_gives_a_bolt_app_the_message_that_somebody_reacted_to(slack, app):
    """The message somebody reacts to is looked up in the history and copied."""

    @app.event("reaction_added")
    async def reacted(event, client):
        item = event["item"]
        found = await client.conversations_history(channel=item["channel"], latest=item["ts"], inclusive=True, limit=1)
        link = (await client.chat_getPermalink(channel=item["channel"], message_ts=item["ts"]))["permalink"]
        await client.chat_postMessage(channel="CLEADS", text=f"{found['messages'][0]['text']} {link}")

    ts = slack.say("pa", "ops", "worth keeping").ts
    slack.react("olga", "ops", ts, "pushpin")
    filed = (await slack.until(lambda: slack.messages("leads")))[0]
    assert filed.text.startswith("worth keeping http")


async def test_history_in_the_stand_in_gives_a_bolt_app_the_replies_of_the_thread_it_answers_in(slack, app):
    """The app stays in the thread it was asked in and remembers by its replies."""

    @app.message()
    async def said(message, say, client):
        top = message.get("thread_ts", message["ts"])
        thread = await client.conversations_replies(channel=message["channel"], ts=top)
        await say(f"That makes {len(thread['messages'])}", thread_ts=top)

    top = slack.say("olga", "ops", "one").ts
    await slack.until(lambda: len(slack.threads("ops", top)) == 1)
    slack.say("olga", "ops", "two", thread_ts=top)
    await slack.until(lambda: len(slack.threads("ops", top)) == 3)
    assert [one.text for one in slack.threads("ops", top)] == ["That makes 1", "two", "That makes 3"]


async def test_a_response_url_of_the_stand_in_lets_a_bolt_app_delete_an_ephemeral_message(slack, app):
    """An ephemeral message with a button that removes it."""

    @app.message("help")
    async def help_(message, client):
        blocks = [section("Try /note", accessory=button("gone", "Dismiss"))]
        await client.chat_postEphemeral(
            channel=message["channel"], user=message["user"], text="Try /note", blocks=blocks
        )

    @app.action("gone")
    async def gone(ack, respond):
        await ack()
        await respond(delete_original=True)

    slack.say("olga", "ops", "help")
    hint = (await slack.until(lambda: slack.ephemerals("olga", "ops")))[0]
    assert slack.ephemerals("pa", "ops") == []
    await slack.click("olga", "ops", hint.ts, "Dismiss")
    await slack.until(lambda: slack.ephemerals("olga", "ops") == [])


async def test_a_form_closed_in_the_stand_in_tells_a_bolt_app_what_was_in_it(slack, app):
    """Closing a form is told where the form asked for that, with what was in it."""
    heard = []

    @app.shortcut("note_something")
    async def start(ack, shortcut, client):
        await ack()
        view = modal(notify_on_close=True, private_metadata="draft 7")
        await client.views_open(trigger_id=shortcut["trigger_id"], view=view)

    @app.view_closed("form")
    async def closed(ack, view):
        await ack()
        heard.append(view["private_metadata"])

    await slack.shortcut("olga", "note_something")
    await slack.until(lambda: slack.views("olga"))
    await slack.close_view("olga")
    assert heard == ["draft 7"]


async def test_a_form_submitted_in_the_stand_in_lets_a_bolt_app_answer_in_the_channel_that_was_chosen(slack, app):
    """A conversation menu with a response_url lets a submission answer where the person said."""
    where = asked("Where", "conversations_select", response_url_enabled=True, default_to_current_conversation=True)

    @app.shortcut("note_something")
    async def start(ack, shortcut, client):
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(where))

    @app.view("form")
    async def submitted(ack, body, respond):
        await ack()
        async with aiohttp.ClientSession() as http:
            given = body["response_urls"][0]
            assert given["channel_id"] == "COPS"
            await http.post(given["response_url"], json={"text": "Announced", "response_type": "in_channel"})

    await slack.shortcut("olga", "note_something")
    await slack.until(lambda: slack.views("olga"))
    await slack.submit("olga", {"Where": "ops"})
    assert (await slack.until(lambda: slack.messages("ops")))[0].text == "Announced"


async def test_users_in_the_stand_in_are_found_by_mail_address_for_a_bolt_app(slack, app):
    """An address becomes a person, the person gets a message, what failed is said."""

    @app.command("/raw")
    async def tell(ack, command, client, respond):
        await ack()
        address, _, words = command["text"].partition(" ")
        try:
            user = (await client.users_lookupByEmail(email=address))["user"]
        except Exception as error:  # noqa: BLE001 - as examples do
            await respond(f"Nobody: {error.response['error']}")  # type: ignore[attr-defined]
        else:
            await client.chat_postMessage(channel=user["id"], text=words)

    await slack.command("olga", "ops", "/raw pa@example.com lunch?")
    assert (await slack.until(lambda: slack.dm("pa")))[0].text == "lunch?"
    await slack.command("olga", "ops", "/raw nobody@example.com lunch?")
    assert (await slack.until(lambda: slack.ephemerals("olga", "ops")))[0].text == "Nobody: users_not_found"
