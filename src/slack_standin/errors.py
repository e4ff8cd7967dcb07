"""How things go wrong here: what Slack answers an app, and what a person cannot do."""


class SlackError(Exception):
    """An `ok: false` answer; `code` is one of Slack's, `messages` say where and what."""

    def __init__(self, code: str, *messages: str, **more: str) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.more = more


class NotPossibleError(Exception):
    """Something a person of this workspace could not do: no such button, not in that channel."""
