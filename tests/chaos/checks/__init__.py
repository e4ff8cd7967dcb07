"""What must hold after the chaos: pure functions from the evidence to what is wrong.

operations: what was answered is so, and nothing else
reads: what is seen is not older than what was known
pages: each once, none lost, none after somebody has it
holders: nobody holds what another has
sign_offs: nobody signs beyond a gate's rule
cards: each shows what happened, in its order
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos.evidence import Evidence


@dataclass
class Finding:
    """How many things a check looked at, and what is wrong with them, in a sentence each."""

    looked: int = 0
    wrong: list[str] = field(default_factory=list)
    note: str = ""

    def look(self, *, right: bool, wrong: str) -> None:
        """Count one more thing."""
        self.looked += 1
        if not right:
            self.wrong.append(wrong)


Check = Callable[[Evidence], Finding]
