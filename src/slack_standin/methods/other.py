"""The methods that stand alone: auth.test, api.test, team.info, bots.info, blocks.validate."""

import secrets

from slack_standin.blocks import check_blocks, check_view
from slack_standin.errors import SlackError
from slack_standin.methods.registry import Call, method
from slack_standin.state import Json


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


@method("team.info", scopes="team:read", optional="team domain")
def team_info(call: Call) -> Json:
    """The workspace."""
    spec = call.workspace.spec
    return {"team": {"id": spec.team_id, "name": spec.name, "domain": spec.domain, "email_domain": ""}}


@method("bots.info", scopes="users:read", optional="bot team_id")
def bots_info(call: Call) -> Json:
    """The bot."""
    spec = call.workspace.spec
    if call.arguments.text("bot", spec.bot_id) != spec.bot_id:
        raise SlackError("bot_not_found")
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
