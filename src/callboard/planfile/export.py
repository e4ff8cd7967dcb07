"""Writes a plan as it stands as a file: the one last applied, with only the places changed that people changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from callboard.core.errors import Refused
from callboard.planfile import check, yaml_writer
from callboard.planfile.groups import FOR
from callboard.planfile.paths import ABSENT, put, same
from callboard.planfile.sections import Sections
from callboard.planfile.yaml_tree import TooMuch, without_pauses
from callboard.planfile.yaml_writer import Unpatchable

AFRESH = """\
# Written by `callboard export`. The file that was applied could not be changed in place, so that its comments, anchors
# and layout are not in this one.
"""
Body = dict[str, Any]


def exported(source: str, live: Mapping[str, Any], sections: Sections) -> str:
    """A file that says what `live` is, made of the file that was applied; without changes that file itself."""
    with without_pauses():
        written, body = check.plain(source, sections)
        if same(body, live):
            return source
        wanted = regrouped(written, body, live, sections)
        for text in _attempts(source, written, wanted, dict(live)):
            if same(check.plain(text, sections)[1], live):
                return text
    raise Refused("This plan cannot be written as a file: see what was changed live, and take that back.")


def regrouped(written: Mapping[str, Any], body: Mapping[str, Any], live: Mapping[str, Any], sections: Sections) -> Body:
    """The values of a plan as its file writes them: sections in groups are in the same groups again."""
    wanted = dict(live)
    for section in sections:
        groups, entries = written.get(section.name), live.get(section.name)
        if section.grouped and isinstance(groups, list) and isinstance(entries, dict):
            unchanged = same(body.get(section.name), entries)
            wanted[section.name] = groups if unchanged else _groups(groups, entries, section.grouped)
    return wanted


def _groups(groups: list[Body], entries: Body, title: str) -> list[Body]:
    """What is new is put into the last group without `for`, or makes one."""
    grouped = [_group(group, entries, title) for group in groups]
    known = {key for group in groups for key in group}
    new = {key: _short(entry, title) for key, entry in entries.items() if key not in known}
    loose = [group for group in grouped if FOR not in group]
    if new and not loose:
        grouped.append(new)
    elif new:
        loose[-1].update(new)
    return [group for group in grouped if group]


def _group(group: Body, entries: Body, title: str) -> Body:
    """A group with what its entries have now. What all that took it from the group have alike stays the group's."""
    before = dict(group.get(FOR) or {})
    own = {key: entry if isinstance(entry, dict) else {title: entry} for key, entry in group.items() if key != FOR}
    left = {key: entries[key] for key in own if key in entries}
    shared: Body = {}
    for word, value in before.items():
        takers = [entry.get(word, ABSENT) for key, entry in left.items() if word not in own[key]]
        agreed = takers[0] if takers and all(same(takers[0], each) for each in takers) else value
        if agreed is not ABSENT and ABSENT not in [entry.get(word, ABSENT) for entry in left.values()]:
            shared[word] = agreed
    made: Body = {FOR: shared} if FOR in group else {}
    for key, entry in left.items():
        words = [word for word in {**own[key], **entry} if word in entry]
        kept = {word: entry[word] for word in words if word in own[key] or not same(entry[word], shared.get(word))}
        made[key] = kept if isinstance(group[key], dict) else _short(kept, title)
    return made


def _short(entry: Any, title: str) -> Any:
    """An entry that has only its title, as the text alone."""
    return entry[title] if isinstance(entry, dict) and list(entry) == [title] else entry


def _attempts(source: str, written: Body, wanted: Body, live: Body) -> Iterator[str]:
    """From the one that keeps most of the file to the one that keeps nothing of it."""
    from yaml import YAMLError

    for attempt in (yaml_writer.patched, _by_section):
        with suppress(Unpatchable, TooMuch, YAMLError):
            yield attempt(source, written, wanted)
    yield AFRESH + yaml_writer.block(live) + "\n"


def _by_section(source: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Section by section; one in which a change finds no place is written anew."""
    now = dict(before)
    for name in {**after, **before}:
        if not same(now.get(name, ABSENT), after.get(name, ABSENT)):
            then = put(now, (name,), after.get(name, ABSENT))
            source, now = _section(source, now, then, name), then
    return source


def _section(source: str, now: Body, then: Body, name: str) -> str:
    from yaml import YAMLError

    with suppress(Unpatchable, YAMLError):
        text = yaml_writer.patched(source, now, then)
        if same(check.plain(text, ())[0], then):
            return text
    if name not in now or name not in then:
        raise Unpatchable
    return yaml_writer.rewritten(source, name, then[name])
