"""Slack's contract as data, and what everything that was said on either side must keep of it."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import re
from pathlib import Path
from typing import Any

from callboard.sandbox import Sandbox

HERE = Path(__file__).parents[3] / "shared" / "slack-contract"
CONTRACT = Path(os.environ.get("CALLBOARD_TEST_CONTRACT", HERE)) / "contract.py"
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
    "account_inactive", "internal_error", "invalid_arguments", "invalid_auth", "missing_scope",
    "not_allowed_token_type", "not_authed", "ratelimited", "token_revoked", "unknown_method",
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
}
# Events that Slack documents and the published list leaves out.
UNLISTED = {"channel_archive", "channel_unarchive", "group_archive", "group_unarchive"}
REFUSALS = {"invalid_blocks", "invalid_view", "invalid_arguments"}


@functools.cache
def contract() -> Any:
    """Slack's contract as a module; None where it is not at hand."""
    if not CONTRACT.exists():
        return None
    spec = importlib.util.spec_from_file_location("slack_contract", CONTRACT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keeps_the_contract(slack: Sandbox) -> None:
    """Everything that was delivered, asked and answered has the form that Slack's own has."""
    oracle = contract()
    if oracle is None:
        return
    _delivered(oracle, slack)
    for entry in slack.record.of("request"):
        answer = {name: value for name, value in (entry["answer"] or {}).items() if name not in {"lost", "dropped"}}
        if "ok" in answer and entry["method"] in oracle.load("methods.json"):
            _answered(oracle, entry["method"], answer)
            _agree(oracle, entry["method"], entry["arguments"], answer)


def _delivered(oracle: Any, slack: Sandbox) -> None:
    for delivery in slack.courier.deliveries:
        payload: dict[str, Any] = delivery.payload
        if delivery.kind == "slash_commands":
            kind: str | None = "SlashCommand"
        else:
            payload = payload.get("event", payload)
            plain = payload["type"] == "message" and "subtype" not in payload
            kind = "GenericMessageEvent" if plain else PAYLOADS.get(payload["type"])
        if kind:
            assert oracle.check_incoming(kind, payload) == [], payload
        if delivery.kind == "events_api":
            assert payload["type"] in {*oracle.load("events.json"), *UNLISTED}, payload


def _answered(oracle: Any, method: str, answer: dict[str, Any]) -> None:
    if method in ANSWERS:
        assert oracle.check_incoming(ANSWERS[method], answer) == [], answer
    if not answer["ok"] and method != "api.test":
        listed = oracle.load("methods.json")[method]["errors"] or []
        assert answer["error"] in {*listed, *ANYWHERE}, (method, answer)


def _agree(oracle: Any, method: str, arguments: dict[str, Any], answer: dict[str, Any]) -> None:
    """What the sandbox takes the published rules take, and what it refuses they refuse, but for what is listed."""
    if answer["ok"]:
        theirs = [one for one in published(oracle, method, arguments) if not _listed(one, LAXER)]
        assert theirs == [], (method, arguments)
    elif answer["error"] in REFUSALS:
        said = answer.get("response_metadata", {}).get("messages", [])
        ours = [one for one in said if re.search(r"json-pointer:/(blocks|view)/", one)]
        known = [one for one in ours if _listed(one, STRICTER)]
        assert not ours or known or published(oracle, method, arguments), (method, arguments, ours)


def published(oracle: Any, method: str, arguments: dict[str, Any]) -> list[str]:
    """What the published rules object to; what they cannot read at all they object to as well."""
    try:
        bare = {key: _bare(value) for key, value in arguments.items()}
        return [*oracle.check_call(method, bare), *oracle.check_blocks(bare.get("blocks") or [])]
    except (AttributeError, KeyError, TypeError, json.JSONDecodeError) as error:
        return [f"unreadable: {error!r}"]


def _bare(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in {"[", "{"} else value


def _listed(said: str, rules: dict[str, str]) -> bool:
    return any(re.search(rule, said) for rule in rules)
