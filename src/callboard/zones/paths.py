"""How a path is spelt: one file has one name, whoever writes it on whatever system."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

DRIVE = re.compile(r"[A-Za-z]:")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|git@[^/]+:")
SHOWN = re.compile(r"/(?:blob|tree|raw|edit|blame|src)/[^/]+/([^?#]+)")
"""How an address of a forge goes on that shows a file or a folder, behind the repository: the branch, and the path."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
INSIDE = "write it from the root of the repository, as git prints it"


def composed(text: str) -> str:
    """The same in NFC: `é` is one character, also where macOS writes two."""
    return unicodedata.normalize("NFC", text)


def of_address(text: str) -> str:
    """Why an address is no path, and the path that it shows, where it shows one; empty for what is no address."""
    if not ADDRESS.match(text):
        return ""
    shown = SHOWN.search(text)
    meant = f"write `{shown[1].rstrip('/')}`" if shown else "write one, such as `src/api/**`"
    return f"this is an address, not a path in the repository: {meant}"


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
