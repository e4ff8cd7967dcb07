"""git: what has changed between two states of a repository, and where branches left the main branch."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from callboard.planfile.types import is_own_variable
from callboard.zones.sections import LONGEST, Stack, readable, touched

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
KINDS = {"A": "added", "D": "deleted", "M": "changed", "T": "changed"}
BIG = ("-c", f"core.bigFileThreshold={LONGEST}")
"""Of what is bigger, git says only that it differs."""
RAW = ("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff")
PATCH = ("diff-tree", "-r", "-p", "-U2", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
COMMIT = re.compile(rb"^(?:[0-9a-f]{40}|[0-9a-f]{64})\n", re.MULTILINE)
"""What stands alone on a line where `diff-tree` goes on to the next commit; no line of a patch looks like it."""
NO_FILE = ("120000", "160000")
"""The modes of a symbolic link and of a submodule: there are no sections in these."""
WITHIN = 120.0
PIECE = 65_536
UNREAD = "fatal: Could not read from remote repository."
LETTER = re.compile("[a-z]")
NO_MEMORY = re.compile(rb"[Oo]ut of memory|Cannot allocate memory")
Step = tuple[str, str]
"""From one state to another."""
MOST_COMMITS = 2000
Own = tuple[frozenset[str], frozenset[str]]
QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


class GitFailed(Exception):
    """git did not do what was asked: why, in one line."""


class TooMuch(GitFailed):
    """git had more to say than any repository that people work in."""


class Bounds(NamedTuple):
    """Seconds, bytes of what git says, and bytes of memory: a few objects can stand for a billion files."""

    seconds: float = WITHIN
    said: int = 100_000_000
    memory: int = 2_000_000_000


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

    def __init__(
        self, folder: Path, within: float = WITHIN, environment: Mapping[str, str] | None = None,
        bounds: Bounds | None = None,
    ) -> None:  # fmt: skip
        self.folder = folder
        self._bounds = bounds or Bounds(within)
        others = {name: value for name, value in os.environ.items() if not is_own_variable(name)}
        self._environment = {**others, **QUIET, **(environment or {})}

    def run(self, *words: str, given: bytes | None = None, good: Sequence[int] = (0,)) -> bytes:
        """What git printed. It is stopped where that takes too long or is too much."""
        with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as errors:
            source.write(given or b"")
            source.seek(0)
            try:
                child = subprocess.Popen(
                    ["git", *words], cwd=self.folder, stdin=source, stdout=subprocess.PIPE, stderr=errors,
                    env=self._environment, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                raise GitFailed(f"git cannot be run in {self.folder}: {error.strerror}") from error
            out = self._listened(child, words[0])
            errors.seek(0)
            wrong = b"" if child.returncode in good else errors.read(PIECE)
        if child.returncode in good:
            return out
        if NO_MEMORY.search(wrong):
            raise TooMuch(f"git {words[0]} needs more than {self._bounds.memory // 1_000_000:,} MB of memory")
        raise GitFailed(_last_line(wrong) or f"git {words[0]} ended with {child.returncode}")

    def _listened(self, child: subprocess.Popen[bytes], word: str) -> bytes:
        out, late = bytearray(), threading.Event()
        seconds, said, memory = self._bounds

        def is_late() -> None:
            late.set()
            _stop(child)

        timer = threading.Timer(seconds, is_late)
        timer.start()
        _bound(child, memory)
        with child:
            assert child.stdout is not None  # noqa: S101 - it is a pipe
            while len(out) <= said and (piece := os.read(child.stdout.fileno(), PIECE)):
                out += piece
            if len(out) > said:
                _stop(child)
        timer.cancel()
        if late.is_set():
            raise GitFailed(f"git {word} did not end within {seconds:.0f} s")
        if len(out) > said:
            raise TooMuch(f"git {word} has more to say than I read: {said // 1_000_000} MB at most")
        return bytes(out)

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
        return shown(self.run(*BIG, "-c", "core.quotePath=false", *PATCH, before, after, "--", *map(_literal, paths)))

    def diffs(self, steps: Sequence[Step], paths: Sequence[str]) -> list[str]:
        """The `diff` of many steps from one commit to another, in one go."""
        given = "".join(f"{after} {before}\n" for before, after in steps).encode()
        words = (*BIG, "-c", "core.quotePath=false", *PATCH, "--stdin", "--always", "--", *map(_literal, paths))
        return list(map(shown, COMMIT.split(self.run(*words, given=given))[1:]))

    def with_sections(self, changes: Iterable[Change], wanted: Callable[[str], bool]) -> Iterator[Change]:
        """The changes, those of wanted files with the sections that they touch."""
        every = [(change, wanted(change.path) and _is_text(change)) for change in changes]
        blobs = {blob.name for change, inside in every if inside for blob in (change.before, change.after)}
        contents = self.contents(sorted(name for name in blobs if name.strip("0")))
        for change, inside in every:
            names = [blob.name for blob in (change.before, change.after)]
            known = inside and all(name in contents for name in names if name.strip("0"))
            yield replace(change, sections=touched(change.path, *map(contents.get, names))) if known else change

    def contents(self, names: Sequence[str]) -> dict[str, bytes]:
        """What is in these blobs; nobody looks into one that is longer than `LONGEST`, so it is not read."""
        asked = "".join(f"{name}\n" for name in names).encode()
        heads = (
            [row.split() for row in self.run("cat-file", "--batch-check", given=asked).splitlines()] if names else []
        )
        small = [head[0].decode() for head in heads if head[2:] and head[2].isdigit() and int(head[2]) <= LONGEST]
        return self._read(small) if small else {}

    def _read(self, names: Sequence[str]) -> dict[str, bytes]:
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


def _bound(child: subprocess.Popen[bytes], memory: int) -> None:
    """Let git have so much memory of its own, where the system can say so."""
    with suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        resource.prlimit(child.pid, resource.RLIMIT_DATA, (memory, memory))


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End git, and what it has started: either may hold the pipe."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _change(head: bytes, path: bytes) -> Change:
    mode, new_mode, was, now, status = head.decode().removeprefix(":").split()
    return Change(shown(path), KINDS.get(status[:1], "changed"), Blob(mode, was), Blob(new_mode, now))


def _literal(path: str) -> str:
    return f":(literal){path}"


def _is_text(change: Change) -> bool:
    return readable(change.path) and not {change.before.mode, change.after.mode} & set(NO_FILE)


def _last_line(raw: bytes) -> str:
    """The line that says why. Where ssh failed that is its last line: git knows less, or names a folder there."""
    lines = [line for line in shown(raw).splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "remote:"))]
    before = lines[: lines.index(UNREAD)] if UNREAD in lines else []
    told = [line for line in before if LETTER.search(line.removeprefix("remote:")) and not line.startswith("fatal:")]
    return (told or fatal or lines or [""])[-1].strip()[:300]


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
