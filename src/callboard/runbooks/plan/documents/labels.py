"""Lines with a label, `Owner: Ops` or `Duration - 20 min`, and what they say of a step."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from callboard.runbooks.plan.documents import moments
from callboard.runbooks.plan.documents.drafts import Said, Step
from callboard.runbooks.plan.documents.owners import nobody, people

OWNER = (
    r"owners?|leads?|leaders?|led by|lead team|responsible|assignees?|assigned(?: to)?|who|dri|driver|performed by|"
    r"executed by|executor|teams?|owned by|role"
)
FIELDS = {
    "owner": rf"(?:step |task |change |release )?(?:{OWNER})",
    "helpers": r"support(?:ing)?(?: teams?)?|with|helpers?|backup|assisted by",
    "takes": r"(?:estimated |expected |planned |est\.? )?"
    r"(?:duration|time to complete|time needed|time limit|takes|effort|length)"
    r"(?: ?\(?(?:in )?(?:mins?|minutes|hours?|hrs?)\)?)?",
    "said": r"(?:planned |scheduled |target |deployment |release )?(?:start(?:s| time| date)?|begins?(?: at)?|when|at|"
    r"date|day|scheduled for|time|window|maintenance window)",
    "until": r"ends?|end time|finish|until",
    "needs": r"depends on|dependenc(?:y|ies)|after|needs|requires|blocked by|predecessors?|waits for",
    "failure": r"if (?:it |this |any |the )?(?:[\w ]{0,30})fail(?:s|ed|ure)?|on (?:failure|error)|if not ok|"
    r"if something goes wrong|roll-?back(?: steps?| plan)?|back-?out(?: plan)?|abort",
    "channel": r"(?:slack )?channel|slack|room",
    "status": r"status|state",
    "note": r"notes?|comments?|remarks?|details?|expected(?: result| output)?|verif(?:y|ication)|success criteria|"
    r"command|link|runs?",
    "name": r"name|title|run-?book",
    "about": r"about|goal|purpose|summary|description",
    "scope": r"scope",
    "impact": r"impact",
}
OF_A_STEP = ("owner", "helpers", "takes", "said", "until", "needs", "failure")
TOLD = {
    "owner": "who", "helpers": "with", "takes": "how long", "said": "when", "until": "when", "needs": "after",
    "failure": "if it fails",
}  # fmt: skip
"""What the report calls them."""
_FIELDS = [(kind, re.compile(words, re.IGNORECASE)) for kind, words in FIELDS.items()]
_MARKS = (":", " = ", " - ", " – ", " — ")
LONGEST = 60


def labelled(text: str) -> tuple[str, str, str]:
    """The kind of a line such as `Owner: Ops`, its value and its label; all empty for any other line."""
    place, mark = min(((at, mark) for mark in _MARKS if (at := text.find(mark, 0, LONGEST)) > 0), default=(0, ""))
    word, value = text[:place].strip(" *_[]"), text[place + len(mark) :].strip(" *")
    kind = next((kind for kind, words in _FIELDS if words.fullmatch(word)), "") if mark and value else ""
    return (kind, value, word) if kind else ("", "", "")


def put(step: Step, kind: str, value: str, word: str = "", *, day_first: bool | None = None) -> str:
    """Take what a labelled line says into a step; the sentence of what could not be understood, else empty."""
    match kind:
        case "owner":
            step.owners += [name for name in people(value) if name not in step.owners]
        case "helpers":
            step.helpers += people(value)
        case "needs":
            step.needs += others(value)
        case "failure":
            step.failure.append(f"{word}: {value}" if word.lower().startswith(("if ", "on ")) else value)
        case "takes":
            return _takes(step, value, word)
        case "said" | "until":
            return _said(step, value, moments.leading(value, day_first=day_first)[0], until=kind == "until")
    return ""


def _takes(step: Step, value: str, word: str) -> str:
    unit = "h" if "hour" in word.lower() or "hrs" in word.lower() else "m"
    length = moments.duration(value, unit) or moments.first_duration(value)
    step.takes = length or step.takes
    return "" if length else f"`{value}` is no duration"


def _said(step: Step, value: str, said: Said | None, *, until: bool) -> str:
    if until and said and said.clock and step.said and step.said.clock:
        step.said = replace(step.said, until=said.clock)
    elif not until and not moments.CLOCK.fullmatch(value) and (length := moments.duration(value)):
        step.takes = step.takes or length
    elif not until and said:
        step.said = joined(step.said, said)
    else:
        return f"`{value}` is no time"
    return ""


def others(text: str) -> list[str]:
    """The other steps that a text names: `1, 2` or `Back up; Freeze`."""
    return [part.strip() for part in re.split(r"[,;&\n]", text) if not nobody(part)]


def joined(one: Said | None, other: Said) -> Said:
    """Two that each say a part: a day, and a time of day."""
    if one is None:
        return other
    return Said(
        other.clock or one.clock, other.until or one.until, other.day or one.day, other.zone or one.zone,
        one.after if other.after is None else other.after, one.offset if other.offset is None else other.offset,
    )  # fmt: skip


def fields(texts: Iterable[str]) -> set[str]:
    """What the labelled ones among several lines say."""
    return {labelled(text)[0] for text in texts} - {""}
