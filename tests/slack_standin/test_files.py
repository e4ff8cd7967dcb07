"""Files go up in three steps and come down with the token only."""

from __future__ import annotations

import aiohttp
import pytest

from tests.slack_standin.bot import refused

PIXEL = bytes.fromhex("89504e470d0a1a0a") + b"not much of a picture"


async def sent(url, content, **how):
    async with aiohttp.ClientSession() as http, http.post(url, data=content, **how) as response:
        return response.status, await response.text()


async def uploaded(client, name="notes.txt", content=b"hello"):
    """The id of a file whose bytes have arrived, but which is not complete yet."""
    first = await client.files_getUploadURLExternal(filename=name, length=len(content))
    assert await sent(first["upload_url"], content) == (200, f"OK - {len(content)}")
    return first["file_id"]


async def test_a_file_uploaded_to_the_stand_in_by_slack_sdk_is_seen_in_the_channel(slack, client):
    top = slack.say("olga", "ops", "the figures, please").ts
    answer = await client.files_upload_v2(
        channel="COPS", thread_ts=top, filename="chart.png", title="Figures", content=PIXEL, initial_comment="here"
    )
    message = slack.threads("ops", top)[0]
    assert (message.text, message.files[0]["title"], message.files[0]["mimetype"]) == ("here", "Figures", "image/png")
    known = (await client.files_info(file=answer["file"]["id"]))["file"]
    assert (known["size"], known["channels"], known["user"]) == (len(PIXEL), ["COPS"], "U0BOT")


async def test_a_file_of_the_stand_in_is_downloaded_with_token_and_scope_and_not_without(slack, client):
    file = await uploaded(client, content=PIXEL)
    await client.files_completeUploadExternal(files=[{"id": file, "title": "x"}])
    url = (await client.files_info(file=file))["file"]["url_private_download"]

    async def fetched(token):
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as response:
            return await response.read()

    assert await fetched(slack.spec.bot_token) == PIXEL
    assert b"Sign in" in await fetched("xoxb-wrong")
    slack.spec.scopes.remove("files:read")
    assert b"Sign in" in await fetched(slack.spec.bot_token)


async def test_a_file_upload_to_the_stand_in_is_refused_with_a_step_left_out_or_done_twice(client):
    first = await client.files_getUploadURLExternal(filename="a.txt", length=5)
    complete = {"files": [{"id": first["file_id"]}], "channel_id": "COPS"}
    assert await refused(client.files_completeUploadExternal(**complete)) == "file_not_found"
    assert (await sent(first["upload_url"], b"far too long"))[0] == 400
    assert (await sent(first["upload_url"], b"hello"))[0] == 200
    assert (await sent(first["upload_url"], b"hello"))[0] == 404
    assert await refused(client.files_info(file=first["file_id"])) == "file_not_found"
    await client.files_completeUploadExternal(**complete)
    assert await refused(client.files_completeUploadExternal(**complete)) == "file_not_found"


async def test_a_file_upload_to_the_stand_in_may_come_as_a_multipart_form(client):
    first = await client.files_getUploadURLExternal(filename="a.txt", length=5)
    form = aiohttp.FormData()
    form.add_field("file", b"hello", filename="a.txt")
    assert (await sent(first["upload_url"], form))[0] == 200


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("CNOWHERE", "channel_not_found"),
        ("CSECRET", "channel_not_found"),
        ("CELSEWHERE", "not_in_channel"),
        ("COLD", "posting_to_channel_denied"),
    ],
)
async def test_a_file_upload_to_the_stand_in_is_completed_only_for_channels_with_the_bot(client, channel, error):
    file = await uploaded(client)
    assert await refused(client.files_completeUploadExternal(files=[{"id": file}], channel_id=channel)) == error
    # The refusal used nothing up.
    assert (await client.files_completeUploadExternal(files=[{"id": file}], channel_id="COPS"))["ok"]


async def test_a_file_upload_to_the_stand_in_is_refused_with_no_length_or_nonsense(client):
    assert await refused(client.files_getUploadURLExternal(filename="a.txt", length=0)) == "invalid_arguments"
    nonsense = client.api_call("files.completeUploadExternal", json={"files": ["F1"]})
    assert await refused(nonsense) == "invalid_arguments"


async def test_files_list_and_files_delete_in_the_stand_in_see_and_delete_what_the_bot_may(slack, client):
    mine = await uploaded(client)
    await client.files_completeUploadExternal(files=[{"id": mine}], channel_id="COPS")
    yours = slack.upload("olga", "yours.txt", "hers", channel="ops")["id"]
    hidden = slack.upload("olga", "hidden.txt", "hers", channel="secret")["id"]
    assert [one["id"] for one in (await client.files_list())["files"]] == [yours, mine]
    assert [one["id"] for one in (await client.files_list(user="UOLGA", channel="COPS"))["files"]] == [yours]
    assert await refused(client.files_list(user="UNOBODY")) == "user_not_found"
    assert await refused(client.files_info(file=hidden)) == "file_not_found"
    assert await refused(client.files_delete(file=yours)) == "cant_delete_file"
    await client.files_delete(file=mine)
    assert await refused(client.files_info(file=mine)) == "file_not_found"


async def test_a_file_that_a_person_uploads_to_the_stand_in_is_an_event_and_can_be_read(slack, bot):
    heard = []

    @bot.app.event("file_shared")
    async def shared(event, client):
        heard.append((await client.files_info(file=event["file_id"]))["file"]["name"])

    slack.spec.events.append("file_shared")
    slack.upload("olga", "plan.yml", "plan: x", channel="ops")
    await slack.until(lambda: heard)
    assert heard == ["plan.yml"]
    told = await slack.until(lambda: [one for one in slack.courier.deliveries if "files" in one.payload["event"]])
    assert told[0].payload["event"]["subtype"] == "file_share"


async def put_up(client, name="chart.png"):
    """A file that is complete and shared nowhere."""
    file = await uploaded(client, name, PIXEL)
    await client.files_completeUploadExternal(files=[{"id": file}])
    return file


def shown(**slack_file):
    return {"type": "image", "slack_file": slack_file, "alt_text": "a chart"}


async def test_a_picture_of_the_stand_in_is_shown_once_slack_has_looked_at_its_file(slack, client):
    file = await put_up(client)
    wrong = await refused(client.chat_postMessage(channel="COPS", text="x", blocks=[shown(id=file)]))
    assert wrong == "invalid_blocks"
    assert [(await client.files_info(file=file))["file"]["mimetype"] for _ in range(3)] == ["", "", "image/png"]
    await client.chat_postMessage(channel="COPS", text="x", blocks=[shown(id=file)])
    assert slack.messages("ops")[-1].blocks[0]["slack_file"] == {"id": file}


@pytest.mark.parametrize("wrong", [{}, {"id": "F1"}, {"id": "F00000099"}, {"id": "F00000001", "url": "https://x"}])
async def test_a_picture_of_the_stand_in_is_a_file_that_there_is_named_in_one_way(client, wrong):
    message = {"channel": "COPS", "text": "x", "blocks": [shown(**wrong)]}
    assert await refused(client.chat_postMessage(**message)) == "invalid_blocks"


async def test_a_picture_of_the_stand_in_is_no_text(client):
    file = await put_up(client, "notes.txt")
    for _ in range(3):
        await client.files_info(file=file)
    message = {"channel": "COPS", "text": "x", "blocks": [shown(id=file)]}
    assert await refused(client.chat_postMessage(**message)) == "invalid_blocks"
