"""chat.*: posting, editing and deleting messages."""

import json
from typing import Any

from slack_standin.blocks import check_blocks
from slack_standin.methods.registry import Call, method
from slack_standin.state import Conversation, Json, Message, SlackError, View, refuse_if
from slack_standin.views import as_view

TEXT = 40_000
METADATA_BYTES = 8_000
MOST_ATTACHMENTS = 100
OPTIONAL = (
    "text blocks attachments thread_ts link_names parse markdown_text as_user icon_emoji icon_url username metadata"
)


@method(
    "chat.postMessage",
    "chat:write",
    tier=None,
    required="channel",
    optional=f"{OPTIONAL} mrkdwn reply_broadcast unfurl_links unfurl_media",
)
def post_message(call: Call) -> Json:
    """Post to a channel by id or #name, or to a person by user id."""
    _as_itself(call)
    conversation = _destination(call)
    content = _content(call)
    if len(content["text"]) > TEXT:
        content["text"] = content["text"][:TEXT]
        call.warnings.append("message_truncated")
    parent = _parent(call, conversation)
    message = call.workspace.post(
        conversation, call.workspace.bot, thread_ts=parent,
        broadcast=bool(parent) and call.arguments.flag("reply_broadcast"), metadata=_metadata(call),
        bot_id=call.workspace.spec.bot_id, **content,
    )  # fmt: skip
    payload = call.workspace.as_payload(message, metadata=True)
    return {"channel": conversation.id, "ts": message.ts, "message": payload}


@method("chat.postEphemeral", "chat:write", tier=4, required="channel user", optional=OPTIONAL)
def post_ephemeral(call: Call) -> Json:
    """Post for one member of a channel only."""
    conversation = _destination(call)
    content = _content(call)
    refuse_if(len(content["text"]) > TEXT, "msg_too_long")
    refuse_if(call.workspace.bot not in conversation.members, "not_in_channel")
    refuse_if(call.arguments.text("user") not in conversation.members, "user_not_in_channel")
    message = call.workspace.post(
        conversation, call.workspace.bot, thread_ts=_parent(call, conversation), only_for=call.arguments.text("user"),
        bot_id=call.workspace.spec.bot_id, **content,
    )  # fmt: skip
    return {"message_ts": message.ts}


@method(
    "chat.update",
    "chat:write",
    required="channel ts",
    optional="text blocks attachments link_names parse markdown_text as_user metadata reply_broadcast file_ids",
)
def update(call: Call) -> Json:
    """Edit one of the bot's own messages. Blocks that are not sent stay, unless text is sent without them."""
    _as_itself(call)
    message = _own(call, "cant_update_message")
    fields = _content(call, editing=True)
    refuse_if(len(fields.get("text", "")) > TEXT, "msg_too_long")
    if "metadata" in call.arguments:
        fields["metadata"] = _metadata(call)
    call.workspace.edit(message, **fields)
    payload = call.workspace.as_payload(message, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": payload}


@method("chat.delete", "chat:write", required="channel ts", optional="as_user")
def delete(call: Call) -> Json:
    """Delete one of the bot's own messages."""
    message = _own(call, "cant_delete_message")
    call.workspace.delete(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink", tier=None, required="channel message_ts")
def permalink(call: Call) -> Json:
    """An address that opens the message on the page."""
    conversation = call.conversation()
    ts = call.arguments.text("message_ts")
    if call.workspace.message(conversation.id, ts) is None:
        raise SlackError("message_not_found")
    link = f"{call.base_url}/archives/{conversation.id}/p{ts.replace('.', '')}"
    return {"channel": conversation.id, "permalink": link}


def _destination(call: Call) -> Conversation:
    workspace, name = call.workspace, call.arguments.text("channel")
    if user := workspace.state.users.get(name):
        refuse_if(user.is_bot or user.deleted, "channel_not_found")
        refuse_if(not workspace.spec.messages_tab, "messages_tab_disabled")
        return workspace.dm(user.id)
    found = workspace.state.conversations.get(name) or (workspace.find(name) if name.startswith("#") else None)
    inside = found is not None and workspace.bot in found.members
    if found is None or (found.kind != "channel" and not inside):
        raise SlackError("channel_not_found")
    refuse_if(found.archived, "is_archived")
    refuse_if(not inside and "chat:write.public" not in call.scopes, "not_in_channel")
    return found


def _content(call: Call, *, editing: bool = False) -> dict[str, Any]:
    arguments = call.arguments
    blocks = arguments.json("blocks", "invalid_blocks_format")
    attachments = _attachments(call)
    text = arguments.text("text")
    if markdown := arguments.text("markdown_text"):
        refuse_if(text or blocks, "markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if problems := check_blocks(blocks or []):
        raise SlackError("invalid_blocks", *problems)
    if not text and not blocks and not attachments:
        if editing and "metadata" in arguments:
            return {}
        raise SlackError("no_text")
    if blocks and not text:
        call.warnings.append("missing_text_in_message")
    return {"text": text, "blocks": blocks or [], "attachments": attachments}


def _as_itself(call: Call) -> None:
    refuse_if(call.arguments.flag("as_user"), "as_user_not_supported")


def _attachments(call: Call) -> list[Any]:
    attachments = call.arguments.json("attachments") or []
    if not isinstance(attachments, list) or not all(isinstance(attachment, dict) for attachment in attachments):
        raise SlackError("invalid_arguments", "[ERROR] must be an array of objects [json-pointer:/attachments]")
    refuse_if(len(attachments) > MOST_ATTACHMENTS, "too_many_attachments")
    for number, attachment in enumerate(attachments):
        if problems := check_blocks(attachment.get("blocks") or [], at=f"/attachments/{number}/blocks"):
            raise SlackError("invalid_blocks", *problems)
    return attachments


def _parent(call: Call, conversation: Conversation) -> str | None:
    ts = call.arguments.text("thread_ts")
    if not ts:
        return None
    parent = call.workspace.message(conversation.id, ts)
    # Slack posts into a thread that isn't there as if it were; replies to ephemeral messages it refuses.
    if parent is not None and parent.only_for:
        raise SlackError("cannot_reply_to_message")
    if parent is None:
        call.warnings.append("thread_not_found")
    return (parent.thread_ts or ts) if parent else ts


def _metadata(call: Call) -> Json | None:
    metadata = call.arguments.json("metadata", "invalid_metadata_format")
    if metadata in (None, {}):
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    refuse_if(len(json.dumps(metadata)) > METADATA_BYTES, "metadata_too_large")
    return metadata


def _own(call: Call, refusal: str) -> Message:
    conversation = call.conversation()
    message = call.workspace.message(conversation.id, call.arguments.text("ts"))
    if message is None or message.only_for:
        raise SlackError("message_not_found")
    refuse_if(message.user != call.workspace.bot, refusal)
    refuse_if(conversation.archived, refusal)
    return message


def _user_of_trigger(call: Call) -> str:
    trigger = call.arguments.text("trigger_id") or call.arguments.text("interactivity_pointer")
    refuse_if(not trigger, "invalid_arguments", "[ERROR] missing required field: trigger_id [json-pointer:/trigger_id]")
    return call.triggers.use(trigger)


def _answer(call: Call, view: View) -> Json:
    return {"view": {key: value for key, value in as_view(call.workspace, view).items() if value is not None}}


@method("views.open", tier=4, required="view", optional="trigger_id interactivity_pointer")
def open_view(call: Call) -> Json:
    """Open a modal for whoever caused the trigger."""
    body = call.views.checked(call.arguments.json("view"), "modal")
    return _answer(call, call.views.open(_user_of_trigger(call), body))


@method("views.push", tier=4, required="view", optional="trigger_id interactivity_pointer")
def push_view(call: Call) -> Json:
    """Put a modal on top of the open one, three at most."""
    body = call.views.checked(call.arguments.json("view"), "modal")
    return _answer(call, call.views.push(_user_of_trigger(call), body))


@method("views.update", tier=4, required="view", optional="view_id external_id hash")
def update_view(call: Call) -> Json:
    """Replace an open view; what was typed stays where block_id and action_id stay."""
    arguments, views = call.arguments, call.views
    view = views.find(arguments.text("view_id"), arguments.text("external_id"))
    if view is None:
        raise SlackError("not_found")
    views.same(view, arguments.text("hash"))
    return _answer(call, views.replace(view, views.checked(arguments.json("view"), view.type)))


@method("views.publish", tier=4, required="user_id view", optional="hash interactivity_pointer")
def publish_home(call: Call) -> Json:
    """Set somebody's App Home."""
    arguments, views = call.arguments, call.views
    refuse_if(not call.workspace.spec.home_tab, "not_enabled")
    user = call.workspace.state.users.get(arguments.text("user_id"))
    if user is None:
        raise SlackError("invalid_arguments", "[ERROR] no such user [json-pointer:/user_id]")
    body = views.checked(arguments.json("view"), "home")
    return _answer(call, views.publish(user.id, body, arguments.text("hash")))
