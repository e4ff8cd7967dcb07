"""How a path is spelt: one file has one name, whoever writes it on whatever system."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

DRIVE = re.compile(r"[A-Za-z]:")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
INSIDE = "write it from the root of the repository, as git prints it"


def composed(text: str) -> str:
    """The same in NFC: `é` is one character, also where macOS writes two."""
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=200_000)
def folded(text: str) -> str:
    """What is the same for all spellings in which only the case differs."""
    return composed(composed(text).casefold())


def spelled(path: str) -> str:
    r"""The path of a file in a repository: `a/b.c` for `a\b.c`, `./a//b.c`, `a/x/../b.c`.

    Raises ValueError with a sentence for what cannot be inside a repository.
    """
    text = composed(path).replace("\\", "/").strip()
    if CONTROL.search(text):
        raise ValueError("this path has a line break or a control character, and I can't lock such a file")
    if DRIVE.match(text) or text.startswith(("/", "~/")):
        raise ValueError(f"`{text}` is a place on one computer: {INSIDE}")
    names: list[str] = []
    for name in text.split("/"):
        if name == ".." and not names:
            raise ValueError(f"`{text}` is outside the repository: {INSIDE}")
        names = names[:-1] if name == ".." else [*names, name] if name not in ("", ".") else names
    if not names:
        raise ValueError(f"`{text}` names no file: {INSIDE}")
    return "/".join(names)
