"""People whose Slack accounts take nothing any more: the first is told at once, those who leave with them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from callboard.blocks import fit
from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.db import Tx
from callboard.core.notices import Notice
from callboard.core.outbox import Delivery, Message, Priority
from callboard.core.registry import Key
from callboard.core.timeline import Subject
from callboard.core.words import counted, few_lines
from callboard.teams import hindrances, service, store
from callboard.teams.directory import Asker, Directory
from callboard.teams.models import AccountChanged
from callboard.teams.notices.coordinators import tell

LEFT: Key[Callable[[Tx, Asker], Sequence[str]]] = Key("what somebody has who does not come back", lambda *_: ())
MOST_LEFT, FEW_LEFT = 12, 4
HOW = "How: `/blocker reassign`, `/task assign`, `/lock break`, `/gate waive`, each with its number or key."
TOGETHER = timedelta(minutes=10)
"""Who leaves so soon after somebody else is told with others."""
GATHERED_FOR = timedelta(minutes=1)


def _lost(tx: Tx, delivery: Delivery) -> Message:
    directory, key = service.directory(tx, delivery.plan_id), str(delivery.args["person"])
    name, person = m.escape(directory.name(key)), directory.people.get(key)
    if person is None:
        return Message(f":white_check_mark: {name} is not in the plan any more.", title="Somebody left the plan")
    if not person.lost:
        return Message(f":white_check_mark: {name} is in Slack again.", title="Somebody is in Slack again")
    text = f":no_entry: {_stands(tx, directory, key)} Name somebody else in the plan file."
    if left := tx.of(LEFT)(tx, Asker(directory, person)):
        lines = few_lines([f"• {line}" for line in left], MOST_LEFT)
        text = "\n".join([text, f"*Give to others what {name} has*", *lines, HOW])
    return Message(text, title="Somebody left Slack")


def _leavers(tx: Tx, delivery: Delivery) -> Message:
    """One who is back, or was taken out of the plan, says so in their line."""
    directory, keys = service.directory(tx, delivery.plan_id), list(delivery.args["people"])
    gone = [key for key in keys if key in directory.people and directory.people[key].lost]
    names = ", ".join(map(directory.name, gone))
    if not gone:
        return Message(f":white_check_mark: {m.escape(', '.join(map(directory.name, keys)))}: nothing left to do.")
    head = f":no_entry: {counted(len(gone), 'more person', 'more people')} left Slack. Name others in the plan file."
    every = [f"• {line}" for key in keys for line in _stands_with(tx, directory, key)]
    return Message(
        head, fit.paragraphs([head, *every, HOW]), title="People left Slack", plain=f"{m.unescape(head)} {names}"
    )


def _stands_with(tx: Tx, directory: Directory, key: str) -> Iterator[str]:
    """How it stands with somebody, and what they have that others must take."""
    yield _stands(tx, directory, key)
    person = directory.people.get(key)
    if person and person.lost:
        left = [f"{m.escape(person.name)} has: {line}" for line in tx.of(LEFT)(tx, Asker(directory, person))]
        yield from few_lines(left, FEW_LEFT)


def _stands(tx: Tx, directory: Directory, key: str) -> str:
    name, person = m.escape(directory.name(key)), directory.people.get(key)
    if person is None:
        return f"{name} is not in the plan any more."
    if not person.lost:
        return f"{name} is in Slack again."
    other = directory.standing_in(person, tx.now)
    stands_in = f"{directory.called(other)} stands in" if other else "Nobody stands in"
    return f"{name} {hindrances.of_account(person.lost)}. {stands_in}."


LOST = Notice(
    kind="teams.lost", told="the coordinators, once for each person whose Slack account takes nothing any more",
    render=_lost, priority=Priority.PAGE, editable=True,
)  # fmt: skip
LEAVERS = Notice(
    kind="teams.leavers", told="the coordinators, of all who leave Slack within minutes after somebody else, together",
    render=_leavers, priority=Priority.PAGE, editable=True,
)  # fmt: skip


def tell_lost(tx: Tx, event: AccountChanged) -> None:
    """Coordinators hear once that somebody's account takes nothing; the same message says when it does again."""
    about, plan = Subject("person", event.row_id), Subject("plan", event.plan_id)
    if event.why:
        _tell(tx, event, about, plan)
    outbox.touch(tx, about.kind, [about.id])
    outbox.touch(tx, plan.kind, [plan.id])


def _tell(tx: Tx, event: AccountChanged, about: Subject, plan: Subject) -> None:
    lately = store.told_of_leavers(tx, event.plan_id, tx.now - TOGETHER)
    key = f"lost:{event.plan_id}:{event.person}:{tx.now:%Y-%m-%d}"
    if not lately or any(each.subject == about for each in lately):
        tell(tx, event.plan_id, about, LOST, key, {"person": event.person})
        return
    groups = [each for each in lately if each.kind == LEAVERS.kind]
    if any(event.person in each.args["people"] for each in groups):
        return
    waiting = [each for each in groups if each.posted_at is None and each.state in ("waiting", "sending")]
    for group in waiting:
        group.args = group.args | {"people": [*group.args["people"], event.person]}
    if not waiting:
        args = {"people": [event.person]}
        tell(tx, event.plan_id, plan, LEAVERS, f"{key}:together", args, not_before=tx.now + GATHERED_FOR)
