"""A way to reach people, and the ways in which it may fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from callboard.core.outbox import Delivery, Message


@dataclass(frozen=True)
class Accepted:
    """Where a medium has put a message; both empty where the medium does not say."""

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
    """Not accepted, and no further try as things are will be."""


class Gone(Exception):
    """The message that was to be edited is not there any more."""


class Medium(Protocol):
    """A way to reach people. Every method raises `Later`, `Passing`, `Lost` or `Final`; `edit` also `Gone`."""

    async def post(self, delivery: Delivery, message: Message, thread: tuple[str, str] | None) -> Accepted:
        """Send a new message, into the thread (channel, stamp) where one is given."""
        ...

    async def edit(self, delivery: Delivery, message: Message) -> Accepted:
        """Show `message` in place of what was posted."""
        ...

    async def find(self, delivery: Delivery) -> Accepted | None:
        """Look up whether this delivery was accepted after all."""
        ...
