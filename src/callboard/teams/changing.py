"""How a plan that runs is changed in Slack, one thing at a time: `/plan set`, `/plan unset`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.planfile import task_sets
from callboard.planfile.sections import Path
from callboard.planfile.values import find
from callboard.planfile.yaml_reader import plain
from callboard.plans import service as plans
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import Text, Word
from callboard.slack.grammar import Arguments, Verb
from callboard.slack.requests import Request
from callboard.teams import briefing, showing, steering
from callboard.teams.briefing import Stage
from callboard.teams.directory import Directory
from callboard.teams.parts import COORDINATOR
from callboard.teams.service import Asker
from callboard.teams.showing import Thing

if TYPE_CHECKING:
    from callboard.core.db import Tx

NOTHING = "nothing"
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def set_it(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Give one thing of the plan another value, or take it away."""
    who, on, thing, path = _meant(tx, request, args)
    written, reason = steering.reasoned(args["value"])
    if not written:
        raise Refused(f"Say what it is to be: `/plan set {thing.key} {args['field']} VALUE because ...`")
    value = _value(who.directory, written, find(on.document.body, path))
    said = plans.edit(tx, on.plan_id, path, value, author=who.person.key, reason=reason, sections=on.sections)
    undo = f"Taken back by `/plan unset {thing.key} {args['field']}`."
    return Say("\n".join([*map(_line, said), undo]) if said else "It is so already: nothing changes.")


def unset(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take back what was changed: the plan file counts again."""
    who, on, thing, path = _meant(tx, request, args)
    _, reason = steering.reasoned(args["why"] or "")
    said = plans.unedit(tx, on.plan_id, path, author=who.person.key, reason=reason, sections=on.sections)
    return Say("\n".join([f"{_called(thing)} is what the plan file says again:", *map(_line, said)]))


def _meant(tx: Tx, request: Request, args: Arguments) -> tuple[Asker, Stage, Thing, Path]:
    who = steering.asker(tx, request)
    on = briefing.stage(tx, who.directory.plan_id)
    thing = showing.find(on.document, b.unescape(args["what"]))
    _may_change(on, who, thing)
    return who, on, thing, (thing.section, thing.key, *b.unescape(args["field"]).split("."))


def _may_change(on: Stage, who: Asker, thing: Thing) -> None:
    """Whoever coordinates changes anything, leads what is their team's."""
    directory, person = who.directory, who.person
    teams = _teams(on, thing)
    if directory.has_role(person, COORDINATOR) or any(directory.is_lead(person, team) for team in teams):
        return
    leads = [lead for team in teams for lead in directory.leads_of(team)]
    may = dict.fromkeys(directory.called(one) for one in (*leads, *directory.coordinators))
    raise Refused(f"{_called(thing)} is changed by {' or '.join(may) or 'nobody here: edit the plan file'}.")


def _teams(on: Stage, thing: Thing) -> list[str]:
    if thing.section == "teams":
        return [thing.key]
    if thing.section == "tasks":
        return task_sets.teams(on.document, thing.key)
    if thing.section == "people" and thing.key in on.directory.people:
        return [team.key for team in on.directory.teams_of(on.directory.people[thing.key])]
    written = thing.written if isinstance(thing.written, dict) else {}
    return [str(written["team"])] if written.get("team") else []


def _value(directory: Directory, text: str, now: Any) -> Any:
    """What is typed, as a plan file would hold it: people by their ids, a list where there is one."""
    text = MENTION.sub(lambda mention: _key(directory, mention[1]), text).strip()
    if text.lower() == NOTHING:
        return plans.ABSENT
    bracketed = text.startswith("[") and text.endswith("]")
    if bracketed or isinstance(now, list):
        parts = (text[1:-1] if bracketed else text).split(",")
        return [plain(part.strip().strip("\"'")) for part in parts if part.strip()]
    return plain(text.strip("\"'`"))


def _key(directory: Directory, user: str) -> str:
    person = directory.by_slack(user)
    if person is None:
        raise Refused(f"{b.mention(user)} is not in {directory.plan_name}. `/plan people` lists everybody who is.")
    return person.key


def _called(thing: Thing) -> str:
    return f"{thing.kind.capitalize()} `{thing.key}`"


def _line(sentence: str) -> str:
    return f"• {b.clip(b.escape(sentence), 500)}"


verbs = (
    Verb(
        "set", set_it, "change one thing while the plan runs: `ATOM-001 due 2026-03-25 16:00 because ...`",
        (Word("what"), Word("field"), Text("value")),
    ),
    Verb(
        "unset", unset, "take such a change back: the plan file counts again",
        (Word("what"), Word("field"), Text("why", optional=True)),
    ),
)  # fmt: skip
