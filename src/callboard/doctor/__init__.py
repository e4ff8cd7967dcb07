"""Looks over an installation: what is wrong with it, and how to fix that.

round: everything, one after the other; of each plan, what would keep it from reaching somebody
installations: the same of each workspace that was installed by itself
workspace: what Slack says of the app, and of every screen
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How much a finding matters: `bad` keeps something from working, a `note` may be intended."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was checked, what was found, and how to fix it."""

    state: State
    about: str
    sentence: str
    mend: str = ""

    def line(self) -> str:
        return f"{self.state:<5} {self.about:<10} {self.sentence}" + (f"\n{'':17}{self.mend}" if self.mend else "")


def good(about: str, sentence: str) -> Finding:
    return Finding(State.GOOD, about, sentence)


def note(about: str, sentence: str, mend: str = "") -> Finding:
    return Finding(State.NOTE, about, sentence, mend)


def bad(about: str, sentence: str, mend: str) -> Finding:
    return Finding(State.BAD, about, sentence, mend)
