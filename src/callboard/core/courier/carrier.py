"""What brings messages to one medium, and how it may fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from callboard.core.deliveries import Delivery
from callboard.core.outbox import Message

Thread = tuple[str, str]
"""The channel and the stamp of the message that is answered."""


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


class Withheld(Passing):
    """Certainly not accepted, until somebody mends what keeps this address from taking messages."""


class Lost(Exception):
    """The answer was lost: the message may have been accepted."""


class Final(Exception):
    """Not accepted, and another try would not be either, as things are."""


class Uneditable(Exception):
    """The message can't be changed where it is: it was deleted, it is too old, or what it is to show is refused."""


class Unseen(Exception):
    """Nobody can look up what was posted there."""


class Carrier(Protocol):
    """Brings messages to one medium. Every method raises `Later`, `Passing`, `Lost` or `Final`.

    `edit` also raises `Uneditable`, and `find` `Unseen`.
    """

    async def post(self, delivery: Delivery, message: Message, thread: Thread | None) -> Accepted: ...

    async def edit(self, delivery: Delivery, message: Message) -> Accepted: ...

    async def find(self, delivery: Delivery) -> Accepted | None: ...
