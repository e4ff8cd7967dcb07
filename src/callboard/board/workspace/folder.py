"""A folder of files of which some are ours: only those are written and removed. A list in it says which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from callboard.core.errors import Refused
from callboard.core.words import counted, few

LIST = ".callboard-files"
"""The file in which ours are listed, one a line."""
SHOWN = 3


def write(folder: Path, files: Mapping[str, str]) -> str:
    """Make the files in a folder what they should be; in words, what that changed. Refused with nothing written."""
    folder.mkdir(parents=True, exist_ok=True)
    before = listed((folder / LIST).read_text("utf-8") if (folder / LIST).is_file() else "")
    wanted = {**files, LIST: listing(files)}
    for path in {*wanted, *before}:
        _refuse_outside(folder, path)
    if taken := others(before, (path for path in files if (folder / path).exists())):
        raise Refused(not_ours(taken, "this folder"))
    gone = [path for path in sorted(before - files.keys()) if (folder / path).is_file()]
    changed = [path for path, text in wanted.items() if not _is(folder / path, text)]
    for path in changed:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(wanted[path].encode())
    for path in gone:
        (folder / path).unlink()
        _tidy(folder, (folder / path).parent)
    written = sum(path != LIST for path in changed)
    removed = f", {len(gone)} removed" if gone else ""
    return f"{counted(written, 'file')} written{removed}" if written or gone else "nothing has changed"


def listing(paths: Iterable[str]) -> str:
    return "".join(f"{path}\n" for path in sorted(paths))


def listed(text: str) -> set[str]:
    return {line for line in text.splitlines() if line and line != LIST}


def others(before: Iterable[str], there: Iterable[str]) -> list[str]:
    """The files that are there already and that we did not write."""
    return sorted(set(there) - set(before))


def not_ours(paths: list[str], where: str) -> str:
    names = few(paths, SHOWN)
    return f"{names} is in {where} already, and Callboard did not write it. Move it away, or change `folders`."


def _refuse_outside(folder: Path, path: str) -> None:
    """A link in the folder must not lead what is written or removed out of it."""
    where = folder / path
    if not where.parent.resolve().is_relative_to(folder.resolve()) or where.is_symlink():
        raise Refused(f"{path} leads out of the folder, by a link or by `..`. Nothing was written.")


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _tidy(folder: Path, parent: Path) -> None:
    """Remove the folders that are empty now."""
    while parent != folder and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent
