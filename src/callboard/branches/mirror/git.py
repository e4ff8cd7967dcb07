"""What git says has changed between two states of a repository: files by their names, and sections within them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callboard.zones.sections import Stack, readable, touched

NOTHING = "0" * 40
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
QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


class GitFailed(Exception):
    """What git said when it did not do what was asked, in one line."""


@dataclass(frozen=True)
class Blob:
    """A file at one side of a change: its mode and what git calls its content."""

    mode: str
    name: str


@dataclass(frozen=True)
class Change:
    """A file that is different. `sections` is None where nobody looked into it, or could: all of it then."""

    path: str
    kind: str
    before: Blob
    after: Blob
    sections: frozenset[Stack] | None = None


class Git:
    """git in one repository. Every call may raise GitFailed; paths that are not UTF-8 are shown with escapes."""

    def __init__(
        self, folder: Path, within: float = WITHIN, environment: Mapping[str, str] | None = None
    ) -> None:  # fmt: skip
        self.folder = folder
        self._within = within
        self._environment = {**QUIET, **(environment or {})}

    def run(self, *words: str, given: bytes | None = None, good: Sequence[int] = (0,)) -> bytes:
        """What git prints."""
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
        """What git prints, as one text."""
        return shown(self.run(*words, good=good)).strip()

    def base(self, one: str, other: str) -> str:
        """Where two lines of work begin to differ; the empty tree where they have nothing in common."""
        return self.text("merge-base", one, other, good=(0, 1)).partition("\n")[0] or EMPTY_TREE

    def changes(self, before: str, after: str) -> list[Change]:
        """The files in which two states differ; a rename is a deletion and a new file."""
        fields = self.run(*RAW, before, after, "--").split(b"\x00")
        return [_change(*row) for row in zip(fields[::2], fields[1::2], strict=False) if row[0]]

    def changes_of(self, steps: Sequence[Step]) -> Iterator[list[Change]]:
        """The same for many steps from one commit to another, in one go; the empty tree may be the first of two."""
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
        """What is different in some files, with two lines around it."""
        return shown(self.run("-c", "core.quotePath=false", *PATCH, before, after, "--", *map(_literal, paths)))

    def diffs(self, steps: Sequence[Step], paths: Sequence[str]) -> list[str]:
        """The same for many steps from one commit to another, in one go."""
        given = "".join(f"{after} {before}\n" for before, after in steps).encode()
        words = ("-c", "core.quotePath=false", *PATCH, "--stdin", "--always", "--", *map(_literal, paths))
        return list(map(shown, COMMIT.split(self.run(*words, given=given))[1:]))

    def with_sections(self, changes: Iterable[Change], wanted: Callable[[str], bool]) -> Iterator[Change]:
        """The same changes; those of wanted files with the sections that they touch."""
        every = list(changes)
        looked = [one for one in every if wanted(one.path) and _is_text(one)]
        names = {blob.name for one in looked for blob in (one.before, one.after) if blob.name.strip("0")}
        contents = self.contents(sorted(names))
        chosen = set(map(id, looked))
        for one in every:
            if id(one) not in chosen:
                yield one
                continue
            was, now = (contents.get(blob.name) for blob in (one.before, one.after))
            yield replace(one, sections=touched(one.path, was, now))

    def contents(self, names: Sequence[str]) -> dict[str, bytes]:
        """What is in blobs, by their names."""
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
    """A name as it can be told and kept: what is no UTF-8 is escaped, and so is what no database keeps."""
    return raw.decode(errors="backslashreplace").replace("\x00", "\\x00")


def _change(head: bytes, path: bytes) -> Change:
    mode, new_mode, was, now, status = head.decode().removeprefix(":").split()
    return Change(shown(path), KINDS.get(status[:1], "changed"), Blob(mode, was), Blob(new_mode, now))


def _literal(path: str) -> str:
    return f":(literal){path}"


def _is_text(one: Change) -> bool:
    return readable(one.path) and not {one.before.mode, one.after.mode} & set(NO_FILE)


def _last_line(raw: bytes) -> str:
    lines = [line for line in shown(raw).splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "remote:"))]
    return (fatal or lines or [""])[-1].strip()[:300]
