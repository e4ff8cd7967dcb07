"""How a plan that runs is changed: `/plan set` and `/plan unset` one thing, `/plan shift` all that is to come."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from callboard import blocks as b
from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.words import counted, joined
from callboard.planfile.ends import DAY_WORDS
from callboard.planfile.paths import find
from callboard.planfile.sections import SECTIONS, Path
from callboard.planfile.shift import parse_shift
from callboard.planfile.task_sets import in_ranges
from callboard.planfile.times import parse_wall
from callboard.planfile.yaml_reader import plain
from callboard.planning import briefings, lookup, notices, rights, service
from callboard.planning.briefings import Stage
from callboard.planning.lookup import Thing
from callboard.plans import service as plans
from callboard.plans.service import Shift
from callboard.slack.answers import Answer, Say
from callboard.slack.arguments import not_one_person
from callboard.slack.grammar import Arguments, Text, Verb, Word
from callboard.slack.help import on_elsewhere
from callboard.slack.requests import Request
from callboard.slack.routes import Interaction
from callboard.teams import slack
from callboard.teams.directory import Asker

NOTHING, DUE = "nothing", "due"
HOURS = re.compile(r"\d\s*(?:h|m)", re.IGNORECASE)
ONE_BY_ONE = (
    "Hours move one by one: `/plan set WHAT due 17:00`, and what is reckoned from a date of the plan moves with that, "
    "`/plan set DATE 17:00`. A step that runs is put off with `/run delay STEP 2h`."
)
CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^<>]*)?>")
VAGUE = re.compile(r"(?:this|next)\s+(?:week|month|sprint)", re.IGNORECASE)
AHEAD = re.compile(r"\+\s*(\d.*)")
TO = re.compile(r"^to\s+", re.IGNORECASE)
MOVE = "plan.shift"
PARAGRAPHS, LONGEST_CHANGE, LONGEST_REASON, SEVERAL = 20, 500, 500, 7


def set_it(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Give one thing of the plan another value, or take it away."""
    who, on, thing, path = _meant(tx, request, args)
    field, value = _split(thing, args)
    written, reason = slack.reasoned(value)
    if not written:
        raise Refused(f"Type the new value too: `/plan set {f'{thing.key} {field}'.strip()} VALUE because ...`")
    now = find(on.document.body, path)
    moment = _moment(tx, who, written) if field == DUE or _is_moment(now) else ""
    value = moment or _value(who, written, now)
    edit = partial(plans.edit, tx, on.plan_id, path, value, author=who.person.key, reason=reason)
    changes = service.change(on, who, thing, edit, reason)
    undo = f"Undo: `/plan unset {f'{thing.key} {field}'.strip()}`"
    return Say("\n".join([*map(_line, changes), undo]) if changes else "It has this value already. Nothing changed.")


def moved(tx: Tx, request: Request, args: Arguments) -> Answer:
    """`move tested to friday` is `set tested due friday`, `rename A-1 Sign-in` is `set A-1 title Sign-in`."""
    on = briefings.stage(tx, slack.asker(tx, request).directory.plan_id)
    thing, value = lookup.find(on.document, m.unescape(args["what"])), TO.sub("", args["value"])
    named = "title" if thing.kind == "task" else "name"
    field = named if request.text.strip().lower().startswith("rename") else DUE
    return on_elsewhere(f"set {thing.key} {field} {value}", request)


def unset(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Take back what was changed: the plan file counts again."""
    who, on, thing, path = _meant(tx, request, args)
    _, reason = slack.reasoned(_split(thing, args, "why")[1])
    unedit = partial(plans.unedit, tx, on.plan_id, path, author=who.person.key, reason=reason)
    changes = service.change(on, who, thing, unedit, reason)
    return Say(
        "\n".join([f"{thing.kind.capitalize()} `{thing.key}` is what the plan file says again:", *map(_line, changes)])
    )


def _meant(tx: Tx, request: Request, args: Arguments) -> tuple[Asker, Stage, Thing, Path]:
    who = slack.asker(tx, request)
    on = briefings.stage(tx, who.directory.plan_id)
    thing = lookup.find(on.document, m.unescape(args["what"]))
    field = _split(thing, args)[0]
    rights.may_change(tx.of(SECTIONS), who, thing, field, service.teams_of(on, thing))
    return who, on, thing, (thing.section, thing.key, *filter(None, field.split(".")))


def _split(thing: Thing, args: Arguments, rest: str = "value") -> tuple[str, str]:
    """The field that is meant, and what is typed after it. A date or a link is one value and has no fields."""
    field, text = args["field"] or "", args.get(rest) or ""
    if thing.has_fields and not field:
        raise Refused(f"Type what of {thing.kind} `{thing.key}` you mean, too: `/plan unset {thing.key} FIELD`.")
    if thing.has_fields:
        return m.unescape(field), text
    return "", f"{field} {text}".strip()


def _value(who: Asker, text: str, now: Any) -> Any:
    """What is typed, as a plan file would hold it: people and channels by their ids, a list where there is one."""
    if group := not_one_person(text):
        raise Refused(group)
    text = m.MENTION.sub(lambda mention: slack.person(who, mention[1]).key, text).strip()
    text = CHANNEL.sub(r"\1", text)
    if text.lower() == NOTHING:
        return plans.ABSENT
    bracketed = text.startswith("[") and text.endswith("]")
    if bracketed or isinstance(now, list):
        parts = (text[1:-1] if bracketed else text).split(",")
        return [plain(part.strip().strip("\"'")) for part in parts if part.strip()]
    return plain(text.strip("\"'`"))


def _is_moment(value: Any) -> bool:
    try:
        return bool(parse_wall(value))
    except (ValueError, AttributeError):
        return False


def _moment(tx: Tx, who: Asker, text: str) -> str:
    """A moment as people say it, `fri 12:00`, by their own clocks; empty for what a plan file says: `target - 1d`."""
    if text[:4].isdecimal():
        return ""
    if VAGUE.fullmatch(text):
        raise Refused(f"{m.code(text)} is no moment. Say the day: `friday`, `next monday 12:00` or `in 2 days`.")
    if ahead := AHEAD.fullmatch(text):
        text = f"in {ahead[1]}"
    try:
        return f"{slack.instant(tx, who, text).astimezone(who.directory.calendar.zone):%Y-%m-%d %H:%M}"
    except Refused:
        if text.lower().startswith(DAY_WORDS):
            raise
        return ""


def _line(change: str) -> str:
    return f"• {m.clip(m.escape(change), LONGEST_CHANGE)}"


def _days(typed: str) -> timedelta:
    """How far to shift. Raises Refused, which says how hours move."""
    try:
        return parse_shift(typed)
    except Refused as refused:
        refused.sentence += f" {ONE_BY_ONE}" if HOURS.search(typed) else ""
        raise


def ask_shift(tx: Tx, request: Request, args: Arguments) -> Answer:
    """Show what a shift would move, with a button that does it."""
    who = slack.coordinator(tx, request)
    days, reason = slack.reasoned(args["days"])
    preview = plans.shift_preview(tx, who.directory.plan_id, _days(days), tx.now)
    if len(reason) > LONGEST_REASON:
        raise Refused(f"This reason has {len(reason):,} characters; {LONGEST_REASON} at most. Nothing moved.")
    carried = {"p": who.directory.plan_key, "d": days, "r": reason, "m": _mark(preview)}
    lines = [m.bold(f"A shift by {days} moves"), *map(_line, _summed(preview.changes))]
    if preview.notes:
        lines += [m.bold("Check these"), *map(_line, preview.notes)]
    button = b.button("Move all of it", MOVE, json.dumps(carried, ensure_ascii=False), style="primary")
    return Say(f"{len(preview.changes)} things would move", [*fit.paragraphs(lines, PARAGRAPHS), b.actions(button)])


def shift(tx: Tx, request: Request) -> Answer:
    """Move what was shown, unless something is different meanwhile."""
    carried = json.loads(request.value)
    who = slack.coordinator(tx, replace(request, plan=carried["p"]))
    plan_id, days = who.directory.plan_id, parse_shift(carried["d"])
    if _mark(plans.shift_preview(tx, plan_id, days, tx.now)) != carried["m"]:
        raise Refused(f"The plan has changed since this was shown. Type `/plan shift {carried['d']}` again.")
    done = plans.shift(tx, plan_id, days, tx.now, author=who.person.key, reason=carried["r"])
    notices.tell_shifted(tx, who.directory, who.person.key, len(done.changes), carried["d"], carried["r"])
    return Say(f"{len(done.changes)} things moved by {carried['d']}. Undo: `/plan shift {_opposite(carried['d'])}`")


def _summed(changes: Sequence[str]) -> Iterator[str]:
    """Changes in words; of more than a few of one kind only what they are about: `26 tasks: A-1..A-5 and B-1..B-6`."""
    kinds: dict[str, list[str]] = {}
    for change in changes:
        kinds.setdefault(change.partition(" ")[0], []).append(change)
    for kind, lines in kinds.items():
        names = list(dict.fromkeys(line.removeprefix(f"{kind} ").partition(":")[0] for line in lines))
        if len(lines) <= SEVERAL:
            yield from lines
        else:
            shown = in_ranges(names, SEVERAL) if kind == "task" else names
            yield f"{counted(len(names), kind)}: {joined(shown, SEVERAL + 1)}"


def _opposite(days: str) -> str:
    return days.removeprefix("-") if days.startswith("-") else f"-{days.removeprefix('+')}"


def _mark(preview: Shift) -> str:
    return hashlib.sha256("\n".join(preview.changes).encode()).hexdigest()[:16]


TASK = Word("what", sample="ATOM-001")
verbs = (
    Verb("set", set_it, "change one thing while the plan runs: `ATOM-001 due 2026-03-25 16:00 because ...`",
         (TASK, Word("field", sample="due"),
          Text("value", sample="2026-03-25 16:00 because the vendor is late", optional=True))),
    Verb("unset", unset, "undo such a change: the plan file counts again",
         (TASK, Word("field", sample="due", optional=True), Text("why", optional=True)),
         aliases=("undo", "revert", "reset")),
    Verb("move", moved, "change when something is due: asks for `set`, as does `rename`",
         (TASK, Text("value", sample="to friday")), aliases=("due", "postpone", "rename"), reads=True),
    Verb("shift", ask_shift, "move what has not happened yet: `1d because ...`; shows it first",
         (Text("days", sample="1d because the venue moved"),), reads=True),
)  # fmt: skip
interactions = (Interaction("button", MOVE, shift),)
