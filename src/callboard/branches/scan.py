"""A scan of a mirror: which branches live, what they touch, and every two of them merged in memory."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

import structlog

from callboard.branches.git import EMPTY_TREE, Bounds, Git, History, Step, TooMuch, shown
from callboard.branches.identities import Identities
from callboard.branches.merges import FILES, hunks, merged
from callboard.branches.models import Line, Meeting, Seen, Stack
from callboard.branches.plan import RepositoryPart

log = structlog.get_logger()

LIVES = timedelta(days=30)
MOST_BRANCHES = 300
LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
"""Commits say of themselves when they were made, and may say anything."""
HEADS = "%(refname)%00%(objectname)%00%(authoremail:trim)%00%(committerdate:unix)%00%(objecttype)"
AT_ONCE = 50
Touched = Mapping[str, tuple[str, frozenset[Stack] | None]]


@dataclass(frozen=True)
class Wants:
    """What a plan wants to know of a repository. `belonging` says whose a branch is.

    `zones` differs once the plan has others; `was_main` is the head of main at the last scan, while that commit exists.
    """

    part: RepositoryPart
    belonging: Identities
    by_section: Callable[[str], bool]
    zones: object
    now: datetime
    was_main: str


@dataclass
class Memory:
    """What one scan learns of commits for the next: commits never change."""

    bases: dict[tuple[str, str], str] = field(default_factory=dict)
    touched: dict[tuple[str, str], Touched] = field(default_factory=dict)
    merges: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    hunks: dict[tuple[str, str], Sequence[tuple[str, str, str]]] = field(default_factory=dict)
    since: dict[Step, Touched] = field(default_factory=dict)
    taken: dict[Step, frozenset[str] | None] = field(default_factory=dict)
    main_head: str = ""
    zones: object = None

    def forget(self, heads: set[str]) -> None:
        for table in (self.touched, self.merges, self.hunks, self.bases, self.since, self.taken):
            for key in [key for key in table if not heads.issuperset(key) and key[-1] not in heads]:
                del table[key]


class Scan:
    """One scan. It may raise GitFailed."""

    def __init__(self, folder: Path, wants: Wants, memory: Memory, bounds: Bounds | None = None) -> None:
        self._git = Git(folder, bounds=bounds)
        self._folder = folder
        self._wants = wants
        self._memory = memory
        self._ask_history: Callable[[], History]

    def run(self) -> Seen:
        """Look at whatever has changed since the last scan."""
        began = time.monotonic()
        heads = list(self._heads())
        main = next((line for line in heads if line.name == self._wants.part.main), None)
        if main is None:
            return Seen("", (), (), [] if self._memory.main_head else None)
        live = [line for line in self._live(heads, main) if line.touched or line.protected]
        meetings = list(self._meetings(live, main))
        self._memory.forget({line.head for line in heads})
        files = None
        if main.head != self._memory.main_head:
            paths = self._git.run("ls-tree", "-r", "-z", "--name-only", main.head).split(b"\x00")
            files = [shown(path) for path in paths if path]
        self._memory.main_head = main.head
        return Seen(main.head, live, meetings, files, time.monotonic() - began)

    def _heads(self) -> Iterator[Line]:
        out = self._git.run("for-each-ref", f"--format={HEADS}", "refs/heads/")
        for row in out.splitlines():
            name, head, author, at, kind = (shown(part) for part in [*row.split(b"\x00"), b"", b"", b"", b""][:5])
            name = name.removeprefix("refs/heads/")
            if kind == "commit" and not self._wants.part.ignores(name):
                committed = _committed(at, self._wants.now)
                person = self._wants.belonging.person(author)
                yield Line(
                    name, head, "", author, committed, self._wants.belonging.team(name, person), person,
                    self._wants.part.protects(name),
                )  # fmt: skip

    def _live(self, heads: Sequence[Line], main: Line) -> Sequence[Line]:
        """The branches of the last 30 days that have more than main, and the protected ones; at most the newest 300."""
        fresh = [line for line in heads if line.protected or line.committed_at > self._wants.now - LIVES]
        newest = sorted(fresh, key=lambda line: (not line.protected, -line.committed_at.timestamp(), line.name))
        newest = newest[:MOST_BRANCHES]
        self._ask_history = cache(lambda: History(self._git, main.head, [line.head for line in newest]))
        based = [replace(line, base=self._base(main, line)) for line in newest]
        live = [line for line in based if line.protected or line.base != line.head]
        steps = {line.name: (line.base, line.head) for line in live if line.name != main.name}
        if self._wants.was_main:
            steps[main.name] = self._wants.was_main, main.head
        self._look_into(steps.values())
        return [replace(line, touched=self._memory.touched.get(steps.get(line.name, ("", "")), {})) for line in live]

    def _base(self, main: Line, line: Line) -> str:
        if line.name == main.name:
            return line.head
        if (main.head, line.head) not in self._memory.bases:
            self._memory.bases[main.head, line.head] = self._ask_history().base(line.head)
        return self._memory.bases[main.head, line.head]

    def _look_into(self, steps: Iterable[Step]) -> None:
        """Remember what each step changes, and in which sections."""
        new = [step for step in dict.fromkeys(steps) if step not in self._memory.touched]
        for some in (new[at : at + AT_ONCE] for at in range(0, len(new), AT_ONCE)):
            self._learn(some)

    def _learn(self, some: Sequence[Step]) -> None:
        """The same for some; a step that alone is too much is left out, and no other with it."""
        try:
            found = list(self._git.changes_of(some))
            every = self._git.with_sections((one for changes in found for one in changes), self._wants.by_section)
            for step, changes in zip(some, found, strict=True):
                own = islice(every, len(changes))
                self._memory.touched[step] = {change.path: (change.kind, change.sections) for change in own}
        except TooMuch as much:
            if len(some) == 1:
                log.warning("scan.too_much", since=some[0][0], head=some[0][1], why=str(much))
                self._memory.touched[some[0]] = {}
                return
            for half in (some[: len(some) // 2], some[len(some) // 2 :]):
                self._learn(half)

    def _meetings(self, live: Sequence[Line], main: Line) -> Iterator[Meeting]:
        pairs, merges = [pair for pair in self._pairs(live) if pair[0].head != pair[1].head], self._memory.merges
        new = [self._since(*pair, main) for pair in pairs if _key(*pair) not in merges]
        vanished = self._vanished({_step(line): line for pair in new for line in pair}.values())
        merges |= {_key(*pair): () for pair in new if _are_comparable(*pair, main) and _are_apart(*pair, vanished)}
        rest = [key for pair in new if (key := _key(*pair)) not in merges]
        merges |= zip(rest, merged(self._folder, rest), strict=True)
        met = []
        for one, other in pairs:
            conflicts, both = merges.get(_key(one, other), ()), _both(one, other)
            if conflicts or (both and not (one.protected or other.protected)):
                met.append((one, other, both, conflicts))
        self._show([(one, other, conflicts or both) for one, other, both, conflicts in met], main)
        for one, other, both, conflicts in met:
            source = self._source(one, other, conflicts, live) if conflicts else ""
            yield Meeting(one.name, other.name, both, conflicts, self._memory.hunks[_key(one, other)], source)

    def _source(self, one: Line, other: Line, conflicts: Sequence[str], live: Sequence[Line]) -> str:
        """The branch from which a side took all that conflicts, and changed none of it since; the first in a chain."""
        pairs = [(side, source) for side in (one, other) for source in live
                 if not (side.protected or source.protected or source.name in (one.name, other.name))]  # fmt: skip
        found = [
            (source.committed_at, source.name) for side, source in pairs
            if (changed := self._own(side, source)) is not None and changed.isdisjoint(conflicts)
        ]  # fmt: skip
        return min(found)[1] if found else ""

    def _own(self, line: Line, source: Line) -> frozenset[str] | None:
        """The files that a branch changed since it took another's commits; None where it took none."""
        step = line.head, source.head
        if step not in self._memory.taken:
            history, changed = self._ask_history(), None
            if line.head != source.head and not history.are_apart(*step):
                base = self._git.base(*step)
                if history.is_of(source.head, base) and (base == source.head or not history.is_of(line.head, base)):
                    changed = frozenset(change.path for change in self._git.changes(base, line.head))
            self._memory.taken[step] = changed
        return self._memory.taken[step]

    def _since(self, one: Line, other: Line, main: Line) -> tuple[Line, Line]:
        """The pair; main with what it has changed since the other left it."""
        if other.name != main.name or one.base == EMPTY_TREE:
            return one, other
        step = one.base, main.head
        if step not in self._memory.since:
            self._memory.since[step] = {each.path: (each.kind, None) for each in self._git.changes(*step)}
        return one, replace(other, base=one.base, touched=self._memory.since[step])

    def _pairs(self, live: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
        """Every two branches of different teams and people, by name, and each branch with each protected one."""
        ordered = sorted(live, key=lambda line: (line.protected, line.name))
        for place, one in enumerate(ordered):
            for other in ordered[place + 1 :]:
                one_person = one.person and one.person == other.person
                if not one.protected and (other.protected or (one.team != other.team and not one_person)):
                    yield one, other

    def _vanished(self, lines: Iterable[Line]) -> dict[Step, set[str]]:
        """The folders that each line has emptied: only these can have moved."""
        left = [(line, folder) for line in lines for folder in sorted(_folders(_paths(line, "deleted")))]
        asked = [(line, folder) for line, folder in left if "\n" not in folder and "\\" not in folder]
        given = "".join(f"{line.head}:{folder}\n" for line, folder in asked)
        rows = self._git.run("cat-file", "--batch-check", given=given.encode()).splitlines() if asked else []
        there = {(line.head, folder) for (line, folder), row in zip(asked, rows, strict=True) if b" tree " in row}
        found: dict[Step, set[str]] = defaultdict(set)
        for line, folder in left:
            if (line.head, folder) not in there:
                found[_step(line)].add(folder)
        return found

    def _show(self, met: Sequence[tuple[Line, Line, Sequence[str]]], main: Line) -> None:
        """Remember what both sides do to the first files in which they meet."""
        new = [(one, other, files) for one, other, files in met if _key(one, other) not in self._memory.hunks]
        for some in (new[at : at + AT_ONCE] for at in range(0, len(new), AT_ONCE)):
            wanted = [(self._sides(one, other, main), files[:FILES]) for one, other, files in some]
            keys = [_key(one, other) for one, other, _ in some]
            self._memory.hunks |= zip(keys, hunks(self._git, wanted), strict=True)

    def _sides(self, one: Line, other: Line, main: Line) -> tuple[Step, Step]:
        """The steps of both sides: since they parted, or since each of them left main."""
        if other.name != main.name and self._ask_history().are_apart(one.head, other.head):
            return _step(one), _step(other)
        base = one.base if other.name == main.name else self._git.base(one.head, other.head)
        return (base, one.head), (base, other.head)


def _committed(at: str, now: datetime) -> datetime:
    """When a commit was made; now where its date is none that there is, so that its branch is watched all the same."""
    seconds = int(at) if at.isdecimal() else 0
    return datetime.fromtimestamp(seconds, UTC) if seconds < LATEST else now


def _are_comparable(one: Line, other: Line, main: Line) -> bool:
    """Whether `touched` says what both changed since they parted: of protected branches only main's does."""
    return not other.protected or (other.name == main.name and one.base == other.base)


def _are_apart(one: Line, other: Line, vanished: Mapping[Step, set[str]]) -> bool:
    """Whether git surely merges them: they share no file or folder, and no folder moves where the other adds a file."""
    if one.touched.keys() & other.touched.keys():
        return False
    folders, others = _folders(one.touched), _folders(other.touched)
    if folders & other.touched.keys() or others & one.touched.keys():
        return False
    gone, others_gone = vanished.get(_step(one), set()), vanished.get(_step(other), set())
    return not (gone & _folders(_paths(other, "added")) or others_gone & _folders(_paths(one, "added")))


def _folders(paths: Iterable[str]) -> set[str]:
    """Every folder above these files, without the root."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _paths(line: Line, wanted: str) -> Iterator[str]:
    return (path for path, (kind, _) in line.touched.items() if kind == wanted)


def _step(line: Line) -> Step:
    return line.base, line.head


def _key(one: Line, other: Line) -> tuple[str, str]:
    return one.head, other.head


def _both(one: Line, other: Line) -> list[str]:
    """The files that both touch; of a file with sections, only where they touch the same section."""
    found = []
    for path in sorted(one.touched.keys() & other.touched.keys()):
        ones, others = one.touched[path][1], other.touched[path][1]
        if ones is None or others is None or not ones or not others or ones & set(others):  # type: ignore[operator]
            found.append(path)
    return found
