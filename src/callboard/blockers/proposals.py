"""How a blocker gets a class: it is proposed, voted on by those whom the plan names, and taken back."""

from __future__ import annotations

import re
from typing import Any

from callboard.blockers import notices, rights, service
from callboard.blockers.classes import Tally, read, tally
from callboard.blockers.models import Blocker, ClassState, Verb
from callboard.blockers.plan import ClassPart, classes
from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.teams.directory import Asker

AS = re.compile(r"^as\s+", re.IGNORECASE)


def propose(tx: Tx, asker: Asker, number: int, name: str = "", why: str = "") -> Blocker:
    """Propose a blocker for a class; whoever votes on that is asked."""
    blocker, (known, part) = rights.still_open(tx, asker, number, None), _named(tx, asker, name)
    _refuse_proposed(tx, blocker, known)
    blocker.class_name, blocker.class_state, blocker.class_by = known, ClassState.PROPOSED, asker.person.key
    blocker.class_change, blocker.votes = blocker.changes + 1, []
    votes = tally(tx, asker.directory, blocker, part)
    able = votes.able
    if len(able) < part.accept.count:
        raise Refused(f"{part.accept.count} people must accept a {known}, and only {len(able)} can. Ask {_who(asker)}.")
    service.changed(tx, blocker, asker, Verb.PROPOSED, said=why or None, name=known)
    notices.ask_votes(tx, blocker, asker.directory, (*able, *asker.directory.named(votes.deputies)))
    return blocker


def accept(tx: Tx, asker: Asker, number: int, proposal: int | None = None) -> Blocker:
    return _vote(tx, asker, number, proposal, yes=True)


def reject(tx: Tx, asker: Asker, number: int, why: str = "", proposal: int | None = None) -> Blocker:
    """Vote against a proposal. Raises Refused without a reason."""
    why = m.needed(why, f"Say why: `/blocker reject {number} because ...`")
    return _vote(tx, asker, number, proposal, yes=False, why=why)


def unpropose(tx: Tx, asker: Asker, number: int) -> Blocker:
    """Take back a proposal, or a class that was accepted: then it no longer counts for the gate."""
    blocker, directory = rights.still_open(tx, asker, number, None), asker.directory
    name, state = blocker.class_name, blocker.class_state
    if not name or state == ClassState.REJECTED:
        raise Refused(f"Blocker {number} is not proposed as anything.")
    proposer = directory.named([blocker.class_by or ""]) if state == ClassState.PROPOSED else ()
    may = asker.person in proposer or directory.coordinates(asker.person, tx.now)
    if not may and not (proposer and rights.leads(asker, blocker, tx.now)):
        leads = directory.leads_of(blocker.team or "") if proposer else ()
        able = directory.acting([*proposer, *leads, *directory.coordinators], tx.now)
        raise Refused(f"Only {directory.one_of(able) or 'a coordinator'} can take that back for blocker {number}.")
    blocker.class_name = blocker.class_state = blocker.class_by = blocker.class_change = blocker.votes = None
    service.changed(tx, blocker, asker, Verb.UNPROPOSED, name=name)
    return blocker


def _vote(tx: Tx, asker: Asker, number: int, proposal: int | None, *, yes: bool, why: str = "") -> Blocker:
    blocker = rights.still_open(tx, asker, number, None)
    part, me = _open_proposal(tx, blocker, proposal), asker.person.key
    before = tally(tx, asker.directory, blocker, part)
    seat, other = _seat(asker, blocker, before)
    if seat in {person.key for person in (before.yes if yes else before.no)}:
        raise Refused(f"You have already {'accepted' if yes else 'rejected'} it. {_standing(tx, blocker)}")
    others = [vote for vote in blocker.votes or () if vote["by"] != seat]
    vote = {"by": seat, "yes": yes, "why": why, "at": tx.now.isoformat()} | ({"deputy": me} if other else {})
    blocker.votes = [*others, vote]
    votes, verb = tally(tx, asker.directory, blocker, part), Verb.ACCEPTED if yes else Verb.REJECTED
    facts: dict[str, Any] = {"name": blocker.class_name, "of": votes.so_far}
    service.changed(tx, blocker, asker, verb, said=why or None, on_behalf_of=other, **facts)
    if votes.accepted or votes.rejected:
        blocker.class_state = ClassState.ACCEPTED if votes.accepted else ClassState.REJECTED
        service.changed(tx, blocker, asker, Verb.CLASSED if votes.accepted else Verb.DECLINED, **facts)
        notices.tell_decided(tx, blocker, asker)
    return blocker


def _seat(asker: Asker, blocker: Blocker, votes: Tally) -> tuple[str, str | None]:
    """Whose vote it is, and for whom a deputy votes: their latest, or whoever is away. Raises Refused with who may."""
    directory, me = asker.directory, asker.person
    if me.key in {person.key for person in votes.able}:
        return me.key, None
    earlier = next((str(vote["by"]) for vote in blocker.votes or () if vote.get("deputy") == me.key), "")
    if earlier or me.key in votes.deputies:
        seat = earlier or votes.deputies[me.key].key
        return seat, seat
    only = f"Only {directory.one_of(votes.able)} can vote on a {blocker.class_name}."
    here = [person for person in votes.undecided if me.key in person.deputies]
    if here:
        called = directory.called(here[0])
        raise Refused(f"{only} You are {called}'s deputy and vote only while they are away: `/plan away`.")
    raise Refused(f"{only} {votes.missing} more must accept this one.")


def _open_proposal(tx: Tx, blocker: Blocker, proposal: int | None) -> ClassPart:
    """The class that is voted on. Raises Refused where nothing is, or something else than a button says."""
    number, part = blocker.number, classes(tx, blocker.plan_id).get(blocker.class_name or "")
    if blocker.class_state == ClassState.ACCEPTED:
        undo = f"A coordinator can take it back: `/blocker unpropose {number}`"
        raise Refused(f"The vote is over. {_standing(tx, blocker)} {undo}")
    if blocker.class_state != ClassState.PROPOSED:
        example = next(iter(classes(tx, blocker.plan_id)), "CLASS")
        raise Refused(f"Nobody has proposed blocker {number}. Propose it: `/blocker propose {number} as {example}`")
    if part is None:
        raise Refused(f"The plan has no class `{blocker.class_name}` any more, so nobody can vote.")
    if proposal is not None and proposal != blocker.class_change:
        raise Refused(f"That button is for an earlier proposal. {_standing(tx, blocker)}")
    return part


def _named(tx: Tx, asker: Asker, name: str) -> tuple[str, ClassPart]:
    """The class that somebody means; without a name the only one there is."""
    known, wanted = classes(tx, asker.directory.plan_id), AS.sub("", name.strip()).strip()
    if not known:
        raise Refused("This plan has no classes of blockers. They are written under `blockers: classes:`.")
    if not wanted and len(known) == 1:
        return next(iter(known.items()))
    found = next((key for key in known if key.lower() == wanted.lower().replace(" ", "-")), "")
    if not found:
        raise unknown(f"There is no class `{m.clip(wanted, 40)}`" if wanted else "As which class", wanted, known)
    return found, known[found]


def _refuse_proposed(tx: Tx, blocker: Blocker, name: str) -> None:
    if blocker.class_state in (ClassState.PROPOSED, ClassState.ACCEPTED):
        other = f" To propose it as {name}, first: " if name != blocker.class_name else " Undo: "
        raise Refused(f"{_standing(tx, blocker)}{other}`/blocker unpropose {blocker.number}`")


def _who(asker: Asker) -> str:
    return asker.directory.one_of(asker.directory.coordinators) or "the coordinator"


def _standing(tx: Tx, blocker: Blocker) -> str:
    classed = read(tx, blocker)
    return classed.sentence if classed else f"Blocker {blocker.number} is not proposed as anything."
