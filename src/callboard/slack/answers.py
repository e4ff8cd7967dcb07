"""What a verb answers to the person who asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Say:
    """Words, seen by the person alone unless `everyone`. With blocks, `text` is what notifications and readers show."""

    text: str
    blocks: Sequence[dict[str, Any]] = ()
    everyone: bool = False


@dataclass(frozen=True)
class Modal:
    """A form: opened; put on top when a button in a form asked for it; in the form's place when a submission did."""

    view: dict[str, Any]


@dataclass(frozen=True)
class Errors:
    """What is wrong with a submitted form, by block id. The form stays open and nothing of the transaction is kept."""

    by_block: Mapping[str, str]


@dataclass(frozen=True)
class Done:
    """Nothing to say; a submitted form closes."""


Answer = Say | Modal | Errors | Done
