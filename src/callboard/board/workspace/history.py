"""What happened, in the words of a log: a line for each matter, its author, and which of several is the heading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from callboard.blocks.markdown import one_line
from callboard.blocks.markup import clip
from callboard.board.workspace.facts import Facts
from callboard.core.timeline import BOT, Entry
from callboard.core.words import joined

WIDEST = 72
DETAIL = ", signed by "
NO_REPLY = "noreply.callboard.invalid"
"""Where nobody has a mailbox: a commit names its author and gives no address away."""
CALLS = re.compile(r"(?<![\w#])(#|@|!)(?=\w)|\b(GH)-(?=\d)")
"""How a forge is told to close an issue or to call somebody."""


class Words(NamedTuple):
    """How a verb reads, and its `rank` among what happens with it: the highest is the heading."""

    rank: int
    text: str


TASK, BLOCKER, GATE = "{key} {verb}: {name}", "Blocker {key} {verb}: {name}", "{name} {verb}"
MATTERS: Mapping[str, Mapping[str, Words]] = {
    "task": {
        "claimed": Words(1, "{key} taken by {who}: {name}"),
        "given back": Words(1, "{key} given back by {who}: {name}"),
        "assigned": Words(1, "{key} assigned: {name}"), "started": Words(2, TASK), "completed": Words(3, TASK),
        "reopened": Words(3, TASK), "dropped": Words(3, TASK), "blocked": Words(2, TASK),
        "unblocked": Words(1, TASK), "overridden": Words(2, "{key} may start early: {name}"),
        "point": Words(2, "{key}, {point}: {stands}"),
    },
    "blocker": {
        "raised": Words(4, BLOCKER), "acknowledged": Words(3, "Blocker {key} taken by {who}: {name}"),
        "gave back": Words(3, "Blocker {key} handed back by {who}: {name}"), "escalated": Words(3, BLOCKER),
        "handed on": Words(3, BLOCKER), "resolved": Words(4, BLOCKER), "withdrawn": Words(4, BLOCKER),
        "reopened": Words(4, BLOCKER),
    },
    "gate": {
        "signed": Words(3, "{name} signed by {who}"), "withdrew": Words(3, "{name}: signature withdrawn by {who}"),
        "rejected": Words(5, "{name} rejected by {who}"), "voided": Words(2, "{name}: a signature is void"),
        "passed": Words(6, f"{{name}} passed{DETAIL}{{people}}"), "waived": Words(6, "{name} waived by {who}"),
        "missed": Words(6, "{name} missed"), "no-go": Words(6, "{name}: no-go"),
        "opened again": Words(5, GATE), "doubted": Words(5, "{name} is in doubt"),
        "cleared": Words(5, "{name} is not in doubt any more"),
    },
    "lock": {"broken": Words(2, "Lock {key} broken by {who}"), "handed over": Words(2, "Lock {key} handed over")},
    "conflict": {
        "found": Words(4, "Conflict {key} found: {name}"), "got worse": Words(4, "Conflict {key} got worse: {name}"),
        "decided": Words(4, "Conflict {key} decided by {who}: {name}"),
        "accepted": Words(4, "Conflict {key} accepted by {who}: {name}"),
        "reopened": Words(4, "Conflict {key} reopened: {name}"),
        "merged by git": Words(4, "Conflict {key} merged: {name}"),
        "gone": Words(4, "Conflict {key} is over: {name}"),
    },
    "emergency": {
        "declared": Words(9, "{name} declared: {what}"), "took a role": Words(8, "{name}: {who} is {role}"),
        "handed a role over": Words(8, "{name}: {role} handed over by {who}"),
        "left a role with the plan": Words(8, "{name}: its {role} has left the plan"),
        "decided": Words(8, "{name}: decision by {who}"), "changed the level": Words(8, "{name}: the level changed"),
        "ended": Words(9, "{name} ended: {what}"), "withdrew": Words(9, "{name} was a false alarm: {what}"),
        "took the end back": Words(9, "{name} reopened by {who}: {what}"),
        "did an action": Words(7, "{name}: action done by {who}"),
    },
    "run": {
        "begun": Words(7, "{name} begun"), "blocked": Words(7, "{name} cannot begin"),
        "called": Words(7, "{name} called by {who}"), "agreed to": Words(7, "{name} agreed to by {who}"),
        "stopped": Words(7, "{name} stopped by {who}"), "ended": Words(7, "{name} done"),
    },
    "step": {
        "started": Words(4, '{run}: "{name}" started'), "confirmed": Words(5, '{run}: "{name}" done'),
        "delayed": Words(5, '{run}: "{name}" delayed'), "skipped": Words(5, '{run}: "{name}" skipped'),
        "failed": Words(6, '{run}: "{name}" failed'), "took back": Words(5, '{run}: "{name}" taken back'),
    },
    "plan": {
        "applied": Words(1, "Plan changed"), "edited": Words(1, "Plan changed by {who}"),
        "shifted": Words(1, "Plan moved"),
    },
}  # fmt: skip
"""What is worth a commit, by the kind of its subject."""
LESSER: Mapping[str, frozenset[str]] = {
    "task": frozenset({"progressed", "noted", "files named", "ticked", "unticked", "spent"}),
    "blocker": frozenset({"snoozed", "noted"}),
    "lock": frozenset(
        {"acquired", "asked", "offered", "agreed", "renewed", "released", "expired", "taken", "withdrawn"}
    ),
    "gate": frozenset({"ready", "expected"}),
    "conflict": frozenset({"changed"}),
    "emergency": frozenset({"updated", "added an action", "reopened an action", "learned"}),
    "step": frozenset({"ticked"}),
}
"""What changes the files, and waits for the next matter, or for an hour."""


@dataclass(frozen=True)
class Told:
    """The message of a commit and who made it."""

    message: str
    author: str
    mail: str


def matters(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.verb in MATTERS.get(entry.subject_kind, ())]


def has_lesser(entries: Iterable[Entry]) -> bool:
    return any(entry.verb in LESSER.get(entry.subject_kind, ()) for entry in entries)


def told(known: Facts, entries: Sequence[Entry], line: Callable[[Entry], str]) -> Told:
    """One commit for some entries. What one transaction did is one matter, of which the weightiest is the heading."""
    author = _author(entries)
    groups = [list(group) for _, group in groupby(entries, key=lambda entry: (entry.at, entry.trace))]
    heads = [line(_headed(group)) for group in groups]
    heading = safe(heads[0] if len(heads) == 1 else _several(heads))
    short = _short(heading)
    body = [text for entry in entries for text in _body(known, line(entry), entry)]
    left = [text for text in dict.fromkeys(body) if text != f"- {short}"]
    message = "\n".join([short, *(["", *left] if left else [])])
    return Told(message, name(known, author), f"{mailbox(author)}@{NO_REPLY}")


def _short(heading: str) -> str:
    """A heading that fits: signers and other details are in the body anyway."""
    return heading if len(heading) <= WIDEST else clip(heading.partition(DETAIL)[0], WIDEST)


def _body(known: Facts, text: str, entry: Entry) -> Iterator[str]:
    yield f"- {safe(text)}"
    said = one_line(known.text(entry.said or ""))
    if said and said not in text:
        yield f"  {safe(said)}"


def line(known: Facts, entry: Entry, names: Mapping[tuple[str, int], Mapping[str, str]]) -> str:
    """An entry in a line. What its subject is called comes from `names`."""
    subject = names.get((entry.subject_kind, entry.subject_id), {})
    facts = {
        key: known.text(str(entry.facts.get(key, ""))) for key in ("point", "stands", "role")
    } | {"people": joined(known.people(key) for key in entry.facts.get("people", ()))}  # fmt: skip
    words = MATTERS[entry.subject_kind][entry.verb].text
    given = {"key": str(entry.subject_id), "name": "", "what": "", "run": "", **facts, **subject}
    text = words.format(**given, verb=entry.verb, who=name(known, entry.actor))
    return one_line(text).removesuffix(":").removesuffix(DETAIL.rstrip())


def name(known: Facts, actor: str) -> str:
    """Who somebody is: as a commit may name its author, without the signs that git ends a name with."""
    return re.sub(r"[<>]", "", one_line("Callboard" if actor == BOT else known.people(actor))).strip() or "Somebody"


def mailbox(actor: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", actor).strip("-.") or "somebody"


def safe(text: str) -> str:
    """A text that closes no issue and calls nobody when a forge reads it."""
    return CALLS.sub(lambda found: f"{found[1] or found[2]} ", text)


def _headed(entries: Sequence[Entry]) -> Entry:
    return max(entries, key=lambda entry: MATTERS[entry.subject_kind][entry.verb].rank)


def _author(entries: Sequence[Entry]) -> str:
    """Whoever did all of it; what Callboard does in their transaction follows from what they did."""
    actors = {entry.actor for entry in entries}
    people = actors - {BOT}
    alone = people if len({(entry.at, entry.trace) for entry in entries}) == 1 and people else actors
    return alone.pop() if len(alone) == 1 else BOT


def _several(heads: Sequence[str]) -> str:
    """Some matters in a line: all of them where they fit, else how many."""
    whole = joined(heads)
    return whole if len(whole) <= WIDEST else f"{len(heads)} changes: {heads[0]}"
