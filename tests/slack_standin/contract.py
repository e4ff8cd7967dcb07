"""What was said on either side is held against Slack's published rules, and where the sandbox differs from them."""

from __future__ import annotations

import re
from typing import Any

from slack_standin import Sandbox
from tests.contract import published

ANSWERS = {
    "auth.test": "AuthTestResponse",
    "chat.postMessage": "ChatPostMessageResponse",
    "views.open": "ViewsOpenResponse",
    "users.info": "UsersInfoResponse",
    "conversations.open": "ConversationsOpenResponse",
}
PAYLOADS = {
    "block_actions": "BlockAction",
    "view_submission": "ViewSubmitAction",
    "view_closed": "ViewClosedAction",
    "app_home_opened": "AppHomeOpenedEvent",
}
# What Slack answers to any method, so that the lists by method leave it out.
ANYWHERE = {
    "account_inactive", "internal_error", "invalid_arguments", "invalid_auth", "invalid_json", "invalid_post_type",
    "json_not_object", "missing_post_type", "missing_scope", "not_allowed_token_type", "not_authed", "ratelimited",
    "token_revoked", "unknown_method",
}  # fmt: skip
# The published rules object, the sandbox does not. Each has its row, word for word, in docs/sandbox.md.
LAXER = {
    r"blocks without a text fallback": "a warning, as Slack gives",
    r"unknown argument": "put on the record as a warning, as Slack takes it",
}
# The sandbox objects, the published rules do not.
STRICTER = {
    r"one of the options, word for word": "initial option",
    r"missing required field: title": "confirm without a title",
    r"characters together": "markdown in total",
    r"must be YYYY-MM-DD|must be HH:mm": "dates",
    r"only one element can have focus_on_load": "focus",
    r"are not allowed in a|are allowed in messages only": "surfaces",
    r"must be between": "lengths of inputs",
    r"max_selected_items": "most selected",
    r"must be of type": "the kind of view",
    r"invalid slack file": "pictures",
}
REFUSALS = {"invalid_blocks", "invalid_view", "invalid_arguments"}


def keeps_the_contract(slack: Sandbox) -> None:
    """Everything that was delivered, asked and answered has the form that Slack's own has."""
    _delivered(slack)
    for entry in slack.record.of("request"):
        answer = {name: value for name, value in (entry["answer"] or {}).items() if name not in {"lost", "dropped"}}
        if "ok" in answer and entry["method"] in published.METHODS:
            _answered(entry["method"], answer)
            _agree(entry["method"], entry["arguments"], answer)


def _delivered(slack: Sandbox) -> None:
    for delivery in slack.courier.deliveries:
        payload: dict[str, Any] = delivery.payload
        if delivery.kind == "slash_commands":
            kind: str | None = "SlashCommand"
        else:
            payload = payload.get("event", payload)
            plain = payload["type"] == "message" and "subtype" not in payload
            kind = "GenericMessageEvent" if plain else PAYLOADS.get(payload["type"])
        if kind:
            assert published.check_incoming(kind, payload) == [], payload
        if delivery.kind == "events_api":
            assert payload["type"] in published.EVENTS, payload


def _answered(method: str, answer: dict[str, Any]) -> None:
    if method in ANSWERS:
        assert published.check_incoming(ANSWERS[method], answer) == [], answer
    if not answer["ok"] and method != "api.test":
        assert answer["error"] in {*published.METHODS[method].errors, *ANYWHERE}, (method, answer)


def _agree(method: str, arguments: dict[str, Any], answer: dict[str, Any]) -> None:
    """What the sandbox takes the published rules take, and what it refuses they refuse, but for what is listed."""
    if answer["ok"]:
        theirs = [one for one in published.check_call(method, arguments) if not _listed(one, LAXER)]
        assert theirs == [], (method, arguments)
    elif answer["error"] in REFUSALS:
        said = answer.get("response_metadata", {}).get("messages", [])
        ours = [one for one in said if re.search(r"json-pointer:/(blocks|view)/", one)]
        known = [one for one in ours if _listed(one, STRICTER)]
        assert not ours or known or published.check_call(method, arguments), (method, arguments, ours)


def _listed(said: str, rules: dict[str, str]) -> bool:
    return any(re.search(rule, said) for rule in rules)
