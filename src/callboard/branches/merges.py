"""Which branches git cannot merge, and both sides of that."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from callboard.branches.git import EMPTY_TREE, Git, GitFailed, Step, shown
from callboard.branches.models import Merge

Hunks = Sequence[tuple[str, str, str]]
"""Of each file its path, what one side does, and what the other does."""
QUOTED = re.compile(r'[\x00-\x1f\x7f"\\]')
FLEETING = ("-c", "core.looseCompression=0", "-c", "core.fsync=none")
MERGE = ("merge-tree", "--write-tree", "--stdin", "--name-only", "--allow-unrelated-histories")
MERGED = b"1"
TREE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
CORES = min(os.cpu_count() or 1, 8)
FILES, LINES, WIDTH = 3, 14, 160


def merged(folder: Path, pairs: Sequence[Step]) -> list[Sequence[str]]:
    """For each pair of commits the files that git cannot merge. It may raise GitFailed."""
    found: list[Sequence[str]] = [()] * len(pairs)
    with ThreadPoolExecutor(CORES) as pool:
        shares = [pairs[at::CORES] for at in range(min(CORES, len(pairs)))]
        for at, share in enumerate(pool.map(partial(_merged, folder), shares)):
            found[at::CORES] = share
    return found


def hunks(git: Git, wanted: Sequence[tuple[tuple[Step, Step], Sequence[str]]]) -> list[Hunks]:
    """What both sides do to some files, for each two sides. It may raise GitFailed."""
    found = _diffs(git, [(step, files) for sides, files in wanted for step in sides])
    return [
        [(path, one.get(path, ""), other.get(path, "")) for path in files]
        for (_, files), one, other in zip(wanted, found[::2], found[1::2], strict=True)
    ]


def make(folder: Path, merge: Merge, person: str) -> str:
    """The merge commit of two branches that are still where they were: the same one however often it is made.

    It may raise GitFailed.
    """
    at = merge.asked_at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    who = {"NAME": "Callboard", "EMAIL": "callboard@localhost", "DATE": at}
    own = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in who.items()}
    git = Git(folder, environment=own)
    for name, head in ((merge.one, merge.one_head), (merge.other, merge.other_head)):
        if git.text("rev-parse", "--verify", "--quiet", f"refs/heads/{name}", good=(0, 1)) != head:
            raise GitFailed(f"{name} has moved since")
    tree = git.text("merge-tree", "--write-tree", merge.one_head, merge.other_head, good=(0, 1))
    if not TREE.fullmatch(tree):
        raise GitFailed("git cannot merge them by itself any more")
    words = f"Merge {merge.one} and {merge.other}\n\nAsked for by {person} (conflict {merge.about})."
    return git.text("commit-tree", tree, "-p", merge.one_head, "-p", merge.other_head, "-m", words)


def by_hand(merge: Merge) -> str:
    """What people type who merge the two by themselves."""
    one, other, own = (shlex.quote(name) for name in (f"origin/{merge.one}", f"origin/{merge.other}", merge.branch))
    return f"git fetch origin\ngit switch -c {own} {one}\ngit merge {other}\ngit push origin {own}"


def _merged(folder: Path, pairs: Sequence[Step]) -> list[Sequence[str]]:
    """One share of the pairs, in one process of git; the objects that it writes are thrown away."""
    with tempfile.TemporaryDirectory(prefix="callboard-merges-") as objects:
        own = os.fspath((folder / "objects").resolve())
        where = {"GIT_OBJECT_DIRECTORY": objects, "GIT_ALTERNATE_OBJECT_DIRECTORIES": own}
        given = "".join(f"{one} {other}\n" for one, other in pairs).encode()
        out = Git(folder, within=max(120.0, len(pairs)), environment=where).run(*FLEETING, *MERGE, given=given)
    return list(_merges(out.split(b"\x00"), len(pairs)))


def _merges(fields: Sequence[bytes], count: int) -> Iterator[Sequence[str]]:
    """The files that conflict, for each merge.

    A record is a status, a tree, the files that conflict, an empty field, messages and another empty field. A message
    is a count of paths, these paths, its kind and its words. A merge without conflicts has no messages.
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
    """The hunks of some files in each step; in one go where git does not quote their names."""
    plain = [(step, files) for step, files in asked if _is_plain(step, files)]
    steps = list(dict.fromkeys(step for step, _ in plain))
    paths = sorted({path for _, files in plain for path in files})
    together = dict(zip(steps, git.diffs(steps, paths), strict=True)) if plain else {}
    return [
        _split(together[step] if _is_plain(step, files) else git.diff(*step, files), files) for step, files in asked
    ]  # fmt: skip


def _is_plain(step: Step, files: Sequence[str]) -> bool:
    return step[0] != EMPTY_TREE and not any(map(QUOTED.search, files))


def _split(diff: str, files: Sequence[str]) -> dict[str, str]:
    """The hunks by file, as many lines as can be shown."""
    found: dict[str, str] = {}
    parts = f"\n{diff}".split("\ndiff --git ")[1:]
    for part in parts:
        head, _, body = part.partition("\n")
        path = _named(head, files, alone=len(parts) == len(files) == 1)
        if path:
            lines = body.splitlines()
            first = next((number for number, line in enumerate(lines) if line.startswith("@@")), None)
            hunk = lines[first:] if first is not None else list(filter(None, lines))
            more = [f"... {len(hunk) - LINES} more lines"] * (len(hunk) > LINES)
            found[path] = "\n".join([*(line[:WIDTH] for line in hunk[:LINES]), *more])
    return found


def _named(head: str, files: Sequence[str], *, alone: bool) -> str:
    """The file that a part of a diff is about; git quotes odd names, and then it is the only file."""
    found = [path for path in files if head.endswith(f" b/{path}")]
    return max(found, key=len, default=files[0] if alone else "")
