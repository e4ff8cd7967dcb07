"""Sequences with gaps: what two of them have in common, and whether several of them cover one.

A sequence is made of items, and of `loop`, which stands for any number of any items. Patterns are such sequences twice
over: a name of characters, in which `*` is the loop, and a path of names, in which `**` is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache

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
