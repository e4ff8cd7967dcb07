"""users.*: who is here."""

from datetime import UTC
from zoneinfo import ZoneInfo

from slack_standin.errors import SlackError
from slack_standin.methods.registry import Call, method, page_of
from slack_standin.state import Json, User


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


@method("users.info", scopes="users:read", tier=4, required="user", optional="include_locale")
def describe(call: Call) -> Json:
    """One user."""
    user = call.workspace.state.users.get(call.arguments.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": as_user(call, user)}


@method("users.list", scopes="users:read", tier=2, optional="cursor include_locale limit team_id")
def list_(call: Call) -> Json:
    """Everybody, page by page."""
    page, cursor = page_of(list(call.workspace.state.users.values()), call.arguments, default=1000)
    members = [as_user(call, user) for user in page]
    now = int(call.workspace.now().timestamp())
    return {"members": members, "cache_ts": now, "response_metadata": {"next_cursor": cursor}}


@method("users.lookupByEmail", scopes="users:read.email", required="email")
def by_email(call: Call) -> Json:
    """Somebody by address; whoever has left is not found."""
    wanted = call.arguments.text("email").lower()
    for user in call.workspace.state.users.values():
        if user.email and user.email.lower() == wanted and not user.deleted:
            return {"user": as_user(call, user)}
    raise SlackError("users_not_found")
