"""Options of the command line that may stand alone or take a value: `--theirs`, `--theirs tasks.ATOM-001.due`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.core

ANSWERS = ("--theirs", "--ours")


class Command(typer.core.TyperCommand):
    """A command whose answers are for everything where they stand alone."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give an answer that stands alone the empty path."""
        return super().parse_args(ctx, list(_explicit(args)))


def _explicit(args: list[str]) -> Iterator[str]:
    """What follows an answer is its path, unless it is another option, or the plan file."""
    left = iter([*args, ""])
    word = next(left)
    while word:
        following = next(left, "")
        if word not in ANSWERS:
            yield word
        elif not following or following.startswith("-") or Path(following).exists():
            yield f"{word}="
        else:
            yield f"{word}={following}"
            following = next(left, "")
        word = following
