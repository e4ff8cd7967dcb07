"""Payloads: what Slack sends an app for commands, clicks, forms and shortcuts; and which events reach it."""

import secrets
from typing import Any

from slack_standin.state import Conversation, Json, Message, User
from slack_standin.workspace import Workspace
from slack_standin.workspace_spec import WorkspaceSpec

TOKEN_PREFIX = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
# Names of conversations that Slack does not give to apps.
NAMES = {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}


def _common(spec: WorkspaceSpec, user: User, kind: str, **fields: Any) -> Json:
    person = {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id or spec.team_id}
    return {
        "type": kind, "user": person, "team": {"id": spec.team_id, "domain": spec.domain}, "api_app_id": spec.app_id,
        "token": spec.verification_token, "is_enterprise_install": False, **fields,
    }  # fmt: skip


def _channel(conversation: Conversation) -> Json:
    return {"id": conversation.id, "name": NAMES.get(conversation.kind, conversation.name)}


def _in_message(workspace: Workspace, message: Message) -> Json:
    """Where in which message something happens; an ephemeral one is not sent along."""
    place = {"channel": _channel(workspace.state.conversations[message.channel])}
    return place | ({"message": workspace.as_payload(message)} if message.only_for is None else {})


def command(
    spec: WorkspaceSpec, user: User, conversation: Conversation, name: str, text: str, *, trigger: str,
    response_url: str,
) -> Json:  # fmt: skip
    """A slash command."""
    channel = _channel(conversation)
    return {
        "token": spec.verification_token, "command": name, "text": text, "response_url": response_url,
        "trigger_id": trigger, "user_id": user.id, "user_name": user.name, "team_id": spec.team_id,
        "team_domain": spec.domain, "api_app_id": spec.app_id, "channel_id": channel["id"],
        "channel_name": channel["name"], "is_enterprise_install": "false",
    }  # fmt: skip


def message_click(
    workspace: Workspace, user: User, message: Message, action: Json, state: Json, *, trigger: str, response_url: str
) -> Json:
    """A click in a message."""
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    container["is_ephemeral"] = message.only_for is not None
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return _common(
        workspace.spec, user, "block_actions", container=container, trigger_id=trigger, response_url=response_url,
        **_in_message(workspace, message), state={"values": state}, actions=[action],
    )  # fmt: skip


def view_click(spec: WorkspaceSpec, user: User, view: Json, action: Json, *, trigger: str) -> Json:
    """A click in a modal or a Home."""
    container = {"type": "view", "view_id": view["id"]}
    # The published schema demands a response_url; Slack sends none for views.
    return _common(
        spec, user, "block_actions", container=container, trigger_id=trigger, view=view, actions=[action],
        response_url="",
    )  # fmt: skip


def message_suggestion(workspace: Workspace, user: User, message: Message, element: Json, typed: str) -> Json:
    """Somebody types into an external menu of a message."""
    container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    where = _in_message(workspace, message)
    return _suggestion(workspace.spec, user, element, typed) | {"container": container, **where}


def view_suggestion(spec: WorkspaceSpec, user: User, view: Json, element: Json, typed: str) -> Json:
    """Somebody types into an external menu of a view."""
    container = {"type": "view", "view_id": view["id"]}
    return _suggestion(spec, user, element, typed) | {"container": container, "view": view}


def _suggestion(spec: WorkspaceSpec, user: User, element: Json, typed: str) -> Json:
    which = {key: element[key] for key in ("action_id", "block_id")}
    return _common(spec, user, "block_suggestion", **which, value=typed)


def submission(spec: WorkspaceSpec, user: User, view: Json, *, trigger: str, response_urls: list[Json]) -> Json:
    """A modal is submitted; `response_urls` answer in the conversations it chose, where it asked for that."""
    return _common(spec, user, "view_submission", trigger_id=trigger, view=view, response_urls=response_urls)


def closed(spec: WorkspaceSpec, user: User, view: Json, *, cleared: bool) -> Json:
    """A modal that wanted to know is closed."""
    return _common(spec, user, "view_closed", view=view, is_cleared=cleared)


def message_shortcut(
    workspace: Workspace, user: User, message: Message, callback_id: str, *, trigger: str, response_url: str
) -> Json:
    """A shortcut from a message's menu."""
    return _common(
        workspace.spec, user, "message_action", callback_id=callback_id, trigger_id=trigger,
        channel=_channel(workspace.state.conversations[message.channel]), response_url=response_url,
        message=workspace.as_payload(message), message_ts=message.ts, action_ts=workspace.next_ts(),
    )  # fmt: skip


def global_shortcut(workspace: Workspace, user: User, callback_id: str, *, trigger: str) -> Json:
    """A shortcut from anywhere."""
    ts = workspace.next_ts()
    return _common(workspace.spec, user, "shortcut", callback_id=callback_id, trigger_id=trigger, action_ts=ts)


def event(workspace: Workspace, inner: Json) -> Json:
    """An event in its envelope, with an id of its own."""
    spec = workspace.spec
    where = inner.get("channel") or inner.get("item", {}).get("channel")
    room = workspace.state.conversations.get(where) if isinstance(where, str) else None
    bot = {
        "enterprise_id": None, "team_id": spec.team_id, "user_id": spec.bot_user_id, "is_bot": True,
        "is_enterprise_install": False,
    }  # fmt: skip
    return {
        "token": spec.verification_token, "team_id": spec.team_id, "api_app_id": spec.app_id, "event": inner,
        "type": "event_callback", "event_id": f"Ev{secrets.token_hex(5).upper()}", "event_time": workspace.seconds(),
        "is_ext_shared_channel": room is not None and len(workspace.teams_in(room)) > 1, "authorizations": [bot],
    }  # fmt: skip


MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}
# The scope that an event needs besides the subscription, where the kind of conversation doesn't say.
SCOPES = {
    "app_mention": "app_mentions:read", "reaction_added": "reactions:read", "reaction_removed": "reactions:read",
    "file_shared": "files:read", "user_change": "users:read", "channel_created": "channels:read",
}  # fmt: skip
EVERYWHERE = {"app_home_opened", "app_uninstalled", "channel_created", "tokens_revoked", "user_change"}


def reaches(workspace: Workspace, event: Json) -> bool:
    """Whether the app is told of `event`."""
    kind, spec = event["type"], workspace.spec
    channel = event.get("channel") or event.get("channel_id") or event.get("item", {}).get("channel") or ""
    place = channel["id"] if isinstance(channel, dict) else channel
    conversation = workspace.state.conversations.get(place)
    if conversation is None or kind in EVERYWHERE:
        return kind in spec.events and SCOPES.get(kind, "") in {"", *spec.scopes}
    right = "history" if kind == "message" else "read"
    needed = SCOPES.get(kind) or f"{TOKEN_PREFIX[conversation.kind]}:{right}"
    subscribed = (MESSAGES[conversation.kind] if kind == "message" else kind) in spec.events
    # Of its own coming and going it hears; of others' only where it is.
    near = workspace.bot in conversation.members or event.get("user") == workspace.bot
    return subscribed and needed in spec.scopes and near
