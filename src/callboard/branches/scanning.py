"""A look into a mirror: which branches live, what they touch, and every two of them merged in memory."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from callboard.branches.belonging import Belonging
from callboard.branches.changes import Git, shown
from callboard.branches.models import Line, Meeting, Seen, Stack

LIVES = timedelta(days=30)
MOST_BRANCHES = 300
HEADS = "%(refname)%00%(objectname)%00%(authoremail:trim)%00%(committerdate:unix)%00%(objecttype)"
SHOWN_FILES, SHOWN_LINES = 3, 14
MERGED = b"1"
FLEETING = ("-c", "core.looseCompression=0", "-c", "core.fsync=none")
Touched = Mapping[str, tuple[str, frozenset[Stack] | None]]


@dataclass(frozen=True)
class Wants:
    """What a plan wants to know of a repository: its main branch, those protected too, people, zones by section.

    `was_main` is where the main branch was at the last look, while that commit is still there.
    """

    main: str
    protected: Sequence[str]
    belonging: Belonging
    by_section: Callable[[str], bool]
    now: datetime
    was_main: str = ""

    def is_protected(self, name: str) -> bool:
        """Whether it is the main branch or one of those that are protected too."""
        return name == self.main or any(fnmatchcase(name, pattern) for pattern in self.protected)


@dataclass
class Memory:
    """What is known of commits from one look to the next: commits never change."""

    bases: dict[tuple[str, str], str] = field(default_factory=dict)
    touched: dict[tuple[str, str], Touched] = field(default_factory=dict)
    merges: dict[tuple[str, str], Sequence[str] | None] = field(default_factory=dict)
    hunks: dict[tuple[str, str], Sequence[tuple[str, str, str]]] = field(default_factory=dict)
    main_head: str = ""
    zones: object = None

    def forget(self, heads: set[str]) -> None:
        """Keep what is about these commits alone."""
        for kept in (self.touched, self.merges, self.hunks, self.bases):
            for key in [key for key in kept if not heads.issuperset(key) and key[-1] not in heads]:
                del kept[key]


class Scan:
    """One look. It may raise GitFailed."""

    def __init__(self, folder: Path, wants: Wants, memory: Memory) -> None:
        self._git = Git(folder)
        self._folder = folder
        self._wants = wants
        self._memory = memory

    def run(self) -> Seen:
        """Look at everything; what has not changed since the last look is not looked at again."""
        began = time.monotonic()
        heads = list(self._heads())
        main = next((line for line in heads if line.name == self._wants.main), None)
        if main is None:
            return Seen(self._wants.main, "", (), (), [] if self._memory.main_head else None)
        live = [line for line in self._live(heads, main) if line.touched or line.protected]
        meetings = list(self._meetings(live))
        self._memory.forget({line.head for line in heads})
        files = None if main.head == self._memory.main_head else self._files(main.head)
        self._memory.main_head = main.head
        return Seen(self._wants.main, main.head, live, meetings, files, time.monotonic() - began)

    def _heads(self) -> Iterator[Line]:
        out = self._git.run("for-each-ref", f"--format={HEADS}", "refs/heads/")
        for row in out.splitlines():
            name, head, author, at, kind = (shown(part) for part in [*row.split(b"\x00"), b"", b"", b"", b""][:5])
            if kind == "commit":
                committed = datetime.fromtimestamp(int(at or 0), UTC)
                name = name.removeprefix("refs/heads/")
                person = self._wants.belonging.person(author)
                yield Line(
                    name, head, "", author, committed, self._wants.belonging.team(name, person), person,
                    self._wants.is_protected(name),
                )  # fmt: skip

    def _live(self, heads: Sequence[Line], main: Line) -> Iterator[Line]:
        """The branches with something that main has not, on which somebody works; the newest where they are many."""
        fresh = [line for line in heads if line.protected or line.committed_at > self._wants.now - LIVES]
        newest = sorted(fresh, key=lambda line: (not line.protected, -line.committed_at.timestamp(), line.name))
        for line in newest[:MOST_BRANCHES]:
            base = self._base(main.head, line.head)
            if line.name == main.name:
                was = self._wants.was_main
                yield replace(line, base=line.head, touched=self._touched(was, line.head) if was else {})
            elif line.protected or base != line.head:
                yield replace(line, base=base, touched=self._touched(base, line.head))

    def _base(self, main: str, head: str) -> str:
        if (main, head) not in self._memory.bases:
            self._memory.bases[main, head] = self._git.base(main, head)
        return self._memory.bases[main, head]

    def _touched(self, base: str, head: str) -> Touched:
        if (base, head) not in self._memory.touched:
            changes = self._git.with_sections(self._git.changes(base, head), self._wants.by_section)
            self._memory.touched[base, head] = {one.path: (one.kind, one.sections) for one in changes}
        return self._memory.touched[base, head]

    def _meetings(self, live: Sequence[Line]) -> Iterator[Meeting]:
        pairs = [pair for pair in self._pairs(live) if pair[0].head != pair[1].head]
        new = [pair for pair in pairs if _key(*pair) not in self._memory.merges]
        vanished = self._vanished({line.name: line for pair in new for line in pair}.values())
        apart = [pair for pair in new if not pair[1].protected and _are_apart(*pair, vanished)]
        self._memory.merges |= {_key(*pair): () for pair in apart}
        self._merge([pair for pair in new if _key(*pair) not in self._memory.merges])
        for one, other in pairs:
            conflicts = self._memory.merges.get(_key(one, other))
            both = _both(one, other)
            if conflicts or (both and not (one.protected or other.protected)):
                files = list(conflicts or both)
                yield Meeting(one.name, other.name, both, conflicts or (), self._hunks(one, other, files))

    def _pairs(self, live: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
        """Every two of different teams, by name, and each with main and the branches that are protected too."""
        ordered = sorted(live, key=lambda line: (line.protected, line.name))
        for place, one in enumerate(ordered):
            for other in ordered[place + 1 :]:
                if one.protected and other.protected:
                    continue
                if one.protected or other.protected or _are_others(one, other):
                    yield one, other

    def _merge(self, pairs: Sequence[tuple[Line, Line]]) -> None:
        """Merge them in memory; what git writes on the way is thrown away."""
        if not pairs:
            return
        with tempfile.TemporaryDirectory(prefix="callboard-merges-") as objects:
            where = {
                "GIT_OBJECT_DIRECTORY": objects,
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.fspath((self._folder / "objects").resolve()),
            }
            given = "".join(f"{one.head} {other.head}\n" for one, other in pairs).encode()
            git = Git(self._folder, within=max(120.0, len(pairs)), environment=where)
            words = ("merge-tree", "--write-tree", "--stdin", "--name-only", "--allow-unrelated-histories")
            out = git.run(*FLEETING, *words, given=given)
        found = list(_merges(out.split(b"\x00"), len(pairs)))
        self._memory.merges |= {_key(*pair): files for pair, files in zip(pairs, found, strict=True)}

    def _vanished(self, lines: Iterable[Line]) -> dict[str, set[str]]:
        """The folders that are not there any more, by branch: only these can have moved."""
        left = [(line, folder) for line in lines for folder in sorted(_left(line))]
        asked = [(line, folder) for line, folder in left if "\n" not in folder and "\\" not in folder]
        given = "".join(f"{line.head}:{folder}\n" for line, folder in asked)
        said = self._git.run("cat-file", "--batch-check", given=given.encode()).splitlines() if asked else []
        there = {(line.name, folder) for (line, folder), row in zip(asked, said, strict=True) if b" tree " in row}
        found: dict[str, set[str]] = {}
        for line, folder in left:
            if (line.name, folder) not in there:
                found.setdefault(line.name, set()).add(folder)
        return found

    def _hunks(self, one: Line, other: Line, files: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        key = _key(one, other)
        if key not in self._memory.hunks:
            few = files[:SHOWN_FILES]
            base = self._git.base(one.head, other.head)
            sides = [_split(self._git.diff(base, line.head, few), few) for line in (one, other)]
            self._memory.hunks[key] = [(path, sides[0].get(path, ""), sides[1].get(path, "")) for path in few]
        return self._memory.hunks[key]

    def _files(self, head: str) -> list[str]:
        return [
            shown(path) for path in self._git.run("ls-tree", "-r", "-z", "--name-only", head).split(b"\x00") if path
        ]


def _are_others(one: Line, other: Line) -> bool:
    """Whether two branches are of different teams, and not of one person who is in both."""
    return one.team != other.team and not (one.person and one.person == other.person)


def _are_apart(one: Line, other: Line, vanished: Mapping[str, set[str]]) -> bool:
    """Whether they go together: no file of one is a file or folder of the other, no folder moves with a new file."""
    if one.touched.keys() & other.touched.keys():
        return False
    folders, others = _folders(one.touched), _folders(other.touched)
    if folders & other.touched.keys() or others & one.touched.keys():
        return False
    gone, others_gone = vanished.get(one.name, set()), vanished.get(other.name, set())
    return not (gone & _entered(other) or others_gone & _entered(one))


def _folders(paths: Iterable[str]) -> set[str]:
    """Every folder above these files, but for the root."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _left(line: Line) -> set[str]:
    return _folders(path for path, (kind, _) in line.touched.items() if kind == "deleted")


def _entered(line: Line) -> set[str]:
    return _folders(path for path, (kind, _) in line.touched.items() if kind == "added")


def _key(one: Line, other: Line) -> tuple[str, str]:
    return one.head, other.head


def _both(one: Line, other: Line) -> list[str]:
    """The files that both touch; of those that belong to teams by section, the ones where they touch the same."""
    found = []
    for path in sorted(one.touched.keys() & other.touched.keys()):
        ones, others = one.touched[path][1], other.touched[path][1]
        if ones is None or others is None or not ones or not others or ones & set(others):  # type: ignore[operator]
            found.append(path)
    return found


def _merges(fields: Sequence[bytes], count: int) -> Iterator[Sequence[str] | None]:
    """For each merge the files that conflict, none of them where git merges it.

    A record is its status, a tree, the files that conflict up to an empty field, and messages up to another: each of
    these says for how many paths it is, which, its kind and its words. One that went well ends behind the tree.
    """
    at = 0
    for _ in range(count):
        status, at = fields[at], at + 2
        files: list[str] = []
        while fields[at]:
            files.append(shown(fields[at]))
            at += 1
        at += 1
        if status == MERGED:
            yield ()
            continue
        while fields[at]:
            at += 1 + int(fields[at]) + 2
        at += 1
        yield sorted(set(files)) or ["(the whole tree)"]


def _split(diff: str, files: Sequence[str]) -> dict[str, str]:
    """The hunks of each file, as many lines as can be shown."""
    found: dict[str, str] = {}
    parts = f"\n{diff}".split("\ndiff --git ")[1:]
    for path, part in zip(_named(parts, files), parts, strict=True):
        lines = part.splitlines()
        first = next((number for number, line in enumerate(lines) if line.startswith("@@")), None)
        shown_lines = lines[first:] if first is not None else [line for line in lines[1:] if line]
        more = [f"... {len(shown_lines) - SHOWN_LINES} more lines"] * (len(shown_lines) > SHOWN_LINES)
        found[path] = "\n".join([*(line[:160] for line in shown_lines[:SHOWN_LINES]), *more])
    return found


def _named(parts: Sequence[str], files: Sequence[str]) -> Iterator[str]:
    """Which file a part of a diff is about."""
    left = list(files)
    for part in parts:
        head = part.partition("\n")[0]
        path = next((one for one in left if head.endswith(f" b/{one}")), left[0] if left else "")
        if path in left:
            left.remove(path)
        yield path
