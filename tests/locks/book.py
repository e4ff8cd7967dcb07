"""Locks as a plain list in memory, by the rules of docs/locks.md: what the real table is held against."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

X, Y, CSS, FREE = "src/api/x.py", "src/api/y.py", "src/web/a.css", "src/a1.py"
OTHER, JOINT, BACKEND, FRONTEND = "web/d.css", "openapi/v1.yml", "README.md#Backend", "README.md#Frontend"
MEANS = {word: frozenset(atoms) for word, atoms in {
    "src/**": (X, Y, CSS, FREE), "src/api/**": (X, Y), "web/**": (OTHER,), "src/web/*": (CSS,),
    "src/*/?.*": (X, Y, CSS), "src/a?.py": (FREE,),
    "README.md": (BACKEND, FRONTEND), BACKEND: (BACKEND,), FRONTEND: (FRONTEND,), "openapi/*.yml": (JOINT,),
    "staging": ("staging",), "SRC/API/X.PY": (X,), X: (X,), Y: (Y,), CSS: (CSS,), OTHER: (OTHER,), FREE: (FREE,),
    JOINT: (JOINT,),
}.items()}  # fmt: skip
"""What people type, and all of it that there is."""
OWNERS = {
    X: {"omega"}, Y: {"omega"}, CSS: {"sigma"}, OTHER: {"sigma"}, JOINT: {"omega", "sigma"}, BACKEND: {"omega"},
    FRONTEND: {"sigma"}, "README.md": {"omega", "sigma"},
}  # fmt: skip
"""A file of several sections as a whole is theirs jointly."""
TEAMS = {"olga": "omega", "pa": "omega", "pb": "omega", "sara": "sigma", "sc": "sigma", "amp": "", "stan": ""}
LEADS = {"omega": "olga", "sigma": "sara"}
RUNS = "amp"
OFFER, MONTH = timedelta(minutes=15), timedelta(days=30)
KEEPING = ("held", "asked", "offered")


@dataclass
class Mine:
    """One lock: whose, on what, and until when."""

    number: int
    who: str
    words: tuple[str, ...]
    span: timedelta
    fixed: datetime | None
    state: str = "waiting"
    team: str = ""
    until: datetime | None = None
    asked: dict[str, bool] = field(default_factory=dict)

    @property
    def atoms(self) -> frozenset[str]:
        return all_of(self.words)

    @property
    def concerned(self) -> set[str]:
        return {self.team, *self.asked} - {""}


def all_of(words: Sequence[str]) -> frozenset[str]:
    return frozenset().union(*(MEANS[word] for word in words))


def owners(words: Sequence[str]) -> list[set[str]]:
    """The teams that own each part of it."""
    parts = [word if word in OWNERS else atom for word in words for atom in sorted(MEANS[word])]
    return [OWNERS[part] for part in parts if part in OWNERS]


class Book:
    """Each verb says whether it is possible, and then does it."""

    def __init__(self) -> None:
        self.locks: list[Mine] = []
        self.last = 0

    def live(self, number: int, now: datetime) -> Mine | None:
        found = next((lock for lock in self.locks if lock.number == number), None)
        over = found and found.state in ("held", "asked") and found.until and found.until <= now
        return None if over else found

    def may(self, who: str, words: Sequence[str]) -> bool:
        """Whether somebody may lock all of it: their team's, or nobody's."""
        return who == RUNS or (TEAMS[who] != "" and all(TEAMS[who] in teams for teams in owners(words)))

    def others(self, who: str, words: Sequence[str]) -> set[str]:
        """The teams that must agree first."""
        joint = (teams for teams in owners(words) if len(teams) > 1)
        return set() if who == RUNS else set().union(*joint) - {TEAMS[who]}

    def acquire(
        self, who: str, words: Sequence[str], span: timedelta, until: datetime | None, now: datetime, *, wait: bool
    ) -> bool:
        before = deepcopy(self.locks)
        self.settle(now)
        clashing = [lock for lock in self.locks if lock.atoms & all_of(words)]
        own = [lock for lock in clashing if lock.who == who]
        queued = min((lock.number for lock in own if lock.state in ("waiting", "offered")), default=None)
        ahead = [
            lock for lock in clashing
            if lock.who != who and (lock.state in KEEPING or queued is None or lock.number < queued)
        ]  # fmt: skip
        twice = any(lock.state in ("held", "asked") or (wait and ahead) for lock in own)
        if not self.may(who, words) or (ahead and not wait) or twice:
            self.locks = before  # what was refused changes nothing
            return False
        self.last += 1
        lock = Mine(self.last, who, tuple(words), span, until, team=TEAMS[who])
        self.locks.append(lock)
        if not ahead:
            self.take_it(lock, now)
            for other in own:
                self.end(other, now)
        return True

    def take_it(self, lock: Mine, now: datetime) -> None:
        lock.asked = dict.fromkeys(self.others(lock.who, lock.words), False)
        lock.state = "asked" if lock.asked else "held"
        lock.until = lock.fixed if lock.fixed and lock.fixed > now else now + lock.span

    def end(self, lock: Mine, now: datetime) -> None:
        """It is over: whoever waits longest for what is free now is offered it."""
        self.locks.remove(lock)
        for other in self.locks:
            ahead = (each for each in self.locks if each.state in KEEPING or each.number < other.number)
            if other.state == "waiting" and not any(each.atoms & other.atoms for each in ahead):
                other.state, other.until = "offered", now + OFFER

    def settle(self, now: datetime) -> None:
        for lock in [each for each in self.locks if each.state in KEEPING and each.until and each.until <= now]:
            self.end(lock, now)

    def take(self, who: str, number: int, now: datetime) -> bool:
        lock = self.live(number, now)
        if not lock or lock.who != who or lock.state != "offered" or not lock.until or lock.until <= now:
            return False
        if possible := self.may(who, lock.words):
            self.take_it(lock, now)
        return possible

    def release(self, who: str, number: int, now: datetime) -> bool:
        lock = self.live(number, now)
        if not lock or lock.who != who:
            return False
        self.end(lock, now)
        return True

    def renew(self, who: str, number: int, span: timedelta, now: datetime) -> bool:
        lock = self.live(number, now)
        if not lock or lock.who != who or lock.state != "held" or span > MONTH:
            return False
        lock.until, lock.fixed = now + span, None
        return True

    def breaks(self, who: str, lock: Mine) -> bool:
        return who == RUNS or any(LEADS[team] == who for team in lock.concerned)

    def hand(self, who: str, number: int, to: str, now: datetime) -> bool:
        lock = self.live(number, now)
        if not lock or (who != lock.who and not self.breaks(who, lock)) or lock.state != "held" or to == lock.who:
            return False
        if not self.may(to, lock.words) or self.others(to, lock.words) - lock.concerned:
            return False
        lock.who, lock.team = to, TEAMS[to]
        return True

    def break_open(self, who: str, number: int, now: datetime) -> bool:
        lock = self.live(number, now)
        if not lock or lock.who == who or not self.breaks(who, lock):
            return False
        self.end(lock, now)
        for mine in self.locks:
            if mine.who == who and mine.state == "offered" and mine.atoms & lock.atoms:
                self.take_it(mine, now)
        return True

    def answer(self, who: str, number: int, now: datetime, *, agrees: bool) -> bool:
        """Somebody of another team agrees to a joint lock, or declines it."""
        lock = self.live(number, now)
        if not lock or lock.state != "asked" or lock.who == who or lock.asked.get(TEAMS[who], True):
            return False
        if not agrees:
            self.end(lock, now)
            return True
        lock.asked[TEAMS[who]] = True
        if all(lock.asked.values()):
            lock.state, lock.until = "held", lock.fixed if lock.fixed and lock.fixed > now else now + lock.span
        return True

    def table(self) -> dict[int, tuple[str, str, datetime | None]]:
        """What stands: state, holder and end of each."""
        ends = {"held", "asked", "offered"}
        return {lock.number: (lock.state, lock.who, lock.until if lock.state in ends else None) for lock in self.locks}
