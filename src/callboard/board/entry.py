"""How one gets to the board: a link that lets one person in, once, and whom a session lets in after that."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import select

from callboard.answers import store as keys
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.plans.models import Plan
from callboard.teams import service as teams
from callboard.teams.directory import Directory, Person
from callboard.teams.rights import looks_on
from callboard.web import PUBLIC_URL, address, sessions


@dataclass(frozen=True)
class Reader:
    """Who looks at a board by which session; `acts` unless they only follow the plan."""

    session: int
    plan_id: int
    account: str
    acts: bool


def link(tx: Tx, directory: Directory, person: Person) -> str:
    """The address that opens the board once for somebody; empty where nobody knows where Callboard is reached."""
    if not tx.of(PUBLIC_URL) or not person.slack_id:
        return ""
    made = sessions.made(tx, directory.plan_id, directory.workspace, person.slack_id)
    return address(tx, f"/board/{directory.plan_key}/open/{sessions.signed(keys.key(tx), made)}")


@dataclass
class Wrong(Exception):
    """A link that opens nothing, and why. `plan` is where the timeline says so."""

    why: str
    plan: int | None = None
    person: str = ""
    session: int = 0


def opened(tx: Tx, plan: str, written: str, secret: str) -> str:
    """Use a link; the secret of the session that it begins, or of the one that its browser has from it already."""
    made = sessions.read(keys.key(tx), written)
    if made is None:
        known = tx.session.exec(select(Plan.id).where(Plan.key == plan).limit(2)).all()
        raise Wrong("tampered with", known[0] if len(known) == 1 else None)
    person = _person(tx, made.plan_id, made.workspace, made.account, plan)
    if person is None:
        raise Wrong("left the plan", made.plan_id)
    begun = None if made.until <= tx.now else sessions.begin(tx, made)
    if begun is not None:
        session, new = begun
        timeline.record(tx, made.plan_id, session.subject, "opened", actor=person.key)
        return new
    former, own = sessions.by_nonce(tx, made.nonce), sessions.found(tx, secret) if secret else None
    if own is not None and (own.plan_id, own.account) == (made.plan_id, made.account):
        return secret
    raise Wrong("used before" if former else "expired", made.plan_id, person.key, former.number if former else 0)


def refused(tx: Tx, wrong: Wrong) -> None:
    """Leave a line on the timeline: a link may be in the wrong hands."""
    if wrong.plan is not None:
        about = Subject(sessions.KIND, wrong.session)
        timeline.record(tx, wrong.plan, about, "link refused", why=wrong.why, person=wrong.person)


def reader(tx: Tx, plan: str, secret: str) -> tuple[Reader, bool] | None:
    """Who looks at a board, and whether their session's use is to be noted; None for whoever is not let in."""
    session = sessions.found(tx, secret)
    person = _person(tx, session.plan_id, session.workspace, session.account, plan) if session else None
    if session is None or person is None:
        return None
    acts = not looks_on(teams.directory(tx, session.plan_id), person)
    return Reader(session.number, session.plan_id, session.account, acts), tx.now - session.at >= sessions.TOUCHED_EVERY


def _person(tx: Tx, plan_id: int, workspace: str, account: str, plan: str) -> Person | None:
    try:
        directory = teams.directory(tx, plan_id)
    except Refused:
        return None
    same = "" in (directory.workspace, workspace) or directory.workspace == workspace
    return directory.by_slack(account) if same and directory.plan_key == plan else None


def reads(tx: Tx, reader: Reader) -> bool:
    """Whether somebody is in the plan as they were when they came."""
    directory = teams.directory(tx, reader.plan_id)
    person = directory.by_slack(reader.account)
    return person is not None and reader.acts is not looks_on(directory, person)
