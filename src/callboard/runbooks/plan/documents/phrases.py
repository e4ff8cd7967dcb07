"""What one line of a document says of a step: its title, its time, who leads it, how long it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from callboard.runbooks.plan.documents import moments
from callboard.runbooks.plan.documents.drafts import Step
from callboard.runbooks.plan.documents.labels import OF_A_STEP, joined, labelled, put
from callboard.runbooks.plan.documents.owners import EVERYBODY, EVERYONE, MENTION, Names, mentioned

_NUMBER = re.compile(
    r"(?:(?:step|task|stage|item) ?#? ?)?(?P<n>\d{1,3}(?:\.\d{1,3}){0,5}[a-z]?)(?: ?[.):]| [–—-]) |"
    r"(?:step|task|stage) ?#?(?P<n2>\d{1,3}[a-z]?) ",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,80})[)\]]")
_OF_TEAM = re.compile(
    r"(?!(?:the|a|our|your|each|whole) )(?:team )?"
    r"([A-Z][\w&/.-]{0,20}(?: [\w&/.-]{1,20}){0,3}) (?:lead|leads|team|owner)",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"([^:–—]{2,40}?)(?: ?:| [-–—]) (?=\S)")
_SUBJECT = re.compile(r"([A-Z][\w&./-]{1,20}(?: [A-Z][\w&./-]{1,20})?): +\S")
_BEHIND = re.compile(r"[A-Z][\w&./-]{1,20}(?: [A-Z][\w&./-]{1,20})?")
_DOES = re.compile(r"(\S{1,40}) [a-z]{1,30}s\b")
_APART = (". ", " - ", " – ", " — ", " | ", ", ", "; ")
_AT = ("at", "by", "due", "@", "from", "between", "starts", "starting")
_JOINED = ("and", "&", "+", "by", "with", "-", "–", "—", ":", "|", "owner:", "owner", "→")
LONGEST_TITLE, MOST_READ, LONGEST_TAIL = 140, 1000, 6


def step(text: str, line: int, names: Names, *, day_first: bool | None = None) -> Step:
    """Read a line: `14:00 Ops: deploy (20 min)`, `Step 3: Smoke tests @qa`, `Deploy (Ops) at 2 PM`."""
    phrase = _Phrase(Step(line, ""), names, " ".join(text[:MOST_READ].split()), day_first)
    phrase.read()
    made, title = phrase.made, phrase.rest.strip(" -–—:|,;→>")
    if len(title) > LONGEST_TITLE:
        made.notes.append(title)
        title = f"{title[:LONGEST_TITLE].rpartition(' ')[0] or title[:LONGEST_TITLE]}…"
    made.title = title or text.strip(" -–—:")[:LONGEST_TITLE]
    return made


@dataclass
class _Phrase:
    made: Step
    names: Names
    rest: str
    """What is not understood yet."""
    day_first: bool | None

    def read(self) -> None:
        self.number()
        said, rest = moments.leading(self.rest, day_first=self.day_first)
        if said:
            self.made.said, self.rest = said, rest
            self.number()
        self.brackets()
        self.mentions()
        self.owner_ahead()
        for _ in range(LONGEST_TAIL):
            if not (self.end_apart() or self.time_at_end()):
                break

    def number(self) -> None:
        found = _NUMBER.match(self.rest)
        if found and not moments.leading(self.rest)[0]:
            self.made.number = self.made.number or found["n"] or found["n2"]
            self.rest = self.rest[found.end() :]

    def brackets(self) -> None:
        """Take what brackets say where it is a time, a duration or somebody; other brackets stay."""

        def left(found: re.Match[str]) -> str:
            parts = [part.strip() for part in found[1].replace(";", ",").split(",")]
            rest = [part for part in parts if not self.take(part)]
            return found[0][0] + ", ".join(rest) + found[0][-1] if rest else ""

        self.rest = " ".join(_BRACKETS.sub(left, self.rest).split())

    def take(self, part: str) -> bool:
        """Whether a part says when, how long, or who; then it is in the step."""
        kind, value, word = labelled(part)
        if kind in OF_A_STEP and not put(self.made, kind, value, word, day_first=self.day_first):
            return True
        return self.length(part) or self.moment(part) or self.people(part)

    def length(self, part: str) -> bool:
        length = moments.duration(part) if any(map(str.isalpha, part)) else None
        self.made.takes = self.made.takes or length
        return length is not None

    def moment(self, part: str) -> bool:
        first, _, rest = part.partition(" ")
        said = moments.cell(rest if first.lower().rstrip(":") in _AT else part, day_first=self.day_first)
        if said and any(map(str.isdecimal, part)) and not part.replace(".", "").isdecimal():
            self.made.said = joined(said, self.made.said) if self.made.said else said
            return True
        return False

    def people(self, part: str) -> bool:
        team = _OF_TEAM.fullmatch(part)
        who = self.names.all_of(part) or ([team[1]] if team else [])
        self.own(who)
        return bool(who)

    def own(self, who: list[str]) -> None:
        self.made.owners += [name for name in who if name not in self.made.owners]

    def mentions(self) -> None:
        """Take the people who are mentioned; from the title those at its beginning and its end."""
        self.own([found[1].rstrip(".-") for found in MENTION.finditer(self.rest)])
        self.names.add(*(name for name in self.made.owners if name != EVERYONE))
        words = _without_mentions(self.rest.split())
        self.rest = " ".join(_without_mentions(words[::-1])[::-1])

    def owner_ahead(self) -> None:
        """`Ops: deploy`, `Team Ops - deploy`, `Ops deploys`."""
        found = _AHEAD.match(self.rest)
        if found and (who := self.names.all_of(found[1].strip())):
            self.own(who)
            self.rest = self.rest[found.end() :]
        elif not self.made.owners and (does := _DOES.match(self.rest)) and (name := self.names.of(does[1])):
            self.own([name])

    def end_apart(self) -> bool:
        """`Deploy - 20 min`, `Deploy, at 2 PM`, `Deploy | Ops`, `Deploy, owner: Ops`."""
        head, mark, last = max((self.rest.rpartition(mark) for mark in _APART), key=lambda parts: len(parts[0]))
        aside = EVERYBODY.fullmatch(last) or (mark in (". ", ", ", "; ") and self.names.all_of(last))
        if head and not aside and self.take(last.strip(" .")):
            self.rest = head
            return True
        return False

    def time_at_end(self) -> bool:
        """`Deploy at 14:00`, `Deploy 2:00-2:30 PM`, `Wait for 20 min`, `Deploy ~20 min`."""
        words = self.rest.split()
        for count in range(min(LONGEST_TAIL, len(words) - 1), 0, -1):
            first, last = words[-count].lower(), " ".join(words[-count:]).rstrip(".")
            timed = (first.rstrip(":") in _AT and count > 1) or moments.CLOCK.match(last)
            lasting = first == "for" or first[0] in "~<≤"
            if (timed and self.moment(last)) or (lasting and self.length(last)):
                self.rest = " ".join(words[:-count])
                return True
        return False


def _without_mentions(words: list[str]) -> list[str]:
    """Words without the mentions that they begin with, and what joins those."""
    end = 0
    for number, word in enumerate(words, 1):
        if mentioned(word):
            end = number
        elif word.lower() not in _JOINED:
            break
    if end:
        while end < len(words) and words[end].lower() in _JOINED:
            end += 1
    return words[end:]


def subjects(texts: Iterable[str]) -> list[str]:
    """The words before the colon of several lines, where they may be names: `Ops: restart`."""
    found = (_SUBJECT.match(text) for text in texts)
    return [each[1] for each in found if each and not labelled(f"{each[1]}: x")[0]]


def behind(texts: Iterable[str]) -> list[str]:
    """The words in brackets at the end of several lines, where they may be names: `Restart (Ops)`."""
    ends = (text.rstrip(" .").removesuffix(")").rpartition("(")[2] for text in texts if text.rstrip(" .").endswith(")"))
    return [end for end in ends if _BEHIND.fullmatch(end)]


def leads(text: str) -> list[str]:
    """The teams whose leads a text names in brackets: `Deploy (Backend lead)`."""
    return [team[1] for part in _BRACKETS.findall(text) if (team := _OF_TEAM.fullmatch(part))]
