"""git: what has changed between two states of a repository, and where branches left the main branch."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from callboard.zones.sections import Stack, readable, touched

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
KINDS = {"A": "added", "D": "deleted", "M": "changed", "T": "changed"}
RAW = ("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff")
PATCH = ("diff-tree", "-r", "-p", "-U2", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
COMMIT = re.compile(rb"^(?:[0-9a-f]{40}|[0-9a-f]{64})\n", re.MULTILINE)
"""What stands alone on a line where `diff-tree` goes on to the next commit; no line of a patch looks like it."""
NO_FILE = ("120000", "160000")
"""The modes of a symbolic link and of a submodule: there are no sections in these."""
WITHIN = 120.0
Step = tuple[str, str]
"""From one state to another."""
MOST_COMMITS = 2000
Own = tuple[frozenset[str], frozenset[str]]
QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


class GitFailed(Exception):
    """git did not do what was asked: why, in one line."""


@dataclass(frozen=True)
class Blob:
    """A file at one side of a change: its mode, and the name of its content."""

    mode: str
    name: str


@dataclass(frozen=True)
class Change:
    """A file that is different; `sections` is None where all of it is meant."""

    path: str
    kind: str
    before: Blob
    after: Blob
    sections: frozenset[Stack] | None = None


class Git:
    """git in one repository. Every call may raise GitFailed; paths that are not UTF-8 are shown with escapes."""

    def __init__(self, folder: Path, within: float = WITHIN, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._within = within
        self._environment = {**QUIET, **(environment or {})}

    def run(self, *words: str, given: bytes | None = None, good: Sequence[int] = (0,)) -> bytes:
        try:
            done = subprocess.run(
                ["git", *words], cwd=self.folder, input=given, stdin=subprocess.DEVNULL if given is None else None,
                capture_output=True, timeout=self._within, check=False, env={**os.environ, **self._environment},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise GitFailed(f"git {words[0]} did not end within {self._within:.0f} s") from None
        except OSError as error:
            raise GitFailed(f"git cannot be run in {self.folder}: {error.strerror}") from error
        if done.returncode not in good:
            raise GitFailed(_last_line(done.stderr) or f"git {words[0]} ended with {done.returncode}")
        return done.stdout

    def text(self, *words: str, good: Sequence[int] = (0,)) -> str:
        return shown(self.run(*words, good=good)).strip()

    def base(self, one: str, other: str) -> str:
        """Where two lines of work begin to differ; the empty tree where they have nothing in common."""
        return self.text("merge-base", one, other, good=(0, 1)).partition("\n")[0] or EMPTY_TREE

    def changes(self, before: str, after: str) -> list[Change]:
        """The files in which two states differ; a rename is a deletion and a new file."""
        fields = self.run(*RAW, before, after, "--").split(b"\x00")
        return [_change(*row) for row in zip(fields[::2], fields[1::2], strict=False) if row[0]]

    def changes_of(self, steps: Sequence[Step]) -> Iterator[list[Change]]:
        """The changes of many steps from one commit to another, in one go; a step may begin at the empty tree."""
        given = "".join(f"{after} {before}\n" for before, after in steps if before != EMPTY_TREE)
        fields = iter(self.run(*RAW, "--stdin", "--always", given=given.encode()).split(b"\x00") if given else ())
        rows: list[list[Change]] = []
        for field in fields:
            if field.startswith(b":"):
                rows[-1].append(_change(field, next(fields)))
            elif field:
                rows.append([])
        found = iter(rows)
        for before, after in steps:
            yield next(found) if before != EMPTY_TREE else self.changes(before, after)

    def diff(self, before: str, after: str, paths: Sequence[str]) -> str:
        """The patch of some files, with two lines around each change."""
        return shown(self.run("-c", "core.quotePath=false", *PATCH, before, after, "--", *map(_literal, paths)))

    def diffs(self, steps: Sequence[Step], paths: Sequence[str]) -> list[str]:
        """The `diff` of many steps from one commit to another, in one go."""
        given = "".join(f"{after} {before}\n" for before, after in steps).encode()
        words = ("-c", "core.quotePath=false", *PATCH, "--stdin", "--always", "--", *map(_literal, paths))
        return list(map(shown, COMMIT.split(self.run(*words, given=given))[1:]))

    def with_sections(self, changes: Iterable[Change], wanted: Callable[[str], bool]) -> Iterator[Change]:
        """The changes, those of wanted files with the sections that they touch."""
        every = [(change, wanted(change.path) and _is_text(change)) for change in changes]
        blobs = {blob.name for change, inside in every if inside for blob in (change.before, change.after)}
        contents = self.contents(sorted(name for name in blobs if name.strip("0")))
        for change, inside in every:
            sides = (contents.get(blob.name) for blob in (change.before, change.after))
            yield replace(change, sections=touched(change.path, *sides)) if inside else change

    def contents(self, names: Sequence[str]) -> dict[str, bytes]:
        if not names:
            return {}
        out = self.run("cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
        found, at = {}, 0
        for name in names:
            end = out.index(b"\n", at)
            head = out[at:end].split()
            at = end + 1
            if len(head) == len(("name", "kind", "size")) and head[2].isdigit():
                found[name] = out[at : at + int(head[2])]
                at += int(head[2]) + 1
        return found


def shown(raw: bytes) -> str:
    """A name as a database keeps it: NUL, and what is not UTF-8, are escaped."""
    return raw.decode(errors="backslashreplace").replace("\x00", "\\x00")


def _change(head: bytes, path: bytes) -> Change:
    mode, new_mode, was, now, status = head.decode().removeprefix(":").split()
    return Change(shown(path), KINDS.get(status[:1], "changed"), Blob(mode, was), Blob(new_mode, now))


def _literal(path: str) -> str:
    return f":(literal){path}"


def _is_text(change: Change) -> bool:
    return readable(change.path) and not {change.before.mode, change.after.mode} & set(NO_FILE)


def _last_line(raw: bytes) -> str:
    lines = [line for line in shown(raw).splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "remote:"))]
    return (fatal or lines or [""])[-1].strip()[:300]


class History:
    """Where branches left the main branch. Every call may raise GitFailed."""

    def __init__(self, git: Git, main: str, heads: Iterable[str]) -> None:
        self._git = git
        self._main = main
        asked = "".join(f"{head}\n" for head in dict.fromkeys([*heads, f"^{main}"]))
        rows = git.run("rev-list", "--parents", "--stdin", given=asked.encode()).decode().splitlines()
        self._parents = {commit: parents for commit, *parents in map(str.split, rows)}
        self._beyond = cache(self._walked)

    def base(self, head: str) -> str:
        """Where a branch left the main branch, or last merged it; the empty tree for a history of its own."""
        own = self._beyond(head)
        if own is None or len(own[1]) > 1:
            return self._git.base(self._main, head)
        return next(iter(own[1]), EMPTY_TREE)

    def are_apart(self, one: str, other: str) -> bool:
        """Whether two branches share no commit beyond the main branch; False where that is not known."""
        ones, others = self._beyond(one), self._beyond(other)
        return ones is not None and others is not None and not ones[0] & others[0]

    def is_of(self, head: str, commit: str) -> bool:
        """Whether a commit beyond the main branch is a branch's own, and no merge brought it."""
        while head in self._parents and head != commit:
            head = next(iter(self._parents[head]), "")
        return head == commit in self._parents

    def _walked(self, head: str) -> Own | None:
        """The commits that a branch has beyond main, and those of main where it left it; None for too many."""
        commits, of_main, ahead = set[str](), set[str](), [head]
        while ahead:
            commit = ahead.pop()
            if commit not in self._parents:
                of_main.add(commit)
            elif commit not in commits:
                commits.add(commit)
                ahead += self._parents[commit]
            if len(commits) > MOST_COMMITS:
                return None
        return frozenset(commits), frozenset(of_main)
