"""users.*: who is here."""

import secrets
from datetime import UTC
from zoneinfo import ZoneInfo

from slack_standin.blocks import check_blocks, check_view
from slack_standin.methods.registry import Call, method, page_of
from slack_standin.state import Json, SlackError, User, UserGroup, refuse_if


def as_user(call: Call, user: User) -> Json:
    """A user as Slack writes one; the e-mail address only with its scope."""
    zone = ZoneInfo(user.tz)
    now = call.workspace.now().astimezone(UTC)
    offset = now.astimezone(zone).utcoffset()
    spec = call.workspace.spec
    profile: Json = {"real_name": user.real_name, "real_name_normalized": user.real_name, "display_name": user.name}
    profile |= {"display_name_normalized": user.name, "title": user.title, "team": spec.team_id, "avatar_hash": "0"}
    if user.is_bot:
        profile |= {"api_app_id": spec.app_id, "bot_id": spec.bot_id}
    if user.email and "users:read.email" in call.scopes:
        profile["email"] = user.email
    payload: Json = {"id": user.id, "team_id": spec.team_id, "name": user.name, "deleted": user.deleted}
    payload |= {"profile": profile, "is_bot": user.is_bot, "is_app_user": False, "updated": int(now.timestamp())}
    if user.deleted:
        return payload
    label = now.astimezone(zone).tzname() or user.tz
    place = {"tz": user.tz, "tz_label": label, "tz_offset": int(offset.total_seconds()) if offset else 0}
    rank = {"is_admin": False, "is_owner": False, "is_primary_owner": False, "is_restricted": False}
    return payload | place | rank | {"is_ultra_restricted": False, "real_name": user.real_name, "color": "4a6572"}


@method("users.info", "users:read", tier=4, required="user", optional="include_locale")
def describe(call: Call) -> Json:
    """One user."""
    user = call.workspace.state.users.get(call.arguments.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": as_user(call, user)}


@method("users.list", "users:read", tier=2, optional="cursor include_locale limit team_id")
def list_(call: Call) -> Json:
    """Everybody, page by page."""
    page, cursor = page_of(list(call.workspace.state.users.values()), call.arguments, default=1000)
    members = [as_user(call, user) for user in page]
    now = int(call.workspace.now().timestamp())
    return {"members": members, "cache_ts": now, "response_metadata": {"next_cursor": cursor}}


@method("users.lookupByEmail", "users:read.email", required="email")
def by_email(call: Call) -> Json:
    """Somebody by address; whoever has left is not found."""
    wanted = call.arguments.text("email").lower()
    for user in call.workspace.state.users.values():
        if user.email and user.email.lower() == wanted and not user.deleted:
            return {"user": as_user(call, user)}
    raise SlackError("users_not_found")


FLAGS = "include_count team_id additional_channels"


def _as_group(call: Call, group: UserGroup, *, users: bool = False) -> Json:
    written: Json = {"id": group.id, "team_id": call.workspace.spec.team_id, "is_usergroup": True, "is_external": False}
    written |= {"name": group.name, "handle": group.handle, "description": group.description}
    written |= {"date_create": group.created, "date_update": group.created, "date_delete": int(group.disabled)}
    written |= {"prefs": {"channels": group.channels, "groups": []}, "created_by": call.workspace.bot}
    if call.arguments.flag("include_count"):
        written["user_count"] = len(group.users)
    return written | ({"users": group.users} if users else {})


@method("usergroups.list", "usergroups:read", tier=2, optional="include_count include_disabled include_users team_id")
def list_groups(call: Call) -> Json:
    """Every group, disabled ones only on request."""
    disabled, users = call.arguments.flag("include_disabled"), call.arguments.flag("include_users")
    groups = [group for group in call.workspace.state.groups.values() if disabled or not group.disabled]
    return {"usergroups": [_as_group(call, group, users=users) for group in groups]}


@method("usergroups.users.list", "usergroups:read", tier=2, required="usergroup", optional="include_disabled team_id")
def list_members(call: Call) -> Json:
    """Who is in a group."""
    group = _group(call, "no_such_subteam")
    refuse_if(group.disabled and not call.arguments.flag("include_disabled"), "no_such_subteam")
    return {"users": group.users}


@method(
    "usergroups.create",
    "usergroups:write",
    tier=2,
    required="name",
    optional=f"handle description channels enable_section {FLAGS}",
)
def create_group(call: Call) -> Json:
    """A new group; name and handle are its own."""
    arguments, groups = call.arguments, call.workspace.state.groups
    name, handle = arguments.text("name"), arguments.text("handle").lower()
    refuse_if(any(group.name == name for group in groups.values()), "name_already_exists")
    refuse_if(handle and any(group.handle == handle for group in groups.values()), "handle_already_exists")
    group = UserGroup(id=f"S{call.workspace.serial():08d}", handle=handle, name=name)
    group.description = arguments.text("description")
    group.channels, group.created = arguments.names("channels"), int(call.workspace.now().timestamp())
    groups[group.id] = group
    return {"usergroup": _as_group(call, group, users=True)}


@method(
    "usergroups.update",
    "usergroups:write",
    tier=2,
    required="usergroup",
    optional=f"handle name description channels enable_section {FLAGS}",
)
def update_group(call: Call) -> Json:
    """Another name, handle or description."""
    group = _group(call, "permission_denied")
    for field in ("name", "handle", "description"):
        if call.arguments.text(field):
            setattr(group, field, call.arguments.text(field))
    return {"usergroup": _as_group(call, group)}


@method(
    "usergroups.users.update", "usergroups:write", tier=2, required="usergroup users", optional=f"is_shared {FLAGS}"
)
def set_members(call: Call) -> Json:
    """Other people in a group, all at once."""
    group, users = _group(call, "permission_denied"), call.arguments.names("users")
    refuse_if(not users, "no_users_provided")
    refuse_if(any(user not in call.workspace.state.users for user in users), "invalid_users")
    group.users = list(dict.fromkeys(users))
    return {"usergroup": _as_group(call, group, users=True)}


@method("usergroups.disable", "usergroups:write", tier=2, required="usergroup", optional="include_count team_id")
def disable_group(call: Call) -> Json:
    """Put a group away."""
    group = _group(call, "permission_denied")
    group.disabled = True
    return {"usergroup": _as_group(call, group)}


@method("usergroups.enable", "usergroups:write", tier=2, required="usergroup", optional="include_count team_id")
def enable_group(call: Call) -> Json:
    """Bring a group back."""
    group = _group(call, "permission_denied")
    group.disabled = False
    return {"usergroup": _as_group(call, group)}


def _group(call: Call, refusal: str) -> UserGroup:
    found = call.workspace.state.groups.get(call.arguments.text("usergroup"))
    if found is None:
        raise SlackError(refusal)
    return found


@method("api.test", tier=4, token="none", optional="error foo")  # noqa: S106 (a kind of token)
def api_test(call: Call) -> Json:
    """Says back what was said."""
    if error := call.arguments.text("error"):
        raise SlackError(error)
    return {"args": {name: value for name, value in call.arguments.items() if name != "token"}}


@method("auth.test", tier=None)
def auth_test(call: Call) -> Json:
    """Who the token is."""
    spec = call.workspace.spec
    names = {"team": spec.name, "user": call.workspace.state.users[spec.bot_user_id].name}
    ids = {"team_id": spec.team_id, "user_id": spec.bot_user_id, "bot_id": spec.bot_id, "app_id": spec.app_id}
    return {"url": f"{call.base_url}/", **names, **ids, "is_enterprise_install": False}


@method("apps.connections.open", token="app")  # noqa: S106
def connections_open(call: Call) -> Json:
    """An address for one Socket Mode connection."""
    ticket = secrets.token_urlsafe(12)
    call.tickets.add(ticket)
    scheme = call.base_url.replace("http", "ws", 1)
    return {"url": f"{scheme}/link/?ticket={ticket}&app_id={call.workspace.spec.app_id}"}


@method("team.info", "team:read", optional="team domain")
def team_info(call: Call) -> Json:
    """The workspace."""
    spec = call.workspace.spec
    return {"team": {"id": spec.team_id, "name": spec.name, "domain": spec.domain, "email_domain": ""}}


@method("bots.info", "users:read", optional="bot team_id")
def bots_info(call: Call) -> Json:
    """The bot."""
    spec = call.workspace.spec
    refuse_if(call.arguments.text("bot", spec.bot_id) != spec.bot_id, "bot_not_found")
    bot = {"id": spec.bot_id, "app_id": spec.app_id, "user_id": spec.bot_user_id, "name": spec.bot_name}
    return {"bot": bot | {"deleted": False, "updated": 0, "icons": {}}}


@method("blocks.validate", tier=None, optional="blocks view message")
def blocks_validate(call: Call) -> Json:
    """Check blocks or a view without showing them to anybody."""
    arguments = call.arguments
    message = arguments.json("message")
    blocks = message.get("blocks") if isinstance(message, dict) else arguments.json("blocks")
    view = arguments.json("view")
    if blocks is None and view is None:
        raise SlackError("invalid_arguments", "[ERROR] one of blocks, view and message is needed")
    if problems := check_blocks(blocks) if blocks is not None else []:
        raise SlackError("invalid_blocks", *problems)
    if problems := check_view(view) if view is not None else []:
        raise SlackError("invalid_view", *problems)
    return {}
