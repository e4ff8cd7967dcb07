"""users.* and usergroups.*: who is here, and the groups they are mentioned by."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from slack_standin.methods import Call, method
from slack_standin.methods.cursors import page_of
from slack_standin.state import Json, SlackError, User, UserGroup, refuse_if

RANKS = ("is_admin", "is_owner", "is_primary_owner", "is_restricted", "is_ultra_restricted")


def as_user(call: Call, user: User) -> Json:
    """A user as Slack writes one; the e-mail address only with its scope."""
    spec = call.workspace.spec
    profile: Json = {"real_name": user.real_name, "real_name_normalized": user.real_name, "display_name": user.name}
    team, foreign = call.workspace.team_of(user.id), call.workspace.is_foreign(user)
    profile |= {"display_name_normalized": user.name, "title": user.title, "team": team, "avatar_hash": "0"}
    if user.is_bot:
        profile |= {"api_app_id": spec.app_id, "bot_id": spec.bot_id}
    if user.email and "users:read.email" in call.scopes and not foreign:
        profile["email"] = user.email
    payload: Json = {
        "id": user.id, "team_id": team, "name": user.name, "deleted": user.deleted, "profile": profile,
        "is_bot": user.is_bot, "is_app_user": False, "updated": call.workspace.seconds(),
    }  # fmt: skip
    if foreign:
        payload["is_stranger"] = call.workspace.is_stranger(user)
    local = call.workspace.now().astimezone(ZoneInfo(user.tz))
    offset = local.utcoffset() or timedelta()
    return payload if user.deleted else payload | {
        "tz": user.tz, "tz_label": local.tzname() or user.tz, "tz_offset": int(offset.total_seconds()),
        **dict.fromkeys(RANKS, False), "is_admin": user.is_admin, "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted, "is_email_confirmed": user.email_confirmed,
        "real_name": user.real_name, "color": "4a6572",
    }  # fmt: skip


@method("users.info", "users:read", tier=4, required="user", optional="include_locale", json=False)
def describe(call: Call) -> Json:
    user = call.workspace.state.users.get(call.arguments.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": as_user(call, user)}


@method("users.list", "users:read", tier=2, optional="cursor include_locale limit team_id", json=False)
def list_(call: Call) -> Json:
    """Everybody, page by page."""
    own = [user for user in call.workspace.state.users.values() if not call.workspace.is_stranger(user)]
    page, cursor = page_of(own, call.arguments, default=1000)
    members = [as_user(call, user) for user in page]
    return {"members": members, "cache_ts": call.workspace.seconds(), "response_metadata": {"next_cursor": cursor}}


@method("users.lookupByEmail", "users:read.email", required="email", json=False)
def by_email(call: Call) -> Json:
    """Somebody of the workspace by address; whoever has left is not found."""
    wanted = call.arguments.text("email").lower()
    for user in call.workspace.state.users.values():
        if user.email and user.email.lower() == wanted and not (user.deleted or call.workspace.is_foreign(user)):
            return {"user": as_user(call, user)}
    raise SlackError("users_not_found")


FLAGS = "include_count team_id additional_channels"
DESCRIBING = f"description channels enable_section {FLAGS}"


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
    group = _group(call, "no_such_subteam")
    refuse_if(group.disabled and not call.arguments.flag("include_disabled"), "no_such_subteam")
    return {"users": group.users}


@method("usergroups.create", "usergroups:write", tier=2, required="name", optional=f"handle {DESCRIBING}")
def create_group(call: Call) -> Json:
    """A new group; name and handle are its own."""
    arguments, groups = call.arguments, call.workspace.state.groups
    name, handle = arguments.text("name"), arguments.text("handle").lower()
    refuse_if(any(group.name == name for group in groups.values()), "name_already_exists")
    refuse_if(handle and any(group.handle == handle for group in groups.values()), "handle_already_exists")
    group = UserGroup(
        id=f"S{call.workspace.serial():08d}", handle=handle, name=name, description=arguments.text("description"),
        channels=arguments.names("channels"), created=call.workspace.seconds(),
    )  # fmt: skip
    groups[group.id] = group
    return {"usergroup": _as_group(call, group, users=True)}


@method("usergroups.update", "usergroups:write", tier=2, required="usergroup", optional=f"handle name {DESCRIBING}")
def update_group(call: Call) -> Json:
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
    return _switched(call, disabled=True)


@method("usergroups.enable", "usergroups:write", tier=2, required="usergroup", optional="include_count team_id")
def enable_group(call: Call) -> Json:
    return _switched(call, disabled=False)


def _switched(call: Call, *, disabled: bool) -> Json:
    group = _group(call, "permission_denied")
    group.disabled = disabled
    return {"usergroup": _as_group(call, group)}


def _group(call: Call, refusal: str) -> UserGroup:
    found = call.workspace.state.groups.get(call.arguments.text("usergroup"))
    if found is None:
        raise SlackError(refusal)
    return found
