"""Pairs of commits merged in memory, with as many processes as there are cores."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from callboard.branches.changes import Git, shown

CORES = min(os.cpu_count() or 1, 8)
MERGED = b"1"
FLEETING = ("-c", "core.looseCompression=0", "-c", "core.fsync=none")
MERGE = ("merge-tree", "--write-tree", "--stdin", "--name-only", "--allow-unrelated-histories")
Heads = tuple[str, str]


def merged(folder: Path, pairs: Sequence[Heads]) -> list[Sequence[str]]:
    """For each pair the files that conflict, none of them where git merges it. It may raise GitFailed."""
    found: list[Sequence[str]] = [()] * len(pairs)
    with ThreadPoolExecutor(CORES) as pool:
        shares = [(at, pool.submit(_merged, folder, pairs[at::CORES])) for at in range(min(CORES, len(pairs)))]
        for at, share in shares:
            found[at::CORES] = share.result()
    return found


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
