"""What people fill in: from a plain value to what Slack sends for the element, and what Slack's own form checks."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from slack_standin.state import Json, NotPossibleError, elements
from slack_standin.workspace import Workspace

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
    named = [element for element in found if element["action_id"] == name] or [
        element for element in found if _label(element) == name
    ]
    fitting = [
        element
        for element in named
        if element["type"] == "button" and value is not None and element.get("value") == value
    ] or named
    if not fitting:
        offered = ", ".join(_label(element) or element["action_id"] for element in found) or "nothing"
        raise NotPossibleError(f"there is no {name!r} to click, only {offered}")
    return fitting[0]


def _label(element: Json) -> str:
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", "")) if isinstance(text, dict) else ""


def action_for(element: Json, value: Any, resolve: Resolve, ts: str) -> Json:
    """The action as Slack sends it."""
    action = {
        "type": element["type"], "action_id": element["action_id"], "block_id": element["block_id"], "action_ts": ts,
    }  # fmt: skip
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


_TOKEN = re.compile(
    r"<(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+)(\|[^<>]*)?>"
    r"|(https?://[^\s<>|]*[^\s<>|.,;:!?)])"
    r"|(?<![\w@])@([\w.-]+)"
    r"|(?<![\w#&])#([\w-]+)"
)
_BROADCAST = {"here", "channel", "everyone"}


def escaped(text: str) -> str:
    """The three characters that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def encoded(workspace: Workspace, text: str, *, links: bool = True) -> str:
    """`@olga` -> `<@U...>`, `#ops` -> `<#C...|ops>`, addresses in <>, & < > escaped.

    `<@U...>` and `<#C...>` of somebody or something that exists stay, as if picked from the completion.
    """
    parts, end = [], 0
    for match in _TOKEN.finditer(text):
        parts.append(escaped(text[end : match.start()]))
        parts.append(_encoded_token(workspace, match, links=links))
        end = match.end()
    return "".join([*parts, escaped(text[end:])])


def _encoded_token(workspace: Workspace, match: re.Match[str], *, links: bool) -> str:
    token, _, link, handle, channel = match.groups()
    whole = match.group()
    if token:
        known = workspace.state.users if token[0] == "@" else workspace.state.conversations
        return whole if token[1:] in known else escaped(whole)
    if link:
        return f"<{escaped(link)}>" if links else escaped(link)
    if handle:
        return _mention(workspace, handle)
    found = workspace.find(channel)
    return f"<#{found.id}|{found.name}>" if found and found.kind == "channel" else whole


def _mention(workspace: Workspace, handle: str) -> str:
    if handle in _BROADCAST:
        return f"<!{handle}>"
    # A full stop after a mention ends the sentence, it isn't part of the handle.
    for name in (handle, handle.rstrip(".-")):
        if user := workspace.by_handle(name):
            return f"<@{user.id}>" + escaped(handle[len(name) :])
        if group := next((group for group in workspace.state.groups.values() if group.handle == name), None):
            return f"<!subteam^{group.id}>" + escaped(handle[len(name) :])
    return f"@{handle}"
