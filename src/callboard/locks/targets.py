"""What is locked, how people type it, and when two targets clash.

`src/api/**` and `*.css` are patterns of the dialect of zones; a name without wildcards begins at the root, as git
prints it. `README.md#Backend` is a section, `staging` and `db-migrations` are things. `web:src/**` names a repository.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Literal

from callboard.blocks import markup as m
from callboard.core import words as english
from callboard.core.calendar import Calendar
from callboard.core.errors import Refused
from callboard.planfile import ends
from callboard.zones.paths import DRIVE, INSIDE, composed, folded, of_address, spelled
from callboard.zones.patterns import Pattern, overlap

THING = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
WILD = re.compile(r"[*?]")
SPECIAL = re.compile(r"[*?\\]")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
BACKSLASH = re.compile(r"\\(?!(?:[\[\]{}!\\]|[*?](?!\*)))|\\(?=\*\*)")
LONGEST_PATH = 1000
LONGEST_SECTION = 200
LONGEST_STEM = 200
_DOUBLE, _SINGLE = '"“”„«»', "'‘’‚‹›"  # noqa: RUF001 - what keyboards make of quotes
WORD = re.compile(
    rf"\s*(?:[{_DOUBLE}]([^{_DOUBLE}]+)[{_DOUBLE}]|[{_SINGLE}]([^{_SINGLE}]+)[{_SINGLE}](?=[\s,]|$)|`([^`]+)`|([^\s,]+)),?"
)
OPENS = f"{_DOUBLE}{_SINGLE}`"
NOW = re.compile(rf"\s*(?:{english.NOW}|please)(?=[\s,.!]|$)[,.!]*", re.IGNORECASE)
"""What stands behind a path and is none."""
AND = ("and", "&", "&amp;", "+", "-", "–", "—")
BEGINS = re.compile(r"\s*(?:for|because|until|untill|till|til|in order to|so that)\b", re.IGNORECASE)
WHY = re.compile(r"^[\s,]*(?:for|because(?:\s+of)?|in order to|so that)\s+", re.IGNORECASE)
LONGEST_REASON = 500
MOST_TARGETS = 20
Kind = Literal["path", "file", "section", "thing"]


@dataclass(frozen=True)
class Target:
    """One path, file, section or thing. Without a `repository` it is meant in all of them."""

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
        """The files that are meant; the name of a thing."""
        return Pattern.exactly(self.text) if self.kind in ("file", "thing") else _parsed(self.text).of_files

    @property
    def stem(self) -> str:
        """How its paths begin, in any case: two targets that clash begin alike."""
        return folded(self.pattern.stem)[:LONGEST_STEM]

    @cached_property
    def in_any_case(self) -> Pattern:
        """The same, for paths that are `folded`: on many systems two names that differ in case are one file."""
        return Pattern(self.text, tuple(map(folded, self.pattern.names)))

    @property
    def is_one_file(self) -> bool:
        named = not WILD.search(self.text) and "." in self.text.rpartition("/")[2][1:-1]
        return self.kind == "file" or (self.kind == "path" and not self.section and named)

    @property
    def path(self) -> str:
        return self.text if self.kind == "file" else self.text.removeprefix("/")

    def is_in(self, repository: str) -> bool:
        return self.kind != "thing" and self.repository in ("", repository)


@dataclass(frozen=True)
class Known:
    """The repositories of a plan, the folders in their roots that zones name, and the `files` of each repository."""

    repositories: Collection[str] = ()
    folders: Collection[str] = ()
    files: Callable[[str], Collection[str]] = lambda _: ()

    def spelled(self, path: str, repository: str) -> str:
        """The path as the repository has it, where only case or composition differs. Raises Refused for two such."""
        files = self.files(repository)
        names = path.split("/")
        plain = list(takewhile(lambda name: not SPECIAL.search(name), names))
        for depth in range(len(plain), 0, -1):
            head = "/".join(plain[:depth])
            if any(each == head or each.startswith(f"{head}/") for each in files):
                return path
            wanted = folded(head)
            alike = (each for each in files if folded(each) == wanted or folded(each).startswith(f"{wanted}/"))
            found = sorted({"/".join(each.split("/")[:depth]) for each in alike})
            if len(found) > 1:
                names_there = " and ".join(f"`{m.escape(each)}`" for each in found[:5])
                raise Refused(f"The repository has {names_there}. Write the one you mean with its own capitals.")
            if found:
                return "/".join([found[0], *names[depth:]])
        return path


@dataclass(frozen=True)
class Wish:
    """What somebody wants to lock, why, and perhaps how long: `span` or `until`."""

    targets: tuple[Target, ...]
    reason: str = ""
    span: timedelta | None = None
    until: datetime | None = None


def read(written: str, known: Known = Known()) -> Target:
    """What a word means. A word that could be a thing is one, unless zones name such a folder. Raises Refused."""
    bare = composed(written.strip().strip("`").strip())
    repository, _, rest = bare.partition(":")
    if repository not in known.repositories or ":" not in bare:
        repository, rest = "", bare
    if DRIVE.match(rest) or rest.startswith(("\\\\", "~/")):
        raise Refused(f"`{m.escape(rest)}` is a place on one computer: {INSIDE}.")
    if why := of_address(rest):
        raise Refused(f"{m.code(rest)}: {m.escape(why)}.")
    rest = _slashed(rest)
    path, mark, section = rest.partition("#")
    if THING.fullmatch(rest) and rest not in known.folders and not repository:
        return Target("thing", rest)
    if mark and (not path or not section.strip()):
        raise Refused(f"`{written}`: write a section behind its file, as in `README.md#Backend`.")
    if len(section) > LONGEST_SECTION:
        raise Refused(f"This section's name has {len(section)} characters; {LONGEST_SECTION} at most.")
    if rest.startswith("./") and not mark:
        return file(rest.removeprefix("./"), repository, known)
    path = _direct(path)
    rooted = path.startswith("/")
    path = known.spelled(path.removeprefix("/"), repository)
    text = path if WILD.search(path) and not rooted else f"/{path}"
    try:
        _parsed(text)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None
    return Target("section" if mark else "path", text, section.strip(), repository)


def file(path: str, repository: str = "", known: Known = Known()) -> Target:
    """One file by its path in git. Raises Refused for what cannot be a path."""
    try:
        plain = spelled(path)
    except ValueError as wrong:
        raise Refused(f"That is no path: {m.escape(str(wrong))}.") from None
    if not is_path(plain):
        raise Refused(f"That is no path: it has {len(plain)} characters, {LONGEST_PATH} at most.")
    return Target("file", known.spelled(plain, repository), repository=repository)


def is_path(path: str) -> bool:
    """Whether a target can keep this path of git's: no control characters, no empty names, not too long."""
    return not CONTROL.search(path) and len(path) <= LONGEST_PATH and not {"", ".", ".."} & set(path.split("/"))


@lru_cache(maxsize=50_000)
def clash(a: Target, b: Target) -> str:
    """An example of what two targets have in common; empty where they do not clash."""
    if "thing" in (a.kind, b.kind):
        return a.text if (a.kind, a.text) == (b.kind, b.text) or _capitals(a, b) or _capitals(b, a) else ""
    if a.repository and b.repository and a.repository != b.repository:
        return ""
    if a.section and b.section and a.section.casefold() != b.section.casefold():
        return ""
    path, section = overlap(a.pattern, b.pattern), a.section or b.section
    if path is None and overlap(a.in_any_case, b.in_any_case):
        path = a.path
    return f"{path}{f'#{section}' if section else ''}" if path else ""


def _capitals(thing: Target, path: Target) -> bool:
    """Whether a path may be a thing that somebody, or a phone, has written with capitals."""
    is_plain = (thing.kind, path.kind, path.repository) == ("thing", "path", "")
    return is_plain and path.text != f"/{thing.text}" == folded(path.text)


def reaches(target: Target, repository: str, path: str, stacks: Collection[tuple[str, ...]] | None) -> bool:
    """Whether a change to a file touches a target; `stacks` None means that all sections changed."""
    spellings = {path, path.replace("\\", "/")}
    if not target.is_in(repository) or not any(target.in_any_case.matches(folded(each)) for each in spellings):
        return False
    if not target.section or stacks is None:
        return True
    wanted = target.section.casefold()
    return any(wanted == name.casefold() for stack in stacks for name in stack)


@lru_cache(maxsize=50_000)
def _parsed(text: str) -> Pattern:
    return Pattern.parse(text)


def _slashed(text: str) -> str:
    """With `/` between the names: a backslash stays only where it takes its meaning from a character behind it."""
    return BACKSLASH.sub("/", text) if "/" in text else re.sub(r"\\+", "/", text)


def _direct(path: str) -> str:
    """Without `//`, `.` and `..`, as far as these lead nowhere out of the repository."""
    names: list[str] = []
    for place, name in enumerate(parts := path.split("/")):
        if name == ".." and names and names[-1] not in ("", ".."):
            names.pop()
        elif name not in ("", ".") or (name == "" and place in (0, len(parts) - 1)):
            names.append(name)
    return "/".join(names)


def read_wish(text: str, known: Known, now: datetime, at: Calendar) -> Wish:
    """Read targets, reason and end. Raises Refused for what is no path, no time, or in the past."""
    named, rest = words(text)
    if not named:
        raise Refused("Name what to lock first: `/lock src/api/** for refactoring until 17:00`.")
    if len(named) > MOST_TARGETS:
        raise Refused(f"{len(named)} targets are too many; {MOST_TARGETS} at most. A pattern such as `src/**` is one.")
    end, rest = ends.find(rest, now, at)
    reason = WHY.sub("", f"{rest} ", count=1).strip(" \n\t,;")
    if len(reason) > LONGEST_REASON:
        raise Refused(f"This reason has {len(reason):,} characters; {LONGEST_REASON} at most. Nothing is locked.")
    return Wish(tuple(dict.fromkeys(read(m.unlinked(word), known) for word in named)), reason, end.span, end.until)


def quoted(target: Target) -> str:
    """A target as it may be typed again: in quotes where its path has a space."""
    written = f"./{target}" if target.kind == "file" and not target.repository else str(target)
    return f'"{written}"' if re.search(r"[\s,]", written) else written


def words(text: str) -> tuple[list[str], str]:
    """What is typed to be locked, word by word, and the rest: why and until when. Quotes hold spaces together."""
    found: list[str] = []
    end = 0
    while not BEGINS.match(text, end) and (word := WORD.match(text, end)):
        written = next(group for group in word.groups() if group is not None)
        if written[0] in OPENS and written == word[4]:
            raise Refused(f"The quote {m.code(written[0])} has no end. Write it again behind the path.")
        if not (found and written.lower() in AND):
            found.append(written)
        end = word.end()
        while behind := NOW.match(text, end):
            end = behind.end()
    return found, text[end:]
