"""A climb counted minute by minute: what the arithmetic of instants is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

IDLE, RESOLVE, LAST, REPEAT = 16, 60, 15, 15
MOST, A_DAY = 4, 24 * 60
"""After so many repeats one comes each day."""


class Page(NamedTuple):
    """Why, which step, and whom: nobody is named where it is no step of the ladder."""

    why: str
    step: int | None
    who: str
    minute: int


@dataclass
class Stopwatch:
    """The clocks of one climb. `after`: minutes until each step; `crew`: who is on it at present."""

    after: Sequence[int]
    crew: Sequence[str]
    reporter: str
    minute: int
    pages: list[Page] = field(default_factory=list)
    holder: str = ""
    asleep: int = 0
    waited: int = 0
    "Minutes in which nobody had it and it was not snoozed."
    gap: int = 0
    "The same, since the last page of a step."
    silent: int = 0
    "Minutes since whoever has it was heard of."
    quiet: int = 0
    "Minutes since the last page of a step."
    left: int = RESOLVE
    reached: int = -1
    told: int = 0
    repeats: int = 0
    ran_out: bool = False
    over: bool = False

    @property
    def top(self) -> int:
        return len(self.after) - 1

    def passes(self) -> None:
        """One minute passes."""
        self.minute += 1
        if self.over:
            return
        self.left -= 1
        self.quiet += 1
        if self.asleep:
            self.asleep -= 1
            paged = self.left == 0 and self.is_unresolved()
            if self.asleep == 0:
                self.pages.append(Page("snooze over", None, "", self.minute))
                self.silent = self.told = 0
            return
        self.silent += 1
        if not self.holder:
            self.waited += 1
            self.gap += 1
        paged = self.left == 0 and self.is_unresolved()
        self.looks(paged=paged)

    def begins(self) -> None:
        while not self.over and self.reached < self.top and self.waited == self.after[self.reached + 1]:
            self.send(self.reached + 1, "opened" if self.reached < 0 else "no response")

    def is_unresolved(self) -> bool:
        """The time to resolve it is up: the last step is paged, or paged again."""
        if self.reached == self.top:
            self.gap = self.quiet = 0
            self.repeats += 1
            self.again("unresolved")
        else:
            self.send(self.top, "unresolved")
        return True

    def looks(self, *, paged: bool) -> None:
        """What is due in this minute."""
        if not self.holder:
            self.looks_for_an_answer(paged=paged)
        elif self.told == 0 and self.silent == IDLE // 2:
            self.told = 1
            self.pages.append(Page("nothing said yet", None, self.holder, self.minute))
        elif (self.told == 1 and self.silent == IDLE) or (self.told == 2 and self.quiet == self.pause()):
            self.told = 2
            if paged:
                self.quiet = 0
            else:
                self.send(self.reached + 1, "idle")

    def pause(self) -> int:
        return IDLE if self.reached < self.top else self.slower(IDLE)

    def slower(self, every: int) -> int:
        """How long until the next repeat: twice as long each time."""
        return every * 2**self.repeats if self.repeats < MOST else A_DAY

    def looks_for_an_answer(self, *, paged: bool) -> None:
        if self.reached < self.top:
            self.begins()
        elif not self.ran_out and self.gap == LAST:
            self.exhaust()
        elif self.ran_out and self.gap == self.slower(REPEAT) and not paged:
            self.repeats += 1
            self.gap = self.quiet = 0
            self.again("again")

    def staffed(self, step: int) -> bool:
        return self.crew[step] not in (self.holder, self.reporter)

    def send(self, step: int, why: str) -> None:
        """Page the first step from this one on that has anybody."""
        step = next((each for each in range(step, self.top + 1) if self.staffed(each)), self.top + 1)
        self.reached = min(step, self.top)
        if step <= self.top:
            self.gap = self.quiet = 0
            self.pages.append(Page(why, step, self.crew[step], self.minute))
        elif self.holder:
            if why == "idle":
                self.gap = self.quiet = 0
                self.repeats += 1
            self.again(why)
        else:
            self.exhaust()

    def again(self, why: str) -> None:
        self.pages.append(self.again_at(self.minute, why))

    def again_at(self, minute: int, why: str = "again") -> Page:
        """The last step that has anybody; else whoever has it."""
        step = next((each for each in range(self.reached, -1, -1) if self.staffed(each)), None)
        return Page(why, step, self.crew[step] if step is not None else self.holder, minute)

    def exhaust(self) -> None:
        self.ran_out = True
        self.gap = self.quiet = 0
        self.pages.append(Page("exhausted", None, "", self.minute))

    def has(self, holder: str) -> None:
        """Somebody has it, or nobody any more: repeats begin anew, and one is due where the last page is long ago."""
        self.holder = holder
        self.asleep = self.silent = self.told = self.repeats = 0
        if not holder and self.ran_out and self.reached == self.top and self.gap >= REPEAT:
            self.pages.append(self.again_at(self.minute - (self.gap - REPEAT)))
            self.gap -= REPEAT
            self.repeats = 1
            while self.gap >= REPEAT * 2:
                self.gap -= REPEAT * 2
            self.quiet = self.gap

    def asks(self) -> bool:
        """Somebody wants the next step now; whether there is one."""
        if not any(map(self.staffed, range(self.reached + 1, self.top + 1))):
            return False
        if self.asleep:
            self.asleep = self.silent = self.told = 0
        self.send(self.reached + 1, "asked")
        return True

    def stirs(self) -> None:
        if self.holder:
            self.silent = self.told = 0
