"""What YAML stumbles over, in the words of somebody who writes a plan."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from callboard.core.sections import Problem

COMMENT = re.compile(r"""(?:^|[\[{,:\s])(#[^\s,\]}]+)""")
SYNTAX = (
    ("character '\\t'", "indent with spaces, not with tabs"),
    ("mapping values are not allowed", "there is a second `: ` in this line: put the text in quotes"),
    ("undefined alias", "`*name` refers to an anchor that is not there: put text that begins with * in quotes"),
    ("cannot start any token", "put text that begins with @, %, ` or | in quotes"),
    ("unexpected end of stream", "a quote is opened here and not closed"),
    ("could not find expected ':'", "a key needs a colon and a space: `key: value`"),
    ("expected ',' or ']'", "a [ is opened and not closed, or a comma is missing"),
    ("expected ',' or '}'", "a { is opened and not closed, or a comma is missing"),
    ("another document", "there is more than one document: remove the line `---`"),
    ("expected <block end>", "this line is indented differently from its neighbours"),
)


def of_syntax(error: MarkedYAMLError, text: str) -> Problem:
    """The place and the likely cause of what is no YAML."""
    said = f"{error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    if error.context_mark and ("flow" in f"{error.context}" or "quoted" in f"{error.context}"):
        mark = error.context_mark
    line = mark.line + 1 if mark else 1
    hint = next((hint for words, hint in SYNTAX if words in said), said)
    rows = text.splitlines()
    comment = COMMENT.search(rows[line - 1]) if 0 < line <= len(rows) else None
    if comment and "quote is opened" not in hint:
        hint += f'; an unquoted # starts a comment: write "{comment[1]}" in quotes if that is meant'
    return Problem(line, f"this cannot be read as YAML: {hint}")


def of_stream(error: YAMLError, text: str) -> Problem:
    """The place of a character that YAML does not allow."""
    position = getattr(error, "position", None)
    line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 1
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
