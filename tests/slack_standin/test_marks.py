"""Pins, bookmarks, reactions, user groups, canvases and channels: what a bot leaves behind besides messages."""

from __future__ import annotations

import pytest

from slack_standin.mentions import encoded
from slack_standin.workspace_spec import GroupSpec
from tests.slack_standin.bot import refused


@pytest.fixture
def spec(spec):
    return spec.model_copy(update={"groups": [GroupSpec(handle="@leads", name="All leads", users=["olga"])]})


async def test_pins_in_the_stand_in_are_added_once_and_removed_once(slack, client):
    ts = slack.say("olga", "ops", "read this").ts
    await client.pins_add(channel="COPS", timestamp=ts)
    assert [one["message"]["text"] for one in (await client.pins_list(channel="COPS"))["items"]] == ["read this"]
    assert (await client.conversations_history(channel="COPS"))["pin_count"] == 1
    assert await refused(client.pins_add(channel="COPS", timestamp=ts)) == "already_pinned"
    await client.pins_remove(channel="COPS", timestamp=ts)
    assert await refused(client.pins_remove(channel="COPS", timestamp=ts)) == "no_pin"


async def test_pins_in_the_stand_in_need_the_bot_in_the_channel(slack, client):
    elsewhere = slack.say("olga", "elsewhere", "not yours").ts
    assert await refused(client.pins_add(channel="CELSEWHERE", timestamp=elsewhere)) == "not_in_channel"
    assert await refused(client.pins_add(channel="COPS", timestamp="1.0")) == "message_not_found"
    assert await refused(client.pins_add(channel="COPS", timestamp="yesterday")) == "bad_timestamp"
    assert await refused(client.api_call("pins.add", json={"channel": "COPS"})) == "no_item_specified"


async def test_bookmarks_in_the_stand_in_are_links_in_channels_that_the_bot_is_in(client):
    new = {"channel_id": "COPS", "title": "Board", "type": "link", "link": "https://example.com/board"}
    made = (await client.bookmarks_add(**new))["bookmark"]
    assert await refused(client.bookmarks_add(**new | {"channel_id": "CELSEWHERE"})) == "access_denied"
    assert await refused(client.bookmarks_add(**new | {"type": "folder"})) == "invalid_bookmark_type"
    assert await refused(client.bookmarks_add(**new | {"link": "board"})) == "invalid_link"
    await client.bookmarks_edit(channel_id="COPS", bookmark_id=made["id"], title="The board")
    assert await refused(client.bookmarks_edit(channel_id="COPS", bookmark_id=made["id"], link="x")) == "invalid_link"
    assert [one["title"] for one in (await client.bookmarks_list(channel_id="COPS"))["bookmarks"]] == ["The board"]
    await client.bookmarks_remove(channel_id="COPS", bookmark_id=made["id"])
    assert await refused(client.bookmarks_remove(channel_id="COPS", bookmark_id=made["id"])) == "not_found"


async def test_reactions_of_the_bot_in_the_stand_in_are_added_once_and_taken_back_once(slack, client):
    ts = slack.say("olga", "ops", "done").ts
    mark = {"channel": "COPS", "timestamp": ts, "name": "white_check_mark"}
    await client.reactions_add(**mark)
    assert (await client.reactions_get(channel="COPS", timestamp=ts))["message"]["reactions"] == [
        {"name": "white_check_mark", "users": ["U0BOT"], "count": 1}
    ]
    assert await refused(client.reactions_add(**mark)) == "already_reacted"
    assert await refused(client.reactions_add(**mark | {"name": "No Such"})) == "invalid_name"
    assert await refused(client.reactions_add(**mark | {"timestamp": "1.0"})) == "message_not_found"
    await client.reactions_remove(**mark)
    assert await refused(client.reactions_remove(**mark)) == "no_reaction"
    assert await refused(client.api_call("reactions.get", json={})) == "no_item_specified"
    slack.archive("ops")
    assert await refused(client.reactions_add(**mark)) == "is_archived"
    elsewhere = slack.say("olga", "elsewhere", "x").ts
    assert await refused(client.reactions_add(channel="CELSEWHERE", timestamp=elsewhere, name="eyes")) == "no_access"


async def test_the_stand_ins_workspace_tells_the_app_of_an_emoji_that_comes_and_goes_on_a_message(slack, bot):
    heard = []

    @bot.app.event("reaction_added")
    async def added(event):
        heard.append((event["reaction"], event["item"]["channel"], event["item_user"]))

    @bot.app.event("reaction_removed")
    async def removed(event):
        heard.append(("no " + event["reaction"], event["item"]["channel"], event["item_user"]))

    ts = slack.say("pa", "ops", "look").ts
    slack.react("olga", "ops", ts, "eyes")
    await slack.until(lambda: heard)
    slack.react("olga", "ops", ts, "eyes", added=False)
    await slack.until(lambda: len(heard) == 2)
    assert heard == [("eyes", "COPS", "UPA"), ("no eyes", "COPS", "UPA")]


def test_mentions_of_a_user_group_in_the_stand_in_are_encoded(slack):
    assert encoded(slack.workspace, "ask @leads.") == "ask <!subteam^SLEADS>."


async def test_users_and_their_groups_in_the_stand_in_are_listed_and_changed_by_usergroups_methods(client):
    group = (await client.usergroups_list(include_users=True, include_count=True))["usergroups"][0]
    assert (group["handle"], group["users"], group["user_count"]) == ("leads", ["UOLGA"], 1)
    await client.usergroups_users_update(usergroup="SLEADS", users=["UOLGA", "UPA"])
    assert (await client.usergroups_users_list(usergroup="SLEADS"))["users"] == ["UOLGA", "UPA"]
    assert await refused(client.usergroups_users_update(usergroup="SLEADS", users=["UNOBODY"])) == "invalid_users"
    assert await refused(client.usergroups_users_list(usergroup="SNONE")) == "no_such_subteam"
    assert await refused(client.usergroups_create(name="All leads")) == "name_already_exists"
    assert await refused(client.usergroups_create(name="New", handle="leads")) == "handle_already_exists"
    made = (await client.usergroups_create(name="New", handle="new"))["usergroup"]["id"]
    await client.usergroups_update(usergroup=made, description="just made")
    await client.usergroups_disable(usergroup="SLEADS")
    assert [one["description"] for one in (await client.usergroups_list())["usergroups"]] == ["just made"]
    assert await refused(client.usergroups_users_list(usergroup="SLEADS")) == "no_such_subteam"
    await client.usergroups_enable(usergroup="SLEADS")
    assert len((await client.usergroups_list())["usergroups"]) == 2


def markdown(text):
    return {"type": "markdown", "markdown": text}


async def test_canvases_in_the_stand_in_are_edited_section_by_section(slack, client):
    made = await client.canvases_create(title="Plan", document_content=markdown("# Plan\n\nfirst\n\nlast"))
    canvas = made["canvas_id"]

    async def section(text):
        found = await client.canvases_sections_lookup(canvas_id=canvas, criteria={"contains_text": text})
        return found["sections"][0]["id"]

    async def change(**how):
        await client.canvases_edit(canvas_id=canvas, changes=[how])
        return slack.workspace.state.files[canvas].content.decode()

    headers = await client.canvases_sections_lookup(canvas_id=canvas, criteria={"section_types": ["h1"]})
    assert len(headers["sections"]) == 1
    await change(operation="insert_after", section_id=await section("first"), document_content=markdown("second"))
    await change(operation="replace", section_id=await section("last"), document_content=markdown("third"))
    await change(operation="insert_at_end", document_content=markdown("end"))
    assert await change(operation="delete", section_id=await section("end")) == "# Plan\n\nfirst\n\nsecond\n\nthird"
    assert await change(operation="replace", document_content=markdown("anew")) == "anew"
    await client.canvases_access_set(canvas_id=canvas, access_level="read", channel_ids=["COPS"])
    assert (await client.files_info(file=canvas))["file"]["mode"] == "canvas"


async def test_canvases_in_the_stand_in_refuse_what_cannot_be_done_to_them(client):
    canvas = (await client.canvases_create(title="Plan"))["canvas_id"]
    gone = [{"operation": "delete", "section_id": "temp:C:nowhere"}]
    text = [{"operation": "insert_at_end", "document_content": {"type": "html", "markdown": "x"}}]
    long = [{"operation": "insert_at_end", "document_content": markdown("x" * 100_001)}]
    assert await refused(client.canvases_edit(canvas_id=canvas, changes=gone)) == "canvas_editing_failed"
    assert await refused(client.canvases_edit(canvas_id=canvas, changes=text)) == "canvas_editing_failed"
    assert await refused(client.canvases_edit(canvas_id=canvas, changes=long)) == "canvas_too_large"
    assert await refused(client.canvases_access_set(canvas_id=canvas, access_level="read")) == "invalid_parameters"
    wrong = client.canvases_access_set(canvas_id=canvas, access_level="read", user_ids=["UNOBODY"])
    assert await refused(wrong) == "user_not_found"
    await client.conversations_canvases_create(channel_id="COPS", document_content=markdown("x"))
    again = client.conversations_canvases_create(channel_id="COPS", document_content=markdown("x"))
    assert await refused(again) == "channel_canvas_already_exists"
    await client.canvases_delete(canvas_id=canvas)
    assert await refused(client.canvases_delete(canvas_id=canvas)) == "canvas_not_found"


async def test_canvases_in_the_stand_in_show_a_section_by_its_words_under_an_id_that_holds_until_the_next_edit(client):
    written = markdown("## Plan\n- **first** one\n- second\n\nthe end \\_of\\_ it")
    canvas = (await client.canvases_create(title="Plan", document_content=written))["canvas_id"]

    async def found(text, **more):
        asked = {"contains_text": text, **more}
        return [
            one["id"] for one in (await client.canvases_sections_lookup(canvas_id=canvas, criteria=asked))["sections"]
        ]

    first = await found("first one")
    looked_for = ("Plan", "## Plan", "- second", "_of_ it", "nd\n\nthe")
    assert [len(await found(text)) for text in looked_for] == [1, 0, 0, 1, 0]
    assert len(first) == 1
    assert await found("first one", section_types=["any_header"]) == []
    change = {"operation": "replace", "section_id": first[0], "document_content": markdown("- other")}
    await client.canvases_edit(canvas_id=canvas, changes=[change])
    assert await refused(client.canvases_edit(canvas_id=canvas, changes=[change])) == "canvas_editing_failed"


async def test_canvases_in_the_stand_in_belong_to_channels_and_to_whoever_is_there(slack, client):
    async def of(channel):
        found = (await client.conversations_info(channel=channel))["channel"]
        return found.get("properties", {}).get("canvas", {}).get("file_id")

    assert await of("COPS") is None
    slack.write_canvas("olga", "ops", "# Notes\n\nours")
    theirs = await of("COPS")
    again = client.conversations_canvases_create(channel_id="COPS", document_content=markdown("x"))
    assert await refused(again) == "channel_canvas_already_exists"
    more = [{"operation": "insert_at_end", "document_content": markdown("mine")}]
    await client.canvases_edit(canvas_id=theirs, changes=more)
    slack.write_canvas("olga", "ops", "last")
    assert slack.canvas("ops") == "# Notes\n\nours\n\nmine\n\nlast"
    slack.remove_bot("ops")
    assert await refused(client.canvases_edit(canvas_id=theirs, changes=more)) == "canvas_not_found"
    elsewhere = client.conversations_canvases_create(channel_id="COPS", document_content=markdown("x"))
    assert await refused(elsewhere) == "channel_canvas_creation_failed"


async def test_canvases_in_the_stand_in_are_fewer_on_a_free_plan_and_none_where_they_are_off(slack, client):
    alone = (await client.canvases_create(title="Plan"))["canvas_id"]
    more = [{"operation": "insert_at_end", "document_content": markdown("mine")}]
    slack.spec.canvases = "free"
    assert await refused(client.canvases_create(title="Plan")) == "free_teams_cannot_create_non_tabbed_canvases"
    edited = client.canvases_edit(canvas_id=alone, changes=more)
    assert await refused(edited) == "free_teams_cannot_edit_standalone_canvases"
    made = client.conversations_canvases_create(channel_id="COPS", document_content=markdown("x"))
    assert await refused(made) == "team_tier_cannot_create_channel_canvases"
    slack.spec.canvases = "off"
    for call in (client.canvases_create(title="Plan"), client.canvases_edit(canvas_id=alone, changes=more),
                 client.conversations_canvases_create(channel_id="COPS", document_content=markdown("x")),
                 client.canvases_sections_lookup(canvas_id=alone, criteria={"contains_text": "x"})):  # fmt: skip
        assert await refused(call) == "canvas_disabled_user_team"


async def test_conversations_in_the_stand_in_are_created_renamed_described_left_and_archived(slack, client):
    made = (await client.conversations_create(name="launch"))["channel"]["id"]
    assert await refused(client.conversations_create(name="launch")) == "name_taken"
    assert await refused(client.conversations_create(name="Big Launch!")) == "invalid_name_specials"
    assert await refused(client.conversations_create(name="x" * 81)) == "invalid_name_maxlength"
    await client.conversations_rename(channel=made, name="landing")
    await client.conversations_setTopic(channel=made, topic="soon")
    assert await refused(client.conversations_setTopic(channel=made, topic="x" * 251)) == "too_long"
    await client.conversations_setPurpose(channel=made, purpose="to land")
    known = (await client.conversations_info(channel=made))["channel"]
    assert (known["name"], known["topic"]["value"], known["purpose"]["value"]) == ("landing", "soon", "to land")
    await client.conversations_invite(channel=made, users="UPA")
    await client.conversations_kick(channel=made, user="UPA")
    assert await refused(client.conversations_kick(channel=made, user="UPA")) == "not_in_channel"
    assert await refused(client.conversations_kick(channel=made, user="U0BOT")) == "cant_kick_self"
    await client.conversations_archive(channel=made)
    assert await refused(client.conversations_archive(channel=made)) == "already_archived"
    assert await refused(client.conversations_setTopic(channel=made, topic="x")) == "is_archived"
    await client.conversations_leave(channel="COPS")
    assert await refused(client.conversations_archive(channel="COPS")) == "not_in_channel"
    assert "U0BOT" not in slack.workspace.conversation("ops").members
