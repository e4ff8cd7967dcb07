"""Lessons and kudos: what people write for everybody to read, outside of minutes."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.meetings import notices, service, store
from callboard.meetings.models import Award, Kudos, Lesson, Remark, Verb
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Asker, Directory, Person, Team

LONGEST = 500
MOST = 5
HOW = "Write what was learned: `/plan lesson backend: test the rollback first`."
LISTS = {Lesson.subjects: "lessons", Kudos.subjects: "kudos", Award.subjects: "award"}
WHAT_FOR = "Write what for: `/plan kudos @somebody for staying late`."


def learn(tx: Tx, who: Asker, text: str) -> Lesson:
    """Keep a lesson; `backend: test the rollback first` is about a team or a phase of that name."""
    about, said = _about(tx, who.directory, text)
    return keep_lesson(tx, who, fits(said, HOW), about)


def keep_lesson(tx: Tx, who: Asker, text: str, about: str, *, by: str = "") -> Lesson:
    """Keep a lesson of somebody, or of whoever keeps it."""
    lesson = Lesson(plan_id=who.directory.plan_id, at=tx.now, by=by or who.person.key, text=text, about=about)
    add(tx, lesson)
    timeline.record(
        tx, lesson.plan_id, lesson.subject, Verb.LEARNED, actor=lesson.by, said=lesson.text, about=about
    )  # fmt: skip
    return lesson


def praise(tx: Tx, who: Asker, to: Person | Team, text: str) -> Kudos:
    """Thank a person or a team, and tell them. Raises Refused for oneself, and for more than a few within a day."""
    if to.key == who.person.key:
        raise Refused("You can't give kudos to yourself. Somebody else can: `/plan kudos @you for ...`.")
    if isinstance(to, Team) and to in who.directory.teams_of(who.person):
        raise Refused(f"You can't give kudos to your own team. Name a person of {m.escape(to.name)}.")
    words = text.split(maxsplit=1)
    said = words[1] if len(words) > 1 and words[0].lower() == "for" else text
    _moderate(tx, who)
    plan_id, by = who.directory.plan_id, who.person.key
    kudos = Kudos(plan_id=plan_id, at=tx.now, by=by, text=fits(said, WHAT_FOR), to=to.key)
    add(tx, kudos)
    timeline.record(tx, plan_id, kudos.subject, Verb.PRAISED, actor=by, said=kudos.text, to=to.key)
    notices.tell_praised(tx, who.directory, kudos)
    return kudos


def withdraw(tx: Tx, who: Asker, kind: type[store.R], number: int) -> store.R:
    """Take back what one wrote; coordinators take back anything."""
    noun = kind.subjects
    row = store.remark(tx, kind, who.directory.plan_id, number)
    if row is None:
        anywhere, lists = tx.get(kind, number), LISTS[noun]
        other = teams.elsewhere(tx, who.directory, anywhere, f"{noun.capitalize()} {number}", f"/plan {{}} {lists}")
        plan = m.escape(who.directory.plan_name)
        raise Refused(f"There is no {noun} {number} in {plan}.{other} `/plan {lists}` lists them.")
    if row.by != who.person.key and not who.directory.has_role(who.person, COORDINATOR):
        asked = who.directory.one_of([*who.directory.named([row.by]), *who.directory.coordinators])
        raise Refused(f"Only {asked} can withdraw {noun} {number}.")
    if row.withdrawn_at is not None:
        raise Refused(f"{noun.capitalize()} {number} was already withdrawn, {m.date(row.withdrawn_at)}.")
    row.withdrawn_at = tx.now
    add(tx, row)
    timeline.record(tx, row.plan_id, row.subject, Verb.WITHDRAWN, actor=who.person.key)
    outbox.touch(tx, noun, [number])
    return row


def _about(tx: Tx, directory: Directory, text: str) -> tuple[str, str]:
    """The key of the phase or team that a text begins with, and the rest of it."""
    head, colon, rest = text.partition(":")
    for key, name in service.parts(tx, directory) if colon else ():
        if m.means(head, key, name):
            return key, rest
    return "", text


def fits(text: str, how: str) -> str:
    """What somebody wrote, without blanks around it. Raises Refused for nothing, and for too much."""
    said = m.needed(text, how)
    if len(said) > LONGEST:
        raise Refused(f"This has {len(said):,} characters; {LONGEST} at most.")
    return said


def _moderate(tx: Tx, who: Asker) -> None:
    """A few within a day are enough, with those that were withdrawn."""
    lately = store.remarks(tx, Kudos, who.directory.plan_id, tx.now - service.A_DAY, withdrawn=True)
    own = [row for row in lately if row.by == who.person.key]
    if len(own) >= MOST:
        again = m.date(own[MOST - 1].at + service.A_DAY, "both")
        raise Refused(
            f"You gave {len(own)} kudos within a day, and {MOST} is the limit. You can give more from {again}."
        )


def add(tx: Tx, row: Remark) -> None:
    """Write a remark; it has a number then."""
    tx.session.add(row)
    tx.session.flush()
