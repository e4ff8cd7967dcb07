"""Text as long as somebody likes: every kind that has stalled a reader, and numbers that are none."""

from __future__ import annotations

PIECES = {
    "spaces": " ", "lines": "\n", "tabs": "\t ", "digits": "1", "zeros": "0", "commas": ",", "dots": ".", "dashes": "-",
    "quotes": '"', "apostrophes": "'", "curly quotes": "\u201c\u201e", "backquotes": "`", "stars": "*", "letters": "a",
    "short words": "a ", "long words": "reconciliation ", "words on lines": "a\n", "colons": "a:", "shouts": "a!",
    "at": "@", "hashes": "#", "less": "<", "half mentions": "<@U", "mentions": "<@U0OLGA> ", "named": "<@U0OLGA|o> ",
    "half links": "<https://", "links": "<https://a|a> ", "entities": "&lt;", "entity links": "&lt;https://",
    "channels": "<#C1|", "everybody": "<!here|", "dates": "<!date^1^{time}|", "numbers": "1, ", "in a row": "6 ",
    "ranges": "1-2,", "ands": "1 and ", "keys": "A-1, ", "key dashes": "A-", "letters and digits": "a1", "spans": "1h",
    "spaced spans": "1 h ", "for": "for ", "for spans": "for 1h ", "until": "until ", "reasons": "because until q ",
    "times": "1:", "clocks": "17:00 ", "days": "2026-01-01", "paths": "a/", "stars in paths": "**/", "wild": "*?",
    "please": "please ", "thanks": " thanks", "can you": "can you ", "negations": "!", "questions": "? ",
    "brackets": "(", "braces": "{", "slashes": "/", "backslashes": "\\", "semicolons": ";a", "equals": "a=",
    "percent": "50% ", "right to left": "\u05e9\u05dc\u05d5\u05dd ", "zero width": "\u200b",
    "joined": "\U0001f469\u200d",
    "combining": "e\u0301", "wide": "\u65e5\u672c ", "superscripts": "\u00b2", "arabic digits": "\u0663",
    "bullets": "- ",
    "by": " by ", "with": " with ", "see": " see ", "verbs": "ack ", "resolve": "resolve 1 ", "underscores": "_1",
    "signs": "+1 ", "exponents": "1e9 ", "hex": "0x10 ", "as": "as as ", "to": "to ", "has": "has ", "open": "open ",
}  # fmt: skip
ODD_NUMBERS = (
    "\u00b2", "\u0663", "1_000", "1e9", "0x10", "+1", "-1", " 1 ", "1.0", "1,000", "00", "0", "\u2460", "\u2163",
    "\u00bd",
    "1" * 10, "1" * 40, "9" * 19, "9" * 2500, str(2**31), str(2**63), str(2**64), "-" + "9" * 40, "1\u20112",
    "1/0", "nan",
    "inf", "1-" + "9" * 9, "1" * 9, "#" + "9" * 9,
)  # fmt: skip


def text(piece: str, length: int) -> str:
    """A text of this length that repeats a piece, with an end that fits nothing."""
    return (piece * (length // len(piece) + 1))[: length - 1] + "\x7f"
