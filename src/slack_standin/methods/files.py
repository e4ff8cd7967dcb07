"""files.*: uploading in three steps, and what is known of a file."""

from typing import Any

from slack_standin.blocks import check_blocks
from slack_standin.errors import SlackError
from slack_standin.methods.registry import Call, method, page_of
from slack_standin.state import Conversation, File, Json
from slack_standin.uploads import as_file

MOST_CHANNELS = 100


@method(
    "files.getUploadURLExternal",
    scopes="files:write",
    tier=4,
    required="filename length",
    optional="alt_txt snippet_type",
)
def upload_url(call: Call) -> Json:
    """The first step: where to send how many bytes."""
    length = call.arguments.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", "[ERROR] must be more than 0 [json-pointer:/length]")
    ticket, file = call.uploads.expect(call.arguments.text("filename"), length)
    return {"upload_url": f"{call.base_url}/upload/v1/{ticket}", "file_id": file.id}


@method(
    "files.completeUploadExternal",
    scopes="files:write",
    tier=4,
    required="files",
    optional="blocks channel_id channels icon_emoji icon_url initial_comment thread_ts username",
)
def complete(call: Call) -> Json:
    """The third step: keep what has arrived, and share it."""
    named = call.arguments.json("files")
    if not isinstance(named, list) or not all(isinstance(one, dict) and one.get("id") for one in named) or not named:
        raise SlackError("invalid_arguments", "[ERROR] must be an array of objects with an id [json-pointer:/files]")
    places = _places(call)
    blocks = call.arguments.json("blocks", "invalid_blocks") or []
    if problems := check_blocks(blocks):
        raise SlackError("invalid_blocks", *problems)
    files = [call.uploads.complete(str(one["id"]), str(one.get("title") or "")) for one in named]
    for place in places:
        _share(call, place, files, blocks)
    return {"files": [as_file(call.workspace, file, call.base_url) for file in files]}


def _places(call: Call) -> list[Conversation]:
    names = call.arguments.names("channels") or call.arguments.names("channel_id")
    if len(names) > MOST_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    if call.arguments.text("thread_ts") and len(names) > 1:
        raise SlackError("invalid_channel")
    return [_place(call, name) for name in names]


def _place(call: Call, name: str) -> Conversation:
    workspace = call.workspace
    found = workspace.state.conversations.get(name)
    if found is None or (found.kind != "channel" and workspace.bot not in found.members):
        raise SlackError("channel_not_found")
    if workspace.bot not in found.members:
        raise SlackError("not_in_channel")
    if found.archived:
        raise SlackError("posting_to_channel_denied")
    return found


def _share(call: Call, place: Conversation, files: list[File], blocks: list[Any]) -> None:
    for file in files:
        file.channels.append(place.id)
    call.workspace.post(
        place,
        call.workspace.bot,
        call.arguments.text("initial_comment"),
        blocks=blocks,
        thread_ts=call.arguments.text("thread_ts") or None,
        bot_id=call.workspace.spec.bot_id,
        files=[as_file(call.workspace, file, call.base_url) for file in files],
    )
    for file in files:
        event = {"type": "file_shared", "file_id": file.id, "user_id": file.user, "file": {"id": file.id}}
        call.workspace.happen(event | {"channel_id": place.id, "event_ts": call.workspace.next_ts()})


@method("files.info", scopes="files:read", tier=4, required="file", optional="count cursor limit page")
def describe(call: Call) -> Json:
    """One file; where it lies only the token can fetch it."""
    return {
        "file": as_file(call.workspace, visible(call), call.base_url),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


@method(
    "files.list",
    scopes="files:read",
    optional="channel count page show_files_hidden_by_limit ts_from ts_to types user team_id",
)
def list_(call: Call) -> Json:
    """The files that the bot can see, newest first."""
    arguments, state = call.arguments, call.workspace.state
    user, channel = arguments.text("user"), arguments.text("channel")
    if user and user not in state.users:
        raise SlackError("user_not_found")
    fitting = [
        file
        for file in reversed(state.files.values())
        if _seen(call, file) and user in {"", file.user} and (not channel or channel in file.channels)
    ]
    page, _ = page_of(fitting, arguments)
    paging = {"count": len(page), "total": len(fitting), "page": 1, "pages": 1}
    return {"files": [as_file(call.workspace, file, call.base_url) for file in page], "paging": paging}


@method("files.delete", scopes="files:write", required="file")
def delete(call: Call) -> Json:
    """Delete one of the bot's own files."""
    file = visible(call)
    if file.user != call.workspace.bot:
        raise SlackError("cant_delete_file")
    del call.workspace.state.files[file.id]
    return {}


def visible(call: Call, name: str = "file") -> File:
    """The file an argument names; `file_not_found` where the bot cannot see it."""
    found = call.workspace.state.files.get(call.arguments.text(name))
    if found is None or not _seen(call, found):
        raise SlackError("file_not_found")
    return found


def _seen(call: Call, file: File) -> bool:
    """A file nobody has shared yet is one that a person has just put into a form."""
    workspace = call.workspace
    places = [workspace.state.conversations[one] for one in file.channels]
    inside = any(one.kind == "channel" or workspace.bot in one.members for one in places)
    return not places or file.user == workspace.bot or inside
