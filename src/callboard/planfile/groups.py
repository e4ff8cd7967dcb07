"""Sections that are written in groups, each with `for`: they are read as one mapping, every entry with its group's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from callboard.planfile.sections import Document, Path, Problem, Section, Sections, place
from callboard.planfile.yaml_tree import MAX_VALUES

FOR = "for"
IDS = ("id", "key")
"""How other programs name the id of an entry in a list."""


def spread(document: Document) -> Iterator[Problem]:
    """Make one mapping of every section that is written in groups, in the document itself, with the lines of each."""
    for section in document.sections:
        written = document.body.get(section.name)
        if section.grouped and isinstance(written, list):
            yield from _Spreading(document, section).done(written)


def once(problems: Iterable[Problem], sections: Sections) -> Iterator[Problem]:
    """Leave out what is said again of the next entries of a group, where it stands in their `for`."""
    grouped = {section.name for section in sections if section.grouped}
    known: set[tuple[Any, ...]] = set()
    for problem in problems:
        path, sentence = problem.path, problem.sentence.removeprefix(place(problem.path))
        mark = (problem.line, problem.degree, path[:1], path[2:], sentence)
        if not path[2:] or path[0] not in grouped or mark not in known:
            yield problem
        known.add(mark)


class _Spreading:
    """One section on its way from groups to a mapping."""

    def __init__(self, document: Document, section: Section[Any]) -> None:
        self.document = document
        self.section = section
        self.entries: dict[str, Any] = {}
        self.too_many = False
        self.moved: dict[Path, int] = {}
        self.lines = cast("dict[Path, int]", document.lines)
        self.written: dict[Path, list[Path]] = {}
        for path in self.lines:
            if path[0] == section.name and len(path) > 1:
                self.written.setdefault(path[:3], []).append(path)

    def done(self, groups: list[Any]) -> Iterator[Problem]:
        name = self.section.name
        for number, group in enumerate(groups):
            if word := next(
                (word for word in IDS if isinstance(group, Mapping) and isinstance(group.get(word), str)), ""
            ):
                yield from self.listed((name, number), word, group)
            elif isinstance(group, Mapping):
                yield from self.group((name, number), group)
            elif group is not None:
                example = f"- ID: {{{self.section.grouped}: ...}}"
                yield self.document.error((name, number), f"ids and what belongs to each are meant here: `{example}`")
            if self.too_many:
                sentence = f"with what their groups give them, these are more than {MAX_VALUES:,} values: write less"
                yield self.document.error((name, number), f"{sentence} into `{FOR}`")
                self.entries = {}
                break
        for path in [path for paths in self.written.values() for path in paths]:
            del self.lines[path]
        self.lines |= self.moved
        cast("dict[str, Any]", self.document.body)[name] = self.entries

    def listed(self, at: Path, word: str, entry: Mapping[str, Any]) -> Iterator[Problem]:
        """Refuse entries of a list that have their id within, the first for all, and read each by that."""
        key = entry[word]
        if at[1] == 0:
            example = f"{key}: {{{self.section.grouped}: ...}}"
            yield self.document.error(at, f"an entry begins with its id: write `{example}`, here and below")
        if key in self.entries:
            yield self.document.error(at, f"`{key}` is there twice, first in line {self.moved[self.section.name, key]}")
            return
        self.entries[key] = {inner: value for inner, value in entry.items() if inner != word}
        self.moved[self.section.name, key] = self.lines[at]
        for inner in self.entries[key]:
            for path in self.written.get((*at, inner), ()):
                self.moved[self.section.name, key, *path[2:]] = self.lines[path]

    def group(self, at: Path, group: Mapping[str, Any]) -> Iterator[Problem]:
        shared = group.get(FOR) or {}
        if not isinstance(shared, Mapping):
            yield self.document.error((*at, FOR), "what all of this group have is meant here: `for: {team: backend}`")
            shared = {}
        for key, entry in group.items():
            if key == FOR:
                continue
            if key in self.entries:
                first = self.moved[self.section.name, key]
                yield self.document.error(
                    (*at, key), f"this key is there twice, first in line {first}: rename or remove one"
                )
                continue
            own = entry if isinstance(entry, Mapping) else {self.section.grouped: entry}
            self.entries[key] = {**shared, **own}
            if len(self.moved) + len(self.written.get((*at, FOR), ())) > MAX_VALUES:
                self.too_many = True
                return
            self.move((*at, FOR), key, [word for word in shared if word not in own])
            self.move((*at, key), key, list(own))

    def move(self, source: Path, key: str, words: Iterable[str]) -> None:
        """Let the lines of some words of an entry, or of its group, be those of the entry in the mapping."""
        taken = set(words)
        for path in self.written.get(source, ()):
            rest = path[len(source) :]
            if (rest and rest[0] in taken) or (not rest and source[-1] != FOR):
                self.moved[self.section.name, key, *rest] = self.lines[path]
