"""Lists, counts and durations as English has them, and complete tables of words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import TypeVar

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNT = rf"(?:half\s+an?|half|an?|{'|'.join(NUMBERS)})"
_AMOUNT = (
    r"(?:\d{1,6}(?:[.,]\d{1,2})?\s*(?:m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?|s(?:ec(?:ond)?s?)?)(?![a-z])"
    rf"|{_COUNT}\s+(?:minute|hour|day|week)s?\b(?:\s+and\s+a\s+half\b)?)"
)
SPAN = rf"{_AMOUNT}(?:\s*(?:and\s+)?{_AMOUNT})*"
"""A duration as people type it, in any case: `1h30m`, `1.5 hours`, `2 weeks`, `half an hour`, `an hour and a half`."""
NOW = r"(?:(?:right|just)\s+)?now|immediately|asap|at\s+once|(?:straight|right)\s*away"
"""What stands behind an order and changes nothing of it."""
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_WORD = re.compile(r"n/a|\w+")
_EMOJI = re.compile(r":[a-z0-9_+-]{1,60}:")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOT = _set(
    "no none nope nothing nil na n/a nada kein keine keiner nein nichts aucun aucune rien ninguno ninguna не нет ничего"
    " なし 无 没有 not all ok okay good fine"
)
_NO_MATTER = _set(
    """
    blocker blockers impediment impediments issue issues problem problems conflict conflicts obstacle obstacles action
    actions change changes decision decisions lesson lessons task tasks todo todos risk risks update updates news new
    major big blocking decided planned at all really much to report add mention say today yet so far for now right
    currently moment the from on with my our me us side in way as of still that i know we are thanks thank you here and
    clear good fine set well ok okay nothing else
    """
)
_PART = re.compile(rf"(\d{{1,6}}(?:[.,]\d{{1,2}})?|\b{_COUNT}\b)\s*([smhdw])[a-z]*(\s+and\s+a\s+half\b)?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def joined(words: Iterable[str], most: int = 0, word: str = "and") -> str:
    """Words in a row, each once: `a, b and c`; of more than `most`, where that is said, `a, b and 3 more`."""
    every = list(dict.fromkeys(words)) or [""]
    if most and len(every) > most:
        every[most:] = [f"{len(every) - most} more"]
    *others, last = every
    return f"{', '.join(others)} {word} {last}" if others else last


def says_none(text: str) -> bool:
    """Whether somebody says that there is nothing: `none`, `No blockers today`, `-`, `all clear`."""
    said = _WORD.findall(_EMOJI.sub(" ", text.lower()))
    return not said or (said[0] in _NOT and _NO_MATTER.issuperset(said[1:]))


def lines_of(text: str) -> list[str]:
    """The lines of what somebody lists, without bullets and without those that say that there is nothing."""
    every = (_BULLET.sub("", line).strip() for line in text.splitlines())
    return [line for line in every if not says_none(line)]


def only(names: str) -> str:
    """`Only @amp or @olga`, before what nobody else can do; where that is nobody, it says so."""
    return f"Only {names}" if names else "Nobody in this plan"


def visible(text: str, but: str = "\u200c\u200d") -> str:
    """A text in which codes stand for what steers a terminal or hides. Persian and emoji need what joins letters."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in but else ascii(letter)[1:-1] for letter in text)


_DASHES = str.maketrans("‐‑‒–—\u00a0’", "----- '")  # noqa: RUF001 - what keyboards make of a hyphen, a space, an apostrophe
_AROUND = "\"'`“”„‟‘’‚‛«»‹›()[] "  # noqa: RUF001


def bare_name(text: str) -> str:
    """A name as it was before a keyboard corrected it: plain hyphens, no quotes around it, no full stop behind it."""
    return text.translate(_DASHES).strip(_AROUND).rstrip(".,:;!?").rstrip(_AROUND)


def folded(name: str) -> str:
    """A name as names are compared: what a keyboard makes of it, capitals and blanks do not count."""
    return " ".join(bare_name(name).lower().split())


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in signs and capitals only."""
    first, second = (re.findall(r"\w+", text.casefold()) for text in (one, other))
    return first == second


def storable(value: object) -> str:
    """What every database can keep of a value, as text."""
    return str(value).replace("\x00", "").encode(errors="replace").decode()


def capital(text: str) -> str:
    """The same with a capital first; all other letters stay as they are."""
    return text[:1].upper() + text[1:]


def is_are(words: Collection[object]) -> str:
    return "is" if len(words) == 1 else "are"


def it_them(words: Collection[object]) -> str:
    return "it" if len(words) == 1 else "them"


def has_have(words: Collection[object]) -> str:
    return "has" if len(words) == 1 else "have"


def waits_wait(words: Collection[object]) -> str:
    return "waits" if len(words) == 1 else "wait"


def few(words: Collection[str], most: int, between: str = ", ") -> str:
    """The first of some words, and how many more there are: `a, b and 3 more`."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return between.join(islice(words, most)) + more


def few_lines(lines: Collection[str], most: int, rest: str = "") -> list[str]:
    """The first of some lines, and a line that says how many more there are; `rest` says where."""
    return [*islice(lines, most), *([f"and {len(lines) - most} more{rest}"] if len(lines) > most else [])]


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 task`, `2 tasks`."""
    return f"{number} {word if number == 1 else plural or word + 's'}"


def lasted(span: timedelta) -> str:
    """How long, in the one unit or two that matter: a moment, 45 s, 12 min, 1 h 5 min, 2 d 3 h."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    first, then = (
        (f"{days} d", f"{hours % 24} h") if days
        else (f"{hours} h", f"{minutes % 60} min") if hours
        else (f"{minutes} min", "0") if minutes
        else (f"{seconds} s" if seconds else "a moment", "0")
    )  # fmt: skip
    return first if then.startswith("0") else f"{first} {then}"


def span(text: str) -> timedelta:
    """What is written like `SPAN`."""
    seconds = 0.0
    for number, unit, half in _PART.findall(" ".join(text.lower().split())):
        written = {"a": 1.0, "an": 1.0, "half": 0.5, "half a": 0.5, "half an": 0.5}.get(number)
        if written is None:
            written = NUMBERS.index(number) + 1.0 if number in NUMBERS else float(number.replace(",", "."))
        seconds += (written + 0.5 * bool(half)) * _UNITS[unit]
    return timedelta(seconds=seconds)


def exact(span: timedelta) -> str:
    """How long, as it was planned, in every unit that is not nothing: 90 s is 1 min 30 s."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    units = ((minutes // (24 * 60), "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in units if number) or "a moment"


K = TypeVar("K", bound=StrEnum)
V = TypeVar("V")


def complete(kind: type[K], rows: Mapping[K, V]) -> Mapping[K, V]:
    """Return the rows. LookupError where a member of `kind` has none."""
    missing = [member.name for member in kind if member not in rows]
    if missing:
        raise LookupError(f"a table has no row for {', '.join(missing)} of {kind.__qualname__}")
    return rows
