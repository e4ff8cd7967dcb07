"""What one line of a document says of a step: its title, its time, who leads it, how long it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from callboard.runbooks.plan.documents import moments
from callboard.runbooks.plan.documents.drafts import Said, Spans, Step

EVERYBODY = re.compile(
    r"(?:all(?: the)?(?: \w+)? teams|everyone|everybody|joint|coordinated|all hands|all)", re.IGNORECASE
)
OWNER = r"owners?|leads?|leaders?|led by|lead team|responsible|assignees?|assigned(?: to)?|who|dri|driver|performed by|executed by|executor|teams?|owned by|role"  # noqa: E501
FIELDS = {
    "owner": rf"(?:step |task |change |release )?(?:{OWNER})",
    "helpers": r"support(?:ing)?(?: teams?)?|with|helpers?|backup|assisted by",
    "takes": r"(?:estimated |expected |planned |est\.? )?(?:duration|time to complete|time needed|takes|effort|length)(?: ?\(?(?:in )?(?:mins?|minutes|hours?|hrs?)\)?)?",  # noqa: E501
    "said": r"(?:planned |scheduled |target |deployment |release )?(?:start(?:s| time| date)?|begins?(?: at)?|when|at|date|day|scheduled for|time|window|maintenance window)",  # noqa: E501
    "until": r"(?:ends?|end time|finish|until)",
    "needs": r"depends on|dependenc(?:y|ies)|after|needs|requires|blocked by|predecessors?|waits for",
    "failure": r"if (?:it |this |any |the )?(?:[\w ]{0,30}?)fail(?:s|ed|ure)?|on (?:failure|error)|if not ok|if something goes wrong|roll-?back(?: steps?| plan)?|back-?out(?: plan)?|abort",  # noqa: E501
    "channel": r"(?:slack )?channel|slack|room",
    "status": r"status|state",
    "note": r"notes?|comments?|remarks?|details?|expected(?: result| output)?|verif(?:y|ication)|success criteria|command|link|runs?",  # noqa: E501
    "name": r"name|title|run-?book",
    "about": r"about|goal|purpose|summary|description",
}
_FIELD = re.compile(r"\s*(?P<word>[A-Za-z][A-Za-z .()/-]{0,60}?)\s*(?::|=|\s[-–—](?=\s))\s*(?P<value>\S.*)$")
_WORDS = [(kind, re.compile(words, re.IGNORECASE)) for kind, words in FIELDS.items()]
_NUMBER = re.compile(
    r"(?:(?:step|task|stage|item)\s*#?\s*)?(?P<n>\d{1,3}(?:\.\d{1,3})*[a-z]?)\s*[.):–—-]\s+|(?:step|task|stage)\s*#?(?P<n2>\d{1,3}[a-z]?)\s+",
    re.IGNORECASE,
)
MENTION = re.compile(r"(?<![\w/.@`])@([A-Za-z][\w.-]*(?:/[\w.-]+)?)")
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]{1,80})[)\]]")
_OF_TEAM = re.compile(
    r"(?:team\s+)?(?P<name>[A-Z][\w &/.-]{0,40}?)(?:\s+team)?\s+(?:lead|leads|leading|team|owner)", re.IGNORECASE
)
_NOBODY = re.compile(r"\W*(?:tbd|tba|n/?a|none|nobody|-+|_+|\?+|assign now|name|your name|[\w ]*tbd)\W*", re.IGNORECASE)
_APART = re.compile(r"\s*(?:,|;|\+|&|/|\band\b|\n|\|)\s*")
LONGEST_TITLE, MOST_READ = 140, 1000


@dataclass
class Names:
    """The teams, people and roles that a document or a plan speaks of, by the words for them in small letters."""

    known: dict[str, str] = field(default_factory=dict)

    def add(self, *words: str) -> None:
        for word in words:
            if 1 < len(bare(word)) <= 40 and not _NOBODY.fullmatch(word) and not EVERYBODY.fullmatch(word):  # noqa: PLR2004
                self.known.setdefault(bare(word).lower(), bare(word))

    def of(self, word: str) -> str:
        """How somebody is called whom a word means; empty for a word that means nobody."""
        return self.known.get(bare(word).lower(), "")


def bare(word: str) -> str:
    """A name without @, brackets, and the words `team` and `lead`."""
    word = word.strip(" \t*_`[]().:@")
    word = re.sub(r"^(?:the\s+)?team\s+|\s+(?:team|leads?|owner)$", "", word, flags=re.IGNORECASE)
    return word.strip(" @")


def people(text: str) -> list[str]:
    """Whom the value of an owner names: `Ops + Backend`, `@jane, @team-b`, `Jane Doe (Ops)`."""
    if EVERYBODY.fullmatch(text.strip(" .")):
        return ["everyone"]
    words = [part.strip() for part in _APART.split(re.sub(r"\([^)]*\)", "", text))]
    return list(dict.fromkeys(bare(word) for word in words if bare(word) and not _NOBODY.fullmatch(word)))[:8]


def labelled(text: str) -> tuple[str, str]:
    """What a line such as `Owner: Ops` says, and its value; both empty for any other line."""
    found = _FIELD.match(text)
    if not found:
        return "", ""
    word = found["word"].strip()
    kind = next((kind for kind, words in _WORDS if words.fullmatch(word)), "")
    return (kind, found["value"].strip(" *")) if kind else ("", "")


def put(step: Step, kind: str, value: str, word: str = "", *, day_first: bool | None = None) -> str:  # noqa: C901, PLR0912
    """Take what a labelled line says into a step; the sentence of what could not be understood, else empty."""
    if kind == "owner":
        step.owners += [name for name in people(value) if name not in step.owners]
    elif kind == "helpers":
        step.helpers += people(value)
    elif kind == "takes":
        unit = "h" if re.search(r"hour|hrs", word, re.IGNORECASE) else "m"
        step.takes = moments.duration(value, unit) or _first(value) or step.takes
        if not step.takes:
            return f"`{value}` is no duration"
    elif kind == "said":
        if length := moments.duration(value) if not moments.CLOCK.fullmatch(value) else None:
            step.takes = step.takes or length
        elif said := moments.leading(value, day_first=day_first)[0]:
            step.said = joined(step.said, said)
        else:
            return f"`{value}` is no time"
    elif kind == "until":
        said = moments.leading(value, day_first=day_first)[0]
        if said and said.clock and step.said and step.said.clock:
            step.said = Said(step.said.clock, said.clock, step.said.day, step.said.zone)
    elif kind == "needs":
        step.needs += [part for part in re.split(r"\s*[,;&\n]\s*", value) if part and not _NOBODY.fullmatch(part)]
    elif kind == "failure":
        step.failure.append(f"{word}: {value}" if word.lower().startswith(("if ", "on ")) else value)
    else:
        return "not taken"
    return ""


def joined(one: Said | None, other: Said) -> Said:
    """Two that each say a part: a day, and a time of day."""
    if one is None:
        return other
    return Said(
        other.clock or one.clock, other.until or one.until, other.day or one.day, other.zone or one.zone,
        one.after if other.after is None else other.after, one.offset if other.offset is None else other.offset,
    )  # fmt: skip


def _first(text: str) -> Spans | None:
    return next((span for _, _, span in moments.spans(text)), None)


def step(text: str, line: int, names: Names, *, day_first: bool | None = None) -> Step:
    """Read a line: `14:00 Ops: deploy (20 min)`, `Step 3: Smoke tests @qa`, `09:00-10:00: Staging (Backend lead)`."""
    text = text[:MOST_READ]
    made = Step(line, "")
    rest = _numbered(made, text.strip())
    if said := moments.leading(rest, day_first=day_first)[0]:
        made.said, rest = moments.leading(rest, day_first=day_first)
        rest = _numbered(made, rest)
    rest = _brackets(made, rest, names, day_first)
    rest = _mentions(made, rest, names)
    rest = _owner_ahead(made, rest, names)
    rest = _at_end(made, rest, day_first)
    if made.said and not said and made.said.clock is None and made.said.after is None:
        made.said = None
    title = rest.strip(" \t-–—:|,;→>").strip()
    if len(title) > LONGEST_TITLE:
        made.notes.append(title)
        title = f"{title[:LONGEST_TITLE].rpartition(' ')[0] or title[:LONGEST_TITLE]}…"
    made.title = title or text.strip(" -–—:")[:LONGEST_TITLE]
    return made


def _numbered(made: Step, text: str) -> str:
    found = _NUMBER.match(text)
    if not found or moments.leading(text)[0]:
        return text
    made.number = made.number or found["n"] or found["n2"]
    return text[found.end() :]


def _brackets(made: Step, text: str, names: Names, day_first: bool | None) -> str:  # noqa: FBT001
    """Take what brackets say where it is a time, a duration or somebody; other brackets stay."""

    def taken(found: re.Match[str]) -> str:
        left = [part for part in re.split(r"\s*[,;]\s*", found[1]) if not _take(made, part, names, day_first)]
        return f" ({', '.join(left)})" if left else ""

    return _BRACKETS.sub(taken, text)


def _take(made: Step, part: str, names: Names, day_first: bool | None) -> bool:  # noqa: FBT001
    """Whether a word in brackets says when, how long, or who."""
    kind, value = labelled(part)
    if kind and kind not in ("note", "about", "name", "status") and not put(made, kind, value, day_first=day_first):
        return True
    if length := moments.duration(part) if re.search(r"[a-z]", part) else None:
        made.takes = made.takes or length
        return True
    said, rest = moments.leading(
        re.sub(r"^(?:due|by|at|starts?)\s+", "", part, flags=re.IGNORECASE), day_first=day_first
    )
    if said and not rest.strip():
        made.said = joined(said, made.said) if made.said else said
        return True
    team = _OF_TEAM.fullmatch(part.strip())
    who = ["everyone"] if EVERYBODY.fullmatch(part.strip()) else [team["name"]] if team else []
    who = who or [name for word in _APART.split(part) if (name := names.of(word) or _mentioned(word))]
    if not who or (
        not team and len(who) < len([word for word in _APART.split(part) if word.strip()]) and who != ["everyone"]
    ):
        return False
    made.owners += [name for name in who if name not in made.owners]
    return True


def _mentioned(word: str) -> str:
    found = MENTION.fullmatch(word.strip())
    return found[1] if found else ""


def _mentions(made: Step, text: str, names: Names) -> str:
    """Take the people who are mentioned; from the title those at its beginning and its end."""
    for found in MENTION.finditer(text):
        made.owners += [found[1]] if found[1] not in made.owners else []
    names.add(*made.owners)
    text = re.sub(r"(?:\s*(?:[-–—:,|]|by|and|with|owner:?)*\s*(?<![\w/.`])@[\w./-]+)+\s*[.)]?\s*$", "", text)
    return (
        re.sub(r"^(?:@[\w./-]+[\s,&+]*)+(?:and\s+@[\w./-]+)?\s*[-–—:]?\s*", "", text) if text.startswith("@") else text
    )


def _owner_ahead(made: Step, text: str, names: Names) -> str:
    """`Ops: deploy`, `Team Ops - deploy`, `Ops deploys`."""
    found = re.match(r"([^:–—]{2,40}?)\s*(?::|\s[-–—])\s+(?=\S)", text)
    who = [names.of(word) for word in _APART.split(found[1])] if found else []
    if found and all(who):
        made.owners += [name for name in who if name not in made.owners]
        return text[found.end() :]
    if found and EVERYBODY.fullmatch(found[1].strip()):
        made.owners.append("everyone")
        return text[found.end() :]
    first = text.partition(" ")[0]
    if not made.owners and names.of(first) and re.match(r"\S+\s+[a-z]+s\b", text):
        made.owners.append(names.of(first))
    return text


def _at_end(made: Step, text: str, day_first: bool | None) -> str:  # noqa: FBT001
    """`Deploy - 20 min`, `Deploy, ~20 minutes`, `Announce - Due: 2 PM`, `Announce at 14:00`."""
    found = re.search(r"\s*(?:[-–—,|]|\bfor\b)\s*(?P<span>[~<]?\s?\d[\w.,–— -]{0,30})\.?$", text)
    if found and (length := moments.duration(found["span"])) and re.search(r"[a-z]", found["span"]):
        made.takes = made.takes or length
        text = text[: found.start()]
    found = re.search(
        rf"\s*(?:[-–—,|]\s*)?(?:\bat|\bdue:?|\bby|@)\s+(?P<at>{moments.CLOCK.pattern}(?:\s[A-Z]{{1,4}})?)$",
        text,
        re.IGNORECASE,
    )
    if found and not (made.said and made.said.clock):
        said, rest = moments.leading(found["at"], day_first=day_first)
        if said and not rest:
            made.said = joined(made.said, said)
            text = text[: found.start()]
    return text


def subject(texts: Iterable[str]) -> list[str]:
    """The words before the colon of several lines, where they may be names: `Ops: restart`."""
    found = (re.match(r"([A-Z][\w&./-]{1,20}(?: [A-Z][\w&./-]{1,20})?):\s+\S", text) for text in texts)
    return [each[1] for each in found if each]
