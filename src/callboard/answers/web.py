"""The page behind an answer link: the matter as it is now. Only its button answers, since mail scanners open links."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from callboard.answers import letters, links, store
from callboard.core import timeline
from callboard.core.db import Database, Tx
from callboard.core.deliveries import Delivery
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.slack.answers import Say
from callboard.slack.requests import Request as Clicked
from callboard.teams import service as teams
from callboard.teams.directory import Asker
from callboard.teams.slack import Answerable, Click
from callboard.web import problems
from callboard.web.door import Door
from callboard.web.limits import Callers
from callboard.web.page import Sheet, rendered

log = structlog.get_logger()
LONGEST = 200
"""Bytes of a form: it holds one number."""
UNKNOWN = "This link is not mine, or a part of it is missing. Copy it whole from the message, or answer in Slack."
SPENT = "Nothing waits for your answer any more."
door = Door(links.PATH, says=problems.say, longest=LONGEST)


class Wrong(Refused):
    """A link that opens nothing; `reason` says in a few words why, for the timeline."""

    def __init__(self, status: HTTPStatus, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class Opened:
    """Whom a link speaks for, and the matter it is about."""

    page: Delivery
    asker: Asker
    row: Any
    answerable: Answerable[Any]


def opened(tx: Tx, written: str) -> Opened:
    """What a link opens. Raises Wrong for one that is unknown, too old, or of somebody who is not here any more."""
    token = links.read(store.key(tx), written)
    page = store.page(tx, token.page) if token else None
    answerable = links.how(tx, page) if page else None
    if token is None or page is None or answerable is None:
        raise Wrong(HTTPStatus.NOT_FOUND, UNKNOWN, "unknown")
    directory = teams.directory(tx, page.plan_id)
    person, row = directory.people.get(links.whom(page)), answerable.about.find(tx, page.subject_id)
    if person is None or person.vacant:
        sentence = f"The person this link was for is not in {directory.plan_name} any more."
        raise Wrong(HTTPStatus.GONE, sentence, "not in the plan any more")
    if not person.acts:
        sentence = f"{person.name} has a deactivated Slack account, so this link answers nothing any more."
        raise Wrong(HTTPStatus.GONE, sentence, "has left")
    if row is None:
        raise Wrong(HTTPStatus.GONE, letters.sentence(directory, answerable.about.gone, person.key), "gone")
    if token.until <= tx.now:
        until = token.until.astimezone(person.zone)
        how = answerable.typed(row)
        sentence = f"This link was good until {until:%d %b, %H:%M %Z}. Answer in Slack: {how}"
        raise Wrong(HTTPStatus.GONE, sentence, "too old")
    return Opened(page, Asker(directory, person), row, answerable)


def look(tx: Tx, written: str, said: str = "") -> Sheet:
    """The matter as it is now. It changes nothing."""
    try:
        found = opened(tx, written)
    except Wrong as wrong:
        return Sheet("This link does not work", wrong.sentence, status=wrong.status)
    directory, person, card = found.asker.directory, found.asker.person, found.answerable.about.card
    shown = letters.lines(directory, card(tx, found.row), person.key) if card else []
    sheet = Sheet(
        directory.plan_name, said, f"This link is for {person.name} only.", tuple(shown), found.answerable.label,
        found.answerable.mark(tx, found.row), HTTPStatus.CONFLICT if said else HTTPStatus.OK,
    )  # fmt: skip
    if found.page.answered_at is not None:
        at = found.page.answered_at.astimezone(person.zone)
        used = f"You answered with this link at {at:%H:%M %Z on %d %b}."
        return replace(sheet, label="", said=f"{used} {'Nothing was changed now.' if said else ''}".strip())
    return sheet if found.answerable.waits(tx, found.row) else replace(sheet, label="", said=said or SPENT)


def press(tx: Tx, written: str, changes: int) -> str:
    """Answer as a click on the button does; what it says. Raises Refused."""
    found = opened(tx, written)
    page, directory = found.page, found.asker.directory
    if page.answered_at is not None:
        raise Refused("You used this link already.")
    value = str(page.args.get("key", ""))
    clicked = Clicked(workspace=directory.workspace, user=found.asker.person.slack_id, value=value)
    answer = found.answerable.press(Click(tx, found.asker, found.row, changes, "", clicked))
    if not store.use(tx, page.id or 0):
        raise Refused("You used this link already.")
    log.info("answer.used", page=page.key, person=found.asker.person.key)
    return (
        letters.sentence(directory, answer.text, found.asker.person.key)
        if isinstance(answer, Say)
        else "Your answer is noted."
    )


def note_try(tx: Tx, written: str, refused: Refused) -> None:
    """Put on the timeline that a link was refused, once for each page and reason; nothing for one that is not ours."""
    token = links.read(store.key(tx), written)
    page = store.page(tx, token.page, lock=True) if token else None
    if page is None:
        return
    used = "used already" if page.answered_at else "refused"
    reason = refused.reason if isinstance(refused, Wrong) else used
    about = Subject(links.PAGE, page.id or 0)
    if all(entry.facts.get("reason") != reason for entry in timeline.history(tx, about)):
        timeline.record(
            tx, page.plan_id, about, links.TRIED, actor=links.whom(page), about=page.subject_kind,
            number=page.subject_id, reason=reason, why=refused.sentence,
        )  # fmt: skip


def router(db: Database, callers: Callers) -> APIRouter:
    """The two routes of a link."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(f"{links.PATH}{{token}}", response_class=Response)
    async def show(token: str, request: Request) -> Response:
        """Show the matter, and the button."""
        return _barred(request) or _answer(request, await db.read(look, token))

    @routes.post(f"{links.PATH}{{token}}", response_class=Response)
    async def answer(token: str, request: Request) -> Response:
        """Answer."""
        if barred := _barred(request):
            return barred
        form = parse_qs((await request.body()).decode("latin-1"))
        written = form.get("changes", ["0"])[0]
        changes = int(written) if written.isdecimal() and len(written) < LONGEST // 20 else 0
        try:
            said = await db.write(press, token, changes)
        except Refused as refused:
            await db.write(note_try, token, refused)
            return _answer(request, await db.read(_refused, token, refused.sentence))
        return _answer(request, replace(await db.read(look, token), said=said, label="", status=HTTPStatus.OK))

    def _barred(request: Request) -> Response | None:
        wrong = callers.barred(request)
        return wrong.page() if wrong else None

    def _answer(request: Request, sheet: Sheet) -> Response:
        if sheet.status == HTTPStatus.NOT_FOUND:
            callers.was_wrong(request)
        return rendered(sheet)

    return routes


def _refused(tx: Tx, written: str, sentence: str) -> Sheet:
    """Why nothing was done, and the matter as it is now."""
    try:
        asker = opened(tx, written).asker
    except Wrong:
        return look(tx, written)
    return look(tx, written, letters.sentence(asker.directory, sentence, asker.person.key))
