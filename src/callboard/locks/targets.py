"""What is locked: paths by pattern, one file, a section of files, or a thing that is no file; and when two clash.

`src/api/**` and `*.css` are patterns of the dialect of zones; a name without wildcards begins at the root, as git
prints it. `README.md#Backend` is a section, `staging` and `db-migrations` are things. `web:src/**` names a repository.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Literal

from callboard.core.errors import Refused
from callboard.zones.patterns import Pattern, overlap

THING = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
WILD = re.compile(r"[*?]")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST_PATH = 1000
LONGEST_SECTION = 200
LONGEST_STEM = 200


Kind = Literal["path", "file", "section", "thing"]


@dataclass(frozen=True)
class Target:
    """One thing that is locked. Without a `repository` it is meant in all of them."""

    kind: Kind
    text: str
    section: str = ""
    repository: str = ""

    def __str__(self) -> str:
        inside = f"#{self.section}" if self.section else ""
        bare = self.text.removeprefix("/") or self.text
        return f"{f'{self.repository}:' if self.repository else ''}{bare}{inside}"

    @cached_property
    def pattern(self) -> Pattern:
        """The files that are meant; for a thing, its name."""
        return Pattern.exactly(self.text) if self.kind in ("file", "thing") else _parsed(self.text).of_files

    @property
    def stem(self) -> str:
        """With what the paths begin; two targets that have anything in common begin alike."""
        return self.pattern.stem[:LONGEST_STEM]

    @property
    def is_one_file(self) -> bool:
        """Whether it is one file by its name, and all of it."""
        return self.kind == "file" or (self.kind == "path" and not self.section and self._is_named_file)

    @property
    def _is_named_file(self) -> bool:
        return not WILD.search(self.text) and "." in self.text.rpartition("/")[2][1:-1]


@dataclass(frozen=True)
class Known:
    """The repositories of a plan, and the folders at their roots that its zones name."""

    repositories: Collection[str] = ()
    folders: Collection[str] = ()


@dataclass(frozen=True)
class Wish:
    """What somebody wants to lock and why; `span` or `until` where they said how long."""

    targets: tuple[Target, ...]
    reason: str = ""
    span: timedelta | None = None
    until: datetime | None = None


def read(written: str, known: Known = Known()) -> Target:
    """What somebody means by a word; one that could be a thing is one, unless it is a folder that zones name.

    Raises Refused with a sentence.
    """
    repository, rest = _placed(written.strip().strip("`"), known.repositories)
    path, mark, section = rest.partition("#")
    if THING.fullmatch(rest) and rest not in known.folders and not repository:
        return Target("thing", rest)
    if mark and (not path or not section.strip()):
        raise Refused(f"`{written}`: a section is written behind its file, as in `README.md#Backend`.")
    if len(section) > LONGEST_SECTION:
        raise Refused(f"A section's name of {len(section)} characters is too long: {LONGEST_SECTION} at most.")
    if rest.startswith("./") and not mark:
        return file(rest.removeprefix("./"), repository)
    text = path if WILD.search(path) or path.startswith("/") else f"/{path}"
    try:
        _parsed(text)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None
    return Target("section" if mark else "path", text, section.strip(), repository)


def file(path: str, repository: str = "") -> Target:
    """One file by the path that git knows it by. Raises Refused for what can be none."""
    names = path.split("/")
    if not path or CONTROL.search(path) or len(path) > LONGEST_PATH or {"", ".", ".."} & set(names):
        raise Refused("That is no path of a file: name it from the root of the repository, as git prints it.")
    return Target("file", path, repository=repository)


@lru_cache(maxsize=50_000)
def clash(a: Target, b: Target) -> str:
    """What two targets have in common, as an example; empty where they go together."""
    if "thing" in (a.kind, b.kind):
        return a.text if (a.kind, a.text) == (b.kind, b.text) else ""
    if a.repository and b.repository and a.repository != b.repository:
        return ""
    if a.section and b.section and a.section.casefold() != b.section.casefold():
        return ""
    path, section = overlap(a.pattern, b.pattern), a.section or b.section
    return f"{path}{f'#{section}' if section else ''}" if path else ""


def reaches(target: Target, repository: str, path: str, stacks: Collection[tuple[str, ...]] | None) -> bool:
    """Whether a change to a file touches a target; where its sections are not known, it touches all of them."""
    if target.kind == "thing" or target.repository not in ("", repository) or not target.pattern.matches(path):
        return False
    if not target.section or stacks is None:
        return True
    wanted = target.section.casefold()
    return any(wanted == name.casefold() for stack in stacks for name in stack)


def _placed(written: str, repositories: Collection[str]) -> tuple[str, str]:
    repository, colon, rest = written.partition(":")
    return (repository, rest) if colon and repository in repositories else ("", written)


@lru_cache(maxsize=50_000)
def _parsed(text: str) -> Pattern:
    return Pattern.parse(text)
