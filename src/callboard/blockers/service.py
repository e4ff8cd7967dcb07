"""The verbs of a blocker, from raising it to what helped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks
from callboard.blockers import models, notices, rights, store
from callboard.blockers.events import BlockerChanged, BlockerResolved
from callboard.blockers.models import KIND, Blocker, State
from callboard.blockers.plan import settings, usual_severity
from callboard.core import outbox, timeline
from callboard.core.errors import Refused
from callboard.core.rows import fresh
from callboard.escalation import service as escalation
from callboard.teams.service import Asker, Concern, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

LONGEST_SNOOZE = timedelta(days=7)
WORD = re.compile(r"\w")
MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, kw_only=True)
class Raised:
    """What somebody says about a new blocker."""

    what: str
    team: str | None = None
    severity: str | None = None
    category: str | None = None
    waits_for: str | None = None
    blocks: str | None = None


def raise_blocker(tx: Tx, asker: Asker, said: Raised, channel_team: str | None = None) -> Blocker:
    """Open a blocker: it begins to climb at once."""
    what = said.what.strip()
    if not WORD.search(MENTION.sub("", what)):
        sentence = "Say in a few words what is blocked, for example `/blocker mongo refuses TLS`."
        raise Refused(sentence)
    directory, rules = asker.directory, settings(tx, asker.directory.plan_id)
    severity = said.severity or usual_severity(rules)
    team = said.team or team_concerned(asker, channel_team)
    blocker = fresh(
        Blocker,
        plan_id=directory.plan_id,
        team=team,
        reporter=asker.person.key,
        what=what,
        category=said.category,
        severity=severity,
        waits_for=said.waits_for,
        blocks=(said.blocks or "").strip() or None,
        channel=directory.home_channel(team) or asker.person.slack_id,
        opened_at=tx.now,
        ticked=[],
    )
    blocker.id = tx.insert_row(blocker)
    _record(tx, blocker, asker, "raised", said=what, severity=severity, team=team)
    outbox.enqueue(tx, [notices.card_post(blocker, directory)])
    concern = Concern(team=team, reporter=asker.person.key, assignees=(said.waits_for,) if said.waits_for else ())
    escalation.start(
        tx, directory.plan_id, blocker.subject, escalation.digest(tx, directory, rules.severities[severity]), concern
    )
    tx.publish(BlockerChanged(blocker, "raised"))
    return blocker


def acknowledge(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Blocker:
    """`asker` has it: the climb stops, idling aside."""
    blocker = rights.still_open(tx, asker, number, expected)
    if blocker.state == State.ACKNOWLEDGED:
        since = f"since {blocks.date(blocker.owner_at)}" if blocker.owner_at else ""
        if blocker.owner == asker.person.key:
            raise Refused(
                f"You have blocker {number} already, {since}. Done with it? `/blocker resolve {number} what helped`."
            )
        owner = asker.directory.called(blocker.owner)
        raise Refused(f"{owner} has blocker {number} {since}. To take it over: `/blocker reassign {number} @you`.")
    instead = escalation.told(tx, blocker.subject).get(asker.person.key)
    models.take(blocker, asker.person.key, tx.now)
    _changed(tx, blocker, asker, "acknowledged", on_behalf_of=instead)
    escalation.hold(tx, blocker.subject)
    notices.tell_reporter(tx, blocker, asker)
    return blocker


def unacknowledge(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Blocker:
    """Nobody has it any more: the climb goes on where it stood."""
    blocker = rights.still_open(tx, asker, number, expected)
    if blocker.state != State.ACKNOWLEDGED:
        raise Refused(f"Nobody has acknowledged blocker {number}, so there is nothing to take back.")
    rights.may(asker, blocker, "give it back", blocker.owner)
    models.give_back(blocker)
    _changed(tx, blocker, asker, "gave back")
    escalation.let_go(tx, blocker.subject)
    return blocker


def snooze(tx: Tx, asker: Asker, number: int, until: datetime, expected: int | None = None) -> Blocker:
    """Page nobody about it until then."""
    blocker = rights.still_open(tx, asker, number, expected)
    rights.may(asker, blocker, "snooze it", blocker.owner, *escalation.told(tx, blocker.subject))
    if not tx.now < until <= tx.now + LONGEST_SNOOZE:
        raise Refused("Snooze for some minutes, hours or days, seven days at most: `/blocker snooze 12 30m`.")
    blocker.changes += 1
    _changed(tx, blocker, asker, "snoozed", until=until.isoformat())
    escalation.snooze(tx, blocker.subject, until)
    return blocker


def escalate(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Blocker:
    """Page the next step now."""
    blocker = rights.still_open(tx, asker, number, expected)
    rights.not_a_watcher(asker, "escalate it")
    escalation.go_on(tx, blocker.subject)
    blocker.changes += 1
    _changed(tx, blocker, asker, "escalated")
    return blocker


def reassign(tx: Tx, asker: Asker, number: int, to: Person, expected: int | None = None) -> Blocker:
    """Hand it to `to`, who is paged; until they acknowledge, it climbs. Handing it to oneself is acknowledging it."""
    blocker = rights.still_open(tx, asker, number, expected)
    directory = asker.directory
    if to.key == asker.person.key and blocker.owner != to.key:
        if blocker.state == State.ACKNOWLEDGED:
            models.give_back(blocker)
        return acknowledge(tx, asker, number)
    rights.may(asker, blocker, "hand it on", blocker.owner, blocker.reporter, *escalation.told(tx, blocker.subject))
    if to.key in (blocker.owner, blocker.handed_to):
        raise Refused(f"{asker.directory.called(to)} has been asked already; nothing to change.")
    reach = directory.reach(to)
    if to.vacant or reach is None:
        raise Refused(
            f"{to.name} cannot be reached: no Slack account, no e-mail and no fallback in the plan. Name somebody else."
        )
    held = blocker.state == State.ACKNOWLEDGED
    models.give_back(blocker, handed_to=to.key)
    _changed(tx, blocker, asker, "handed on", to=to.key)
    if held:
        escalation.let_go(tx, blocker.subject)
    notices.page_handed(tx, blocker, asker, to, reach)
    return blocker


def resolve(
    tx: Tx, asker: Asker, number: int, outcome: str = "", ticked: Sequence[str] = (), expected: int | None = None
) -> Blocker:
    """It is solved. `outcome` says what helped."""
    blocker = rights.still_open(tx, asker, number, expected)
    rights.may(
        asker,
        blocker,
        "resolve it",
        blocker.owner,
        blocker.reporter,
        blocker.waits_for,
        *escalation.told(tx, blocker.subject),
    )
    blocker.ticked = list(ticked)
    return _closed(tx, asker, blocker, State.RESOLVED, outcome)


def withdraw(tx: Tx, asker: Asker, number: int, reason: str = "", expected: int | None = None) -> Blocker:
    """It was none."""
    blocker = rights.still_open(tx, asker, number, expected)
    if asker.person.key != blocker.reporter and not rights.leads(asker, blocker):
        reporter = asker.directory.called(blocker.reporter)
        raise Refused(
            f"Blocker {number} is {reporter}'s: only they, {rights.who_leads(asker, blocker)} can withdraw it."
        )
    return _closed(tx, asker, blocker, State.WITHDRAWN, reason)


def reopen(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Blocker:
    """It is not over after all: a new climb begins."""
    blocker = rights.known(tx, asker, number)
    rights.guard(tx, asker, blocker, expected)
    if blocker.is_open:
        raise Refused(f"Blocker {number} is open; there is nothing to reopen.")
    rights.may(asker, blocker, "reopen it", blocker.owner, blocker.reporter, blocker.closed_by)
    models.reopen(blocker)
    _changed(tx, blocker, asker, "reopened")
    rules = settings(tx, blocker.plan_id)
    concern = Concern(
        team=blocker.team, reporter=blocker.reporter, assignees=(blocker.waits_for,) if blocker.waits_for else ()
    )
    policy = rules.severities.get(blocker.severity) or rules.severities[usual_severity(rules)]
    digest = escalation.digest(tx, asker.directory, policy)
    escalation.start(tx, blocker.plan_id, blocker.subject, digest, concern)
    return blocker


def note(tx: Tx, asker: Asker, number: int, text: str) -> Blocker:
    """Say something about it: it is not idle."""
    blocker = rights.still_open(tx, asker, number, None)
    _record(tx, blocker, asker, "noted", said=text)
    notices.tell_line(tx, blocker, asker, "noted", said=text)
    escalation.stir(tx, blocker.subject)
    outbox.touch(tx, KIND, [blocker.number])
    return blocker


def said_in_thread(tx: Tx, channel: str, stamp: str) -> None:
    """Somebody wrote in the thread of a blocker's card: it is not idle."""
    delivery = outbox.posted(tx, channel, stamp)
    if delivery and delivery.subject_kind == KIND:
        escalation.stir(tx, delivery.subject)
        outbox.touch(tx, KIND, [delivery.subject_id])


def team_concerned(asker: Asker, channel_team: str | None) -> str | None:
    """The reporter's team; the channel's where they have several or none."""
    own = [team.key for team in asker.directory.teams_of(asker.person)]
    if channel_team and (channel_team in own or not own):
        return channel_team
    return own[0] if own else channel_team


def open_ones(tx: Tx, plan_id: int) -> Sequence[Blocker]:
    """The open blockers of a plan, oldest first."""
    return store.open_in(tx, plan_id)


def known(tx: Tx, asker: Asker, number: int) -> Blocker:
    """The blocker with this number, of the asker's plan."""
    return rights.known(tx, asker, number, lock=False)


def still(tx: Tx, asker: Asker, number: int, expected: int) -> Blocker:
    """The open blocker with this number, unless it has changed since the button was drawn."""
    return rights.still_open(tx, asker, number, expected, lock=False)


def waiting_for(tx: Tx, asker: Asker) -> list[Blocker]:
    """The open blockers that wait for the asker: theirs, handed to them, or paged to them and nobody has it."""
    me = asker.person.key
    paged = store.paged_to(tx, asker.directory.plan_id, me)
    return [
        b
        for b in store.open_in(tx, asker.directory.plan_id)
        if me in (b.owner, b.handed_to, b.waits_for) or (b.state == State.OPEN and b.number in paged)
    ]


def _closed(tx: Tx, asker: Asker, blocker: Blocker, state: State, outcome: str) -> Blocker:
    models.close(blocker, state, asker.person.key, tx.now, outcome.strip() or None)
    _changed(tx, blocker, asker, state.value, said=outcome.strip() or None)
    escalation.end(tx, blocker.subject)
    notices.tell_reporter(tx, blocker, asker)
    tx.publish(BlockerResolved(blocker))
    return blocker


def _changed(tx: Tx, blocker: Blocker, asker: Asker, verb: str, *, said: str | None = None, **facts: Any) -> None:
    tx.session.add(blocker)
    _record(tx, blocker, asker, verb, said=said, **facts)
    notices.tell_line(tx, blocker, asker, verb, said=said, **facts)
    outbox.touch(tx, KIND, [blocker.number], superseded=not blocker.is_open)
    tx.publish(BlockerChanged(blocker, verb))


def _record(
    tx: Tx,
    blocker: Blocker,
    asker: Asker,
    verb: str,
    *,
    said: str | None = None,
    on_behalf_of: str | None = None,
    **facts: Any,
) -> None:
    timeline.record(
        tx,
        blocker.plan_id,
        blocker.subject,
        verb,
        actor=asker.person.key,
        on_behalf_of=on_behalf_of,
        said=said,
        **models.entry_facts(blocker, **facts),
    )
