"""The text of a file that somebody has: in whatever encoding a spreadsheet or an editor saved it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import PurePath

from callboard.core.errors import Refused

LARGEST, MOST_LINES, LONGEST_LINE = 1_000_000, 3_000, 5_000
SHEETS = (".csv", ".tsv", ".tab")
_KINDS = (
    (b"PK\x03\x04", "this is an Office file or an archive: save it as CSV or Markdown first"),
    (b"\xd0\xcf\x11\xe0", "this is an old Office file: save it as CSV or Markdown first"),
    (b"%PDF", "this is a PDF: copy its text into a .md file first"),
    (b"{\\rtf", "this is rich text: save it as plain text or Markdown first"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def text(content: bytes) -> str:
    """What a file says. Raises Refused where that is no text, or too much of it."""
    if not content.strip(b"\x00 \t\r\n"):
        raise Refused("The file is empty.")
    if len(content) > LARGEST:
        raise Refused(f"The file has more than {LARGEST:,} bytes: take out the part that is the run-book.")
    for mark, sentence in _KINDS:
        if content.startswith(mark):
            raise Refused(f"{sentence[0].upper()}{sentence[1:]}.")
    words = _decoded(content)
    if len(_CONTROL.findall(words)) > len(words) // 500:
        raise Refused("This is no text: save the document as Markdown or CSV first.")
    words = _CONTROL.sub("", words).replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    if re.match(r"\s*(?:<!doctype html|<html)", words, re.IGNORECASE):
        raise Refused("This is a web page: save the document as Markdown or CSV first.")
    lines = words.split("\n")
    if len(lines) > MOST_LINES:
        raise Refused(f"The file has more than {MOST_LINES:,} lines: take out the part that is the run-book.")
    if long := next((number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE), 0):
        raise Refused(f"Line {long} has more than {LONGEST_LINE:,} characters: is this the run-book?")
    if not words.strip():
        raise Refused("The file is empty.")
    return words


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def is_sheet(name: str, words: str) -> bool:
    """Whether it is rows of cells: by its name, else because its first lines have as many cells each."""
    suffix = PurePath(name).suffix.lower()
    if suffix in SHEETS:
        return True
    if suffix in (".md", ".markdown", ".mdown", ".rst"):
        return False
    first = [line for line in words.splitlines() if line.strip()][:8]
    counts = [{len(next(csv.reader([line], delimiter=mark), [])) for line in first} for mark in ",;\t"]
    return len(first) > 1 and any(len(count) == 1 and min(count) > 2 for count in counts)  # noqa: PLR2004


def rows(words: str) -> list[tuple[int, list[str]]]:
    """The rows of a spreadsheet export, each with its line; empty ones are left out."""
    first, _, behind = words.partition("\n")
    said = re.fullmatch(r"\"?sep=(.)\"?", first.strip())
    if said:
        words = "\n" + behind
    delimiter = said[1] if said else _delimiter(words)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=delimiter)
    made: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for row in reader:
            cells = [" ".join(cell.split(" ")).strip() for cell in row]
            if any(cells):
                made.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as wrong:
        raise Refused(f"Line {reader.line_num}: this cannot be read as CSV: {wrong}.") from wrong
    return made


def _delimiter(words: str) -> str:
    """What parts the cells: whatever makes most rows as long as each other."""
    sample = words[:20_000].splitlines(keepends=True)[:60]
    best, most = ",", 0
    for mark in "\t;,|":
        lengths = [len(row) for row in _sampled(sample, mark)]
        usual = max((length for length in set(lengths) if length > 1), key=lengths.count, default=1)
        score = lengths.count(usual) * min(usual, 5) if usual > 1 else 0
        if score > most:
            best, most = mark, score
    return best


def _sampled(sample: list[str], mark: str) -> list[list[str]]:
    made: list[list[str]] = []
    try:
        made.extend(row for row in csv.reader(sample, delimiter=mark) if row)
    except csv.Error:
        return made
    return made
