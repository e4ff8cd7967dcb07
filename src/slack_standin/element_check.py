"""Slack's rules for what stands inside blocks: buttons, menus, pickers and inputs."""

import re
from collections.abc import Set as AbstractSet
from typing import Any

from slack_standin import limits
from slack_standin.state import Json

Kinds = AbstractSet[str]
BOTH = frozenset({"plain_text", "mrkdwn"})


class Findings:
    """The objections so far, each `[ERROR] what [json-pointer:/where]`."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, at: str, what: str) -> None:
        """Object to what is at a JSON pointer."""
        self.messages.append(f"[ERROR] {what} [json-pointer:{at}]")

    def unknown_keys(self, node: Json, known: set[str], at: str) -> None:
        """Object to keys that do not belong."""
        for key in node:
            if key not in known:
                self.add(at, f"invalid additional property: {key}")

    def each(self, items: Any, most: int, at: str, least: int = 0) -> list[tuple[Any, str]]:
        """The items of a list, each with its pointer; objects when it is none, or has too many or too few."""
        if not isinstance(items, list):
            self.add(at, "must be an array")
            return []
        if len(items) > most:
            self.add(at, f"no more than {most} items allowed")
        if len(items) < least:
            self.add(at, f"no fewer than {least} items allowed")
        return [(item, f"{at}/{number}") for number, item in enumerate(items)]

    def text_limit(self, node: Json, key: str, most: int, at: str, *, required: bool = False) -> None:
        value = node.get(key)
        if value is None:
            if required:
                self.add(at, f"missing required field: {key}")
        elif not isinstance(value, str):
            self.add(f"{at}/{key}", "must be a string")
        elif len(value) > most:
            self.add(f"{at}/{key}", f"must be less than {most + 1} characters")

    def text_object(
        self, node: Json, key: str, most: int, at: str, *, kinds: Kinds = BOTH, required: bool = False
    ) -> None:
        value = node.get(key)
        if value is not None:
            self.text(value, most, f"{at}/{key}", kinds=kinds)
        elif required:
            self.add(at, f"missing required field: {key}")

    def text(self, value: Any, most: int, at: str, *, kinds: Kinds = BOTH) -> None:
        if not isinstance(value, dict) or value.get("type") not in kinds:
            self.add(at, f"must be a text object of type {' or '.join(sorted(kinds))}")
            return
        own = {"emoji"} if value["type"] == "plain_text" else {"verbatim"}
        self.unknown_keys(value, {"type", "text", *own}, at)
        words = value.get("text")
        if not isinstance(words, str):
            self.add(at, "missing required field: text")
        elif not words:
            self.add(f"{at}/text", "must be more than 0 characters")
        elif len(words) > most:
            self.add(f"{at}/text", f"must be less than {most + 1} characters")


_SELECT = "placeholder confirm focus_on_load"
_STATIC = f"{_SELECT} options option_groups"
_TYPING = "placeholder initial_value dispatch_action_config focus_on_load"
_SOME = "default_to_current_conversation filter"
_MULTI = "max_selected_items"
# What each element may say besides `type` and `action_id`.
ELEMENTS = {
    "button": "text value url style confirm accessibility_label",
    "image": "image_url alt_text slack_file",
    "overflow": "options confirm",
    "static_select": f"{_STATIC} initial_option",
    "multi_static_select": f"{_STATIC} initial_options {_MULTI}",
    "external_select": f"{_SELECT} initial_option min_query_length",
    "multi_external_select": f"{_SELECT} initial_options min_query_length {_MULTI}",
    "users_select": f"{_SELECT} initial_user",
    "multi_users_select": f"{_SELECT} initial_users {_MULTI}",
    "conversations_select": f"{_SELECT} initial_conversation response_url_enabled {_SOME}",
    "multi_conversations_select": f"{_SELECT} initial_conversations {_SOME} {_MULTI}",
    "channels_select": f"{_SELECT} initial_channel response_url_enabled",
    "multi_channels_select": f"{_SELECT} initial_channels {_MULTI}",
    "checkboxes": "options initial_options confirm focus_on_load",
    "radio_buttons": "options initial_option confirm focus_on_load",
    "datepicker": f"{_SELECT} initial_date",
    "timepicker": f"{_SELECT} initial_time timezone",
    "datetimepicker": "initial_date_time confirm focus_on_load",
    "plain_text_input": f"{_TYPING} multiline min_length max_length",
    "email_text_input": _TYPING,
    "url_text_input": _TYPING,
    "number_input": f"{_TYPING} is_decimal_allowed min_value max_value",
    "rich_text_input": _TYPING,
    "file_input": "filetypes max_files",
    "workflow_button": "text workflow style accessibility_label",
}
_TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input"}
_PUSHED = {"button", "overflow", "workflow_button", "image"}
MOST_TYPED = limits.TYPED
IN_ACTIONS = set(ELEMENTS) - _TYPED - {"image"}
IN_INPUT = set(ELEMENTS) - _PUSHED
MOST_OPTIONS = {"overflow": limits.OVERFLOW, "checkboxes": limits.BOXES, "radio_buttons": limits.BOXES}
INITIAL = ("initial_option", "initial_options")
MOMENTS = {
    "datepicker": ("initial_date", r"\d{4}-\d\d-\d\d", "YYYY-MM-DD"),
    "timepicker": ("initial_time", r"\d\d:\d\d", "HH:mm"),
}


def check_element(found: Findings, element: Any, at: str, allowed: set[str], surface: str) -> None:
    """Object to an element that is unknown, in the wrong place, or beyond a limit."""
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in allowed or (kind == "file_input" and surface != "modal"):
        found.add(at, f"unsupported type: {kind}" if kind else "must be an object with a type")
        return
    found.unknown_keys(element, {"type", "action_id", *ELEMENTS[kind].split()}, at)
    found.text_limit(element, "action_id", limits.ACTION_ID, at)
    found.text_object(element, "placeholder", limits.PLACEHOLDER, at, kinds={"plain_text"})
    if kind in {"button", "workflow_button"}:
        _button(found, element, at)
    elif kind == "image":
        found.text_limit(element, "alt_text", 2000, at, required=True)
    elif "options" in ELEMENTS[kind].split():
        _options(found, element, at)
    elif kind in MOMENTS:
        _moment(found, element, at)
    elif kind == "number_input" and not isinstance(element.get("is_decimal_allowed"), bool):
        found.add(at, "missing required field: is_decimal_allowed")
    elif kind == "plain_text_input":
        _typing(found, element, at)
    if element.get("max_selected_items", 1) < 1:
        found.add(f"{at}/max_selected_items", "must be more than 0")
    if element.get("confirm") is not None:
        _confirm(found, element["confirm"], f"{at}/confirm")


def _typing(found: Findings, element: Json, at: str) -> None:
    found.text_limit(element, "initial_value", limits.TYPED, at)
    for key, least in (("min_length", 0), ("max_length", 1)):
        value = element.get(key)
        if value is not None and not (isinstance(value, int) and least <= value <= MOST_TYPED):
            found.add(f"{at}/{key}", f"must be between {least} and {MOST_TYPED}")


def _button(found: Findings, element: Json, at: str) -> None:
    found.text_object(element, "text", limits.BUTTON, at, kinds={"plain_text"}, required=True)
    for key, most in (("value", limits.VALUE), ("url", limits.URL), ("accessibility_label", limits.BUTTON)):
        found.text_limit(element, key, most, at)
    if element.get("style") not in {None, "primary", "danger"}:
        found.add(f"{at}/style", "must be primary or danger")


def _options(found: Findings, element: Json, at: str) -> None:
    most = MOST_OPTIONS.get(element["type"], limits.OPTIONS)
    rich = element["type"] in {"checkboxes", "radio_buttons"}
    offered = []
    for key, options in _option_lists(found, element, at):
        for option, where in found.each(options, most, f"{at}/{key}", least=1):
            _option(found, option, where, rich=rich)
            offered.append(option)
    for key in INITIAL:
        chosen = element.get(key)
        for option in chosen if isinstance(chosen, list) else [chosen] if chosen is not None else []:
            if option not in offered:
                found.add(f"{at}/{key}", "must be one of the options, word for word")


def check_options(answer: Json) -> list[str]:
    """What Slack would object to in what an app offers for an external menu."""
    found = Findings()
    for key, options in _option_lists(found, answer, ""):
        for option, where in found.each(options, limits.OPTIONS, f"/{key}"):
            _option(found, option, where, rich=False)
    return found.messages


def _option_lists(found: Findings, element: Json, at: str) -> list[tuple[str, Any]]:
    groups = element.get("option_groups")
    if groups is None:
        return [("options", element.get("options"))]
    if element.get("options") is not None:
        found.add(at, "options and option_groups exclude each other")
    listed = found.each(groups, limits.GROUPS, f"{at}/option_groups", least=1)
    for group, where in listed:
        found.text_object(group, "label", limits.BUTTON, where, kinds={"plain_text"}, required=True)
    return [(f"option_groups/{number}/options", group.get("options")) for number, (group, _) in enumerate(listed)]


def _option(found: Findings, option: Any, at: str, *, rich: bool) -> None:
    if not isinstance(option, dict):
        found.add(at, "must be an object")
        return
    found.unknown_keys(option, {"text", "value", "description", "url"}, at)
    kinds = BOTH if rich else {"plain_text"}
    found.text_object(option, "text", limits.OPTION, at, kinds=kinds, required=True)
    found.text_object(option, "description", limits.OPTION, at, kinds=kinds)
    found.text_limit(option, "value", limits.OPTION_VALUE, at, required=True)


def _moment(found: Findings, element: Json, at: str) -> None:
    key, form, shape = MOMENTS[element["type"]]
    if element.get(key) is not None and not re.fullmatch(form, str(element[key])):
        found.add(f"{at}/{key}", f"must be {shape}")


def _confirm(found: Findings, confirm: Any, at: str) -> None:
    if not isinstance(confirm, dict):
        found.add(at, "must be an object")
        return
    found.unknown_keys(confirm, {"title", "text", "confirm", "deny", "style"}, at)
    found.text_object(confirm, "text", limits.CONFIRM_TEXT, at, required=True)
    for key, most in (("title", limits.CONFIRM_TITLE), ("confirm", limits.CONFIRM_WORD), ("deny", limits.CONFIRM_WORD)):
        found.text_object(confirm, key, most, at, kinds={"plain_text"}, required=True)
