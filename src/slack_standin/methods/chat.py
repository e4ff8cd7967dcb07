"""chat.*: posting, editing and deleting messages; and blocks.validate, which only checks them."""

import json
from typing import Any

from slack_standin import limits
from slack_standin.block_check import refuse_blocks
from slack_standin.methods import Call, method
from slack_standin.methods.files import refuse_pictures
from slack_standin.methods.views import check_view
from slack_standin.state import Conversation, Json, Message, SlackError, refuse_if

METADATA_BYTES = 8_000
MOST_ATTACHMENTS = 100
CONTENT = "text blocks attachments link_names parse markdown_text as_user metadata"
OPTIONAL = f"{CONTENT} thread_ts icon_emoji icon_url username"
POSTING = f"{OPTIONAL} mrkdwn reply_broadcast unfurl_links unfurl_media"


@method("chat.postMessage", "chat:write", tier=None, required="channel", optional=POSTING)
def post_message(call: Call) -> Json:
    """Post to a channel by id or #name, or to a person by user id."""
    refuse_if(call.arguments.flag("as_user"), "as_user_not_supported")
    conversation, content = _destination(call), _content(call)
    if len(content["text"]) > limits.POST_TEXT:
        content["text"] = content["text"][: limits.POST_TEXT]
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
    conversation, content = _destination(call), _content(call)
    refuse_if(len(content["text"]) > limits.POST_TEXT, "msg_too_long")
    call.inside(conversation)
    refuse_if(call.arguments.text("user") not in conversation.members, "user_not_in_channel")
    message = call.workspace.post(
        conversation, call.workspace.bot, thread_ts=_parent(call, conversation), only_for=call.arguments.text("user"),
        bot_id=call.workspace.spec.bot_id, **content,
    )  # fmt: skip
    return {"message_ts": message.ts}


@method("chat.update", "chat:write", required="channel ts", optional=f"{CONTENT} reply_broadcast file_ids")
def update(call: Call) -> Json:
    """Edit one of the bot's own messages. Blocks that are not sent stay, unless text is sent without them."""
    refuse_if(call.arguments.flag("as_user"), "as_user_not_supported")
    message = _own(call, "cant_update_message", "is_inactive")
    fields = _content(call, editing=True)
    refuse_if(len(fields.get("text", "")) > limits.EDIT_TEXT, "msg_too_long")
    if "metadata" in call.arguments:
        fields["metadata"] = _metadata(call)
    call.workspace.edit(message, **fields)
    payload = call.workspace.as_payload(message, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": payload}


@method("chat.delete", "chat:write", required="channel ts", optional="as_user")
def delete(call: Call) -> Json:
    message = _own(call, "cant_delete_message", "cant_delete_message")
    call.workspace.delete(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink", tier=None, required="channel message_ts", json=False)
def permalink(call: Call) -> Json:
    """An address that opens the message on the page."""
    conversation, ts = call.conversation(), call.arguments.text("message_ts")
    refuse_if(call.workspace.message(conversation.id, ts) is None, "message_not_found")
    return {"channel": conversation.id, "permalink": link_to(call, conversation.id, ts)}


def link_to(call: Call, channel: str, ts: str) -> str:
    return f"{call.base_url}/archives/{channel}/p{ts.replace('.', '')}"


@method("blocks.validate", tier=None, optional="blocks view message")
def validate(call: Call) -> Json:
    """Check blocks or a view without showing them to anybody."""
    arguments = call.arguments
    message, view = arguments.json("message"), arguments.json("view")
    blocks = message.get("blocks") if isinstance(message, dict) else arguments.json("blocks")
    if blocks is None and view is None:
        raise SlackError("invalid_arguments", "[ERROR] one of blocks, view and message is needed")
    if blocks is not None:
        refuse_blocks(blocks)
    if problems := check_view(view) if view is not None else []:
        raise SlackError("invalid_view", *problems)
    return {}


def _destination(call: Call) -> Conversation:
    workspace, name = call.workspace, call.arguments.text("channel")
    if user := workspace.state.users.get(name):
        refuse_if(user.is_bot or user.deleted or workspace.is_stranger(user), "channel_not_found")
        refuse_if(not workspace.spec.messages_tab, "messages_tab_disabled")
        return workspace.dm(user.id)
    named = workspace.find(name) if name.startswith("#") else None
    found = call.place(named.id if named else name)
    refuse_if(found.archived, "is_archived")
    if "chat:write.public" not in call.scopes:
        call.inside(found)
    return found


def _content(call: Call, *, editing: bool = False) -> dict[str, Any]:
    arguments = call.arguments
    blocks, text = arguments.json("blocks", "invalid_blocks_format"), arguments.text("text")
    attachments = _attachments(call)
    if markdown := arguments.text("markdown_text"):
        refuse_if(text or blocks, "markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
    refuse_if(blocks is not None and not isinstance(blocks, list), "invalid_blocks_format")
    refuse_blocks(blocks or [])
    refuse_pictures(call, blocks or [])
    if not text and not blocks and not attachments:
        if editing and "metadata" in arguments:
            return {}
        raise SlackError("no_text")
    if blocks and not text:
        call.warnings.append("missing_text_in_message")
    return {"text": text, "blocks": blocks or [], "attachments": attachments}


def _attachments(call: Call) -> list[Any]:
    attachments = call.arguments.json("attachments") or []
    if not isinstance(attachments, list) or not all(isinstance(attachment, dict) for attachment in attachments):
        raise SlackError("invalid_arguments", "[ERROR] must be an array of objects [json-pointer:/attachments]")
    refuse_if(len(attachments) > MOST_ATTACHMENTS, "too_many_attachments")
    for number, attachment in enumerate(attachments):
        refuse_blocks(attachment.get("blocks") or [], at=f"/attachments/{number}/blocks")
    return attachments


def _parent(call: Call, conversation: Conversation) -> str | None:
    ts = call.arguments.text("thread_ts")
    if not ts:
        return None
    parent = call.workspace.message(conversation.id, ts)
    if parent is None:
        # Slack posts into a thread that isn't there as if it were; replies to ephemeral messages it refuses.
        call.warnings.append("thread_not_found")
        return ts
    refuse_if(parent.only_for, "cannot_reply_to_message")
    return parent.thread_ts or ts


def _metadata(call: Call) -> Json | None:
    metadata = call.arguments.json("metadata", "invalid_metadata_format")
    if metadata in (None, {}):
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    refuse_if(not isinstance(metadata.get("event_payload"), dict), "invalid_metadata_schema")
    refuse_if(len(json.dumps(metadata)) > METADATA_BYTES, "metadata_too_large")
    return metadata


def _own(call: Call, refusal: str, archived: str) -> Message:
    conversation = call.conversation()
    refuse_if(conversation.archived, archived)
    message = call.workspace.message(conversation.id, call.arguments.text("ts"))
    if message is None or message.only_for:
        raise SlackError("message_not_found")
    refuse_if(message.user != call.workspace.bot, refusal)
    return message
