"""What a person did in Slack, read from what Slack sends: the same for every way it came."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from callboard.blocks.forms import MORE_OF
from callboard.blocks.markup import escape, heard, legible

Payload = Mapping[str, Any]

UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What reading raises where it is not what Slack sends."""
UNKNOWN = "This is not what Slack sends."

FILES = "file_input"
LONGEST = 4_000
"""Characters that are read of what somebody types at once: as many as Slack recommends for a message."""
_REFERENCE = re.compile(
    r"&lt;((?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|https?://(?:[^\s<>|&]|&amp;)+)(?:\|(?:[^\n<>&]|&amp;)*)?)&gt;"
)


@dataclass(frozen=True)
class File:
    """A file that somebody attached. `content` is there where the interaction asks for files; `wrong` says why not."""

    name: str
    url: str
    size: int = 0
    content: bytes | None = None
    wrong: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One thing a person did.

    Text that a person wrote (`text`, `message_text`, text fields in `values`) is escaped for Slack's markup, holds
    mentions as `<@U1>` or `<@U1|name>`, and rings nobody when it is quoted: show it as it is, don't escape it again.
    """

    workspace: str
    user: str
    channel: str = ""
    channel_name: str = ""
    command: str = ""
    """The slash word as it was typed, prefix and slash included: `/blocker`."""
    text: str = ""
    """What followed the slash word, without the plan's key."""
    plan: str | None = None
    """The plan's key, when the person named it (`harbor: mongo is down`)."""
    trigger_id: str = ""
    response_url: str = ""
    value: str = ""
    """Of the button, or of the option that was chosen."""
    message: tuple[str, str] | None = None
    """(channel, ts) of the message with the button, or on which the shortcut was chosen."""
    message_text: str = ""
    thread_ts: str = ""
    is_private: bool = False
    """Whether the message with the button is seen by this person alone: it cannot be shown anew."""
    at_home: bool = False
    """Whether the button is in the person's Home."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """A form's inputs by block id: str, list of str, aware datetime, or None where left empty."""
    private: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    """What was uploaded in a form, or hangs on the message on which the shortcut was chosen."""
    is_bot: bool = False
    is_admin: bool | None = None
    """Whether they are an admin or owner of the workspace; None while Slack was not asked, or did not answer."""


def too_long(text: str) -> str:
    """What to say about a text that nobody reads because it is too long; empty for any other."""
    much = f"This text has {len(text):,} characters, and I read up to {LONGEST:,}."
    return f"{much} Nothing changed. Write less, or link to the rest." if len(text) > LONGEST else ""


def command(body: Payload) -> Request:
    return Request(
        workspace=workspace(body), user=known_as(body["user_id"], body.get("team_id"), body), command=body["command"],
        channel=body.get("channel_id", ""), channel_name=body.get("channel_name", ""),
        text=heard(body.get("text") or "").strip(), trigger_id=body.get("trigger_id", ""),
        response_url=body.get("response_url", ""), is_bot=body["user_id"] == "USLACKBOT",
    )  # fmt: skip


def action(body: Payload) -> Request:
    """A click on a button or a choice in a menu, on a message, in a form or at home."""
    acted = body["actions"][0]
    return _interactive(body, value=_chosen(acted), **(_form(body["view"]) if "view" in body else {}))


def shortcut(body: Payload) -> Request:
    return _interactive(body)


def view(body: Payload) -> Request:
    return _interactive(body, **_form(body["view"]))


def key(kind: str, body: Payload) -> str:
    """Name a delivery: the same for the same thing delivered again, different for the same thing done again."""
    return "/".join((workspace(body), kind, *(str(part) for part in _identity(kind, body))))


def _identity(kind: str, body: Payload) -> tuple[Any, ...]:
    if kind == "event":
        return (body["event_id"],)
    if kind == "mention":  # an edited one comes as another event
        return body["event"]["channel"], body["event"]["ts"]
    if kind == "submission":
        return body["view"]["id"], body["view"].get("hash", "")
    if kind != "action":
        return (body.get("trigger_id") or body.get("action_ts", ""),)
    acted, container = body["actions"][0], body.get("container", {})
    where = container.get("message_ts") or container.get("view_id") or body.get("view", {}).get("id", "")
    return where, acted.get("action_id", ""), body["user"]["id"], acted.get("action_ts", "")


def _interactive(body: Payload, **more: Any) -> Request:
    message, container, channel = body.get("message") or {}, body.get("container") or {}, body.get("channel") or {}
    stamp = message.get("ts") or container.get("message_ts") or body.get("message_ts")
    channel_id = channel.get("id") or container.get("channel_id") or ""
    return Request(
        workspace=workspace(body), user=known_as(body["user"]["id"], body["user"].get("team_id"), body),
        channel=channel_id, channel_name=channel.get("name", ""),
        trigger_id=body.get("trigger_id", ""), response_url=body.get("response_url", ""),
        message=(channel_id, stamp) if stamp and channel_id else None, message_text=heard(message.get("text") or ""),
        thread_ts=message.get("thread_ts") or container.get("thread_ts") or "",
        is_private=bool(container.get("is_ephemeral")), at_home=_part(body, "view").get("type") == "home",
        is_bot=body["user"]["id"] == "USLACKBOT", **{"files": _files(message), **more},
    )  # fmt: skip


def event(body: Payload) -> tuple[str, Payload]:
    """The workspace in which the app is installed, and the event with its person as `known_as` names them."""
    inner = body["event"]
    team = inner.get("user_team") or inner.get("source_team") or inner.get("team")
    if not isinstance(inner.get("user"), str) or not isinstance(team, str):
        return workspace(body), inner
    return workspace(body), {**inner, "user": known_as(inner["user"], team, body)}


def known_as(user: str, team: str | None, body: Payload) -> str:
    """A person's id; with their workspace before it where that is another than the app's, in a shared channel.

    Ids are unique within a workspace, or within an organisation, whose workspaces share them.
    """
    home, place = workspace(body), _part(body, "team")
    organisation = _first(body).get("enterprise_id") or _part(body, "enterprise").get("id") or body.get("enterprise_id")
    alike = {home, organisation}
    if organisation and place.get("enterprise_id") == organisation:
        alike.add(place.get("id"))
    if organisation and body.get("is_ext_shared_channel") is False:
        alike.add(team)
    return user if not team or not home or team in alike else f"{team}/{user}"


def workspace(body: Payload) -> str:
    """Where the app is installed: in a channel that workspaces share, people of others act too."""
    view = _part(body, "view").get("app_installed_team_id")
    installed = body.get("app_installed_team_id") or view or _first(body).get("team_id")
    if installed:
        return str(installed)
    team, user, enterprise = (_part(body, name) for name in ("team", "user", "enterprise"))
    known = body.get("team_id") or team.get("id") or user.get("team_id") or enterprise.get("id")
    return str(known or body.get("enterprise_id") or "")


def _first(body: Payload) -> Payload:
    """The installation for which Slack delivers an event."""
    found: Any = body.get("authorizations") or ({},)
    return found[0] if isinstance(found[0], Mapping) else {}


def age(body: Payload) -> timedelta:
    """How old the message was when its button was clicked, by Slack's clock; zero where Slack does not say."""
    message, container = body.get("message") or {}, body.get("container") or {}
    try:
        clicked, shown = float(body["actions"][0]["action_ts"]), float(message.get("ts") or container["message_ts"])
    except (KeyError, TypeError, ValueError):
        return timedelta()
    return timedelta(seconds=clicked - shown)


def _part(body: Payload, name: str) -> Payload:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def _form(view: Payload) -> dict[str, Any]:
    states = view.get("state", {}).get("values", {})
    first = {block: next(iter(inputs.values())) for block, inputs in states.items() if inputs}
    values = _together({block: _typed(state) for block, state in first.items() if state.get("type") != FILES})
    files = tuple(file for state in first.values() if state.get("type") == FILES for file in _files(state))
    return {"values": values, "files": files, "private": _private(view.get("private_metadata") or "")}


def _together(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by block id; what is ticked in blocks that go on with another one is that one's."""
    whole: dict[str, Any] = {}
    for block, value in values.items():
        name = block.partition(MORE_OF)[0]
        whole[name] = [*whole[name], *value] if name in whole else value
    return whole


def _files(holder: Payload) -> tuple[File, ...]:
    return tuple(
        File(
            name=file.get("name") or "file",
            url=file.get("url_private_download") or file.get("url_private") or "",
            size=file.get("size") or 0,
        )
        for file in holder.get("files") or ()
    )


def _private(kept: str) -> dict[str, Any]:
    try:
        private = json.loads(kept) if kept else {}
    except ValueError:
        return {}
    return private if isinstance(private, dict) else {}


def _chosen(acted: Payload) -> str:
    value = _typed(acted)
    return ",".join(value) if isinstance(value, list) else str(value or "")


def _typed(state: Payload) -> Any:
    """A form's input as str, list of str, aware datetime, or None."""
    read = _READERS.get(state.get("type", ""))
    return read(state) if read else state.get("value")


_READERS: Mapping[str, Callable[[Payload], Any]] = {
    "plain_text_input": lambda state: _marked(state.get("value") or "") or None,
    "static_select": lambda state: (state.get("selected_option") or {}).get("value"),
    "overflow": lambda state: (state.get("selected_option") or {}).get("value"),
    "users_select": lambda state: state.get("selected_user"),
    "multi_users_select": lambda state: list(state.get("selected_users") or ()),
    "checkboxes": lambda state: [option["value"] for option in state.get("selected_options") or ()],
    "datetimepicker": lambda state: _instant(state.get("selected_date_time")),
}


def _marked(typed: str) -> str:
    """Text from a form as it would arrive in a command; references that a filled-in text brought along stay alive."""
    return _REFERENCE.sub(r"<\1>", escape(legible(typed))).strip()


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
