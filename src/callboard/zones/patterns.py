r"""Path patterns in one dialect, like that of CODEOWNERS; which paths they match, and how they relate to each other.

- Paths begin at the root of the repository, and case counts. `*` is any text within a name, `?` any one character,
  `**` any number of folders; a backslash takes their meaning from them. There is no `!`, no `[ ]` and no `{ }`.
- A pattern with a `/` before its end begins at the root, `/web/*.css`; any other matches at every depth, `*.css`.
- A name at the end, `/deploy` or `/v*`, means a file, or all that is in a folder; with a `/` behind it only the latter.
- `*` alone at the end means what is just there: `/docs/*` holds `docs/a`, not `docs/a/b`; `/docs/**` holds both.
- Unicode is compared composed (NFC), as most systems write it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import groupby

from callboard.zones.paths import composed

MOST_STATES = 3_000
Meet = Callable[[str, str], str | None]
"""An item that fits two; None where none does."""
Ways = Callable[[str, tuple[str, ...]], Collection[frozenset[str]]]
"""For an item and several others: which of the others fit something that it fits, every set of them that there is."""


def common(a: Sequence[str], b: Sequence[str], loop: str, meet: Meet) -> tuple[str, ...] | None:
    """A sequence that fits both, short where they are; None where none does."""
    return _around(a, b, loop, meet) if loop in a and loop in b else _along(a, b, loop, meet)


def _around(a: Sequence[str], b: Sequence[str], loop: str, meet: Meet) -> tuple[str, ...] | None:
    """Where both have gaps, a gap of each takes what the other has in between: only their ends must agree."""
    (head, between, tail), (other_head, other_between, other_tail) = _parts(a, loop), _parts(b, loop)
    begin = [meet(x, y) for x, y in zip(head, other_head, strict=False)]
    end = [meet(x, y) for x, y in zip(reversed(tail), reversed(other_tail), strict=False)]
    if None in begin or None in end:
        return None
    rest = [*max(head, other_head, key=len)[len(begin) :], *between, *other_between]
    rest += max(tail, other_tail, key=len)[: -len(end) or None]
    found = [*begin, *(meet(item, item) for item in rest), *reversed(end)]
    return tuple(item for item in found if item is not None)


@lru_cache(maxsize=10_000)
def _parts(sequence: Sequence[str], loop: str) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """What is before the first gap, between the gaps, and behind the last."""
    first, last = sequence.index(loop), len(sequence) - sequence[::-1].index(loop)
    return sequence[:first], [item for item in sequence[first:last] if item != loop], sequence[last:]


def _along(a: Sequence[str], b: Sequence[str], loop: str, meet: Meet) -> tuple[str, ...] | None:
    """Where one of them has no gaps, its items are gone along one by one."""
    queue: deque[tuple[int, int, tuple[str, ...]]] = deque([(0, 0, ())])
    seen: set[tuple[int, int]] = set()
    while queue:
        i, j, found = queue.popleft()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        if i == len(a) and j == len(b):
            return found
        if i < len(a) and a[i] == loop:
            queue.appendleft((i + 1, j, found))
        if j < len(b) and b[j] == loop:
            queue.appendleft((i, j + 1, found))
        item = meet(a[i], b[j]) if i < len(a) and j < len(b) else None
        if item is not None:
            queue.append((i + (a[i] != loop), j + (b[j] != loop), (*found, item)))
    return None


def fitting(one: Sequence[str], others: Sequence[Sequence[str]], loop: str, ways: Ways) -> Iterator[frozenset[int]]:
    """Which of the others, by number, fit something that `one` fits: every set of them that there is.

    A search that grows beyond all sense ends with the empty set, as if something fitted `one` alone.
    """
    begin = (0, frozenset((k, 0) for k in range(len(others))))
    todo, seen = [begin], {begin}
    while todo:
        at, places = todo.pop()
        open_ = [(k, i) for k, start in places for i in _open(others[k], start, loop)]
        for here in _open(one, at, loop):
            if here == len(one):
                yield frozenset(k for k, i in open_ if i == len(others[k]))
                continue
            reading = [(k, i, others[k][i]) for k, i in open_ if i < len(others[k])]
            for fit in ways(one[here], tuple(sorted({item for _, _, item in reading}))):
                moved = frozenset((k, i + (item != loop)) for k, i, item in reading if item in fit)
                state = (here + (one[here] != loop), moved)
                if state not in seen:
                    seen.add(state)
                    todo.append(state)
        if len(seen) > MOST_STATES:
            yield frozenset()
            return


def _open(sequence: Sequence[str], at: int, loop: str) -> Iterator[int]:
    """The places one can be at without reading anything more."""
    yield at
    while at < len(sequence) and sequence[at] == loop:
        at += 1
        yield at


STAR, ANY = "\x00", "\x01"
DEEP = STAR * 2
SOMETHING = ANY + STAR
"""Any name: it has at least one character."""
WILD = (STAR, ANY)
WRITTEN = {"*": STAR, "?": ANY}
ESCAPED = "*?[]{}!\\"
LONGEST = 400
MOST_WILDCARDS = 12
PARENTS = (".", "..")
FILLER = "x"
NEVER_WRITTEN = "\x02"
"""Stands for all characters that no pattern names."""
KNOWN = 50_000
FOLDERS = "(?:[^/]+/)*"


@dataclass(frozen=True)
class Pattern:
    """A pattern as it is written, and name by name; `DEEP` among the names is any number of folders."""

    text: str = field(compare=False)
    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern. Raises ValueError with a sentence."""
        return cls(text.strip(), parse_names(text.strip()))

    @classmethod
    def exactly(cls, path: str) -> Pattern:
        """The pattern of one file, whatever characters are in its path."""
        return cls(path, tuple(composed(path).removeprefix("/").split("/")))

    def __str__(self) -> str:
        return self.text

    def matches(self, path: str) -> bool:
        """Whether a path, with or without a `/` before it, is one of those that are meant."""
        return self._regex.fullmatch(f"{composed(path).removeprefix('/')}/") is not None

    @property
    def everything(self) -> bool:
        return self.names == (DEEP, SOMETHING)

    @cached_property
    def stem(self) -> str:
        """With what every path begins that it matches; there is a `/` behind each name."""
        return re.split(f"[{''.join(WILD)}]", "".join(f"{name}/" for name in self.names), maxsplit=1)[0]

    @cached_property
    def of_files(self) -> Pattern:
        """The same, but a name such as `README.md` at the end means a file, and no folder."""
        named = self.names[-1] == DEEP and "." in self.names[-2][1:-1]
        return Pattern(self.text, self.names[:-1]) if named else self

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        """One for names with a `/` behind each. Where a part fits first is as good as any, so none is tried twice."""
        runs = groupby(self.names, lambda name: name == DEEP)
        chunks = ["".join(f"{_name_regex(name)}/" for name in run) for deep, run in runs if not deep]
        first = "" if self.names[0] == DEEP else chunks.pop(0)
        if DEEP not in self.names:
            return re.compile(first)
        last = "" if self.names[-1] == DEEP else chunks.pop()
        return re.compile(first + "".join(f"(?>{FOLDERS}?{chunk})" for chunk in chunks) + FOLDERS + last)

    @cached_property
    def example(self) -> str:
        """A path that it matches, and another pattern only where that is no narrower just there."""
        return "/".join(re.sub(f"[{''.join(WILD)}]", NEVER_WRITTEN, name) for name in self.names)


def overlap(a: Pattern, b: Pattern) -> str | None:
    """A path that both match, one of the shortest; None where there is none."""
    if not a.stem.startswith(b.stem) and not b.stem.startswith(a.stem):
        return None
    found = common(a.names, b.names, DEEP, _name)
    return None if found is None else "/".join(found)


def covers(a: Pattern, b: Pattern) -> bool:
    """Whether everything that `b` matches is matched by `a`."""
    return covered(b, (a,))


def covered(pattern: Pattern, by: Sequence[Pattern]) -> bool:
    """Whether everything that a pattern matches is matched by one or another of several."""
    if pattern in by or not any(other.matches(pattern.example) for other in by):
        return pattern in by
    return all(fitting(pattern.names, [other.names for other in by], DEEP, _ways))


def together(pattern: Pattern, others: Sequence[Pattern]) -> Iterator[frozenset[int]]:
    """Which of the others, by number, match a path that `pattern` matches: every set of them that there is."""
    return fitting(pattern.names, [other.names for other in others], DEEP, _ways)


def parse_names(text: str) -> tuple[str, ...]:
    """The names of a pattern from the root on. Raises ValueError with a sentence."""
    _refuse(text)
    parts = ["".join(_characters(text, part)) for part in composed(text).removeprefix("/").split("/")]
    folder = len(parts) > 1 and not parts[-1]
    parts = parts[:-1] if folder else parts
    _refuse_parts(text, parts)
    anchored = text.startswith("/") or len(parts) > 1
    end = [DEEP, SOMETHING] if folder or parts[-1] == DEEP else [] if parts[-1] == STAR else [DEEP]
    parts = [*([] if anchored else [DEEP]), *(SOMETHING if part == STAR else part for part in parts)]
    parts = [*parts[:-1], DEEP, SOMETHING] if (parts[-1], end) == (SOMETHING, [DEEP]) else [*parts, *end]
    # Any number of folders, and any number again, is any number.
    return tuple(name for before, name in zip(["", *parts], parts, strict=False) if (before, name) != (DEEP, DEEP))


def _refuse(text: str) -> None:
    if not text.strip("/"):
        raise ValueError(f"`{text}` is no path: write /src/** for a folder, *.css for files everywhere, or ** for all")
    if text.startswith("!"):
        raise ValueError(f"`{text}`: nothing is taken out with `!`; give those paths to somebody else, further down")
    if len(text) > LONGEST:
        raise ValueError(f"a pattern of {len(text)} characters is longer than paths are: {LONGEST} at most")
    if any(ord(character) < ord(" ") for character in text):
        raise ValueError("there is a character in this pattern that no path has: remove it")
    if text.replace("**", "*").count("*") + text.count("?") > MOST_WILDCARDS:
        raise ValueError(f"`{text}` has more than {MOST_WILDCARDS} wildcards: write several patterns")


def _characters(text: str, part: str) -> Iterator[str]:
    rest = iter(part)
    for character in rest:
        if character == "\\":
            following = next(rest, "")
            if following not in ESCAPED or not following:
                raise ValueError(f"`{text}`: folders are separated by /; a backslash is for {' '.join(ESCAPED)} only")
            yield following
        elif character in "[]{}":
            hint = f"write each path by itself, or \\{character} for the character"
            raise ValueError(f"`{text}`: {character} means nothing here; {hint}")
        else:
            yield WRITTEN.get(character, character)


def _refuse_parts(text: str, parts: list[str]) -> None:
    if "" in parts:
        raise ValueError(f"`{text}` has a folder without a name: write one / between two names")
    if any(part in PARENTS for part in parts):
        raise ValueError(f"`{text}`: paths begin at the root of the repository; leave out `.` and `..`")
    if any(DEEP in part and part != DEEP for part in parts):
        raise ValueError(f"`{text}`: ** stands alone between two /; write **/*.js for files at any depth")


def _name_regex(name: str) -> str:
    first, *others = ("".join("[^/]" if c == ANY else re.escape(c) for c in piece) for piece in name.split(STAR))
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{piece})" for piece in others[:-1]) + "[^/]*" + others[-1]


@lru_cache(maxsize=KNOWN)
def _name(x: str, y: str) -> str | None:
    """The shortest name that fits two; one in which every `*` is something, where that is possible."""
    if not {*x, *y}.intersection(WILD):
        return x if x == y else None
    x, y = x.replace(DEEP, SOMETHING), y.replace(DEEP, SOMETHING)
    some = common(_something(x), _something(y), STAR, _character)
    found = common(x, y, STAR, _character) if some is None else some
    return None if found is None else "".join(found)


def _something(name: str) -> str:
    return name.replace(SOMETHING, STAR).replace(STAR, SOMETHING)


def _character(c: str, d: str) -> str | None:
    if c in WILD:
        return FILLER if d in WILD else d
    return c if d in WILD or c == d else None


@lru_cache(maxsize=KNOWN)
def _ways(name: str, others: tuple[str, ...]) -> frozenset[frozenset[str]]:
    """Which of some names fit what a name fits: every set of them that there is."""
    plain = [other.replace(DEEP, SOMETHING) for other in others]
    found = fitting(name.replace(DEEP, SOMETHING), plain, STAR, _letters)
    return frozenset(frozenset(others[k] for k in fit) for fit in found)


@lru_cache(maxsize=KNOWN)
def _letters(character: str, others: tuple[str, ...]) -> frozenset[frozenset[str]]:
    """The same for characters."""
    choice = {*others, NEVER_WRITTEN}.difference(WILD) if character in WILD else {character}
    return frozenset(frozenset(other for other in others if other in WILD or other == letter) for letter in choice)
