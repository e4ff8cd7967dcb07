"""What YAML stumbles over, in the words of somebody who writes a plan."""

from __future__ import annotations

import re

from yaml import MarkedYAMLError

from callboard.planfile.sections import Problem

COMMENT = re.compile(r"""(?:^|[\[{,:\s])(#[^\s,\]}]+)""")
UNREADABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
QUOTE = "put text that begins with"
SYNTAX = (
    ("a tab character", "indent with spaces, not with tabs"),
    ("mapping values are not allowed", "there is a second `: ` in this line: put the text in quotes"),
    ("undefined alias", "`*name` refers to an anchor that is not there: put text that begins with * in quotes"),
    ("cannot start any token", f"{QUOTE} @, %, ` or | in quotes"),
    ("unexpected end of stream", "a quote is opened here and not closed"),
    ("could not find expected ':'", "a key needs a colon and a space: `key: value`"),
    ("expected ',' or ']'", "a [ is opened and not closed, or a comma is missing"),
    ("expected ',' or '}'", "a { is opened and not closed, or a comma is missing"),
    ("another document", "there is more than one document: remove the line `---`"),
    ("expected key", "this line is indented differently from its neighbours"),
    ("expected '-' indicator", "this line is indented differently from its neighbours"),
    ("expected <document start>", "this line is indented differently from its neighbours"),
    ("expected node content", "a [ or { is opened and not closed, or a comma stands where a value is meant"),
    ("expected comment or line break", f"{QUOTE} | or > in quotes"),
    ("alphabetic or numeric character", f"{QUOTE} * or & in quotes"),
    ("unknown escape character", "in double quotes \\ has a meaning of its own: write \\\\, or take single quotes"),
    ("block sequence entries", "a list begins in a line of its own, or is written [a, b]"),
    ("mapping keys are not allowed", f"{QUOTE} ? in quotes"),
)
TAGS = ("tag", "directive")


def of_syntax(error: MarkedYAMLError, text: str) -> Problem:
    """The place and the likely cause of what is no YAML."""
    said, context = f"{error.problem or ''}", f"{error.context or ''}"
    mark = error.problem_mark or error.context_mark
    if error.context_mark and ("flow" in context or "quoted" in context):
        mark = error.context_mark
    line = mark.line + 1 if mark else 1
    rows = text.splitlines()
    row = rows[line - 1] if 0 < line <= len(rows) else ""
    if mark and row[mark.column : mark.column + 1] == "\t":
        said = "a tab character"
    hint = next((hint for words, hint in SYNTAX if words in said), "")
    if not hint or any(word in context for word in TAGS):
        hint = f"{QUOTE} ! or % in quotes" if any(word in context for word in TAGS) else said
    comment = COMMENT.search(row)
    if comment and "quote is opened" not in hint:
        hint += f'; an unquoted # starts a comment: write "{comment[1]}" in quotes if that is meant'
    return Problem(line, f"this cannot be read as YAML: {hint}")


def of_character(text: str) -> Problem:
    """The place of a character that YAML does not allow."""
    found = UNREADABLE.search(text)
    line = len(text[: found.start() + 1].splitlines()) if found else 1
    return Problem(line, "there is a character here that no text has: remove it")


def of_null(written: str, after: str, *, in_flow: bool) -> str:
    """Why a key has no value. `after` is the rest of the line behind the key."""
    comment = COMMENT.search(after.removeprefix(":"))
    if written:
        return f"`{written}` says nothing: leave the key out, or write a value"
    if comment and after.lstrip().startswith(":"):
        return f'an unquoted # starts a comment, so this has no value: write "{comment[1]}" in quotes'
    if in_flow and not after.lstrip().startswith(":"):
        return "this has no value: a comma splits what is in { } and [ ], so put text that holds one in quotes"
    return "this has no value: write one, or leave the key out"
