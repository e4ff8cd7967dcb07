"""The plan around what is imported, and what the check refuses of it taken out again and told of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from callboard.core.errors import Refused
from callboard.planfile import check
from callboard.planfile.paths import slug, unused
from callboard.planfile.sections import Document, Path, Problem, Sections
from callboard.planfile.yaml_reader import OWN
from callboard.planfile.yaml_writer import line
from callboard.runbooks.plan.documents.drafts import Draft
from callboard.runbooks.plan.documents.schedule import moved

Body = dict[str, Any]
AHEAD, ROUNDS, KEY = timedelta(days=90), 12, 50
NEEDED = {"title", "team", "lead_team", "name", "steps", "lead"}
"""Without these an entry is none."""
OWED = ("escalation", "tasks", "gates", "people", "teams")
STEP = len(("escalation", "default", "steps", 0))


@dataclass(frozen=True)
class Imported:
    """The sections that come of a file, the plan that they are in, and what becomes of each line; `told` sums up."""

    sections: Body
    body: Body
    draft: Draft
    told: str


def fresh(wanted: str, taken: Any) -> str:
    """A key that nothing in the plan has yet."""
    key = wanted[:KEY].strip("-")
    return unused(f"the-{key}" if key.startswith(OWN) else key, taken)


def taken(document: Document | None) -> set[str]:
    """Every key of every section of a plan."""
    sections = document.body.values() if document else ()
    return {str(key) for section in sections if isinstance(section, Mapping) for key in section}


def around(name: str, today: date) -> Body:
    """What a plan needs besides teams: its name, its days, a channel, and a seat for whoever coordinates."""
    called = line(name, 100) or "Imported"
    return {
        "callboard": 1, "key": f"{slug(called)[:20].strip('-')}-plan", "name": called, "timezone": "UTC",
        "from": str(today), "to": str(moved(today, AHEAD)), "channels": {"coordination": "#coordination"},
        "people": {"coordinator": {"name": "Coordinator", "roles": ["coordinator"], "vacant": True}},
    }  # fmt: skip


def fitted(base: Body, made: Body, sections: Sections, draft: Draft, at: Callable[[Path], int]) -> tuple[Body, Body]:
    """What is made as sections that the check takes, and the plan with them. Raises Refused where that cannot be."""
    errors: list[Problem] = []
    for _ in range(ROUNDS):
        kept = {word: entries for word, entries in made.items() if entries}
        body = base | {word: {**(base.get(word) or {}), **entries} for word, entries in kept.items()}
        errors = check.check_body(body, "", sections).errors
        if not errors:
            return kept, body
        first = {problem.path[:2]: problem for problem in reversed(errors)}.values()
        mended = [_mend(made, problem, draft, at(problem.path)) for problem in first]
        if not any(mended):
            break
    raise Refused("\n".join(["This does not fit into the plan:", *(problem.sentence for problem in errors[:9])]))


def _mend(made: Body, problem: Problem, draft: Draft, line: int) -> bool:
    """Take out what the check refuses; whether there was such a thing."""
    section, key, *inner = (*problem.path, "", "")
    entry = made.get(str(section), {}).get(key)
    if section not in OWED or entry is None:
        return False
    words = [word for word in inner if word != ""]
    if section == "escalation" and len(problem.path) >= STEP and len(entry["steps"]) > 1:
        lost = entry["steps"][int(words[1])]
        if not isinstance(lost, dict):
            return False
        entry["steps"] = [*entry["steps"][: int(words[1])], *entry["steps"][int(words[1]) + 1 :]]
        what = f"step {int(words[1]) + 1} of `{key}`"
    elif words and words[0] not in NEEDED and isinstance(entry, dict) and words[0] in entry:
        what = f"`{words[0]}: {entry.pop(words[0])}` of `{key}`"
    else:
        made[str(section)].pop(key)
        what = f"`{key}`"
    draft.tell(line, "not taken", f"{what}, as {problem.sentence.partition(': ')[2] or problem.sentence}")
    return True
