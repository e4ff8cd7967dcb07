"""Which events reach the app: those that it subscribed to, may read, and is near enough to hear."""

from slack_standin.state import Json
from slack_standin.workspace import TOKEN_PREFIX, Workspace

MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}
# The scope that an event needs besides the subscription, where the kind of conversation doesn't say.
SCOPES = {
    "app_mention": "app_mentions:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "file_shared": "files:read",
    "user_change": "users:read",
    "channel_created": "channels:read",
}
EVERYWHERE = {"app_home_opened", "channel_created", "tokens_revoked", "user_change"}


def reaches(workspace: Workspace, event: Json) -> bool:
    """Whether the app is told of `event`."""
    kind, spec = event["type"], workspace.spec
    place = _place(event)
    conversation = workspace.state.conversations.get(place)
    if conversation is None or kind in EVERYWHERE:
        return kind in spec.events and SCOPES.get(kind, "") in {"", *spec.scopes}
    right = "history" if kind == "message" else "read"
    needed = SCOPES.get(kind) or f"{TOKEN_PREFIX[conversation.kind]}:{right}"
    subscribed = (MESSAGES[conversation.kind] if kind == "message" else kind) in spec.events
    # Of its own coming and going it hears; of others' only where it is.
    near = workspace.bot in conversation.members or event.get("user") == workspace.bot
    return subscribed and needed in spec.scopes and near


def _place(event: Json) -> str:
    channel = event.get("channel") or event.get("channel_id") or event.get("item", {}).get("channel") or ""
    return str(channel["id"] if isinstance(channel, dict) else channel)
