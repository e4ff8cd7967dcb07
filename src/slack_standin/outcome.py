"""What came of something a person did."""

from dataclasses import dataclass, field

from slack_standin.state import Json, Message, View


@dataclass
class Outcome:
    """`ok` when the app acknowledged in time; else `failure` is what the person sees.

    `messages`: what the acknowledgement itself and the response_url produced (it goes on filling after the
    acknowledgement); `errors`: block_id -> text under a modal's fields; `view`: the modal that is on top now.
    """

    ok: bool
    failure: str | None = None
    messages: list[Message] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    view: View | None = None
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """The words of the answer, or of the failure."""
        return self.failure or "\n".join(message.shown for message in self.messages)

    def as_json(self) -> Json:
        """For the control API."""
        return {
            "ok": self.ok,
            "failure": self.failure,
            "messages": [message.model_dump() for message in self.messages],
            "errors": self.errors,
            "view": self.view.model_dump() if self.view else None,
            "seconds": round(self.seconds, 4),
        }
