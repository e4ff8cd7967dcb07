"""What only speaks of how bad a blocker is: `raise severity of 1`, `blocker 1 is critical now`, `make it normal`."""

from __future__ import annotations

import re

from callboard.blockers import service
from callboard.blockers.plan import settings
from callboard.core.db import Tx
from callboard.slack import small_words
from callboard.teams.directory import Asker
from callboard.teams.slack import BECAUSE

NUMBER = re.compile(r"#?(\d{1,9})")
SAYS_SO = {"severity", "priority", "grade", "lower", "increase", "decrease", "upgrade", "downgrade"}
AROUND = small_words.SMALL | SAYS_SO | {
    "and", "became", "become", "becomes", "blocker", "bump", "change", "into", "made", "make", "mark", "move", "only",
    "put", "raise", "rather", "set",
}  # fmt: skip
MOST = 3


def meant(tx: Tx, who: Asker, text: str) -> tuple[str, ...]:
    """What changes the severity of an open blocker, where the text says no more than that; likeliest first."""
    words = re.findall(r"[\w#'’-]+", BECAUSE.split(text.lower(), maxsplit=1)[0].replace("’", "'"))
    severities = {name.lower(): name for name in settings(tx, who.directory.plan_id).severities}
    numbers = {int(found[1]) for word in words if (found := NUMBER.fullmatch(word))}
    left = {word for word in words if not NUMBER.fullmatch(word)}
    named = [severities[word] for word in words if word in severities]
    speaks, said = left & SAYS_SO, named[-1:]
    points = speaks or (numbers and "raise" in left) or (named and (numbers or left - {"raise", *severities}))
    if not points or len(numbers) > 1 or left - AROUND - severities.keys():
        return ()
    likely = service.open_ones(tx, who.directory.plan_id) if numbers else service.likely_meant(tx, who)
    being = {blocker.number: blocker.severity for blocker in likely if not numbers or blocker.number in numbers}
    unknown = dict.fromkeys(numbers - being.keys(), "") if speaks and said else {}
    return tuple(
        f"severity {number} {severity}"
        for number, present in (being | unknown).items() for severity in said or severities.values()
        if said or severity != present
    )[:MOST]  # fmt: skip
