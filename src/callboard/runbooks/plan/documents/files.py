"""The text of a file that somebody has: in whatever encoding a spreadsheet or an editor saved it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import PurePath

from callboard.core.errors import Refused

LARGEST, MOST_LINES, LONGEST_LINE = 1_000_000, 3_000, 5_000
SHEETS, TEXTS = (".csv", ".tsv", ".tab"), (".md", ".markdown", ".mdown", ".rst")
DELIMITERS = "\t;,|"
_KINDS = {
    b"PK\x03\x04": "This is an Office file or an archive: save it as CSV or Markdown first.",
    b"\xd0\xcf\x11\xe0": "This is an old Office file: save it as CSV or Markdown first.",
    b"%PDF": "This is a PDF: copy its text into a .md file first.",
    b"{\\rtf": "This is rich text: save it as plain text or Markdown first.",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def text(content: bytes, *, lines: int = MOST_LINES, longest: int = LONGEST_LINE) -> str:
    """What a file says. Raises Refused where that is no text, or too much of it."""
    if len(content) > LARGEST:
        raise Refused("The file is larger than 1 MB: copy what you need into a file of its own.")
    for mark, sentence in _KINDS.items():
        if content.startswith(mark):
            raise Refused(sentence)
    words = _decoded(content)
    if len(_CONTROL.findall(words)) > len(words) // 500 and words.strip("\x00"):
        raise Refused("This is no text: save the document as Markdown or CSV first.")
    words = _CONTROL.sub("", words).replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    if not words.strip():
        raise Refused("The file is empty.")
    if words.lstrip()[:14].lower().startswith(("<!doctype html", "<html")):
        raise Refused("This is a web page: save the document as Markdown or CSV first.")
    rows = words.split("\n")
    if len(rows) > lines:
        raise Refused(f"The file has more than {lines:,} lines: copy what you need into a file of its own.")
    if long := next((number for number, line in enumerate(rows, 1) if len(line) > longest), 0):
        raise Refused(f"Line {long} has more than {longest:,} characters: is this the document?")
    return words


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(content) > 1 and content[first::2].count(0) * 4 > len(content) > 4 * content[1 - first :: 2].count(0):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def is_sheet(name: str, words: str) -> bool:
    """Whether it is rows of cells: by its name, else because its first lines have as many cells each."""
    suffix = PurePath(name).suffix.lower()
    if suffix in (*SHEETS, *TEXTS):
        return suffix in SHEETS
    first = [line for line in words.split("\n") if line.strip()][:8]
    counts = [{len(row) for row in _parsed(first, mark)} for mark in DELIMITERS]
    return len(first) > 1 and any(len(count) == 1 and min(count) >= len("abc") for count in counts)


def rows(words: str) -> list[tuple[int, list[str]]]:
    """The rows of a spreadsheet export, each with its line; empty ones are left out."""
    first, _, behind = words.partition("\n")
    said = re.fullmatch(r"\"?sep=(.)\"?", first.strip())
    if said:
        words = "\n" + behind
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=said[1] if said else _delimiter(words))
    made: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for row in reader:
            cells = [cell.replace("\xa0", " ").strip() for cell in row]
            made += [(line, cells)] if any(cells) else []
            line = reader.line_num + 1
    except csv.Error as wrong:
        raise Refused(f"Line {reader.line_num}: this cannot be read as CSV: {wrong}.") from wrong
    return made


def _delimiter(words: str) -> str:
    """What parts the cells: whatever makes most rows as long as each other."""
    sample = words[:20_000].splitlines(keepends=True)[:60]

    def score(mark: str) -> int:
        lengths = Counter(len(row) for row in _parsed(sample, mark) if len(row) > 1)
        return max((times * min(length, 5) for length, times in lengths.items()), default=0)

    best = max(DELIMITERS, key=score)
    return best if score(best) else ","


def _parsed(sample: list[str], mark: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(sample, delimiter=mark) if row]
    except csv.Error:
        return []
