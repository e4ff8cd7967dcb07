"""A lock in pictures: asked for, held, waited for, handed over, broken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.branches.models import Branch
from callboard.gallery.stage import Screen, Stage
from callboard.locks import messages, models, notices, rights, service, slack, store
from callboard.locks.models import Allowance, Lock, News
from callboard.locks.notices import CARD, NEWS
from callboard.locks.slack import buttons
from callboard.locks.targets import Wish, read
from callboard.slack.answers import Modal, Say
from callboard.slack.requests import Request
from callboard.teams.directory import Asker


def screens(stage: Stage) -> Iterator[Screen]:
    """What a member who locks, another who waits, and their lead see."""
    member, lead = stage.cast()
    tx, asked = stage.tx, Request(workspace=stage.workspace, user=member.person.slack_id)
    yield stage.answered("/lock", "The form for a new one", slack.ask_by_form(tx, asked, {}))
    lock = service.acquire(tx, member, Wish((read("src/api/**"), read("staging")), "refactoring"))
    view = notices.view(tx, lock)
    yield stage.answered("/lock PATHS for REASON", "The answer", Say(messages.answer(view)))
    yield stage.sent(CARD.kind, "Somebody has it", lock.subject)
    yield from (_form(stage, view, verb) for verb in buttons.FORMS if verb != "decline")
    yield from _refused(stage, lead)
    yield stage.sent(CARD.kind, "Somebody has it, and somebody waits", lock.subject)
    awaited = {"by": lead.person.key, "example": "staging"}
    yield _news(stage, News.AWAITED, "The holder learns who waits", lock, **awaited)
    yield _news(stage, News.REMINDER, "In the morning", lock)
    yield _news(stage, News.HANDED, "It was handed to somebody", lock, by=lead.person.key)
    yield stage.answered("/lock list", "What is locked", slack.list_all(tx, asked, {"word": None}))
    yield stage.answered("/lock who", "Whose a path is", slack.who(tx, asked, {"path": "src/api/x.py"}))
    yield stage.answered("/lock show 1", "One with its history", slack.show(tx, asked, {"number": lock.number}))
    for typed, title in (("release all of it", "A verb with what it does not take"), ("wait x", "Nobody has it")):
        verb, _, what = typed.partition(" ")
        run = slack.wait if verb == "wait" else slack.lock
        answer = run(tx, asked, {"what": what if verb == "wait" else typed})
        yield stage.answered(f"/lock {typed}", title, answer)
    service.release(tx, member, lock.number)
    waiting = store.live(tx, stage.plan_id)[-1]
    yield _news(stage, News.TURN, "It is somebody's turn", waiting)
    service.take(tx, lead, waiting.number)
    service.break_open(tx, _coordinator(lead), waiting.number, "the release waits")
    yield _news(stage, News.ENDED, "The holder learns that it was broken", waiting, by=member.person.key)
    yield stage.sent(CARD.kind, "It was broken", waiting.subject)
    yield from _joint(stage, member, lead)
    yield from _guarded(stage, member, lead)


def _coordinator(asker: Asker) -> Asker:
    others = (person for person in asker.directory.coordinators if person.key != asker.person.key)
    return Asker(asker.directory, next(others))


def _form(stage: Stage, view: messages.View, verb: str) -> Screen:
    title, _ = buttons.FORMS[verb]
    return stage.answered(title, f"{title}: the form", Modal(buttons.form(view, verb)))


def _news(stage: Stage, news: News, title: str, lock: Lock, **args: str) -> Screen:
    return stage.sent(NEWS[news].kind, title, lock.subject, args=args)


def _refused(stage: Stage, lead: Asker) -> Iterator[Screen]:
    wish = Wish((read("src/api/x.py"),), "a fix", timedelta(hours=2))
    try:
        service.acquire(stage.tx, lead, wish)
    except rights.Taken as taken:
        rows = messages.refused(taken.sentence, "src/api/x.py for a fix")
        yield stage.answered("/lock PATHS for REASON", "It is taken", Say(taken.sentence, rows))
    waiting = service.acquire(stage.tx, lead, wish, wait=True)
    yield stage.answered("/lock wait", "In line", Say(messages.answer(notices.view(stage.tx, waiting))))


def _joint(stage: Stage, member: Asker, lead: Asker) -> Iterator[Screen]:
    """Consent is shown on a lock of the member's that is made to need it: the example plan has no joint zone."""
    lock = service.acquire(stage.tx, member, Wish((read("openapi/v1.yml"),), "the new sign-in"))
    other = next(key for key in lead.directory.teams if key != lock.team)
    models.ask(lock, [other], stage.tx.now)
    stage.tx.session.add(lock)
    yield stage.sent(CARD.kind, "It is joint, and another team must agree", lock.subject)
    yield _form(stage, notices.view(stage.tx, lock), "decline")
    models.agree(lock, other, lead.person.key, stage.tx.now)
    yield _news(stage, News.AGREED, "The other team agrees", lock, by=lead.person.key)


def _guarded(stage: Stage, member: Asker, lead: Asker) -> Iterator[Screen]:
    team = next(iter(lead.directory.teams_of(lead.person)))
    branch = Branch(
        plan_id=stage.plan_id, mirror_id=1, repository="harbor", name="feature/sign-in", head="a" * 40, base="b" * 40,
        team=team.key, person=lead.person.key, author="", files=1, touched=[["docs/a.md", "changed", None]],
    )  # fmt: skip
    stage.tx.session.add(branch)
    lock = service.acquire(stage.tx, member, Wish((read("docs/a.md"),), "the manual"))
    asked = Request(workspace=stage.workspace, user=member.person.slack_id)
    yield stage.sent("lock.pushed", "Somebody pushes what one holds", lock.subject, args={"branch": branch.id})
    released = slack.release(stage.tx, asked, {"numbers": (lock.number,)})
    yield stage.answered("/lock release 1", "It is given back", released)
    given = Allowance(
        plan_id=stage.plan_id, person=member.person.key, by=lead.person.key, reason="the fix of the sign-in",
        targets=["web/menu/**"], until=stage.tx.now + timedelta(hours=4),
    )  # fmt: skip
    stage.tx.session.add(given)
    stage.tx.flush()
    yield stage.sent("lock.allowed", "Somebody may change what is another team's", given.subject)
    push = {
        "repository": "harbor", "branch": "main", "pushed_by": "be-one", "old": "5d1f0c3a", "new": "9a3c77e1",
        "at": stage.tx.now.isoformat(), "why": "connection refused",
    }  # fmt: skip
    args = {"pushes": [push, push | {"branch": "frontend/menu", "pushed_by": "fe-one"}]}
    yield stage.sent("lock.unchecked", "What the guard let through while nobody answered", given.subject, args=args)
