"""conversations.*, the changing half: channels made, renamed, described, left and closed."""

import re

from slack_standin.methods.conversations import as_channel
from slack_standin.methods.registry import Call, method
from slack_standin.state import Conversation, Json, refuse_if

CHANGING = "channels:manage groups:write"
NAME_MOST, TOPIC_MOST = 80, 250


@method("conversations.create", CHANGING, tier=2, required="name", optional="is_private team_id")
def create(call: Call) -> Json:
    """A channel of the bot's own."""
    workspace, private = call.workspace, call.arguments.flag("is_private")
    call.need("groups:write" if private else "channels:manage")
    name = _name(call)
    made = Conversation(id=f"C{workspace.serial():08d}", name=name, kind="group" if private else "channel")
    made.members, made.created = [workspace.bot], int(workspace.now().timestamp())
    workspace.state.conversations[made.id] = made
    workspace.announce("conversation", channel=made.id)
    if not private:
        short = {"id": made.id, "name": name, "created": made.created, "creator": workspace.bot}
        workspace.happen({"type": "channel_created", "channel": short, "event_ts": workspace.next_ts()})
    return {"channel": as_channel(call, made)}


@method("conversations.rename", CHANGING, tier=2, required="channel name")
def rename(call: Call) -> Json:
    """Another name."""
    conversation = _changeable(call)
    call.workspace.rename(conversation, _name(call))
    return {"channel": as_channel(call, conversation)}


@method("conversations.setTopic", CHANGING, tier=2, required="channel topic")
def set_topic(call: Call) -> Json:
    """What the channel is about just now."""
    conversation = _changeable(call)
    conversation.topic = _short(call, "topic")
    call.workspace.announce("conversation", channel=conversation.id)
    return {"channel": as_channel(call, conversation)}


@method("conversations.setPurpose", CHANGING, tier=2, required="channel purpose")
def set_purpose(call: Call) -> Json:
    """What the channel is for."""
    conversation = _changeable(call)
    conversation.purpose = _short(call, "purpose")
    call.workspace.announce("conversation", channel=conversation.id)
    return {"purpose": conversation.purpose}


@method("conversations.kick", CHANGING, required="channel", optional="user")
def kick(call: Call) -> Json:
    """Take somebody out."""
    conversation, user = _changeable(call), call.arguments.text("user")
    refuse_if(user == call.workspace.bot, "cant_kick_self")
    refuse_if(conversation.name == "general", "cant_kick_from_general")
    refuse_if(user not in call.workspace.state.users, "user_not_found")
    refuse_if(user not in conversation.members, "not_in_channel")
    call.workspace.leave(conversation, user)
    return {}


@method("conversations.leave", CHANGING, required="channel")
def leave(call: Call) -> Json:
    """The bot goes."""
    conversation = _channel(call)
    refuse_if(conversation.name == "general", "cant_leave_general")
    if call.workspace.bot not in conversation.members:
        return {"not_in_channel": True}
    call.workspace.leave(conversation, call.workspace.bot)
    return {}


@method("conversations.archive", CHANGING, tier=2, required="channel")
def archive(call: Call) -> Json:
    """Close a channel."""
    conversation = _channel(call)
    refuse_if(conversation.archived, "already_archived")
    refuse_if(conversation.name == "general", "cant_archive_general")
    refuse_if(call.workspace.bot not in conversation.members, "not_in_channel")
    call.workspace.archive(conversation)
    return {}


def _channel(call: Call) -> Conversation:
    conversation = call.conversation()
    refuse_if(conversation.kind not in {"channel", "group"}, "method_not_supported_for_channel_type")
    call.need("channels:manage" if conversation.kind == "channel" else "groups:write")
    return conversation


def _changeable(call: Call) -> Conversation:
    conversation = _channel(call)
    refuse_if(conversation.archived, "is_archived")
    refuse_if(call.workspace.bot not in conversation.members, "not_in_channel")
    return conversation


def _name(call: Call) -> str:
    name = call.arguments.text("name")
    refuse_if(len(name) > NAME_MOST, "invalid_name_maxlength")
    refuse_if(not re.fullmatch(r"[\w-]+", name) or name != name.lower(), "invalid_name_specials")
    refuse_if(any(other.name == name for other in call.workspace.state.conversations.values()), "name_taken")
    return name


def _short(call: Call, name: str) -> str:
    text = call.arguments.text(name)
    refuse_if(len(text) > TOPIC_MOST, "too_long")
    return text
