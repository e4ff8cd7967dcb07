"""Whom a line names: `@jane`, `Ops + Backend`, `Team Web`; and the words that mean nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

EVERYONE = "everyone"
EVERYBODY = re.compile(
    r"all(?: the)?(?: \w{1,30})? teams|everyone|everybody|joint|coordinated|all hands|all", re.IGNORECASE
)
MENTION = re.compile(r"(?<![\w/.@`])@([A-Za-z][\w.-]*(?:/[\w.-]+)?)")
APART = re.compile(r"[,;+&/\n|]|\band\b")
_NOBODY = {"", "tbd", "tba", "na", "n/a", "none", "nobody", "assign now", "name", "your name"}
MOST, LONGEST = 8, 40


@dataclass
class Names:
    """The teams, people and roles that a document or a plan speaks of, by the words for them in small letters."""

    known: dict[str, str] = field(default_factory=dict)

    def add(self, *words: str) -> None:
        for word in words:
            if 1 < len(bare(word)) <= LONGEST and not nobody(word) and not EVERYBODY.fullmatch(word):
                self.known.setdefault(bare(word).lower(), bare(word))

    def of(self, word: str) -> str:
        """How somebody is called whom a word means; empty for a word that means nobody."""
        return self.known.get(bare(word).lower(), "")

    def all_of(self, text: str) -> list[str]:
        """Everybody whom a text names that names nothing else; empty for any other."""
        if EVERYBODY.fullmatch(text.strip()):
            return [EVERYONE]
        found = [self.of(word) or mentioned(word) for word in APART.split(text) if word.strip()]
        return found if all(found) else []


def bare(word: str) -> str:
    """A name without @, brackets, and the words `team` and `lead`."""
    words = word.strip(" \t*_`[]().:@").split()
    if len(words) > 1 and words[0].lower() == "the":
        words = words[1:]
    if len(words) > 1 and words[0].lower() == "team":
        words = words[1:]
    if len(words) > 1 and words[-1].lower() in ("team", "lead", "leads", "owner"):
        words = words[:-1]
    return " ".join(words).strip("@")


def mentioned(word: str) -> str:
    """Whom a word mentions with @."""
    found = MENTION.fullmatch(word.strip(" ,;:.)"))
    return found[1].rstrip(".-") if found else ""


def nobody(word: str) -> bool:
    """Whether it is a word for a seat that is not taken: `TBD`, `-`, `[ASSIGN NOW]`."""
    plain = word.strip(" \t*_`[]().:@?-–—").lower()
    return plain in _NOBODY or plain.endswith(" tbd")


def people(text: str) -> list[str]:
    """Whom the value of an owner names: `Ops + Backend`, `@jane, @team-b`, `Jane Doe (Ops)`."""
    if EVERYBODY.fullmatch(text.strip(" .")):
        return [EVERYONE]
    outside = "".join(part.partition(")")[2] if number else part for number, part in enumerate(text.split("(")))
    words = [bare(part) for part in APART.split(outside) if not nobody(part)]
    return list(dict.fromkeys(filter(None, words)))[:MOST]
