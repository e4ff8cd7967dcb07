"""Every number of a board: what it is called, and the rows it was counted from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple

from callboard.board.picture.counts import Count, Row
from callboard.board.picture.parts import Colour, Gate, Light, Picture, Step

WORDS = {
    "total": "all tasks", "completed": "completed tasks", "in_progress": "tasks in progress",
    "blocked": "blocked tasks", "not_started": "tasks not started", "late": "late tasks", "criteria": "all criteria",
    "met": "criteria met", "sign_offs": "sign-offs", "missing": "sign-offs still needed", "blockers": "open blockers",
    "points": "integration points", "done": "done", "failed": "failed", "opened": "open blockers",
    "waiting": "waiting for this lock", "files": "files", "steps": "steps", "gates": "all gates",
    "passed": "gates passed", "lights": "all teams", "green": "teams on track", "locks": "locks",
    "conflicts": "conflicts", "pairs": "pairs of teams that meet",
}  # fmt: skip


OVER = ("passed", "waived")
NEAREST, LAST = 10, 3
"""How many gates a page shows one by one, and how many of them may be over while others are ahead."""


class Number(NamedTuple):
    """`of` is by which a page asks for it, `name` what it counts."""

    of: str
    name: str
    counts: Count


@dataclass(frozen=True, kw_only=True)
class Board:
    """A picture, and what a page counts besides."""

    picture: Picture
    gates: Count
    passed: Count
    lights: Count
    green: Count
    locks: Count
    conflicts: Count
    pairs: Count

    @property
    def name(self) -> str:
        return self.picture.name

    def leaders(self, step: Step) -> str:
        """Who leads a step."""
        return ", ".join(step.leaders or (step.team,))

    @property
    def troubled(self) -> list[Light]:
        """The teams that are not on track, the worst first."""
        worst = list(reversed(Colour))
        return sorted((each for each in self.picture.lights if each.colour != Colour.GREEN),
                      key=lambda light: worst.index(light.colour))  # fmt: skip

    @property
    def nearest(self) -> list[Gate]:
        """The gates that matter now, by when they are due: the next ones, and the last that were passed."""
        ordered = sorted(self.picture.gates, key=lambda gate: (gate.due is None, gate.due or self.picture.ends))
        over = [gate for gate in ordered if gate.state in OVER]
        ahead = [gate for gate in ordered if gate.state not in OVER]
        return [*over[-max(NEAREST - len(ahead), LAST) :], *ahead[: NEAREST - min(len(over), LAST)]]

    @classmethod
    def of(cls, picture: Picture) -> Board:
        locks = (Row(kind="lock", key=str(lock.number), name=", ".join(lock.paths), state=lock.holder, team=lock.team,
                     at=lock.expires) for lock in picture.locks)  # fmt: skip
        conflicts = (
            Row(kind="conflict", key=str(each.number), name=" × ".join(filter(None, (each.one, each.other))),
                state=each.degree, team=", ".join(each.teams), at=each.since) for each in picture.conflicts
        )  # fmt: skip
        pairs = (
            Row(kind="integration", key="", name=" and ".join(pair.names), state=pair.state) for pair in picture.pairs
        )
        return cls(
            picture=picture, gates=_gates(picture.gates),
            passed=_gates(gate for gate in picture.gates if gate.state in OVER),
            lights=_lights(picture.lights),
            green=_lights(light for light in picture.lights if light.colour == Colour.GREEN),
            locks=Count(tuple(locks)), conflicts=Count(tuple(conflicts)),
            pairs=Count(tuple(pairs)),
        )  # fmt: skip


class Numbers:
    """The numbers of one board. What counts nothing has no rows, and opens nothing."""

    def __init__(self, board: Board) -> None:
        every = [number for number in _numbers(board, "", board.name) if number.counts]
        self._by_name = {number.of: number for number in every}
        self._by_count = {id(number.counts): number for number in reversed(every)}

    def __iter__(self) -> Iterator[Number]:
        return iter(self._by_name.values())

    def find(self, of: str) -> Number | None:
        return self._by_name.get(of)

    def of(self, count: Count) -> Number | None:
        return self._by_count.get(id(count))


def _numbers(value: Any, path: str, whose: str) -> Iterator[Number]:
    if isinstance(value, tuple):
        for place, item in enumerate(value):
            name = next(filter(None, (getattr(item, word, "") for word in ("key", "number", "team"))), place)
            yield from _numbers(item, f"{path}.{name}", whose)
    elif is_dataclass(value) and not isinstance(value, Row):
        whose = getattr(value, "name", "") or " and ".join(getattr(value, "names", ())) or whose
        for each in fields(value):
            inner, below = getattr(value, each.name), f"{path}.{each.name}".removeprefix(".")
            if isinstance(inner, Count):
                yield Number(below, f"{whose}: {getattr(value, 'words', '') or WORDS[each.name]}", inner)
            else:
                yield from _numbers(inner, below, whose)


def _gates(gates: Iterable[Gate]) -> Count:
    return Count(tuple(Row(kind="gate", key=gate.key, name=gate.name, state=gate.state, at=gate.due) for gate in gates))


def _lights(lights: Iterable[Light]) -> Count:
    return Count(tuple(Row(kind="team", key=light.team, name=light.name, state=light.colour) for light in lights))
