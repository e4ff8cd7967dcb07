"""Takes deliveries out of the outbox and hands each to its medium; and what a medium is, and how it may fail.

loop: the loop that sends
claims: which messages may go now, and taking them
outcomes: what became of a message
"""

from dataclasses import dataclass
from typing import Protocol

from callboard.core.deliveries import Delivery
from callboard.core.outbox import Message


@dataclass(frozen=True)
class Accepted:
    """Where a medium has put a message; both empty where it does not tell."""

    channel: str = ""
    stamp: str = ""


class Later(Exception):
    """The medium asks to wait `seconds` before anything else is sent to this address."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to wait {seconds:g} s")
        self.seconds = seconds


class Passing(Exception):
    """Certainly not accepted, for a reason that passes."""


class Lost(Exception):
    """The answer was lost: the message may have been accepted."""


class Final(Exception):
    """Not accepted, and another try would not be either."""


class Gone(Exception):
    """The message to edit is not there any more."""


class Carrier(Protocol):
    """Brings messages to one medium. Every method raises `Later`, `Passing`, `Lost` or `Final`; `edit` also `Gone`."""

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:
        """Send a new message, into the thread (channel, stamp) where one is given."""
        ...

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Show `message` in place of what was posted."""
        ...

    async def find(self, delivery: Delivery) -> Accepted | None:
        """Look up whether this delivery was accepted after all."""
        ...
