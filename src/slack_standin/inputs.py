"""What people fill in: from a plain value to what Slack sends for the element, and what Slack's own form checks."""

from collections.abc import Callable, Iterator
from typing import Any

from slack_standin.errors import NotPossibleError
from slack_standin.state import Json, elements

# Where each kind of element keeps what was chosen, and where its first value comes from.
FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "file_input": ("files", "initial_files"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "external_select": ("selected_option", "initial_option"),
    "multi_external_select": ("selected_options", "initial_options"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
LISTS = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}
AS_GIVEN = {"rich_text_value", "files"}
Resolve = Callable[[str, str], str]


def initial_values(blocks: list[Json]) -> dict[str, dict[str, Json]]:
    """`state.values` as a form begins: one entry for each element that holds a value."""
    values: dict[str, dict[str, Json]] = {}
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
    field, _ = FIELDS[element["type"]]
    if value in (None, "", []):
        return {"type": element["type"], field: [] if field in LISTS else None}
    if field in LISTS:
        items = value if isinstance(value, list) else [value]
        return {"type": element["type"], field: [_one(element, field, item, resolve) for item in items]}
    return {"type": element["type"], field: _one(element, field, value, resolve)}


def _one(element: Json, field: str, value: Any, resolve: Resolve) -> Any:
    if field.startswith("selected_option"):
        return option(element, value)
    if field.startswith("selected_user"):
        return resolve("user", str(value))
    if field.startswith(("selected_conversation", "selected_channel")):
        return resolve("channel", str(value))
    return int(value) if field == "selected_date_time" else value if field in AS_GIVEN else str(value)


def option(element: Json, value: Any) -> Json:
    """The option of a menu with that value or label, without its description, as Slack sends it."""
    if element["type"].endswith("external_select") and isinstance(value, dict):
        return value
    for one in options(element):
        if value in (one.get("value"), one["text"]["text"]) or value == one:
            return one
    offered = ", ".join(one["text"]["text"] for one in options(element))
    raise NotPossibleError(f"there is no option {value!r} here, only {offered}")


def options(element: Json) -> Iterator[Json]:
    """All options of a menu, groups included."""
    yield from element.get("options", [])
    for group in element.get("option_groups", []):
        yield from group["options"]


def is_empty(entry: Json) -> bool:
    """Whether nothing has been filled in."""
    return all(value in (None, "", []) for key, value in entry.items() if key != "type")


def objections(blocks: list[Json], values: dict[str, dict[str, Json]]) -> dict[str, str]:
    """What the form itself refuses before the app hears of it, by block_id."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        entry = values[block["block_id"]][element["action_id"]] if element["type"] in FIELDS else {}
        if is_empty(entry):
            if not block.get("optional"):
                found[block["block_id"]] = "Please complete this required field."
        elif text := _length(element, entry):
            found[block["block_id"]] = text
    return found


def _length(element: Json, entry: Json) -> str | None:
    if element["type"] != "plain_text_input":
        return None
    size, most, least = len(entry["value"]), element.get("max_length", 3000), element.get("min_length", 0)
    if size > most:
        return f"Must be {most} characters or fewer."
    return f"Must be at least {least} characters." if size < least else None
