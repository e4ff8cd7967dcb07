"""What a plan says about one thing in it: a person, a team, a phase, a task, a gate, a run-book, or any item of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core.errors import unknown
from callboard.core.outbox import Message
from callboard.core.words import bare_name, joined
from callboard.planfile import needs
from callboard.planfile.names import called, named
from callboard.planfile.paths import keyed, slug
from callboard.planfile.sections import Document, entries, several
from callboard.planning import briefings
from callboard.planning.briefings import Stage
from callboard.planning.messages.greetings import TOPICS
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.teams.directory import Directory, Person
from callboard.teams.rights import CONTACT, sees_contact_of

PARAGRAPHS, REST = 45, ": `callboard export --plan` writes the whole plan"
SOON, SHORT, MOST_NAMED = 3, 15, 12
TITLES = ("title", "name", "risk")
ONE_VALUE = ("dates", "links")
"""Sections whose things are one value each."""
TOLD = ("about", "brief", "lead", "members", "needs", "wants")
"""What is said of a team in words of its own."""


@dataclass(frozen=True)
class Thing:
    """Something in a plan: its section, its key there, what is written, and what such a thing is called."""

    section: str
    key: str
    written: Any
    kind: str

    @property
    def has_fields(self) -> bool:
        return isinstance(self.written, Mapping | list) or self.section not in ONE_VALUE


def find(document: Document, asked: str) -> Thing:
    """What has this id, else this name. Refused with the nearest id or name."""
    things = list(_things(document))
    for thing in things:
        if m.means(asked, thing.key):
            return thing
    titled = [thing for thing in things if slug(_title(thing)) == slug(bare_name(asked)) != ""]
    if titled:
        return titled[0]
    known = dict.fromkeys([*(thing.key for thing in things), *filter(None, map(_title, things))])
    raise unknown(f"Nothing in this plan is called `{m.clip(asked, 60)}`", asked, known)


def shown(on: Stage, thing: Thing, reader: Person) -> Message:
    """All that the plan says about it to a reader, with what people changed since the file."""
    hidden = () if thing.section != "people" or sees_contact_of(on.directory, reader, thing.key) else CONTACT
    head = f"{m.bold(m.escape(_title(thing) or thing.key))} ({thing.kind} `{thing.key}`)"
    has_id = any(section.name == thing.section for section in on.document.with_ids)
    lines = [
        head,
        *(f":pencil2: {sentence}" for sentence in _live(on, thing, hidden)),
        *(_held(on, thing) if has_id else ()),
        *(_team(on, thing.key) if thing.section == "teams" and thing.key in on.directory.teams else ()),
        *_fields(on.directory, thing, hidden),
        *(_dependencies(on, thing) if has_id else ()),
        *_soon(on, thing),
    ]
    return Message(text=f"{thing.kind} {thing.key}", blocks=fit.paragraphs(lines, PARAGRAPHS, REST))


def _live(on: Stage, thing: Thing, hidden: Sequence[str]) -> Iterator[str]:
    """What people changed about something since the plan was applied, in sentences."""
    directory = on.directory
    for edit in plans.edits(on.tx, on.plan_id):
        if tuple(edit.path[:2]) == (thing.section, thing.key) and not {*hidden}.intersection(edit.path[2:3]):
            what = " ".join(edit.path[2:]).replace("_", " ") or "all of it"
            by = directory.called(edit.author)
            why = f" because {m.escape(edit.reason)}" if edit.reason else ""
            was = "not there" if edit.added else in_words(directory, _without(edit.base, hidden))
            now = "taken away" if edit.removed else in_words(directory, _without(edit.value, hidden))
            yield f"{m.escape(what)}: {now} (the file: {was}), {by} {m.date(edit.at, 'both')}{why}"


def _without(written: Any, hidden: Sequence[str]) -> Any:
    if not isinstance(written, Mapping):
        return written
    return {key: value for key, value in written.items() if key not in hidden}


def _things(document: Document) -> Iterator[Thing]:
    ids = [section.name for section in document.with_ids]
    for section in [*ids, *(key for key in document.body if key not in ids)]:
        kind = called(document.sections, section) or section.rstrip("s").replace("_", " ")
        written = document.body.get(section)
        if isinstance(written, list):
            written = keyed(written)
        if isinstance(written, Mapping):
            for key, value in written.items():
                yield Thing(section, str(key), value, kind)


def _title(thing: Thing) -> str:
    written = thing.written
    if isinstance(written, str):
        return written if thing.section in ("tasks", "roles") else ""
    titles = [written[word] for word in TITLES if written.get(word)] if isinstance(written, Mapping) else []
    return str(titles[0]) if titles else ""


def _held(on: Stage, thing: Thing) -> Iterator[str]:
    for hold in holds.standing(on.tx, on.plan_id, thing.key):
        why = f": {m.escape(hold.reason)}" if hold.reason else ""
        since, by = m.date(hold.placed_at, "both"), named(on.document, hold.by)
        yield f":hourglass_flowing_sand: On hold since {since} by {by}{why}"


def _team(on: Stage, team: str) -> Iterator[str]:
    view = briefings.team_view(on, team)
    yield f"Led by {joined(view.leads) or 'nobody yet'}"
    yield f"Members: {joined(view.members) or 'none'}"
    for topic, title in TOPICS.items():
        if view.duties[topic]:
            yield m.bold(title)
            yield from (f"• {line}" for line in view.duties[topic])


def _fields(directory: Directory, thing: Thing, hidden: Sequence[str]) -> Iterator[str]:
    if not isinstance(thing.written, Mapping):
        yield m.escape(str(thing.written))
        return
    left_out = (*TITLES, *hidden, "key", *(TOLD if thing.section == "teams" else ("needs", "wants")))
    for key, value in thing.written.items():
        if key not in left_out:
            yield from _field(directory, str(key).replace("_", " "), value)


def _field(directory: Directory, label: str, value: Any) -> Iterator[str]:
    if isinstance(value, list) and any(isinstance(each, Mapping) or len(str(each)) > SHORT for each in value):
        yield f"*{m.escape(label)}*:"
        yield from (f"• {in_words(directory, each)}" for each in value)
    else:
        yield f"*{m.escape(label)}*: {in_words(directory, value)}"


def in_words(directory: Directory, value: Any) -> str:
    """A value of a plan file in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{m.escape(str(key))}: {in_words(directory, each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(in_words(directory, each) for each in value) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    person = directory.people.get(str(value))
    return f"{m.escape(person.name)} (`{person.key}`)" if person else m.escape(str(value))


def _dependencies(on: Stage, thing: Thing) -> Iterator[str]:
    """What it waits for, and what waits for it; for a person their teams and tasks too."""
    document, key = on.document, thing.key
    tasks = entries(document.body.get("tasks")) if thing.section == "people" else ()
    keys = {
        "Waits for": needs.awaited(document, key, "needs"),
        "Is told of": needs.awaited(document, key, "wants"),
        "Waits for this": [need.of for need in needs.written(document) if key in need.ids],
        "Tasks": [
            str(task) for task, written in tasks
            if key in map(str, (*several(written.get("assignee")), *several(written.get("assignees"))))
        ],
    }  # fmt: skip
    if thing.section == "people" and key in on.directory.people:
        teams = [team.name for team in on.directory.teams_of(on.directory.people[key])]
        yield from [f"*In*: {m.escape(joined(teams))}"] if teams else []
    for title, ids in keys.items():
        if ids:
            yield f"*{title}*: {joined((named(document, each) for each in ids), MOST_NAMED)}"


def _soon(on: Stage, thing: Thing) -> Iterator[str]:
    """When it comes next, as the calendar has it."""
    kinds = {thing.kind, "sign-off", "reminder"}
    comes = [each for each in on.first() if each.key == thing.key and each.kind in kinds and each.at >= on.tx.now]
    if comes:
        yield f"*Next*: {', '.join(m.date(each.at, 'both') + ' ' + m.escape(each.name) for each in comes[:SOON])}"
