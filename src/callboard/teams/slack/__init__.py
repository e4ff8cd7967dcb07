"""Who asks in Slack, about what: for every command, button and form; and the channels that the bot comes into.

days: days as people type them, `friday` or `next week`
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Generic, Protocol, TypeVar

from callboard.blocks import forms
from callboard.blocks import markup as m
from callboard.core import outbox
from callboard.core.calendar import Calendar, to_utc
from callboard.core.db import Tx
from callboard.core.errors import Refused, Unfit, unknown
from callboard.core.outbox import Message
from callboard.planfile import ends
from callboard.slack.answers import Answer, Done, Errors, Modal, Say
from callboard.slack.arguments import not_one_person
from callboard.slack.requests import Request
from callboard.slack.routes import Hears, Interaction
from callboard.teams import links, service, several_plans
from callboard.teams.directory import Asker, Person
from callboard.teams.old_buttons import Old
from callboard.teams.web import timed

SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,}")
BECAUSE = re.compile(r"(?:^|\s)because(?:\s+|$)", re.IGNORECASE)
OURSELVES = ("me", "myself")
SHORT = 60
NOT_SO = re.compile(
    r"no|nope|almost|nearly|wip|tbd|to\s?do|pending|in\s+progress|half(?:\s+done)?|still\s+\w+(?:\s+\w+)?|"
    r"(?:(?:i(?:['’]m|\s+am)|we(?:['’]re|\s+are)|currently)\s+)?(?:on\s+it|(?:working|looking|investigating|checking)"
    r"(?:\s+(?:on|at|into))?(?:\s+(?:it|this|that))?)(?:\s+now)?|"
    r"(?:it\s+)?(?:is\s+)?(?:not|isn['’]t)\s+(?:fixed|done|ready|resolved|solved|over|finished|working|complete|ok(?:ay)?)(?:\s+yet)?",
    re.IGNORECASE,
)
TO_COME = re.compile(
    r"(?:(?:it|this|that|i|we)\s*)?(?:\bwill|['’]ll|\bshall|\bshould|\bgonna|(?:\b(?:is|am|are)\s+)?\bgoing\s+to)\s+"
    r"(?P<what>.+)",
    re.IGNORECASE | re.DOTALL,
)
TO_DO = re.compile(
    r"(?:be\s+)?(?:fix(?:ed)?|do(?:ne)?|(?:re)?solved?|finish(?:ed)?|ready|look|check)(?:\s+(?:at|into))?"
    r"(?:\s+(?:it|this|that))?",
    re.IGNORECASE,
)
MOST_OF_A_TIME = 4
"""Words in which people say when: `by tomorrow at noon`."""
TYPED = re.compile(r": `/[^`]*`")
PRIVATE = "_alone"


def asker(tx: Tx, request: Request) -> Asker:
    """Who asks, in which plan."""
    return several_plans.identify(tx, request)


def person(asker: Asker, user: str) -> Person:
    """Whom a mention means, or what the plan calls somebody. Raises Refused for whoever is not in the plan."""
    directory = asker.directory
    if member := directory.by_slack(user):
        return member
    if SLACK_ID.fullmatch(user):
        raise Refused(f"{m.mention(user)} is not in {m.escape(directory.plan_name)}. `/plan people` lists who is.")
    if group := not_one_person(user):
        raise Refused(group)
    wanted = m.unescape(user).lower()
    named = [person for key, person in directory.people.items() if m.means(user, key, person.name)]
    if not named and wanted in OURSELVES:
        return asker.person
    if not named:
        handles = {handle: key for key, person in directory.people.items() for handle in (person.name, key)}
        shown = m.clip(user.replace("`", "'"), 40)
        raise unknown(f"Nobody in {m.escape(directory.plan_name)} is called `{shown}`", wanted, handles, typed=handles)
    return named[0]


def own_calendar(asker: Asker) -> Calendar:
    return Calendar(asker.person.zone, asker.person.working_hours, asker.directory.calendar.holidays)


def instant(tx: Tx, asker: Asker, text: str, day_at: time | None = None) -> datetime:
    """Until when, by the asker's own clock. Raises Refused for what is no time, or past.

    A day without a time means `day_at` where that is still to come, else the end of its working hours.
    """
    end = ends.read(m.unescape(text), tx.now, own_calendar(asker))
    if end.day and day_at and (early := to_utc(datetime.combine(end.day, day_at), asker.person.zone)) > tx.now:
        return early
    return end.until or tx.now + (end.span or timedelta())


def is_when(tx: Tx, asker: Asker, said: str) -> bool:
    """Whether what was `said` is a time and nothing else: `in 10 minutes`."""
    return ends.is_all(m.unescape(said).strip(" .!"), tx.now, own_calendar(asker))


def is_promise(tx: Tx, asker: Asker, said: str | None) -> bool:
    """Whether what was `said` of something that is over says only when, or that it is not: `by friday`, `not yet`."""
    typed = m.unescape(said or "").strip(" .!")
    coming = TO_COME.fullmatch(typed)
    if not typed or NOT_SO.fullmatch(typed) or (coming and TO_DO.fullmatch(coming["what"])):
        return bool(typed)
    words = coming["what"].split() if coming else []
    whens = [typed, *(" ".join(words[-count:]) for count in range(1, min(len(words), MOST_OF_A_TIME + 1)))]
    return any(is_when(tx, asker, when) for when in whens)


class Promised(Unfit):
    """It is not over yet, so it `stays`."""

    def __init__(self, said: str, stays: str, instead: str) -> None:
        later = NOT_SO.fullmatch(said.strip(" .!")) or TO_COME.fullmatch(said.strip(" .!"))
        says = "that it is not so yet" if later else "when"
        super().__init__(f"{m.code(m.clip(said, SHORT))} says {says}, so {stays}. {instead}", said)


class Row(Protocol):
    """What buttons and forms can be about."""

    plan_id: int


R = TypeVar("R", bound=Row)


class Misfit(Refused):
    """A field of a form holds what does not fit: the form stays open and says so there. `block` is the field's id."""

    def __init__(self, block: str, sentence: str) -> None:
        super().__init__(sentence)
        self.block = block


@dataclass(frozen=True)
class Click(Generic[R]):
    """Somebody clicked a button or sent a form that is about one row.

    `changes` counts how often the row had changed when that was drawn; `rest` is what else a button's value says.
    """

    tx: Tx
    asker: Asker
    row: R
    changes: int
    rest: str
    request: Request

    @property
    def values(self) -> Mapping[str, Any]:
        return self.request.values

    def person(self, block: str) -> Person | None:
        """Who was chosen in a field; None where it was left empty. Raises Misfit for whoever is not in the plan."""
        user = self.values.get(block) or ""
        member = self.asker.directory.by_slack(user)
        if user and member is None:
            plan = self.asker.directory.plan_name
            raise Misfit(block, f"They are not in {plan}. Choose somebody else.")
        return member


Press = Callable[[Click[R]], Answer]


@dataclass(frozen=True)
class About(Generic[R]):
    """The buttons, menus and forms about one kind of row, found by its number.

    A button's value is `number:changes` and perhaps `:rest`, a menu's has the verb in front; a form carries `number`
    and `changes` along. Who clicks on a row that is gone, or of another workspace, reads the sentence `gone`; who
    clicks on an old one sees the `card` as it is now.
    """

    find: Callable[[Tx, int], R | None]
    gone: str
    card: Callable[[Tx, R], Message] | None = None

    def button(self, id: str, press: Press[R], *, reads: bool = False) -> Interaction:  # noqa: A002 - as in Interaction
        """What happens on a click."""
        return Interaction("button", id, lambda tx, request: self._pressed(press, tx, request, request.value), reads)

    def menu(self, id: str, choices: Mapping[str, Press[R]]) -> Interaction:  # noqa: A002 - as in Interaction
        """What happens when a verb is chosen in a menu."""

        def choose(tx: Tx, request: Request) -> Answer:
            verb, _, value = request.value.partition(":")
            return self._pressed(choices[verb], tx, request, value)

        return Interaction("button", id, choose)

    def form(self, id: str, submit: Press[R], at: str = "") -> Interaction:  # noqa: A002 - as in Interaction
        """What happens when a form is sent. A refusal stands at the field that it is about, or `at` one of them."""

        def send(tx: Tx, request: Request) -> Answer:
            carried = request.private
            try:
                return self._pressed(submit, tx, request, f"{carried['number']}:{carried.get('changes', 0)}")
            except Refused as refused:
                block = _field(request, refused) or at
                if not block or refused.shown:
                    raise
                who, _ = self.row(tx, request, carried["number"])
                return Errors({block: timed(refused.sentence, who.person.zone)})

        return Interaction("modal", id, send)

    def row(self, tx: Tx, request: Request, number: int) -> tuple[Asker, R]:
        """Who asks, in the plan of the row they ask about. Raises Refused where it is not there for them."""
        row = self.find(tx, number)
        directory = service.directory(tx, row.plan_id) if row else None
        if row is None or directory is None or directory.workspace not in ("", request.workspace):
            raise Refused(self.gone)
        return asker(tx, replace(request, plan=directory.plan_key)), row

    def _pressed(self, press: Press[R], tx: Tx, request: Request, value: str) -> Answer:
        click = self._click(tx, request, value)
        try:
            answer = press(click)
        except Old as old:
            if self.card is None:
                raise
            now = Refused(old.with_card)
            now.shown = self.card(tx, click.row).blocks
            raise now from None
        if isinstance(answer, Modal) and request.is_private:
            return _marked(answer)
        silent = request.is_private or request.at_home or request.private.get(PRIVATE)
        if isinstance(answer, Done) and self.card and silent:
            message = self.card(tx, click.row)
            return Say(message.text, message.blocks)
        return answer

    def _click(self, tx: Tx, request: Request, value: str) -> Click[R]:
        number, _, rest = value.partition(":")
        changes, _, rest = rest.partition(":")
        who, row = self.row(tx, request, int(number))
        return Click(tx, who, row, int(changes or 0), rest, request)


def _field(request: Request, refused: Refused) -> str:
    """The field of a form that a refusal is about; what to type instead is for where there is none."""
    if isinstance(refused, Misfit):
        return refused.block
    if not isinstance(refused, Unfit):
        return ""
    refused.sentence = TYPED.sub("", refused.sentence)
    return next((block for block, value in request.values.items() if (value or "") == refused.given), "")


def _marked(form: Modal) -> Modal:
    """A form that was opened where no card changes: it ends with the card."""
    carried = {**json.loads(form.view.get("private_metadata") or "{}"), PRIVATE: 1}
    kept = json.dumps(carried, separators=(",", ":"), ensure_ascii=False)
    return Modal({**form.view, "private_metadata": kept}) if len(kept) <= forms.PRIVATE else form


@dataclass(frozen=True)
class Answerable(Generic[R]):
    """How a page about a row is answered by its link: by `press`, as a click on the button called `label`.

    `waits` says whether there is something to answer, `typed` what does the same in Slack. The number that `mark` gives
    is another one once something has changed since the page was read.
    """

    about: About[R]
    press: Press[R]
    label: str
    waits: Callable[[Tx, R], bool]
    typed: Callable[[R], str]
    mark: Callable[[Tx, R], int] = lambda _, row: int(getattr(row, "changes", 0))


def coordinator(tx: Tx, request: Request) -> Asker:
    """Who asks, if they coordinate the plan, or stand in for who does. Raises Refused for everybody else."""
    who = asker(tx, request)
    if not who.directory.coordinates(who.person, tx.now):
        may = who.directory.one_of(who.directory.coordinating(tx.now))
        raise Refused(f"Only {may or 'a coordinator'} can do that in {m.escape(who.directory.plan_name)}.")
    return who


def reasoned(text: str) -> tuple[str, str]:
    """What was typed, and why, both as plain text: `ops because the gate is only paperwork`."""
    what, *reason = BECAUSE.split(m.unescape(text), maxsplit=1)
    return what.strip(), reason[0].strip() if reason else ""


def hear_joined(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    links.joined(tx, workspace, str(event.get("channel", "")))


def hear_unarchived(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    links.unarchived(tx, workspace, str(event.get("channel", "")))


def hear_renamed(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    links.renamed(tx, workspace, str(event["old_channel_id"]), str(event["new_channel_id"]))


def hear_left(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    """An account was deactivated; whether it is active again, the links ask."""
    links.lost(tx, workspace, str(event["user"]["id"]), "user_disabled")


def hear_deleted(tx: Tx, workspace: str, event: Mapping[str, Any]) -> None:
    outbox.deleted(tx, workspace, str(event.get("channel", "")), str(event["deleted_ts"]))


def was_a_bots(event: Mapping[str, Any]) -> bool:
    before = event.get("previous_message")
    return isinstance(before, Mapping) and bool(before.get("bot_id")) and bool(event.get("deleted_ts"))


def has_left(event: Mapping[str, Any]) -> bool:
    user = event.get("user")
    return isinstance(user, Mapping) and bool(user.get("deleted")) and bool(user.get("id"))


hears = (
    Hears("member_joined_channel", hear_joined), Hears("channel_unarchive", hear_unarchived),
    Hears("group_unarchive", hear_unarchived), Hears("channel_id_changed", hear_renamed),
    Hears("user_change", hear_left, has_left), Hears("message_deleted", hear_deleted, was_a_bots),
)  # fmt: skip
