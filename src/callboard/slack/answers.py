"""What a verb answers to the person who asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Say:
    """Words, seen by the person alone unless `everyone`. Beside blocks, `text` is for notifications and readers."""

    text: str
    blocks: Sequence[dict[str, Any]] = ()
    everyone: bool = False


@dataclass(frozen=True)
class Refusal(Say):
    """Why a verb was refused; nothing was changed."""


@dataclass(frozen=True)
class Trouble(Say):
    """What to say about a fault of the program; nothing was changed, and no receipt is kept."""


@dataclass(frozen=True)
class Modal:
    """A form: a new one, one on top when a button in a form asked, or the next one when a form was submitted."""

    view: dict[str, Any]


@dataclass(frozen=True)
class Errors:
    """What is wrong with a submitted form, by block id. The form stays open and the transaction is undone."""

    by_block: Mapping[str, str]


@dataclass(frozen=True)
class Done:
    """Nothing to say; a submitted form closes."""


Answer = Say | Modal | Errors | Done
