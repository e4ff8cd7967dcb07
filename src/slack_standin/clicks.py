"""Finds what a person means on a message or in a view, and writes down what they did with it."""

from typing import Any

from slack_standin.errors import NotPossibleError
from slack_standin.inputs import FIELDS, Resolve, chosen, option
from slack_standin.state import Json, elements

# What Slack repeats of the element in the action that it sends.
REPEATED = ("value", "text", "url", "style", "placeholder", "confirm")


def find_action(blocks: list[Json], name: str, value: Any = None, block_id: str | None = None) -> Json:
    """The interactive element with that action_id or label; among several, the button with that value."""
    found = [
        {**element, "block_id": block["block_id"]}
        for block in blocks
        if block_id in (None, block["block_id"])
        for element in elements(block)
    ]
    named = [one for one in found if one["action_id"] == name] or [one for one in found if _label(one) == name]
    fitting = [
        one for one in named if one["type"] == "button" and value is not None and one.get("value") == value
    ] or named
    if not fitting:
        offered = ", ".join(_label(one) or one["action_id"] for one in found) or "nothing"
        raise NotPossibleError(f"there is no {name!r} to click, only {offered}")
    return fitting[0]


def _label(element: Json) -> str:
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", "")) if isinstance(text, dict) else ""


def action_for(element: Json, value: Any, resolve: Resolve, ts: str) -> Json:
    """The action as Slack sends it."""
    action = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": element["block_id"],
        "action_ts": ts,
    }
    if element["type"] in {"button", "workflow_button"}:
        return action | {key: element[key] for key in REPEATED if key in element}
    if element["type"] == "overflow":
        return action | {"selected_option": option(element, value)}
    entry = chosen(element, value, resolve)
    field, initial = FIELDS[element["type"]]
    action |= {key: element[key] for key in ("placeholder", initial) if key in element and key != "initial_value"}
    return action | {field: entry[field]}


def field_named(blocks: list[Json], name: str) -> tuple[Json, Json]:
    """The block and element of a field, by block_id, action_id or label."""
    fields = [(block, element) for block in blocks for element in elements(block) if element["type"] in FIELDS]
    for block, element in fields:
        if name in (block["block_id"], element["action_id"], block.get("label", {}).get("text")):
            return block, element
    offered = ", ".join(str(block.get("label", {}).get("text") or block["block_id"]) for block, _ in fields)
    raise NotPossibleError(f"there is no field {name!r} here, only {offered or 'none'}")
