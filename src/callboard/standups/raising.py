"""A line of an answer becomes a blocker, which names whom it waits for and what it blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import MENTION, Raised
from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.standups import attending, store, words
from callboard.standups.models import CheckIn
from callboard.tasks import service as tasks
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

OLD = "That button is older than what you said last: the buttons below your words are the ones that count."


def in_the_way(one: CheckIn) -> list[str]:
    """The lines in which somebody named what is in the way."""
    return [line for each in one.answers if words.is_in_the_way(each["ask"]) for line in words.lines(each["said"])]


def raise_line(tx: Tx, who: Asker, number: int, place: int, expected: int) -> Blocker:
    """Raise a blocker from one line. Raises Refused where it is one already, and for an old button."""
    one = store.check_in(tx, number, lock=True)
    if one is None or one.plan_id != who.directory.plan_id or one.person != who.person.key:
        raise Refused("Only whoever said it can make a blocker of it. `/blocker` raises one of your own.")
    found = in_the_way(one)
    if str(place) in one.raised:
        known = one.raised[str(place)]
        raise Refused(f"That is blocker {known} already: `/blocker show {known}` says who has it.")
    if one.changes != expected or place >= len(found):
        raise Refused(OLD)
    line = found[place]
    blocker = blockers.raise_blocker(
        tx, who, Raised(what=line, waits_for=_waits_for(who, one, line), blocks=_blocks(tx, who, line))
    )
    one.raised = {**one.raised, str(place): blocker.number}
    tx.session.add(one)
    attending.note(tx, one, "raised", actor=who.person.key, blocker=str(blocker.number))
    attending.show(tx, [one])
    return blocker


def _waits_for(who: Asker, one: CheckIn, line: str) -> str | None:
    """Whom the line mentions, else whom the form named."""
    mentioned = [found for user in MENTION.findall(line) if (found := who.directory.by_slack(user))]
    return mentioned[0].key if mentioned else one.waits_for or None


def _blocks(tx: Tx, who: Asker, line: str) -> str | None:
    """The asker's task that the line names by its id."""
    said = {word.strip(".,:;()`").lower() for word in b.unescape(line).split()}
    own = [task for task in tasks.tasks(tx, who.directory.plan_id) if who.person.key in task.assignees]
    return next((task.called for task in own if task.key.lower() in said and not tasks.settled(task)), None)
