"""How a path pattern is read: its names, in which wildcards are characters that no path has."""

from __future__ import annotations

from collections.abc import Iterator

STAR, ANY = "\x00", "\x01"
DEEP = STAR * 2
SOMETHING = ANY + STAR
"""Any name: it has at least one character."""
WILD = (STAR, ANY)
WRITTEN = {"*": STAR, "?": ANY}
ESCAPED = "*?[]{}!\\"
LONGEST = 400
MOST_WILDCARDS = 12
PARENTS = (".", "..")


def names(text: str) -> tuple[str, ...]:
    """The names of a pattern from the root on. Raises ValueError with a sentence."""
    _refuse(text)
    parts = ["".join(_characters(text, part)) for part in text.removeprefix("/").split("/")]
    folder = len(parts) > 1 and not parts[-1]
    parts = parts[:-1] if folder else parts
    _refuse_parts(text, parts)
    anchored = text.startswith("/") or len(parts) > 1
    parts = [SOMETHING if part == STAR else part for part in parts]
    if folder or parts[-1] == DEEP:
        parts += [DEEP, SOMETHING]
    elif not set(WILD) & set(parts[-1]):
        parts.append(DEEP)
    return tuple(_once([*([] if anchored else [DEEP]), *parts]))


def _refuse(text: str) -> None:
    if not text.strip("/"):
        raise ValueError(f"`{text}` is no path: write /src/** for a folder, *.css for files everywhere, or ** for all")
    if text.startswith("!"):
        raise ValueError(f"`{text}`: nothing is taken out with `!`; give those paths to somebody else, further down")
    if len(text) > LONGEST:
        raise ValueError(f"a pattern of {len(text)} characters is longer than paths are: {LONGEST} at most")
    if any(ord(character) < ord(" ") for character in text):
        raise ValueError("there is a character in this pattern that no path has: remove it")
    if text.replace("**", "*").count("*") + text.count("?") > MOST_WILDCARDS:
        raise ValueError(f"`{text}` has more than {MOST_WILDCARDS} wildcards: write several patterns")


def _characters(text: str, part: str) -> Iterator[str]:
    rest = iter(part)
    for character in rest:
        if character == "\\":
            following = next(rest, "")
            if following not in ESCAPED or not following:
                raise ValueError(f"`{text}`: folders are separated by /; a backslash is for {' '.join(ESCAPED)} only")
            yield following
        elif character in "[]{}":
            hint = f"write each path by itself, or \\{character} for the character"
            raise ValueError(f"`{text}`: {character} means nothing here; {hint}")
        else:
            yield WRITTEN.get(character, character)


def _refuse_parts(text: str, parts: list[str]) -> None:
    if "" in parts:
        raise ValueError(f"`{text}` has a folder without a name: write one / between two names")
    if any(part in PARENTS for part in parts):
        raise ValueError(f"`{text}`: paths begin at the root of the repository; leave out `.` and `..`")
    if any(DEEP in part and part != DEEP for part in parts):
        raise ValueError(f"`{text}`: ** stands alone between two /; write **/*.js for files at any depth")


def _once(parts: list[str]) -> Iterator[str]:
    """Any number of folders, and any number again, is any number."""
    for number, part in enumerate(parts):
        if part != DEEP or number == 0 or parts[number - 1] != DEEP:
            yield part
