"""views.*: the modals and App Homes that people have open, the trigger ids for them, and Slack's rules for both."""

import json
import secrets
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from slack_standin import limits
from slack_standin.block_check import check_blocks
from slack_standin.choices import initial_values
from slack_standin.clock import elapsed
from slack_standin.element_check import Findings
from slack_standin.ids import with_ids
from slack_standin.methods import Call, method
from slack_standin.state import Json, SlackError, View, refuse_if
from slack_standin.workspace import Workspace

STACK = 3


def check_view(view: Any) -> list[str]:
    """What Slack would object to in a modal or a Home, but for its size."""
    found = Findings()
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        found.add("/view", "must be an object of type modal or home")
        return found.messages
    for key, most in (("private_metadata", limits.PRIVATE), ("callback_id", limits.CALLBACK_ID), ("external_id", 255)):
        found.text_limit(view, key, most, "/view")
    known = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
    blocks = view.get("blocks")
    if view["type"] == "modal":
        known |= {"title", "close", "submit", "clear_on_close", "notify_on_close", "submit_disabled"}
        for key in ("title", "submit", "close"):
            found.text_object(view, key, limits.TITLE, "/view", kinds={"plain_text"}, required=key == "title")
        listed = blocks if isinstance(blocks, list) else []
        if not view.get("submit") and any(isinstance(block, dict) and block.get("type") == "input" for block in listed):
            found.add("/view/submit", "missing required field: submit, needed because there is an input block")
    found.unknown_keys(view, known, "/view")
    return found.messages + check_blocks(blocks, view["type"], "/view/blocks")


def checked(body: Any, kind: str) -> Json:
    """The view if Slack would take it as a `modal` or `home`; SlackError otherwise."""
    if problems := check_view(body):
        raise SlackError("invalid_arguments", *problems)
    wrong = f"[ERROR] must be of type {kind} [json-pointer:/view/type]"
    refuse_if(body["type"] != kind, "invalid_arguments", wrong)
    refuse_if(len(json.dumps(body).encode()) > limits.VIEW_BYTES, "view_too_large")
    return dict(body)


def as_view(workspace: Workspace, view: View) -> Json:
    """A view as Slack writes it, with what has been filled in."""
    spec, body = workspace.spec, view.body
    # A Home has these too, empty, in what Slack sends.
    title = body.get("title", {"type": "plain_text", "text": "View Title", "emoji": True})
    return {
        "id": view.id, "team_id": spec.team_id, "type": view.type, "blocks": body["blocks"],
        "private_metadata": body.get("private_metadata", ""), "callback_id": view.callback_id,
        "state": {"values": view.values}, "hash": view.hash, "title": title, "close": body.get("close"),
        "submit": body.get("submit"), "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")), "root_view_id": view.root,
        "previous_view_id": view.previous, "app_id": spec.app_id, "bot_id": spec.bot_id,
        "external_id": body.get("external_id", ""), "app_installed_team_id": spec.team_id,
    }  # fmt: skip


class Views:
    """Each person has a stack of modals and perhaps a Home."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._state = workspace.state

    def stack(self, user: str) -> list[View]:
        """The open modals, the top one last."""
        return [self._state.views[key] for key in self._state.stacks.get(user, [])]

    def home(self, user: str) -> View | None:
        """The App Home as last published."""
        return self._state.views.get(self._state.homes.get(user, ""))

    def find(self, view_id: str, external_id: str = "") -> View | None:
        """An open view by id or external id."""
        return self._state.views.get(view_id) if view_id else self._external(external_id)

    def open(self, user: str, body: Json) -> View:
        """A first modal; one that was open makes way."""
        self._unique(body)
        self.clear(user)
        return self._put(user, body)

    def push(self, user: str, body: Json) -> View:
        """One more on top."""
        self._unique(body)
        stack = self.stack(user)
        refuse_if(not stack, "not_found")
        refuse_if(len(stack) >= STACK, "push_limit_reached")
        return self._put(user, body, stack[-1])

    def replace(self, view: View, body: Json, expected: str = "") -> View:
        """Another body for an open view, keeping what was typed into fields that stay.

        `hash_conflict` when the view has changed since the app saw it as `expected`.
        """
        refuse_if(expected and expected != view.hash, "hash_conflict")
        self._unique(body, view)
        before = view.values
        view.body = self._body(body)
        view.values = initial_values(view.blocks)
        for block_id, actions in view.values.items():
            for action_id in actions:
                kept = before.get(block_id, {}).get(action_id)
                if kept is not None and kept["type"] == actions[action_id]["type"]:
                    actions[action_id] = kept
        return self._changed(view)

    def publish(self, user: str, body: Json, expected: str = "") -> View:
        if home := self.home(user):
            return self.replace(home, body, expected)
        self._unique(body)
        view = self._new(user, body)
        self._state.homes[user] = view.id
        return self._changed(view)

    def close(self, view: View) -> None:
        """Take one modal, and what lies on it, away."""
        stack = self._state.stacks.get(view.user, [])
        if view.id in stack:
            for key in stack[stack.index(view.id) :]:
                del self._state.views[key]
            del stack[stack.index(view.id) :]
            self._workspace.announce("views", user=view.user)

    def clear(self, user: str) -> None:
        """Take all modals away."""
        for key in self._state.stacks.pop(user, []):
            del self._state.views[key]
        self._workspace.announce("views", user=user)

    def _external(self, external_id: str) -> View | None:
        views = self._state.views.values() if external_id else ()
        return next((view for view in views if view.body.get("external_id") == external_id), None)

    def _unique(self, body: Json, but: View | None = None) -> None:
        refuse_if(self._external(body.get("external_id", "")) not in (None, but), "duplicate_external_id")

    def _body(self, body: Json) -> Json:
        return {**body, "blocks": with_ids(body["blocks"])}

    def _new(self, user: str, body: Json) -> View:
        view = View(id=f"V{self._workspace.serial():08d}", user=user, body=self._body(body))
        view.root, view.values = view.id, initial_values(view.blocks)
        self._state.views[view.id] = view
        return view

    def _put(self, user: str, body: Json, below: View | None = None) -> View:
        view = self._new(user, body)
        if below is not None:
            view.root, view.previous = below.root, below.id
        self._state.stacks.setdefault(user, []).append(view.id)
        return self._changed(view)

    def _changed(self, view: View) -> View:
        view.hash = f"{int(self._workspace.now().timestamp())}.{secrets.token_hex(4)}"
        self._workspace.announce("views" if view.type == "modal" else "home", user=view.user)
        return view


@dataclass
class _Trigger:
    user: str
    made: float
    used: bool = False


class Triggers:
    """The trigger ids given out; they live `lifetime` real seconds."""

    def __init__(self, lifetime: float) -> None:
        self.lifetime = lifetime
        self._given: dict[str, _Trigger] = {}

    def give(self, user: str) -> str:
        """A new one for what `user` just did."""
        now = elapsed()
        # Long expired ones, which are the first, are forgotten, so that a long run does not fill up.
        forgotten = now - self.lifetime - 600
        for old in [*takewhile(lambda key: self._given[key].made < forgotten, self._given)]:
            del self._given[old]
        trigger = f"{int(now * 1000)}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self._given[trigger] = _Trigger(user, now)
        return trigger

    def use(self, trigger: str) -> str:
        """The user it belongs to; SlackError when it is unknown, too old or used."""
        found = self._given.get(trigger)
        if found is None:
            raise SlackError("invalid_trigger_id")
        refuse_if(found.used, "exchanged_trigger_id")
        refuse_if(elapsed() - found.made > self.lifetime, "expired_trigger_id")
        found.used = True
        return found.user


def _user_of_trigger(call: Call) -> str:
    trigger = call.arguments.text("trigger_id") or call.arguments.text("interactivity_pointer")
    refuse_if(not trigger, "invalid_arguments", "[ERROR] missing required field: trigger_id [json-pointer:/trigger_id]")
    return call.sandbox.triggers.use(trigger)


def _answer(call: Call, view: View) -> Json:
    return {"view": {key: value for key, value in as_view(call.workspace, view).items() if value is not None}}


@method("views.open", tier=4, required="view", optional="trigger_id interactivity_pointer")
def open_view(call: Call) -> Json:
    body = checked(call.arguments.json("view"), "modal")
    return _answer(call, call.sandbox.modals.open(_user_of_trigger(call), body))


@method("views.push", tier=4, required="view", optional="trigger_id interactivity_pointer")
def push_view(call: Call) -> Json:
    """Put a modal on top of the open one, three at most."""
    body = checked(call.arguments.json("view"), "modal")
    return _answer(call, call.sandbox.modals.push(_user_of_trigger(call), body))


@method("views.update", tier=4, required="view", optional="view_id external_id hash")
def update_view(call: Call) -> Json:
    """Replace an open view; what was typed stays where block_id and action_id stay."""
    arguments, views = call.arguments, call.sandbox.modals
    view = views.find(arguments.text("view_id"), arguments.text("external_id"))
    if view is None:
        raise SlackError("not_found")
    body = checked(arguments.json("view"), view.type)
    return _answer(call, views.replace(view, body, arguments.text("hash")))


@method("views.publish", tier=4, required="user_id view", optional="hash interactivity_pointer")
def publish_home(call: Call) -> Json:
    arguments, user = call.arguments, call.arguments.text("user_id")
    refuse_if(not call.workspace.spec.home_tab, "not_enabled")
    no_such = "[ERROR] no such user [json-pointer:/user_id]"
    refuse_if(user not in call.workspace.state.users, "invalid_arguments", no_such)
    body = checked(arguments.json("view"), "home")
    return _answer(call, call.sandbox.modals.publish(user, body, arguments.text("hash")))
