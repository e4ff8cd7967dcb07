"""The Web API methods, one file for each family: how they are declared and read their arguments.

cursors: long lists, page by page
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from slack_standin.payloads import TOKEN_PREFIX
from slack_standin.state import Conversation, Json, SlackError, refuse_if
from slack_standin.workspace import Workspace

if TYPE_CHECKING:
    from slack_standin.sandbox import Sandbox

# Bolt sends its team_id with every call.
ANYWHERE = ("token", "team_id")
TRUE, FALSE = ("1", "true", True), ("", "0", "false", False, None)


class Arguments(dict[str, Any]):
    """What the app sent, form or JSON, read by type; `odd` are the booleans that Slack could not read."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.odd: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        value = self.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A boolean, `true` and `1` in forms; anything else, such as `True`, is false."""
        value = self.get(name)
        if value not in TRUE and value not in FALSE:
            self.odd.append(name)
        return value in TRUE

    def number(self, name: str, default: int) -> int:
        """A whole number; `invalid_arguments` when it is none."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise SlackError("invalid_arguments", f"[ERROR] must be an integer [json-pointer:/{name}]") from None

    def json(self, name: str, error: str = "invalid_arguments") -> Any:
        """JSON, as such or as a string; `error` when it cannot be read."""
        value = self.get(name)
        if not isinstance(value, str) or value == "":
            return None if value == "" else value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error, f"[ERROR] not JSON [json-pointer:/{name}]") from None

    def names(self, name: str) -> list[str]:
        """A list, given as such or with commas."""
        value = self.get(name)
        if isinstance(value, list):
            return [str(item) for item in value]
        return [item.strip() for item in self.text(name).split(",") if item.strip()]


@dataclass
class Call:
    """One request, its token checked."""

    sandbox: "Sandbox"
    arguments: Arguments
    scopes: set[str]
    base_url: str
    warnings: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Workspace:
        return self.sandbox.workspace

    def need(self, *scopes: str) -> None:
        """`missing_scope` unless one of them is granted."""
        if not self.scopes & set(scopes):
            raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(self.scopes)))

    def need_for(self, conversation: Conversation, right: str) -> None:
        """`missing_scope` unless the scope for that kind of conversation is granted (`channels:history`, ...)."""
        self.need(f"{TOKEN_PREFIX[conversation.kind]}:{right}")

    def conversation(self, argument: str = "channel") -> Conversation:
        """The conversation an argument names by id; private ones exist only for their members."""
        return self.place(self.arguments.text(argument))

    def place(self, channel: str) -> Conversation:
        """A conversation by id; `channel_not_found` for a private one without the bot."""
        found = self.workspace.state.conversations.get(channel)
        if found is None or (found.kind != "channel" and self.workspace.bot not in found.members):
            raise SlackError("channel_not_found")
        return found

    def inside(self, conversation: Conversation, refusal: str = "not_in_channel") -> None:
        """Refuse where the bot is not in a conversation."""
        refuse_if(self.workspace.bot not in conversation.members, refusal)


@dataclass(frozen=True)
class Method:
    """A method: scopes (one suffices), tier per minute, which token, arguments, and whether it reads JSON."""

    name: str
    answer: Callable[[Call], Json]
    scopes: tuple[str, ...]
    tier: int | None
    token: Literal["bot", "app", "none"]
    required: tuple[str, ...]
    known: frozenset[str]
    json: bool


METHODS: dict[str, Method] = {}


def method(
    name: str, scopes: str = "", *, tier: int | None = 3,
    token: Literal["bot", "app", "none"] = "bot",  # noqa: S107 (a kind of token)
    required: str = "", optional: str = "", json: bool = True,
) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:  # fmt: skip
    """Declare the function below as the answer to a method; names are separated by blanks."""

    def declare(answer: Callable[[Call], Json]) -> Callable[[Call], Json]:
        needed = tuple(required.split())
        known = frozenset({*needed, *optional.split(), *ANYWHERE})
        METHODS[name] = Method(name, answer, tuple(scopes.split()), tier, token, needed, known, json)
        return answer

    return declare
