"""How the work of a regular expression can grow with its text: found in its structure, without trying any text.

Python tries every way in which a text may match before it says no. Where two loops, one after the other, may take the
same letters, the ways are as many as the square of the text's length; where a loop is in a loop, as many as its powers
of two. A search begins anew at every letter: it is a loop in front.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from re import _constants as ops
from re import _parser as parser
from typing import Any, Literal

SAMPLES = " \t\nabzABZ0159_-–.,;:!?/\\<>|@#'\"`&()[]{}*+=%$^~éß²٣½\u200b\u200f\xa0日"
MANY = 10
"""So many turns of a loop are like any number."""
CATEGORIES: dict[Any, Callable[[str], bool]] = {
    ops.CATEGORY_DIGIT: str.isdecimal, ops.CATEGORY_SPACE: str.isspace,
    ops.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
    ops.CATEGORY_NOT_DIGIT: lambda letter: not letter.isdecimal(),
    ops.CATEGORY_NOT_SPACE: lambda letter: not letter.isspace(),
    ops.CATEGORY_NOT_WORD: lambda letter: not (letter.isalnum() or letter == "_"),
}  # fmt: skip
REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
BEGINNINGS = (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING)


Use = Literal["search", "match", "fullmatch"]


class Growth(IntEnum):
    """What twice the text costs: twice as much, four times or more, or the square of what it cost."""

    LINEAR = 1
    POLYNOMIAL = 2
    EXPONENTIAL = 3


def growth(pattern: str, flags: int = 0, use: Use = "search") -> Growth:
    """How the work grows when this is searched in a text, or tried at its beginning or on the whole of it."""
    tree = parser.parse(pattern, flags)
    if _Automaton(tree, bounded=True).explodes():
        return Growth.EXPONENTIAL
    return Growth.POLYNOMIAL if _Automaton(tree, use).has_loops_in_a_row() else Growth.LINEAR


@dataclass
class _Part:
    """A piece of a pattern: the letters with which it may begin and end, and whether it may be empty.

    Behind `free` letters nothing may fail any more; with `idle`, nothing may fail where it is empty.
    """

    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    free: list[int] = field(default_factory=list)
    empty: bool = True
    idle: bool = True


class _Automaton:
    """The letters of a pattern, and which may follow which. With `bounded`, many turns are taken for endless ones."""

    def __init__(self, tree: Any, use: Use = "fullmatch", *, bounded: bool = False) -> None:
        self.bounded, self.flags = bounded, tree.state.flags
        self.letters = sorted({*SAMPLES, *_letters(tree)})
        self.all = (1 << len(self.letters)) - 1
        self.masks: list[int] = []
        self.next: Counter[tuple[int, int]] = Counter()
        self.dead_ends: set[int] = set()
        self.possessive: set[int] = set()
        self.repeats_nothing = False
        self.starts = self._starts(tree) if use == "search" else []
        whole = self._sequence(tree)
        self._follow(self.starts, self.starts)
        self._follow(self.starts[:1], whole.first)
        ends = set(whole.free) - self.dead_ends
        self.free_ends = ends if use != "fullmatch" else {end for end in ends if self.masks[end] == self.all}
        self.after: dict[int, list[tuple[int, int]]] = {}
        for one, other in self.next:
            barred = self.masks[one] if one in self.possessive and one != other else 0
            self.after.setdefault(one, []).append((other, self.masks[other] & ~barred))
        self.loops = self._loops()

    def explodes(self) -> bool:
        """Whether some loop can take the same letters in two ways."""
        doubled = any(
            count > 1 and self.loops.get(one, one) == self.loops.get(other, -1)
            for (one, other), count in self.next.items()
        )
        return doubled or self.repeats_nothing or any(map(self._is_ambiguous, self.loops))

    def has_loops_in_a_row(self) -> bool:
        """Whether two loops that follow each other can take the same letters, and what comes then may fail."""
        lasting = [place for place in self.loops if place not in self.free_ends]
        return self.explodes() or any(
            self._overlap(one, other) for one in self.loops for other in lasting
            if self.loops[one] != self.loops[other] and other in self.reach[one]
        )  # fmt: skip

    def _is_ambiguous(self, place: int) -> bool:
        """Whether two different ways lead from a place back to it with the same letters."""
        inside: set[int] = self._loop(place)
        back: set[tuple[int, ...]] = {(place, place)}
        ways = self._walk((place, place), (inside, inside))
        before: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        for pair, steps in ways.items():
            for step in steps:
                before.setdefault(step, []).append(pair)
        waiting = list(back)
        while waiting:
            fresh = set(before.get(waiting.pop(), ())) - back
            back |= fresh
            waiting += fresh
        return any(one != other for one, other in back)

    def _overlap(self, one: int, other: int) -> bool:
        """Whether some letters lead from the first to itself, from the first to the second, and from it to itself."""
        first, second = self._loop(one), self._loop(other)
        if not self._takes(first) & self._takes(second):
            return False
        # A search that has come to a free end is over.
        over = self.free_ends if one in self.starts else set()
        between = set(range(len(self.masks))) - over
        return (one, other, other) in self._walk((one, one, other), (first, between, second - over))

    def _loop(self, place: int) -> set[int]:
        return {other for other, loop in self.loops.items() if loop == self.loops[place]}

    def _takes(self, places: Iterable[int]) -> int:
        taken = 0
        for place in places:
            taken |= self.masks[place]
        return taken

    def _walk(
        self, start: tuple[int, ...], inside: tuple[set[int], ...]
    ) -> dict[tuple[int, ...], set[tuple[int, ...]]]:
        """Where several readers of the same letters may come to, and where to from there."""
        ways: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
        waiting = [start]
        while waiting:
            places = waiting.pop()
            if places not in ways:
                ways[places] = set(self._steps(places, inside))
                waiting += ways[places]
        return ways

    def _steps(self, places: tuple[int, ...], inside: tuple[set[int], ...]) -> Iterator[tuple[int, ...]]:
        ways: list[tuple[tuple[int, ...], int]] = [((), self.all)]
        for place, allowed in zip(places, inside, strict=True):
            ways = [
                ((*way, step), mask & letters) for way, mask in ways for step, letters in self.after.get(place, ())
                if step in allowed and mask & letters
            ]  # fmt: skip
        return (way for way, _ in ways)

    def _loops(self) -> dict[int, int]:
        """The letters that may come again, each with the number of its loop."""
        self.reach: dict[int, set[int]] = {}
        for place in self.after:
            self.reach[place], waiting = set(), [place]
            while waiting:
                fresh = {step for step, _ in self.after.get(waiting.pop(), ())} - self.reach[place]
                self.reach[place] |= fresh
                waiting += fresh
        return {
            place: min(other for other in ends if place in self.reach.get(other, ()))
            for place, ends in self.reach.items() if place in ends
        }  # fmt: skip

    def _starts(self, tree: Any) -> list[int]:
        """What a search passes over; it begins only behind the first of them. None where it begins at one place."""
        op, value = tree[0] if len(tree) else (None, (0, ()))
        if op is ops.AT and value in BEGINNINGS and not (value is ops.AT_BEGINNING and self.flags & re.MULTILINE):
            return []
        behind: Any = value[1] if op is ops.ASSERT_NOT and value[0] < 0 and len(value[1]) == 1 else None
        if behind is None or behind[0][0] not in (ops.LITERAL, ops.NOT_LITERAL, ops.IN):
            return [self._letter(lambda _: True)]
        barred = _reader(behind[0][0], behind[0][1], self.flags)
        return [self._letter(lambda letter: not barred(letter)), self._letter(barred)]

    def _letter(self, takes: Callable[[str], bool]) -> int:
        self.masks.append(sum(1 << place for place, letter in enumerate(self.letters) if takes(letter)))
        return len(self.masks) - 1

    def _follow(self, ends: Iterable[int], begins: Iterable[int]) -> None:
        begins = list(begins)
        self.next.update((end, begin) for end in ends for begin in begins)

    def _sequence(self, items: Any) -> _Part:
        whole = _Part()
        for item in items:
            part = self._part(*item)
            self._follow(whole.last, part.first)
            whole.first += part.first if whole.empty else []
            whole.last = [*part.last, *(whole.last if part.empty else [])]
            whole.free = [*part.free, *(whole.free if part.empty and part.idle else [])]
            whole.idle = whole.idle and part.idle
            whole.empty = whole.empty and part.empty
        return whole

    def _part(self, op: Any, value: Any) -> _Part:  # noqa: PLR0911 - one for each kind
        if op in REPEATS:
            return self._repeat(*value, possessive=op is ops.POSSESSIVE_REPEAT)
        if op is ops.SUBPATTERN:
            outside, self.flags = self.flags, (self.flags | value[1]) & ~value[2]
            part = self._sequence(value[3])
            self.flags = outside
            return part
        if op is ops.ATOMIC_GROUP:
            return self._sequence(value)
        if op is ops.BRANCH:
            return self._either(map(self._sequence, value[1]))
        if op in (ops.ASSERT, ops.ASSERT_NOT):
            looks = self._sequence(value[1]) if value[0] > 0 else _Part()
            self.dead_ends.update(range(min(looks.first, default=0), len(self.masks)) if looks.first else ())
            return _Part(looks.first, idle=False)
        if op in (ops.AT, ops.GROUPREF, ops.GROUPREF_EXISTS):
            return _Part(idle=False)
        place = self._letter(_reader(op, value, self.flags))
        return _Part([place], [place], [place], empty=False, idle=False)

    def _either(self, parts: Iterable[_Part]) -> _Part:
        whole = _Part(empty=False, idle=False)
        for part in parts:
            whole.first += part.first
            whole.last += part.last
            whole.free += part.free
            whole.empty = whole.empty or part.empty
            whole.idle = whole.idle or part.idle
        return whole

    def _repeat(self, least: int, most: int, items: Any, *, possessive: bool) -> _Part:
        part = self._sequence(items)
        endless = most is ops.MAXREPEAT
        if endless or (self.bounded and most >= MANY):
            self._follow(part.last, part.first)
            self.repeats_nothing |= not endless and part.empty and bool(part.first)
        if possessive and endless and len(part.first) == 1 and part.first == part.last:
            self.possessive.update(part.first)
        return _Part(part.first, part.last, part.free, part.empty or not least, part.idle or not least)


def _reader(op: Any, value: Any, flags: int) -> Callable[[str], bool]:
    """Whether one letter is taken by a literal, a dot or a class."""
    folded = bool(flags & re.IGNORECASE)

    def cases(letter: str) -> set[str]:
        return {letter, letter.lower(), letter.upper()} if folded else {letter}

    def takes(letter: str) -> bool:
        match op:
            case ops.ANY:
                return bool(flags & re.DOTALL) or letter != "\n"
            case ops.LITERAL:
                return bool(cases(letter) & cases(chr(value)))
            case ops.NOT_LITERAL:
                return not cases(letter) & cases(chr(value))
            case _:
                negated = value[0][0] is ops.NEGATE
                return bool(negated) != any(_is_of(each, kind, what) for kind, what in value for each in cases(letter))

    return takes


def _is_of(letter: str, kind: Any, what: Any) -> bool:
    if kind is ops.LITERAL:
        return bool(ord(letter[0]) == what)
    if kind is ops.RANGE:
        return bool(what[0] <= ord(letter[0]) <= what[1])
    return bool(kind is ops.CATEGORY and CATEGORIES[what](letter))


def _letters(value: Any) -> Iterator[str]:
    """The letters that a pattern names, and their neighbours."""
    if isinstance(value, tuple) and len(value) == 2 and value[0] in (ops.LITERAL, ops.NOT_LITERAL):  # noqa: PLR2004
        yield chr(value[1])
    elif isinstance(value, tuple) and len(value) == 2 and value[0] is ops.RANGE:  # noqa: PLR2004
        yield from (chr(code) for end in value[1] for code in (end - 1, end, end + 1) if 0 < code < 0x110000)  # noqa: PLR2004
    elif isinstance(value, list | tuple | parser.SubPattern):
        for inner in value:
            yield from _letters(inner)
