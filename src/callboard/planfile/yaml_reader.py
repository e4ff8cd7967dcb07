"""Reads the YAML of a plan file into plain values and the line of each, within limits that no input can burst."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from callboard.planfile import yaml_tree
from callboard.planfile.sections import Degree, Document, Path, Problem, Sections, place
from callboard.planfile.syntax import COMMENT, of_syntax
from callboard.planfile.yaml_tree import MAX_DEPTH, TooMuch

UNREADABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
MAX_CHARACTERS = 1_000_000
MAX_TEXT, MAX_KEY = 10_000, 200
MAX_REPEATED = 20_000
"""How many values may come from aliases and `<<`."""
MOST_PROBLEMS = 200
"""As many as are said at once."""
MORE = f"more than {MOST_PROBLEMS} things are wrong here: mend these first"
PROSE = frozenset({
    "questions", "question", "ask", "agenda", "criteria", "items", "checklist", "brief", "objectives", "outputs",
    "actions", "steps", "form", "when",
})  # fmt: skip
"""The keys whose lists hold sentences."""
UTF_16 = "this is UTF-16 text: save the file as UTF-8"
FILES = {
    b"\xff\xfe": UTF_16, b"\xfe\xff": UTF_16,
    b"PK\x03\x04": "this is an Office file or an archive: save the plan as text, in UTF-8",
}  # fmt: skip
NO_PLAN = (
    "there is no plan in this file: a plan begins with `callboard: 1`; "
    "`callboard import tasks FILE` makes one of a list or a spreadsheet"
)
MISSING = ": is one missing?"
GROUP = re.compile(r"\d{3}\b")
"""How a number goes on after the comma in 1,000."""
MERGE = "<<"
OWN = "x-"
"""How the keys begin that are the author's own."""
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"-?(0|[1-9]\d{0,14})")
UNSAYABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
GLUED = re.compile(r"^[A-Za-z_]+:[^\s:/]")
"""A key to which its value is glued, `name:Anna`."""
OPENS, CLOSES = tuple("“„\u2018\u201a"), tuple("”“\u2019\u2018")
"""The quotes of word processors."""
NAMES = ("name", "title", "level", "tick", "risk")
DECIMAL = re.compile(r"-?\d{1,12}\.\d{1,12}")


def load(source: str | bytes, file: str, sections: Sections = ()) -> tuple[Document, list[Problem]]:
    """Read a plan file; the document is empty where nothing could be made of it."""
    from yaml import MarkedYAMLError, YAMLError

    text = ""
    try:
        text = (source.decode() if isinstance(source, bytes) else source).removeprefix("\ufeff")
        root = yaml_tree.grow(text) if len(text) <= MAX_CHARACTERS else None
    except UnicodeDecodeError as error:
        wrong = Problem(*_of_bytes(error.object, error.start))
    except MarkedYAMLError as error:
        wrong = of_syntax(error, text)
    except (YAMLError, UnicodeEncodeError):
        found = UNREADABLE.search(text)
        line = len(text[: found.start() + 1].splitlines()) if found else 1
        sentence = UTF_16 if "\0" in text[:2] else "there is a character here that no text has: remove it"
        wrong = Problem(line, sentence)
    except TooMuch as much:
        wrong = Problem(1, str(much))
    else:
        if isinstance(root, yaml_tree.Mapping) and root.inner:
            reading = _Reading(text)
            body = reading.done(root)
            return Document(file, text, body, reading.lines, sections=sections), reading.problems
        wrong = Problem(1, NO_PLAN)
        if len(text) > MAX_CHARACTERS:
            wrong = Problem(1, f"the file is longer than {MAX_CHARACTERS:,} characters: is it a plan?")
    return Document(file, text, sections=sections), [wrong]


def _of_bytes(content: bytes, start: int) -> tuple[int, str]:
    """The line and the cause where bytes are no UTF-8, from the one at `start` on."""
    kind = next((kind for mark, kind in FILES.items() if content.startswith(mark)), "")
    return (1, kind) if kind else (content[:start].count(b"\n") + 1, "this is no UTF-8 text: save the file as UTF-8")


def _of_null(key: str, written: str, after: str, *, in_flow: bool) -> str:
    """Why a key has no value. `after` is the rest of the line behind the key."""
    comment = COMMENT.search(after.removeprefix(":"))
    if written:
        return f"`{written}` says nothing: leave the key out, or write a value"
    if comment and after.lstrip().startswith(":"):
        return f'an unquoted # starts a comment, so this has no value: write "{comment[1]}" in quotes'
    if in_flow and not after.lstrip().startswith(":"):
        if GLUED.search(key):
            return f"a colon needs a space after it: write `{key.replace(':', ': ', 1)}`"
        return (
            "this has no value: a comma splits what is in { } and [ ], so put text that holds one in quotes, "
            "and a list in [ ]"
        )
    below = "" if in_flow else "indent what belongs to it, "
    return f"this has no value: write one, {below}or leave the key out"


class _Reading:
    """One walk over the tree that YAML made."""

    def __init__(self, text: str) -> None:
        self.rows = text.splitlines()
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self.open: list[yaml_tree.Node] = []
        self.repeating = 0
        self.repeated = 0

    def done(self, root: yaml_tree.Mapping) -> dict[str, Any]:
        try:
            return self.mapping(root, ())
        except TooMuch as much:
            self.problems.append(Problem(1, str(much)))
            return {}

    def value(
        self, node: yaml_tree.Node, path: Path, parent: yaml_tree.Branch, key: yaml_tree.Node | None = None
    ) -> Any:
        if isinstance(node, yaml_tree.Scalar):
            return self.scalar(node, path, parent, key)
        if isinstance(node, yaml_tree.Alias):
            self.repeating += 1
            made = self.value(node.of, path, parent, key)
            self.repeating -= 1
            return made
        if is_template(node):
            self.wrong(node, path, "`{{ }}` is still to be filled in: write what it stands for")
            return None
        if node in self.open or len(self.open) > MAX_DEPTH:
            raise TooMuch(f"{place(path)}: values are nested more than {MAX_DEPTH} deep, or contain themselves")
        self.open.append(node)
        branch = cast("yaml_tree.Mapping | yaml_tree.Sequence", node)
        made = self.mapping(branch, path) if isinstance(branch, yaml_tree.Mapping) else self.sequence(branch, path)
        self.open.pop()
        return made

    def mapping(self, node: yaml_tree.Mapping, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value, depth in self.entries(node, 0):
            word = meant(key)
            where = (*path, word)
            if not word or UNSAYABLE.search(word):
                self.wrong(key, path, "a key must be a word: put it in quotes if it begins with [, {, * or &")
            elif len(word) > MAX_KEY:
                self.wrong(key, path, f"this key has {len(word):,} characters; {MAX_KEY} at most")
            elif word.startswith(OWN):
                continue
            elif word in made:
                if not depth:
                    first = self.lines[where]
                    self.wrong(key, where, f"this key is there twice, first in line {first}: rename or remove one")
            else:
                self.repeating += depth
                self.stand(where, key)
                made[word] = self.value(value, where, node, key)
                self.repeating -= depth
        return made

    def entries(self, node: yaml_tree.Mapping, depth: int) -> Iterator[tuple[yaml_tree.Node, yaml_tree.Node, int]]:
        """The entries of a mapping, then what it takes over with `<<`, each with how far away it stands."""
        merges = []
        for key, value in node.pairs:
            if depth:
                self.repeat()
            if isinstance(key, yaml_tree.Scalar) and key.text == MERGE and not key.quoted:
                merges.append(value)
            else:
                yield key, value, depth
        for merge in merges:
            listed = isinstance(behind(merge), yaml_tree.Sequence)
            for source in behind(merge).inner if listed else [merge]:  # type: ignore[attr-defined]
                taken = behind(source)
                if not isinstance(taken, yaml_tree.Mapping) or depth > MAX_DEPTH:
                    self.wrong(source, (), "`<<` takes the anchor of a mapping, `*name`")
                else:
                    self.repeat()
                    yield from self.entries(taken, depth + 1)

    def sequence(self, node: yaml_tree.Sequence, path: Path) -> list[Any]:
        made = []
        if node.flow and PROSE.intersection(path):
            self.split(node, path)
        for number, item in enumerate(node.inner):
            where = (*path, number)
            self.stand(where, item)
            made.append(self.value(item, where, node))
        return made

    def split(self, node: yaml_tree.Sequence, path: Path) -> None:
        """Warn of sentences that a comma made into two: the second goes on in small letters, or within a number."""
        parts: list[str] = []
        for number, item in enumerate([*node.inner, None]):
            text = item.text if isinstance(item, yaml_tree.Scalar) and not item.quoted else ""
            if parts and text and goes_on(parts, text):
                parts.append(text)
                continue
            if len(parts) > 1:
                # Where no space came after the comma, as in 1,000, none is meant.
                meant = re.sub(r"(?<=\d), (?=\d{3})", ",", ", ".join(parts))
                sentence = f'a comma splits this list: if one text is meant, write it in quotes, "{meant}"'
                self.wrong(node.inner[number - 1], (*path, number - len(parts)), sentence, Degree.WARNING)
            parts = [text] if text else []

    def scalar(self, node: yaml_tree.Scalar, path: Path, parent: yaml_tree.Branch, key: yaml_tree.Node | None) -> Any:
        text = one_line(path, node.text)
        if node.tag:
            self.wrong(node, path, f"the tag `{node.tag}` means nothing here: put text that begins with ! in quotes")
        if len(text) > MAX_TEXT:
            self.wrong(node, path, f"this text has {len(text):,} characters; {MAX_TEXT:,} at most: link to the rest")
            text = text[:MAX_TEXT]
        if UNSAYABLE.search(text):
            self.wrong(node, path, "there is a character here that no text has: remove it")
            text = UNSAYABLE.sub("?", text)
        if node.quoted:
            if node.quoted in ("'", '"') and node.end.line > node.start.line and ": " in text:
                sentence = f"the quote that is opened here is closed in line {node.end.line + 1}{MISSING}"
                self.wrong(node, path, sentence, Degree.WARNING)
            return text
        if text[:1] in OPENS and (text[-1:] in CLOSES or parent.flow):
            both = f"{text[0]} and {text[-1]} are no quotes" if text[-1:] in CLOSES else f"{text[0]} is no quote"
            sentence = f"{both} in YAML, and belong{'s' * (' is ' in both)} to the text: type straight ones"
            self.wrong(node, path, sentence, Degree.WARNING)
        if text in NULLS and node.tag:
            return None
        if text in NULLS:
            after = self.rows[key.end.line][key.end.column :] if key and key.end.line < len(self.rows) else ""
            self.wrong(key or node, path, _of_null(meant(key) if key else "", text, after, in_flow=parent.flow))
            return None
        return plain(text)

    def stand(self, path: Path, node: yaml_tree.Node) -> None:
        """Remember the line of a value."""
        if self.repeating:
            self.repeat()
        self.lines[path] = node.start.line + 1

    def repeat(self) -> None:
        """Stop where aliases have made too many values."""
        self.repeated += 1
        if self.repeated > MAX_REPEATED:
            raise TooMuch(f"aliases make more than {MAX_REPEATED:,} values of this file: use fewer aliases")

    def wrong(self, node: yaml_tree.Node, path: Path, sentence: str, degree: Degree = Degree.ERROR) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            raise TooMuch(MORE)
        self.problems.append(Problem(node.start.line + 1, f"{place(path)}: {sentence}" if path else sentence, degree))


def one_line(path: Sequence[str | int], text: str) -> str:
    """A name is one line, however it is written: in a list it must not look like the next item."""
    is_name = "\n" in text and bool(path) and path[-1] in NAMES
    return " ".join(text.split()) if is_name else text


def plain(text: str) -> Any:
    """What text without quotes means: a truth, a number that looks the same when it is written again, or itself."""
    if text in BOOLEANS:
        return BOOLEANS[text]
    if INTEGER.fullmatch(text) and text != "-0":
        return int(text)
    if DECIMAL.fullmatch(text) and str(float(text)) == text:
        return float(text)
    return text


def goes_on(before: Sequence[str], text: str) -> bool:
    """Whether an item of a list is probably the rest of the sentence that the items before it began."""
    first, last = before[0], before[-1]
    if last[-1].isdecimal() and GROUP.match(text):
        return True
    return " " in first + text and first[0].isupper() and last[-1] not in "?!." and text[0].islower()


def behind(node: yaml_tree.Node) -> yaml_tree.Node:
    """The value that an alias stands for; any other is itself."""
    while isinstance(node, yaml_tree.Alias):
        node = node.of
    return node


def is_template(node: yaml_tree.Node) -> bool:
    """Whether it is `{{ name }}`, as templates have it: for YAML a mapping whose key is one."""
    return (
        isinstance(node, yaml_tree.Mapping)
        and node.flow
        and any(isinstance(key, yaml_tree.Mapping) for key in node.inner[:1])
    )


def meant(key: yaml_tree.Node) -> str:
    """The word that a key is; empty for what can be none."""
    found = behind(key)
    return found.text if isinstance(found, yaml_tree.Scalar) else ""
