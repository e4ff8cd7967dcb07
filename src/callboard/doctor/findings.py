"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How much a finding matters: `bad` keeps something from working, a `note` may be meant."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, what was found, and how it is mended."""

    state: State
    about: str
    sentence: str
    mend: str = ""

    def line(self) -> str:
        """Write it for a terminal."""
        return f"{self.state:<5} {self.about:<10} {self.sentence}" + (f"\n{'':17}{self.mend}" if self.mend else "")


def good(about: str, sentence: str) -> Finding:
    """It is as it should be."""
    return Finding(State.GOOD, about, sentence)


def note(about: str, sentence: str, mend: str = "") -> Finding:
    """It works, but may not be meant so."""
    return Finding(State.NOTE, about, sentence, mend)


def bad(about: str, sentence: str, mend: str) -> Finding:
    """Something does not work because of it."""
    return Finding(State.BAD, about, sentence, mend)
