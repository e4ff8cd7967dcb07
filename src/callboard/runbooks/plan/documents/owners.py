"""Whom a line names, `@jane`, `Ops + Backend`, `Team Web`: teams, people and roles of a plan, or teams of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from callboard.core.errors import near
from callboard.planfile.paths import slug
from callboard.planfile.sections import Document
from callboard.planfile.yaml_reader import OWN
from callboard.teams.directory import COORDINATOR, GIVEN_ROLES, Directory
from callboard.teams.plan.directory import drafted
from callboard.teams.plan.on_call import ON_CALL
from callboard.teams.recipients import RELATIVE

_ON_CALL = re.compile(r"on[- ]?call", re.IGNORECASE)
Leader = str | dict[str, str]

EVERYONE = "everyone"
EVERYBODY = re.compile(
    r"all(?: the)?(?: \w{1,30})? teams|everyone|everybody|joint|coordinated|all hands|all", re.IGNORECASE
)
MENTION = re.compile(r"(?<![\w/.@`])@([A-Za-z][\w.-]*(?:/[\w.-]+)?)")
APART = re.compile(r"[,;+&/\n|]|\band\b")
_NOBODY = {"", "tbd", "tba", "na", "n/a", "none", "nobody", "unassigned", "assign now", "name", "your name"}
_SHARE = re.compile(r"\[\d+ ?%\]")
"""How much of somebody's time it has, in MS Project: `Olga[50%]`."""
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
    text = _SHARE.sub("", text)
    outside = "".join(part.partition(")")[2] if number else part for number, part in enumerate(text.split("(")))
    words = [bare(part) for part in APART.split(outside) if not nobody(part)]
    return list(dict.fromkeys(filter(None, words)))[:MOST]


class Crew:
    """Who may lead a step. Without a plan every new word makes a team."""

    def __init__(self, document: Document | None = None) -> None:
        self.document = document
        self.directory = drafted(document) if document else None
        self.teams: dict[str, str] = {}
        self.others: dict[str, Leader] = {}
        self.made: dict[str, str] = {}
        if document and self.directory:
            self._learn(document, self.directory)

    def _learn(self, document: Document, directory: Directory) -> None:
        for key, team in directory.teams.items():
            for word in (team.name, key, team.channel):
                self.teams.setdefault(bare(word or key).lower().removeprefix("#"), key)
        for word, key in _words_for_people(document, directory):
            self.others.setdefault(word, key)
        for key, name in directory.roles.items():
            for word in (name, key):
                self.others.setdefault(word.lower(), {"role": key})

    def names(self) -> Names:
        """The words that mean somebody, for whoever reads the document."""
        names = Names()
        names.add(*self.teams, *(word for word in self.others if "@" not in word))
        return names

    def known(self) -> list[str]:
        """The keys of all teams."""
        return list(dict.fromkeys(self.teams.values())) if self.document else list(self.made)

    def team(self, word: str) -> str:
        """The key of the team that a word means; empty where it means none."""
        found = self.leader(word)
        return found if isinstance(found, str) and found in self.known() else ""

    def leader(self, word: str) -> Leader | None:
        """Who leads a step by a word; None where nobody is called so."""
        plain = bare(word).lower().lstrip("#")
        if self.document is None:
            return {"role": plain} if plain == COORDINATOR else self._make(bare(word)) if plain else None
        for each in (plain, plain.replace(" ", "-"), plain.replace("-", " "), slug(plain) if plain else ""):
            if found := self.teams.get(each) or self.others.get(each):
                return found
        return self._on_call(plain)

    def _on_call(self, plain: str) -> Leader | None:
        """`on-call`, `Ops on-call`, `on call for Ops`."""
        found = _ON_CALL.search(plain)
        if not found or self.document is None:
            return None
        rotas = self.document.keys(ON_CALL.name)
        before, behind = plain[: found.start()], plain[found.end() :].strip().removeprefix("for ")
        named = self.teams.get(bare(before or behind), "")
        team = named if named in rotas else rotas[0] if len(rotas) == 1 and not named else ""
        return {"on_call": team} if team else None

    def _make(self, word: str) -> str:
        key = slug(word)[:50].strip("-") or "team"
        key = f"team-{key}" if key.startswith(OWN) else key
        if key in (*RELATIVE, *GIVEN_ROLES, "leads", "all-leads"):
            key = f"{key}-team"
        self.made.setdefault(key, word)
        return key

    def hint(self, word: str) -> str:
        """What somebody may have meant by a word that means nobody."""
        words = [*self.teams, *self.others]
        close = near(bare(word).lower(), words)
        if not close:
            return f"nobody in the plan is called `{word}`"
        meant = self.teams.get(close[0]) or self.others[close[0]]
        key = meant if isinstance(meant, str) else next(iter(meant.values()))
        return f"nobody in the plan is called `{word}`; did you mean `{key}`?"

    def default(self, owners: Iterable[str]) -> Leader:
        """Who leads what names nobody: the owner of the document, else who coordinates, else the first team."""
        for word in owners:
            found = None if word == EVERYONE else self.leader(word)
            if found:
                return found
        directory = self.directory
        if directory is None or directory.coordinators or not directory.teams:
            return {"role": COORDINATOR}
        return next(iter(directory.teams))


def _words_for_people(document: Document, directory: Directory) -> Iterator[tuple[str, str]]:
    """What somebody may be called: by key, name, mail, GitHub, Slack, and the first name where only one has it."""
    first = Counter(name.split()[0].lower() for person in directory.people.values() if (name := person.name).split())
    for key, person in directory.people.items():
        written = document.body["people"][key]
        github = written.get("github") if isinstance(written, dict) else ""
        given = person.name.partition(" ")[0]
        words = (key, person.name, person.email, person.email.partition("@")[0], github, person.slack_id)
        yield from ((bare(str(word)).lower(), key) for word in words if word)
        if first[given.lower()] == 1:
            yield given.lower(), key


def shown(leader: Any) -> str:
    """A leader in a sentence."""
    return str(next(iter(leader.values()))) if isinstance(leader, dict) else str(leader)
