"""Several numbers at once, as people type them, and a verb done for each of them by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from callboard.blocks import section
from callboard.core.db import Tx
from callboard.core.errors import Refused, WhichPlan
from callboard.core.words import joined
from callboard.slack.answers import Answer, Refusal, Say

MOST = 50
WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


class Each(tuple[Any, ...]):
    """The things for which a verb is to be done, each by itself."""

    __slots__ = ()


class NumberList(Each):
    """Such numbers."""

    __slots__ = ()


_NAMED = (
    r"(?:(?:(?:the|both|all|of)\s+)*(?:(?:blockers?|locks?|exceptions?|criteri(?:on|a)|items?|"
    r"num(?:bers?)?\.?|nos?\.?|nr\.?|n[°º]|№)\s*)?(?=#?\d))?"
)
_DIGITS, _END = r"#?(\d{1,9})", r"(?=[\s,;&+]|[:.)](?:\s|$)|$)"
_ITEM = re.compile(rf"{_NAMED}{_DIGITS}(?:\s*(?:-|–|—|…|\.{{2,3}}|(?:to|thru|through|bis)\b)\s*{_DIGITS})?{_END}",
                   re.IGNORECASE)  # fmt: skip
_SPAN = re.compile(r"#?\d+\s*(?:d|h|m|s|mins?|hours?|days?|minutes?|weeks?|seconds?|[ap]m)\b", re.IGNORECASE)
_WORD = re.compile(rf"({'|'.join(WORDS)}){_END}", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\s*(?:[,;+]\s*(?:and\s+|&(?:amp;)?\s*)?|&(?:amp;)?\s*)|"
    r"\s+(?:and|und|et|ve|y|plus|as\s+well\s+as)\s+",
    re.IGNORECASE,
)
_POLITE = re.compile(r"(?:\s{1,9}(?:please|pls|thanks|thx|now|too)){0,5}[.!]{0,9}\s{0,9}$", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_BEHIND = re.compile(r"^[:.)]*(?:\s+[-–—]+(?=\s))?")
_ONE = r"[^\W\d_][\w.]{0,59}[-–](?=[^\W\d]{0,59}\d)\w{1,60}"
_KEY = re.compile(_ONE)
_KEYS = re.compile(rf"{_ONE}(?:(?:{_BETWEEN.pattern}){_ONE})*(?=[\s,;:]|$)[,;:]?", re.IGNORECASE)
_KEYS_ALONE = re.compile(rf"{_ONE}(?:(?:{_BETWEEN.pattern}|\s+){_ONE})+", re.IGNORECASE)


def read_numbers(text: str) -> tuple[NumberList, str] | None:
    """Read `6`, `#6, 7 and 8`, `6-8` or `one` from the beginning of a text: the numbers, each once, and the rest.

    Numbers with only a space between them are a list where nothing else follows: `6 7`, but not `6 7 hosts are back`.
    So is a number in words; a `please` at the end says nothing. None where the text begins with no number, or a range
    has more than `MOST`.
    """
    found = _read(_POLITE.sub("", text), loosely=True)
    return found if found and not found[1].strip() else _read(text, loosely=False)


def read_few(text: str) -> tuple[NumberList, str] | None:
    """The same where something else must follow: only a space between them never makes a list."""
    return _read(text, loosely=False)


def read_each(text: str) -> tuple[NumberList, str] | None:
    """The same where nothing but numbers can be meant: only a space between them always makes a list."""
    return _read(text, loosely=True)


def read_keys(text: str) -> tuple[Each, str] | None:
    """Read `A-1`, `A-1, A-2 and B-3` or, where nothing else follows, `A-1 A-2`: what has a number in its name."""
    found = _KEYS.match(text)
    alone = _KEYS_ALONE.fullmatch(_POLITE.sub("", text)) or found
    if alone is None:
        return None
    return Each(dict.fromkeys(_KEY.findall(alone[0]))), text[alone.end() :] if alone is found else ""


def _read(text: str, *, loosely: bool) -> tuple[NumberList, str] | None:
    numbers: dict[int, None] = {}
    after, end = 0, 0
    while not (numbers and _SPAN.match(text, after)) and (item := _item(text, after, loosely=loosely)):
        found, end = item
        numbers |= dict.fromkeys(found)
        gap = _BETWEEN.match(text, end) or (_SPACE.match(text, end) if loosely else None)
        if gap is None:
            break
        after = gap.end()
    rest = _BEHIND.sub("", text[end:], count=1)
    return (NumberList(numbers), rest) if 0 < len(numbers) <= MOST else None


def _item(text: str, at: int, *, loosely: bool) -> tuple[Sequence[int], int] | None:
    """A number or a range at this place, and where it ends."""
    if word := _WORD.match(text, at) if loosely else None:
        return (WORDS.index(word[1].lower()),), word.end()
    item = _ITEM.match(text, at)
    if item is None:
        return None
    first, last = int(item[1]), int(item[2] or item[1])
    low, high = sorted((first, last))
    return range(low, min(high, low + MOST) + 1), item.end()


def for_each(tx: Tx, numbers: Sequence[Any], verb: Callable[[Tx, Any], Answer], together: str = "") -> Answer:
    """Do a verb for each number: each is done or refused by itself, and one answer says which.

    `together` words what was done to several, with places for `{numbers}` and, to type again, `{list}`; without it each
    answers for itself. Raises Refused where none was done.
    """
    done: dict[Any, Say] = {}
    refused: dict[Any, str] = {}
    for number in sorted(numbers):
        try:
            with tx.part(tx.trace, apart=True) as part:
                answer = verb(part, number)
        except WhichPlan:
            raise
        except Refused as refusal:
            refused[number] = refusal.sentence
            continue
        if isinstance(answer, Refusal):
            refused[number] = answer.text
        elif isinstance(answer, Say):
            done[number] = answer
        else:
            raise Refused("This opens a form. Type one at a time.")
    why = _why(refused)
    if not done:
        raise Refused("\n".join(why))
    return _told(done, why, together)


def _why(refused: Mapping[Any, str]) -> list[str]:
    """Each reason; numbers that do not exist are named in one sentence."""
    reasons: dict[str, list[str]] = {}
    for number, sentence in refused.items():
        alike = re.sub(rf"^There is no (\w+) {number}\b", r"There is no \1 {}", sentence)
        reasons.setdefault(alike, []).append(str(number))
    return [reason.replace("{}", joined(numbers, word="or"), 1) for reason, numbers in reasons.items()]


def _told(done: dict[Any, Say], refused: Sequence[str], together: str) -> Say:
    if together and len(done) > 1:
        listed = ", ".join(map(str, done))
        head = [together.format(numbers=joined(map(str, done)), list=listed)]
    else:
        head = [answer.text for answer in done.values()]
    blocks = [block for answer in done.values() for block in answer.blocks]
    return Say("\n".join(dict.fromkeys([*head, *refused])), [*blocks, *map(section, refused)] if blocks else ())
