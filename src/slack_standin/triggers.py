"""Trigger ids: what allows an app to open a modal, for three seconds and once."""

import secrets
from dataclasses import dataclass

from slack_standin.clock import elapsed
from slack_standin.errors import SlackError


@dataclass
class _Trigger:
    user: str
    made: float
    used: bool = False


class Triggers:
    """The trigger ids given out; they live `lifetime` real seconds."""

    def __init__(self, lifetime: float = 3.0) -> None:
        self.lifetime = lifetime
        self._given: dict[str, _Trigger] = {}

    def give(self, user: str) -> str:
        """A new one for what `user` just did."""
        now = elapsed()
        # Long expired ones are forgotten, so that a long run does not fill up.
        for old in [key for key, one in self._given.items() if now - one.made > self.lifetime + 600]:
            del self._given[old]
        trigger = f"{int(now * 1000)}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self._given[trigger] = _Trigger(user, now)
        return trigger

    def use(self, trigger: str) -> str:
        """The user it belongs to; SlackError when it is unknown, too old or used."""
        found = self._given.get(trigger)
        if found is None:
            raise SlackError("invalid_trigger_id")
        if found.used:
            raise SlackError("exchanged_trigger_id")
        if elapsed() - found.made > self.lifetime:
            raise SlackError("expired_trigger_id")
        found.used = True
        return found.user
