"""The arguments that verbs take: how each is read, what it says about a word that does not fit, how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from callboard.blocks import markup as m
from callboard.core import words
from callboard.slack import small_words
from callboard.slack.asked_plan import Find
from callboard.slack.number_lists import MOST, read_each, read_few, read_numbers

Taken = tuple[Any, str]
RANGE = re.compile(r"#?\d{1,9}(?:-|–|—|…|\.\.)#?\d{1,9}\b")
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>[.,;:!]*(?=\s|$)")
_CALLED = re.compile(r"@?([\w.-]*\w)[.,;:!]*(?=\s|$)")
_SPAN = re.compile(rf"(?:(?:by|for|another|about)\s+)?({words.SPAN})(?=\s|$)", re.IGNORECASE)
_WHEN = re.compile(
    rf"(?:(?:until|untill|till?|for|in|at|by)\s+\S|{words.SPAN}(?=\s|$)|\d{{1,2}}:\d|\d{{1,2}}\s*[ap]\.?m\b|\d{{4}}-\d|"
    r"(?:today|tonight|tomorrow|noon|midday|midnight|eod|eob|cob|(?:the\s+)?end\s+of|close\s+of|(?:next|this)\s+\w|(?:mon|tue|wed|thu|fri|sat|sun)\w*)"
    r"(?=\s|$|\W))",
    re.IGNORECASE,
)
_WHY = re.compile(r"(?<!\S)because\b", re.IGNORECASE)
_TO = re.compile(r"(?:to|and|&(?:amp;)?)\s+(?=\S)", re.IGNORECASE)
_WORD = re.compile(r"\S+")
TO_WHOM = re.compile(r"to\s+|(?:for\s+)?(?=<[@!]|@)", re.IGNORECASE)
_DASH = re.compile(r"^[–—]+\s+")
"""What phones make of the dash before a reason."""
NOUNS = {"what": "a few words", "text": "a few words", "which": "a criterion", "days": "the days", "path": "a path"}
"""What is missing, where the name of an argument would not say it."""


class Argument(Protocol):
    """One argument of a verb. One that is `optional` and left out has the value None."""

    @property
    def name(self) -> str: ...

    @property
    def optional(self) -> bool: ...

    @property
    def shape(self) -> str:
        """How usage shows it."""
        ...

    def take(self, text: str) -> Taken | None:
        """Read it from the beginning of `text`: its value and the rest; None when it doesn't fit."""
        ...


@runtime_checkable
class Explained(Protocol):
    """An argument that can say what is missing, why a word does not fit it, and how one is written."""

    @property
    def noun(self) -> str:
        """What is missing, with its article: `a number`."""
        ...

    @property
    def example(self) -> str: ...

    def wrong(self, word: str) -> str:
        """A sentence about a word that does not fit."""
        ...


@runtime_checkable
class Numbering(Protocol):
    """An argument that is a number, or several; `find` finds what they number, in whichever plan it is."""

    @property
    def name(self) -> str: ...

    @property
    def find(self) -> Find | None: ...


@dataclass(frozen=True)
class _Named:
    name: str
    optional: bool = False
    sample: str = ""

    @property
    def shape(self) -> str:
        return self.name.upper()

    @property
    def noun(self) -> str:
        return NOUNS.get(self.name) or f"{'an' if self.name[:1] in 'aeiou' else 'a'} {self.name}"

    @property
    def example(self) -> str:
        return self.sample or self.name

    def wrong(self, word: str) -> str:
        return f"{word} is no {self.name}."


@dataclass(frozen=True)
class Number(_Named):
    """`12`, `#12`, `no. 12` or `twelve`; gives an int."""

    find: Find | None = None

    @property
    def example(self) -> str:
        return "6"

    def wrong(self, word: str) -> str:
        return f"{word} is no number."

    def take(self, text: str) -> Taken | None:
        found = read_numbers(text)
        return (found[0][0], found[1]) if found and len(found[0]) == 1 else None


class Numbers(Number):
    """`12`, `6, 7 and 8`, `6-8` or `one`; gives a tuple of int. The verb is then done for each number by itself."""

    def wrong(self, word: str) -> str:
        return f"Type at most {MOST} numbers at a time." if RANGE.search(word) else super().wrong(word)

    def take(self, text: str) -> Taken | None:
        return read_numbers(text)


class _FewNumbers(Numbers):
    """The same where something else must follow."""

    def take(self, text: str) -> Taken | None:
        return read_few(text)


class _EachNumber(Numbers):
    """The same where numbers with only a space between them are surely a list."""

    def take(self, text: str) -> Taken | None:
        return read_each(text)


def not_one_person(text: str) -> str:
    """What to say where a user group of Slack stands for one person; empty for another text."""
    group = m.GROUP.search(m.unescape(text))
    name = f"@{group[1]}" if group and group[1] else "That"
    sentence = f"{m.escape(name)} is a group of Slack, and this takes one person. "
    return f"{sentence}Pick somebody from the list that Slack shows after `@`." if group else ""


class Person(_Named):
    """`@somebody`, or what the plan calls them; gives the Slack user id, else what was typed."""

    @property
    def shape(self) -> str:
        return f"@{self.name}"

    @property
    def noun(self) -> str:
        return "a person"

    @property
    def example(self) -> str:
        return "@somebody"

    def wrong(self, word: str) -> str:
        if _WHY.match(word.strip("`")):
            return "Leave out why: no reason is kept here."
        return not_one_person(word) or f"{word} is nobody. Pick people from the list that Slack shows after `@`."

    def take(self, text: str) -> Taken | None:
        to = _TO.match(text)
        text = text[to.end() :] if to else text
        return _matched(_PERSON, text, lambda found: found[1]) or _matched(_CALLED, text, _name)


class Span(_Named):
    """`30m`, `1.5h`, `1h30m`, `3 days`, `1w`; gives a timedelta above zero."""

    @property
    def shape(self) -> str:
        return "30m"

    @property
    def noun(self) -> str:
        return "a duration"

    @property
    def example(self) -> str:
        return "30m"

    def wrong(self, word: str) -> str:
        return f"{word} is no duration. Say 30m, 2h or 1d."

    def take(self, text: str) -> Taken | None:
        return _matched(_SPAN, text, lambda found: words.span(found[1]) or None)


class When(Span):
    """`30m`, `for 2h`, `until 17:00`, `fri 12:00`, `tomorrow`; gives the text, up to a `because`.

    Whoever knows whose clock it is reads it: `instant` in `teams/slack`.
    """

    @property
    def shape(self) -> str:
        return "30m|until 17:00|tomorrow 9:00"

    def wrong(self, word: str) -> str:
        return f"{word} is no duration. Say 30m, 2h or tomorrow 9:00."

    def take(self, text: str) -> Taken | None:
        if not _WHEN.match(text):
            return None
        why = _WHY.search(text)
        end = why.start() if why else len(text)
        return small_words.without_now(text[:end].strip()), text[end:]


@dataclass(frozen=True)
class Choice:
    """One of `words`, in any case; gives the word as it is declared."""

    name: str
    words: Sequence[str]
    optional: bool = False

    @property
    def shape(self) -> str:
        return "|".join(self.words)

    @property
    def noun(self) -> str:
        return f"{', '.join(self.words[:-1])} or {self.words[-1]}" if len(self.words) > 1 else self.words[0]

    @property
    def example(self) -> str:
        return self.words[0]

    def wrong(self, word: str) -> str:
        return f"{word} is not {self.noun}."

    def take(self, text: str) -> Taken | None:
        """Read one of the words; those of several parts too."""
        for word in sorted(self.words, key=len, reverse=True):
            after = text[len(word) :]
            if text[: len(word)].lower() == word.lower() and (not after or after[0].isspace()):
                return word, after
        return None


class Word(_Named):
    """Anything without a space; gives it as it is."""

    def take(self, text: str) -> Taken | None:
        return _matched(_WORD, text, _name if self.optional else lambda found: found[0])


class Text(_Named):
    """The rest of what was typed, lines and all; gives it without the space around it."""

    @property
    def shape(self) -> str:
        return f"{self.name.upper()}…"

    def take(self, text: str) -> Taken | None:
        if self.optional and small_words.says_now(text):
            return None, ""
        return (text.strip(), "") if text.strip() else None


class Said(Text):
    """What somebody adds behind a number: `ack 1 on it`. Whom they name there is somebody that the verb can't take."""

    def take(self, text: str) -> Taken | None:
        return None if TO_WHOM.match(text) else super().take(text)


@dataclass(frozen=True)
class Name(Text):
    """A name of one or more words, and what `then` stands behind it; whoever knows the names parts them."""

    then: tuple[Argument, ...] = ()

    def take(self, text: str) -> Taken | None:
        return super().take(text if self.then else small_words.without_now(text))

    @property
    def shape(self) -> str:
        return " ".join((super().shape, *shapes(self.then)))

    @property
    def example(self) -> str:
        return " ".join((super().example, *examples(self.then)))


def _name(found: re.Match[str]) -> str | None:
    return None if small_words.says_now(found[found.lastindex or 0]) else found[found.lastindex or 0]


def shapes(arguments: Iterable[Argument]) -> Iterator[str]:
    """How usage shows each; in brackets what may be left out."""
    return (f"[{each.shape}]" if each.optional else each.shape for each in arguments)


def examples(arguments: Iterable[Argument]) -> Iterator[str]:
    """How each is written, but for those that may be left out."""
    needed = (each for each in arguments if not each.optional)
    return (each.example if isinstance(each, Explained) else each.shape for each in needed)


def read(arguments: Sequence[Argument], text: str) -> dict[str, Any] | None:
    """Read all of `text` as these arguments; None when it does not fit."""
    for numbers in (Numbers, _EachNumber, _FewNumbers) if _lists(arguments) else (Numbers,):
        values, wrong, rest = _read(arguments, text, numbers)
        if not wrong and not rest:
            return values
    return None


def misfit(arguments: Sequence[Argument], text: str) -> tuple[Argument | None, str]:
    """The argument that a text does not fit, and what is left of the text; no argument where there is too much."""
    values, wrong, rest = _read(arguments, text, _FewNumbers)
    last = arguments[-1] if arguments else None
    if isinstance(last, Person) and not wrong and rest[:1].isupper() and values[last.name]:
        return last, f"{values[last.name]} {rest}"
    if isinstance(wrong, Person) and (to := _TO.match(rest)):
        rest = rest[to.end() :]
    is_missing = last is not None and not isinstance(last, Said) and values.get(last.name) is None
    return (last if rest and not wrong and is_missing else wrong), rest


def _lists(arguments: Sequence[Argument]) -> bool:
    return any(isinstance(argument, Numbers) for argument in arguments)


def _read(
    arguments: Sequence[Argument], text: str, numbers: type[Numbers]
) -> tuple[dict[str, Any], Argument | None, str]:
    values: dict[str, Any] = {}
    for argument in arguments:
        text = _DASH.sub("", text.lstrip()) if type(argument) in (Text, Said) and values else text.lstrip()
        if isinstance(argument, Said) and None in values.values():
            taken = None
        else:
            taken = numbers(argument.name).take(text) if isinstance(argument, Numbers) else argument.take(text)
        if taken is None and not argument.optional:
            return values, argument, text
        values[argument.name], text = taken or (None, text)
    return values, None, text.strip()


def _matched(pattern: re.Pattern[str], text: str, value: Callable[[re.Match[str]], Any]) -> Taken | None:
    found = pattern.match(text)
    taken = value(found) if found else None
    return None if found is None or taken is None else (taken, text[found.end() :])
