"""The modals and App Homes that people have open."""

import secrets
from typing import Any

from slack_standin.blocks import check_view, too_large
from slack_standin.inputs import initial_values
from slack_standin.state import Json, SlackError, View, refuse_if
from slack_standin.workspace import Workspace

STACK = 3


def as_view(workspace: Workspace, view: View, values: Json | None = None) -> Json:
    """A view as Slack writes it, with what has been filled in."""
    spec, body = workspace.spec, view.body
    payload: Json = {"id": view.id, "team_id": spec.team_id, "type": view.type, "blocks": body["blocks"]}
    payload |= {"private_metadata": body.get("private_metadata", ""), "callback_id": view.callback_id}
    payload |= {"state": {"values": view.values if values is None else values}, "hash": view.hash}
    # A Home has these too, empty, in what Slack sends.
    payload["title"] = body.get("title", {"type": "plain_text", "text": "View Title", "emoji": True})
    payload |= {"close": body.get("close"), "submit": body.get("submit")}
    payload |= {
        "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")),
    }
    payload |= {
        "root_view_id": view.root, "previous_view_id": view.previous, "app_id": spec.app_id, "bot_id": spec.bot_id,
    }  # fmt: skip
    return payload | {"external_id": body.get("external_id", ""), "app_installed_team_id": spec.team_id}


class Views:
    """Each person has a stack of modals and perhaps a Home."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._state = workspace.state

    def checked(self, body: Any, kind: str) -> Json:
        """The view if Slack would take it; SlackError otherwise."""
        if problems := check_view(body):
            raise SlackError("invalid_arguments", *problems)
        if body["type"] != kind:
            raise SlackError("invalid_arguments", f"[ERROR] must be of type {kind} [json-pointer:/view/type]")
        refuse_if(too_large(body), "view_too_large")
        return dict(body)

    def stack(self, user: str) -> list[View]:
        """The open modals, the top one last."""
        return [self._state.views[key] for key in self._state.stacks.get(user, [])]

    def home(self, user: str) -> View | None:
        """The App Home as last published."""
        return self._state.views.get(self._state.homes.get(user, ""))

    def find(self, view_id: str, external_id: str = "") -> View | None:
        """An open view by id or external id."""
        if view_id:
            return self._state.views.get(view_id)
        wanted = [
            view for view in self._state.views.values() if external_id and view.body.get("external_id") == external_id
        ]
        return wanted[0] if wanted else None

    def same(self, view: View, expected: str) -> None:
        """`hash_conflict` when the view has changed since the app saw it."""
        refuse_if(expected and expected != view.hash, "hash_conflict")

    def open(self, user: str, body: Json) -> View:
        """A first modal; one that was open makes way."""
        self._unique(body)
        self.clear(user)
        return self._put(user, body, None)

    def push(self, user: str, body: Json) -> View:
        """One more on top."""
        self._unique(body)
        stack = self.stack(user)
        refuse_if(not stack, "not_found")
        refuse_if(len(stack) >= STACK, "push_limit_reached")
        return self._put(user, body, stack[-1])

    def replace(self, view: View, body: Json) -> View:
        """Another body for an open view, keeping what was typed into fields that stay."""
        self._unique(body, view)
        before = view.values
        view.body = self._body(body)
        view.values = initial_values(view.blocks)
        for block_id, actions in view.values.items():
            for action_id in actions:
                kept = before.get(block_id, {}).get(action_id)
                if kept is not None and kept["type"] == actions[action_id]["type"]:
                    actions[action_id] = kept
        self._touch(view)
        return view

    def publish(self, user: str, body: Json, expected: str = "") -> View:
        """Set a Home."""
        home = self.home(user)
        if home is not None:
            self.same(home, expected)
            return self.replace(home, body)
        self._unique(body)
        view = self._new(user, body)
        self._state.homes[user] = view.id
        self._touch(view)
        return view

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

    def _unique(self, body: Json, but: View | None = None) -> None:
        external = body.get("external_id")
        if external and any(
            view.body.get("external_id") == external and view is not but for view in self._state.views.values()
        ):
            raise SlackError("duplicate_external_id")

    def _body(self, body: Json) -> Json:
        return {**body, "blocks": self._workspace.with_ids(body["blocks"])}

    def _new(self, user: str, body: Json) -> View:
        view = View(id=f"V{self._workspace.serial():08d}", user=user, body=self._body(body))
        view.root = view.id
        view.values = initial_values(view.blocks)
        self._state.views[view.id] = view
        return view

    def _put(self, user: str, body: Json, below: View | None) -> View:
        view = self._new(user, body)
        if below is not None:
            view.root, view.previous = below.root, below.id
        self._state.stacks.setdefault(user, []).append(view.id)
        self._touch(view)
        return view

    def _touch(self, view: View) -> None:
        view.hash = f"{int(self._workspace.now().timestamp())}.{secrets.token_hex(4)}"
        self._workspace.announce("views" if view.type == "modal" else "home", user=view.user)
