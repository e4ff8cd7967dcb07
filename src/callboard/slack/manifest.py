"""The app manifest: what has to be set up in Slack, derived from what is declared here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from callboard.blocks.markup import clip
from callboard.slack.grammar import Command
from callboard.slack.routes import Interaction, Routes

ABOUT = "Runs a release of several teams from a plan: who is on, what is next, what is blocked and who has been told."
COMMANDS = 50
DESCRIPTION, SHORTCUT_NAME, SHORTCUT_ABOUT, HINT = 2000, 24, 150, 1000

SCOPES = (
    "app_mentions:read",  # answers `@Callboard help` in a channel
    "canvases:read",  # finds the lines of a team's status in the canvas of its channel
    "canvases:write",  # writes them
    "channels:history",  # finds a message whose answer was lost; hears what is said under a card
    "channels:join",  # goes into a public channel of a plan's people, to post there and to look for a lost message
    "channels:read",  # finds channels by name
    "chat:write",
    "commands",
    "files:read",  # reads a plan that is uploaded to `/plan apply`, and sees when a chart can be shown
    "files:write",  # uploads charts
    "groups:history",
    "groups:read",
    "im:history",  # answers whoever writes to it, finds a page whose answer was lost
    "im:write",
    "pins:write",  # pins the line that says where a run-book is, while it runs
    "users:read",
    "users:read.email",  # finds people by the address in the plan
)
REDIRECT = "/slack/oauth_redirect"
"""Where Slack sends whoever has installed the app."""
# `message` comes as one event for each kind of conversation.
KINDS_OF_MESSAGES = ("message.channels", "message.groups", "message.im")
ALWAYS = ("app_mention", "app_uninstalled", "message.im", "tokens_revoked")


def build(routes: Routes, *, prefix: str = "", url: str = "", public: str = "") -> dict[str, Any]:
    """Make the manifest as Slack's app set-up takes it, for Socket Mode, or for requests sent to `url`.

    With a `public` address several workspaces may install the app there. ValueError when there are more commands than
    Slack allows.
    """
    if len(routes.commands) > COMMANDS:
        raise ValueError(f"{len(routes.commands)} commands, Slack allows {COMMANDS}")
    target = {"request_url": url} if url else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": "Callboard", "description": ABOUT[:140], "background_color": "#1d3c34"},
        "features": _features(routes, prefix, {"url": url} if url else {}),
        "oauth_config": {**_redirect(public), "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**target, "bot_events": _events(routes.hears)},
            "interactivity": {"is_enabled": True, **target},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _redirect(public: str) -> dict[str, Any]:
    return {"redirect_urls": [f"{public.rstrip('/')}{REDIRECT}"]} if public else {}


def _features(routes: Routes, prefix: str, target: dict[str, str]) -> dict[str, Any]:
    shortcuts = [_shortcut(each) for each in routes.interactions.values() if each.kind == "shortcut"]
    return {
        "app_home": {"home_tab_enabled": "app_home_opened" in routes.hears, "messages_tab_enabled": True,
                     "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "Callboard", "always_online": True},
        **({"shortcuts": shortcuts} if shortcuts else {}),
        "slash_commands": [_command(command, prefix, target) for command in routes.commands.values()],
    }  # fmt: skip


def _command(command: Command, prefix: str, target: dict[str, str]) -> dict[str, Any]:
    hint = " | ".join([*command.examples[:2], "help"])
    return {
        "command": f"/{prefix}{command.word}", "description": clip(command.about, DESCRIPTION),
        "usage_hint": clip(hint, HINT), "should_escape": True, **target,
    }  # fmt: skip


def _shortcut(shortcut: Interaction) -> dict[str, Any]:
    return {
        "name": clip(shortcut.title, SHORTCUT_NAME), "type": shortcut.on, "callback_id": shortcut.id,
        "description": clip(shortcut.description, SHORTCUT_ABOUT),
    }  # fmt: skip


def _events(heard: Collection[str]) -> list[str]:
    names = {name for event in heard for name in (KINDS_OF_MESSAGES if event.startswith("message") else (event,))}
    return sorted(names | set(ALWAYS))
