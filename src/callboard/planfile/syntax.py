"""Why a file cannot be read as YAML, in the words of an author."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from callboard.planfile.sections import Problem

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

COMMENT = re.compile(r"""(?:^|[\[{,:\s])(#[^\s,\]}]+)""")
QUOTE = "put text that begins with"
SYNTAX = (
    ("a tab character", "indent with spaces, not with tabs"),
    ("mapping values are not allowed", "there is a second `: ` in this line: put the text in quotes"),
    ("undefined alias", "`*name` refers to an anchor that is not there: put text that begins with * in quotes"),
    ("cannot start any token", f"{QUOTE} @, %, ` or | in quotes; lines with ``` belong to Markdown, remove them"),
    ("unexpected end of stream", "a quote is opened here and not closed"),
    ("could not find expected ':'", "a key needs a colon and a space: `key: value`"),
    ("expected ',' or ']'", "a [ is opened and not closed, or a comma is missing"),
    (
        "expected ',' or '}'",
        "a { is not closed, a comma is missing, or text with a colon is not in quotes",
    ),
    ("another document", "there is more than one document: remove the line `---`"),
    ("expected key", "this line is indented differently from its neighbours"),
    ("expected '-' indicator", "this line is indented differently from its neighbours"),
    ("expected <document start>", "this line is indented differently from its neighbours"),
    ("expected node content", "a [ or { is opened and not closed, or a comma stands where a value is meant"),
    ("expected comment or line break", f"{QUOTE} | or > in quotes"),
    ("alphabetic or numeric character", f"{QUOTE} * or & in quotes"),
    ("unknown escape character", "in double quotes \\ has a meaning of its own: write \\\\, or take single quotes"),
    ("block sequence entries", "a list begins in a line of its own, or is written [a, b]"),
    ("unexpected ':'", "a colon stands in this text: put it in quotes"),
    ("mapping keys are not allowed", f"{QUOTE} ? in quotes"),
)
TAGS = ("tag", "directive")
TYPESET = re.compile(r"\s*(?:(?:- )?[\w-]*:?)?([–—•\u00a0\uff1a])")
"""How a line begins in which a word processor has put a sign of its own where YAML has one."""
TEMPLATE = re.compile(r"\{\{.{0,60}?\}\}|\$\{\w{1,60}\}")
SIGN = re.compile(r"[-?](?= |$)|\?+|:\w{1,40}:")
MIXED = {
    "did not find expected '-' indicator": (
        re.compile(r"[^-\s]"), "no `- ` is before this, in the list that begins in line {}: write it, or none there",
    ),
    "did not find expected key": (re.compile(r"- "), "this begins with `- ` among the keys that begin in line {}"),
}  # fmt: skip
"""A key in a list, and an entry of a list among keys."""
GLUED = re.compile(r"""\s*(?:- )?([\w.-]+):[{\["']""")
QUOTED = re.compile(r""":\s+(?:'[^']*'|"[^"]*")\s*$""")


def of_syntax(error: MarkedYAMLError, text: str) -> Problem:
    """The place and the likely cause of what is no YAML."""
    context, mark = error.context or "", error.problem_mark or error.context_mark
    if error.context_mark and any(word in context for word in ("flow", "quoted", "simple key")):
        mark = error.context_mark
    line = mark.line + 1 if mark else 1
    rows = dict(enumerate(text.splitlines(), 1))
    for odd in (line, line - 1):
        if found := TYPESET.match(rows.get(odd, "")):
            return Problem(odd, f"this cannot be read as YAML: {_of_typeset(found[1])}")
    if merged := next((number for number, row in rows.items() if row.startswith("<<<<<<< ")), 0):
        return Problem(
            merged, "git left two versions here: choose one, and remove the lines with <<<<<<<, ======= and >>>>>>>"
        )
    hint = _hint(error, rows.get(line, ""), mark.column if mark else 0)
    if mark and "mapping values" in (error.problem or ""):
        line, hint = _of_second_colon(rows, line, mark.column)
    if above := _above(rows, line) if "expected node content" in (error.problem or "") else 0:
        line, hint = above, "the [ or { that is opened here is not closed"
    comment = COMMENT.search(rows.get(line, ""))
    if comment and "quote is opened" not in hint:
        hint += f'; an unquoted # starts a comment: write "{comment[1]}" in quotes if that is meant'
    return Problem(line, f"this cannot be read as YAML: {hint}")


def _hint(error: MarkedYAMLError, row: str, column: int) -> str:
    """What to write instead of what stands in a row from a column on."""
    said = "a tab character" if row[column : column + 1] == "\t" else error.problem or ""
    if any(word in (error.context or "") for word in TAGS):
        return f"{QUOTE} ! or % in quotes"
    if template := TEMPLATE.search(row):
        return f"`{template[0]}` is still to be filled in: write what it stands for"
    if "expected key" in said and QUOTED.search(row[:column]):
        return "a quote in the middle of this text ends it: use the other kind of quotes around it, \" or '"
    if "node content" in said and (sign := SIGN.match(row[column:])):
        return f"{QUOTE} {sign[0]} in quotes"
    if error.context_mark and said in MIXED and MIXED[said][0].match(row[column:]):
        return MIXED[said][1].format(error.context_mark.line + 1)
    return next((hint for words, hint in SYNTAX if words in said), said)


def _above(rows: Mapping[int, str], line: int) -> int:
    """The line above in which a comment hides the end of what is opened there; 0 where none does."""
    for number in range(line - 1, max(line - 4, 0), -1):
        if (found := COMMENT.search(rows[number])) and re.search(r"[\]}]", found[0] + rows[number][found.end() :]):
            before = rows[number][: found.start()]
            return number if sum(map(before.count, "[{")) > sum(map(before.count, "]}")) else 0
    return 0


def _of_typeset(sign: str) -> str:
    """What to type instead of a sign of a word processor."""
    if sign == "\uff1a":
        return "there is a wide colon here: type a plain one, `key: value`"
    if sign == "\u00a0":
        return "there is a no-break space here: type plain spaces"
    return f"a list begins with `- `, and this line with `{sign}`"


def _of_second_colon(rows: Mapping[int, str], line: int, column: int) -> tuple[int, str]:
    """The line and the cause where a colon stands in what YAML takes for text: often the line above is why."""
    row = rows.get(line, "")
    above = next((number for number in range(line - 1, 0, -1) if rows[number].strip()), 0)
    if glued := GLUED.match(row):
        return line, f"write a space after `{glued[1]}:`"
    if re.search(r":\s", row[:column]) or not above:
        return line, "there is a second `: ` in this line: put the text in quotes"
    if not re.search(r":(\s|$)", rows[above]):
        return above, "a key needs a colon and a space: `key: value`"
    if len(row) - len(row.lstrip()) > len(rows[above]) - len(rows[above].lstrip()):
        return line, "this line is further to the right than the one above: begin both in the same column"
    return line, "there is a second `: ` in this line: put the text in quotes"
