"""Collects what is wrong with a payload, in the words and with the JSON pointers that Slack answers."""

from typing import Any

from slack_standin.state import Json

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

    def count(self, items: Any, most: int, at: str, least: int = 0) -> bool:
        """Whether it is a list; objects when it is not, or has too many or too few."""
        if not isinstance(items, list):
            self.add(at, "must be an array")
            return False
        if len(items) > most:
            self.add(at, f"no more than {most} items allowed")
        if len(items) < least:
            self.add(at, f"no fewer than {least} items allowed")
        return True

    def text_limit(self, node: Json, key: str, most: int, at: str, *, required: bool = False) -> None:
        """Check a string field."""
        value = node.get(key)
        if value is None:
            if required:
                self.add(at, f"missing required field: {key}")
        elif not isinstance(value, str):
            self.add(f"{at}/{key}", "must be a string")
        elif len(value) > most:
            self.add(f"{at}/{key}", f"must be less than {most + 1} characters")

    def text_object(
        self,
        node: Json,
        key: str,
        most: int,
        at: str,
        *,
        kinds: set[str] | frozenset[str] = BOTH,
        required: bool = False,
    ) -> None:
        """Check a field that holds a text object."""
        value = node.get(key)
        if value is not None:
            self.text(value, most, f"{at}/{key}", kinds=kinds)
        elif required:
            self.add(at, f"missing required field: {key}")

    def text(self, value: Any, most: int, at: str, *, kinds: set[str] | frozenset[str] = BOTH) -> None:
        """Check a text object."""
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
