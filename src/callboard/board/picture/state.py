"""What has been folded of a plan's timeline: plain values alone, so that it can be kept as JSON and gone on from."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Columns = Mapping[str, Any]
"""How one thing stands. Never changed in place: copies of a state share it."""


@dataclass
class State:
    """Everything up to the entry `revision`. `things` are by kind and by the id of their row, `latest` oldest first.

    A text of a person stands as `[id of its entry, text]`, so that it is known which are erased since. `edits` are what
    people changed of the version: by the path, as JSON, whether it was taken away and what stands there. `mark` is the
    last entry that changed the plan.
    """

    revision: int = 0
    version: int = 0
    mark: int = 0
    edits: dict[str, Any] = field(default_factory=dict)
    things: dict[str, dict[str, Columns]] = field(default_factory=dict)
    latest: list[list[Any]] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, Columns]:
        return self.things.setdefault(kind, {})

    def copy(self) -> State:
        things = {kind: dict(rows) for kind, rows in self.things.items()}
        return State(self.revision, self.version, self.mark, dict(self.edits), things, list(self.latest))


def packed(state: State) -> bytes:
    return zlib.compress(json.dumps(vars(state), separators=(",", ":")).encode())


def unpacked(kept: bytes) -> State:
    return State(**json.loads(zlib.decompress(kept)))
