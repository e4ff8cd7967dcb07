"""What questions are about, and what in an answer may become a blocker."""

from __future__ import annotations

import re

BEHIND = re.compile(r"\b(yesterday|was done|have you done|did you do|since the last|completed)\b", re.IGNORECASE)
AHEAD = re.compile(r"\b(today|next|tomorrow|planned|will you)\b", re.IGNORECASE)
IN_THE_WAY = re.compile(r"\b(block\w*|impediment\w*|in the way|stuck|conflict\w*|hold\w* you)\b", re.IGNORECASE)
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
NONE = re.compile(
    r"\W*(?:none|no|nope|nothing|nil|n/?a|all clear|all good|no blockers?|not (?:really|now|yet)|keine)?\W*",
    re.IGNORECASE,
)
MOST_LINES = 8


def is_behind(question: str) -> bool:
    """Whether a question is about what was done: what was planned last time is a good beginning of an answer."""
    return bool(BEHIND.search(question)) and not is_in_the_way(question)


def is_ahead(question: str) -> bool:
    """Whether a question is about what comes next."""
    return bool(AHEAD.search(question)) and not is_behind(question) and not is_in_the_way(question)


def is_in_the_way(question: str) -> bool:
    """Whether a question is about blockers."""
    return bool(IN_THE_WAY.search(question))


def lines(said: str) -> list[str]:
    """The lines of an answer that name something, without bullets; `none` names nothing."""
    found = (BULLET.sub("", line).strip() for line in said.splitlines())
    return [line for line in found if line and not NONE.fullmatch(line)][:MOST_LINES]
