"""Branches compared: where they parted, which of them git cannot merge, and what each does to the files of both."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from callboard.branches.mirror.git import EMPTY_TREE, Git, Step, shown

CORES = min(os.cpu_count() or 1, 8)
MERGED = b"1"
FLEETING = ("-c", "core.looseCompression=0", "-c", "core.fsync=none")
MERGE = ("merge-tree", "--write-tree", "--stdin", "--name-only", "--allow-unrelated-histories")
Heads = tuple[str, str]
MOST = 2000
Own = tuple[frozenset[str], frozenset[str]]
FILES, LINES, WIDTH = 3, 14, 160
QUOTED = re.compile(r'[\x00-\x1f\x7f"\\]')
Sides = tuple[Step, Step]
Hunks = Sequence[tuple[str, str, str]]
"""Of each file its path, what one does, and what the other does."""


class History:
    """The commits of branches as they part from the main branch. It may raise GitFailed."""

    def __init__(self, git: Git, main: str, heads: Iterable[str]) -> None:
        self._git = git
        self._main = main
        asked = "".join(f"{head}\n" for head in dict.fromkeys([*heads, f"^{main}"]))
        rows = git.run("rev-list", "--parents", "--stdin", given=asked.encode()).decode().splitlines()
        self._parents = {commit: parents for commit, *parents in map(str.split, rows)}
        self._own: dict[str, Own | None] = {}

    def base(self, head: str) -> str:
        """Where a branch left the main branch, or took it in last; the empty tree where they have nothing in common."""
        own = self._beyond(head)
        if own is None or len(own[1]) > 1:
            return self._git.base(self._main, head)
        return next(iter(own[1]), EMPTY_TREE)

    def are_apart(self, one: str, other: str) -> bool:
        """Whether two branches have no commit in common that the main branch has not; False where that is not known."""
        ones, others = self._beyond(one), self._beyond(other)
        return ones is not None and others is not None and not ones[0] & others[0]

    def _beyond(self, head: str) -> Own | None:
        """The commits that a branch alone has, and those of the main branch that they came from; None for too many."""
        if head not in self._own:
            self._own[head] = self._walked(head)
        return self._own[head]

    def _walked(self, head: str) -> Own | None:
        found, left, waiting = set[str](), set[str](), [head]
        while waiting:
            commit = waiting.pop()
            if commit not in self._parents:
                left.add(commit)
            elif commit not in found:
                found.add(commit)
                waiting += self._parents[commit]
            if len(found) > MOST:
                return None
        return frozenset(found), frozenset(left)


def merged(folder: Path, pairs: Sequence[Heads]) -> list[Sequence[str]]:
    """For each pair the files that conflict, none of them where git merges it. It may raise GitFailed."""
    found: list[Sequence[str]] = [()] * len(pairs)
    with ThreadPoolExecutor(CORES) as pool:
        shares = [(at, pool.submit(_merged, folder, pairs[at::CORES])) for at in range(min(CORES, len(pairs)))]
        for at, share in shares:
            found[at::CORES] = share.result()
    return found


def hunks(git: Git, wanted: Sequence[tuple[Sides, Sequence[str]]]) -> list[Hunks]:
    """The hunks of both sides, for each of those that meet. It may raise GitFailed."""
    asked = [(step, files) for sides, files in wanted for step in sides]
    found = _diffs(git, asked)
    return [
        [(path, one.get(path, ""), other.get(path, "")) for path in files]
        for (_, files), one, other in zip(wanted, found[::2], found[1::2], strict=True)
    ]


def _merged(folder: Path, pairs: Sequence[Heads]) -> list[Sequence[str]]:
    """The same in one process; what git writes on the way is thrown away."""
    with tempfile.TemporaryDirectory(prefix="callboard-merges-") as objects:
        where = {
            "GIT_OBJECT_DIRECTORY": objects,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.fspath((folder / "objects").resolve()),
        }
        given = "".join(f"{one} {other}\n" for one, other in pairs).encode()
        out = Git(folder, within=max(120.0, len(pairs)), environment=where).run(*FLEETING, *MERGE, given=given)
    return list(_merges(out.split(b"\x00"), len(pairs)))


def _merges(fields: Sequence[bytes], count: int) -> Iterator[Sequence[str]]:
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


def _diffs(git: Git, asked: Sequence[tuple[Step, Sequence[str]]]) -> list[dict[str, str]]:
    """The hunks of some files in each step; in one go where git writes their names as they are."""
    plain = [(step, files) for step, files in asked if _is_plain(step, files)]
    steps, paths = (
        list(dict.fromkeys(step for step, _ in plain)),
        sorted({path for _, files in plain for path in files}),
    )
    together = dict(zip(steps, git.diffs(steps, paths), strict=True)) if plain else {}
    return [
        _split(together[step] if _is_plain(step, files) else git.diff(*step, files), files) for step, files in asked
    ]  # fmt: skip


def _is_plain(step: Step, files: Sequence[str]) -> bool:
    return step[0] != EMPTY_TREE and not any(map(QUOTED.search, files))


def _split(diff: str, files: Sequence[str]) -> dict[str, str]:
    """The hunks of each of these files, as many lines as can be shown."""
    found: dict[str, str] = {}
    parts = f"\n{diff}".split("\ndiff --git ")[1:]
    for part in parts:
        path = _named(part.partition("\n")[0], files, alone=len(parts) == len(files) == 1)
        if not path:
            continue
        lines = part.splitlines()
        first = next((number for number, line in enumerate(lines) if line.startswith("@@")), None)
        shown_lines = lines[first:] if first is not None else [line for line in lines[1:] if line]
        more = [f"... {len(shown_lines) - LINES} more lines"] * (len(shown_lines) > LINES)
        found[path] = "\n".join([*(line[:WIDTH] for line in shown_lines[:LINES]), *more])
    return found


def _named(head: str, files: Sequence[str], *, alone: bool) -> str:
    """Which of these files a part of a diff is about; one that git quotes is known by being the only one."""
    found = [path for path in files if head.endswith(f" b/{path}")]
    return max(found, key=len, default=files[0] if alone else "")
