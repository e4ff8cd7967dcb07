"""usergroups.*: people under one handle."""

from slack_standin.errors import SlackError
from slack_standin.methods.registry import Call, method
from slack_standin.state import Json, UserGroup

FLAGS = "include_count team_id additional_channels"


def _as_group(call: Call, group: UserGroup, *, users: bool = False) -> Json:
    written: Json = {"id": group.id, "team_id": call.workspace.spec.team_id, "is_usergroup": True, "is_external": False}
    written |= {"name": group.name, "handle": group.handle, "description": group.description}
    written |= {"date_create": group.created, "date_update": group.created, "date_delete": int(group.disabled)}
    written |= {"prefs": {"channels": group.channels, "groups": []}, "created_by": call.workspace.bot}
    if call.arguments.flag("include_count"):
        written["user_count"] = len(group.users)
    return written | ({"users": group.users} if users else {})


@method(
    "usergroups.list", scopes="usergroups:read", tier=2, optional="include_count include_disabled include_users team_id"
)
def list_(call: Call) -> Json:
    """Every group, disabled ones only on request."""
    disabled, users = call.arguments.flag("include_disabled"), call.arguments.flag("include_users")
    groups = [one for one in call.workspace.state.groups.values() if disabled or not one.disabled]
    return {"usergroups": [_as_group(call, one, users=users) for one in groups]}


@method(
    "usergroups.users.list", scopes="usergroups:read", tier=2, required="usergroup", optional="include_disabled team_id"
)
def users_list(call: Call) -> Json:
    """Who is in a group."""
    group = _named(call, "no_such_subteam")
    if group.disabled and not call.arguments.flag("include_disabled"):
        raise SlackError("no_such_subteam")
    return {"users": group.users}


@method(
    "usergroups.create",
    scopes="usergroups:write",
    tier=2,
    required="name",
    optional=f"handle description channels enable_section {FLAGS}",
)
def create(call: Call) -> Json:
    """A new group; name and handle are its own."""
    arguments, groups = call.arguments, call.workspace.state.groups
    name, handle = arguments.text("name"), arguments.text("handle").lower()
    if any(one.name == name for one in groups.values()):
        raise SlackError("name_already_exists")
    if handle and any(one.handle == handle for one in groups.values()):
        raise SlackError("handle_already_exists")
    group = UserGroup(id=f"S{call.workspace.serial():08d}", handle=handle, name=name)
    group.description = arguments.text("description")
    group.channels, group.created = arguments.names("channels"), int(call.workspace.now().timestamp())
    groups[group.id] = group
    return {"usergroup": _as_group(call, group, users=True)}


@method(
    "usergroups.update",
    scopes="usergroups:write",
    tier=2,
    required="usergroup",
    optional=f"handle name description channels enable_section {FLAGS}",
)
def update(call: Call) -> Json:
    """Another name, handle or description."""
    group = _named(call, "permission_denied")
    for field in ("name", "handle", "description"):
        if call.arguments.text(field):
            setattr(group, field, call.arguments.text(field))
    return {"usergroup": _as_group(call, group)}


@method(
    "usergroups.users.update",
    scopes="usergroups:write",
    tier=2,
    required="usergroup users",
    optional=f"is_shared {FLAGS}",
)
def users_update(call: Call) -> Json:
    """Other people in a group, all at once."""
    group, users = _named(call, "permission_denied"), call.arguments.names("users")
    if not users:
        raise SlackError("no_users_provided")
    if any(user not in call.workspace.state.users for user in users):
        raise SlackError("invalid_users")
    group.users = list(dict.fromkeys(users))
    return {"usergroup": _as_group(call, group, users=True)}


@method("usergroups.disable", scopes="usergroups:write", tier=2, required="usergroup", optional="include_count team_id")
def disable(call: Call) -> Json:
    """Put a group away."""
    group = _named(call, "permission_denied")
    group.disabled = True
    return {"usergroup": _as_group(call, group)}


@method("usergroups.enable", scopes="usergroups:write", tier=2, required="usergroup", optional="include_count team_id")
def enable(call: Call) -> Json:
    """Bring a group back."""
    group = _named(call, "permission_denied")
    group.disabled = False
    return {"usergroup": _as_group(call, group)}


def _named(call: Call, refusal: str) -> UserGroup:
    found = call.workspace.state.groups.get(call.arguments.text("usergroup"))
    if found is None:
        raise SlackError(refusal)
    return found
