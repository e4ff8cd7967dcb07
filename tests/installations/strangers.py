"""Everything that stands in one workspace, sent from the other one: each click and form, and what Slack tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from callboard.app import routes
from slack_standin import payloads
from slack_standin.delivery import Kind
from slack_standin.response_url import Occasion
from tests.installations.two import Side

MACHINERY = {"lanes", "watches", "receipts", "troubles", "sealed", "chains", "alembic_version", "spent"}
"""What belongs to no workspace, or changes with time."""


def rows(side: Side) -> dict[str, dict[Any, Any]]:
    """All that the database holds, by table and key."""

    def read(tx: Any) -> dict[str, dict[Any, Any]]:
        found: dict[str, dict[Any, Any]] = {}
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in MACHINERY:
                keys = [column.name for column in table.primary_key]
                every = tx.connection.execute(select(table)).mappings().all()
                found[table.name] = {tuple(row[key] for key in keys): repr(dict(row)) for row in every}
        return found

    return side.app.db.transact(read)


def clicks(there: Side, here: Side) -> Iterator[tuple[Kind, Any]]:
    """Every button and menu of every message and Home there, as if it stood in the other workspace."""
    workspace = there.slack.workspace
    for channel, messages in workspace.state.messages.items():
        members = [user for user in workspace.state.conversations[channel].members if user != workspace.bot]
        for message in messages.values():
            for element in message.actions:
                for action in acts(element):
                    person = workspace.state.users[message.only_for or members[0]]
                    sent = payloads.message_click(
                        workspace, person, message, action, {}, trigger="", response_url="https://none"
                    )
                    yield "interactive", moved(sent, there, here)
    for view in [*workspace.state.views.values()]:
        shown = view.model_dump()
        body = {**shown["body"], "id": view.id, "app_installed_team_id": there.team, "state": {"values": {}}}
        person = workspace.state.users[view.user]
        for element in [each for block in view.blocks for each in block.get("elements", [])]:
            for action in acts(element):
                sent = payloads.view_click(workspace.spec, person, body, action, trigger="")
                yield "interactive", moved(sent, there, here)


def forms(there: Side, here: Side, numbers: Any) -> Iterator[tuple[Kind, Any]]:
    """Every form that there is, carrying the number of a row of the other workspace."""
    workspace = there.slack.workspace
    person = workspace.user("amp")
    for kind, name in routes().interactions:
        if kind == "modal":
            for number in numbers:
                private = {"number": number, "changes": 0, "plan": "release", "gate": "go", "key": "O-1", "at": 1}
                view = {
                    "id": f"V{name}{number}", "type": "modal", "callback_id": name, "hash": "1", "blocks": [],
                    "title": {"type": "plain_text", "text": "x"}, "app_installed_team_id": there.team,
                    "private_metadata": json.dumps(private), "state": {"values": {}},
                }  # fmt: skip
                sent = payloads.submission(workspace.spec, person, view, trigger="", response_urls=[])
                yield "interactive", moved(sent, there, here)


def acts(element: Any) -> Iterator[dict[str, Any]]:
    """A click on a button, or each choice in a menu."""
    told = {name: element[name] for name in ("type", "action_id", "block_id") if name in element}
    told |= {"block_id": element.get("block_id", "b"), "action_ts": "1.1"}
    if element["type"] == "button":
        yield told | {"value": element.get("value", "")}
    for option in element.get("options", ()):
        yield told | {"selected_option": option}


def moved(payload: Any, there: Side, here: Side) -> Any:
    """The same, from the other workspace."""
    sent = json.loads(json.dumps(payload).replace(there.team, here.team))
    user = sent["user"]["id"]
    sent["trigger_id"] = here.slack.triggers.give(user)
    channel = (sent.get("channel") or {}).get("id", "COMEGA")
    if sent.get("response_url"):
        sent["response_url"] = here.slack.replies.give(Occasion(user, channel))
    for action in sent.get("actions", ()):
        action["action_ts"] = here.slack.workspace.next_ts()
    return sent


def events(there: Side) -> Iterator[dict[str, Any]]:
    """What Slack tells of messages, channels and people with ids that are those of the other workspace too."""
    workspace = there.slack.workspace
    for channel, messages in workspace.state.messages.items():
        for message in messages.values():
            before = workspace.as_payload(message)
            at = {"channel": channel, "channel_type": "channel", "event_ts": message.ts}
            yield {"type": "message", "subtype": "message_deleted", "hidden": True, "deleted_ts": message.ts,
                   "previous_message": before, "ts": message.ts, **at}  # fmt: skip
            yield {"type": "message", "user": "UPA", "text": "well", "ts": "9.9", "thread_ts": message.ts, **at}
    for channel in list(workspace.state.conversations):
        yield {"type": "member_joined_channel", "user": workspace.bot, "channel": channel, "channel_type": "C"}
        yield {"type": "channel_unarchive", "user": "UPA", "channel": channel}
    for user in ("UPA", "UOLGA"):
        yield {"type": "app_home_opened", "user": user, "tab": "home", "channel": f"D{user[1:]}"}
        yield {"type": "user_change", "user": {"id": user, "deleted": True}}
    for channel in list(workspace.state.conversations):
        yield {"type": "channel_id_changed", "old_channel_id": channel, "new_channel_id": f"{channel}X"}
