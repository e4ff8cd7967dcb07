"""What each of two branches does to the files that they meet in, as far as a card can show it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callboard.branches.changes import EMPTY_TREE, Git, Step

FILES, LINES, WIDTH = 3, 14, 160
QUOTED = re.compile(r'[\x00-\x1f\x7f"\\]')
Sides = tuple[Step, Step]
Hunks = Sequence[tuple[str, str, str]]
"""Of each file its path, what one does, and what the other does."""


def both(git: Git, wanted: Sequence[tuple[Sides, Sequence[str]]]) -> list[Hunks]:
    """The hunks of both sides, for each of those that meet. It may raise GitFailed."""
    asked = [(step, files) for sides, files in wanted for step in sides]
    found = _diffs(git, asked)
    return [
        [(path, one.get(path, ""), other.get(path, "")) for path in files]
        for (_, files), one, other in zip(wanted, found[::2], found[1::2], strict=True)
    ]


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
