"""What somebody chose in a menu, a picker or a field, as Slack sends it; elements are found by what they say."""

from collections.abc import Callable, Iterator
from typing import Any

from slack_standin.state import Json, NotPossibleError, elements

# Where each kind of element keeps what was chosen, and where its first value comes from.
_CHOSEN = {
    "option": "static_select external_select radio_buttons",
    "options": "multi_static_select multi_external_select checkboxes",
    "user": "users_select", "users": "multi_users_select",
    "conversation": "conversations_select", "conversations": "multi_conversations_select",
    "channel": "channels_select", "channels": "multi_channels_select",
    "date": "datepicker", "time": "timepicker", "date_time": "datetimepicker",
}  # fmt: skip
_TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
FIELDS = {
    **dict.fromkeys(_TYPED, ("value", "initial_value")),
    "file_input": ("files", "initial_files"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    **{kind: (f"selected_{what}", f"initial_{what}") for what, kinds in _CHOSEN.items() for kind in kinds.split()},
}
LISTS = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}
AS_GIVEN = {"rich_text_value", "files"}
# What Slack repeats of a button in the action that it sends.
REPEATED = ("value", "text", "url", "style", "placeholder", "confirm")
Values = dict[str, dict[str, Json]]
Resolve = Callable[[str, str], str]


def initial_values(blocks: list[Json]) -> Values:
    """`state.values` as a form begins: one entry for each element that holds a value."""
    values: Values = {}
    for block in blocks:
        for element in elements(block):
            if element["type"] in FIELDS:
                field, initial = FIELDS[element["type"]]
                empty: Any = [] if field in LISTS else None
                entry = {"type": element["type"], field: element.get(initial, empty)}
                values.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return values


def chosen(element: Json, value: Any, resolve: Resolve) -> Json:
    """The state entry for `value`.

    Text, an option's value or label, ids or handles, `YYYY-MM-DD`, `HH:MM`, a Unix time; lists for multi-selects;
    for files what `upload` gave.
    `resolve(kind, name)` turns a person's handle or a channel's name into an id.
    """
    kind, (field, _) = element["type"], FIELDS[element["type"]]
    if value in (None, "", []):
        return {"type": kind, field: [] if field in LISTS else None}
    if field in LISTS:
        items = value if isinstance(value, list) else [value]
        return {"type": kind, field: [_one(element, field, item, resolve) for item in items]}
    return {"type": kind, field: _one(element, field, value, resolve)}


def _one(element: Json, field: str, value: Any, resolve: Resolve) -> Any:
    if field.startswith("selected_option"):
        return _option(element, value)
    if field.startswith("selected_user"):
        return resolve("user", str(value))
    if field.startswith(("selected_conversation", "selected_channel")):
        return resolve("channel", str(value))
    return int(value) if field == "selected_date_time" else value if field in AS_GIVEN else str(value)


def _option(element: Json, value: Any) -> Json:
    """The option of a menu with that value or label."""
    if element["type"].endswith("external_select") and isinstance(value, dict):
        return value
    for offer in options(element):
        if value in (offer.get("value"), offer["text"]["text"]) or value == offer:
            return offer
    offered = ", ".join(offer["text"]["text"] for offer in options(element))
    raise NotPossibleError(f"there is no option {value!r} here, only {offered}")


def options(element: Json) -> Iterator[Json]:
    """All options of a menu, groups included."""
    yield from element.get("options", [])
    for group in element.get("option_groups", []):
        yield from group["options"]


def note(values: Values, action: Json) -> None:
    """Write what an action chose into `state.values`."""
    if action["type"] in FIELDS:
        field, _ = FIELDS[action["type"]]
        values[action["block_id"]][action["action_id"]] = {"type": action["type"], field: action.get(field)}


def find_action(blocks: list[Json], name: str, value: Any = None, block_id: str | None = None) -> Json:
    """The interactive element with that action_id or label; among several, the button with that value."""
    within = [block for block in blocks if block_id in (None, block["block_id"])]
    found = [{**element, "block_id": block["block_id"]} for block in within for element in elements(block)]
    named = [element for element in found if element["action_id"] == name]
    named = named or [element for element in found if _label(element) == name]
    for element in named:
        if element["type"] == "button" and value is not None and element.get("value") == value:
            return element
    if not named:
        offered = ", ".join(_label(element) or element["action_id"] for element in found) or "nothing"
        raise NotPossibleError(f"there is no {name!r} to click, only {offered}")
    return named[0]


def _label(element: Json) -> str:
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", "")) if isinstance(text, dict) else ""


def action_for(element: Json, value: Any, resolve: Resolve, ts: str) -> Json:
    """The action as Slack sends it."""
    action = {key: element[key] for key in ("type", "action_id", "block_id")} | {"action_ts": ts}
    if element["type"] in {"button", "workflow_button"}:
        return action | {key: element[key] for key in REPEATED if key in element}
    if element["type"] == "overflow":
        return action | {"selected_option": _option(element, value)}
    field, initial = FIELDS[element["type"]]
    action |= {key: element[key] for key in ("placeholder", initial) if key in element and key != "initial_value"}
    return action | {field: chosen(element, value, resolve)[field]}


def field_named(blocks: list[Json], name: str) -> tuple[Json, Json]:
    """The block and element of a field, by block_id, action_id or label."""
    fields = [(block, element) for block in blocks for element in elements(block) if element["type"] in FIELDS]
    for block, element in fields:
        if name in (block["block_id"], element["action_id"], block.get("label", {}).get("text")):
            return block, element
    offered = ", ".join(str(block.get("label", {}).get("text") or block["block_id"]) for block, _ in fields)
    raise NotPossibleError(f"there is no field {name!r} here, only {offered or 'none'}")
