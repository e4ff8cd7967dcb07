"""What is read of a preflight: the test page, the card, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Message
from callboard.core.words import few_lines, joined
from callboard.preflight.models import Preflight, TestPage
from callboard.teams.directory import Directory

GOT = "preflight.got"
WAYS = {
    "slack": "Slack", "phone": "telephone", "mail": "mail", "fallback": "their fallback",
    "apprise": "mail or telephone",
}  # fmt: skip
MOST = 60


@dataclass(frozen=True, kw_only=True)
class View:
    """A preflight as it stands. `refused` are the ways that did not take somebody's page, by person.

    Whoever has not answered is `waiting`; of these `cut_off` is whom no way has taken the page to, and `asleep` who has
    quiet hours for as long as it lasts.
    """

    flight: Preflight
    pages: Sequence[TestPage]
    directory: Directory
    refused: Mapping[str, Sequence[str]]

    @property
    def waiting(self) -> list[TestPage]:
        return [page for page in self.pages if page.answered_at is None]

    @property
    def cut_off(self) -> list[TestPage]:
        return [page for page in self.waiting if set(page.media) <= set(self.refused.get(page.person, ()))]

    @property
    def asleep(self) -> list[TestPage]:
        return [page for page in self.waiting if (at := self.asked_late(page)) and at >= self.flight.closes_at]

    def asked_late(self, page: TestPage) -> datetime | None:
        """When the quiet hours end that hold somebody's page back; None where none did."""
        person = self.directory.people.get(page.person)
        return person.quiet_until(self.flight.begun_at) if person else None

    @property
    def head(self) -> str:
        """`Reached 11 of 12; no answer from @x`."""
        whole, silent = len(self.pages) + len(self.flight.missing), self.waiting
        asleep, cut_off = self.asleep, self.cut_off
        waiting = "still waiting for" if self.flight.is_open else "no answer from"
        parts = {
            waiting: [self.directory.called(page.person) for page in silent if page not in (*cut_off, *asleep)],
            "in quiet hours all the time:": [self.directory.called(page.person) for page in asleep],
            "no way takes the page of": [self.directory.called(page.person) for page in cut_off],
            "not asked:": list(map(m.escape, self.flight.missing)),
        }  # fmt: skip
        reached = f"Reached {len(self.pages) - len(silent)} of {whole}"
        return "; ".join([reached, *(f"{word} {joined(names, MOST)}" for word, names in parts.items() if names)])

    @property
    def faults(self) -> list[str]:
        """Of whoever has answered, the ways that did not take the page all the same."""
        answered = [page.person for page in self.pages if page.answered_at and page.person in self.refused]
        called = self.directory.called
        return [f"{called(key)} answered, but {ways(self.refused[key])} did not take the page." for key in answered]


def ways(words: Sequence[str]) -> str:
    return joined([WAYS[word] for word in words])


def card(view: View) -> Message:
    """What coordinators see, as it stands."""
    flight, name = view.flight, m.escape(view.directory.plan_name)
    mark = ":white_check_mark:" if flight.reached_at else ":hourglass_flowing_sand:" if flight.is_open else ":warning:"
    when = f"Asked {m.date(flight.begun_at, 'both')}, answers until {m.date(flight.closes_at, 'both')}."
    over = f" Over since {m.date(flight.ended_at, 'both')}." if flight.ended_at else ""
    lines = [f"{mark} {m.bold(f'Preflight of {name}')}", f"{view.head}.", f"{when}{over}"]
    people = b.section("\n".join(few_lines(list(_people(view)), MOST))) if view.pages or flight.missing else None
    hints = [b.context(HINT if flight.is_open else AGAIN)] if view.waiting else []
    return Message(
        f"Preflight: {view.head}", [b.section("\n".join(lines)), *([people] if people else []), *hints],
        title=f"Preflight of {view.directory.plan_name}",
    )  # fmt: skip


AGAIN = "Ask again: `/plan preflight start`"
HINT = "Heard from somebody in another way? `/plan preflight reached @somebody`"


def _people(view: View) -> Iterator[str]:
    for page in view.waiting:
        refused = view.refused.get(page.person, ())
        failed = f"; {ways(refused)} did not take it" if refused else ""
        who = f"{view.directory.called(page.person)}{_instead(view, page)}"
        mark, silent = (":hourglass_flowing_sand:", "") if view.flight.is_open else (":x:", "no answer, ")
        rested = view.asked_late(page)
        late = f", {m.date(rested, 'both')} after their quiet hours" if rested else ""
        if page in view.asleep:
            yield f":zzz: {who}: not asked, in quiet hours until {m.date(rested or view.flight.closes_at, 'both')}"
        else:
            yield f"{mark} {who}: {silent}asked by {ways(page.media)}{late}{failed}"
    for why in view.flight.missing:
        yield f":no_entry: {m.escape(why)}"
    for page in view.pages:
        if page.answered_at:
            who = f"{view.directory.called(page.person)}{_instead(view, page)}"
            by = "" if page.by == page.person else f", says {view.directory.called(page.by)}"
            refused = view.refused.get(page.person, ())
            mark = ":warning:" if refused else ":white_check_mark:"
            failed = f", but {ways(refused)} did not take the page" if refused else ""
            yield f"{mark} {who}: {m.date(page.answered_at)}{by}{failed}"


def _instead(view: View, page: TestPage) -> str:
    return f" for {view.directory.names_of(page.instead_of)}" if page.instead_of else ""


def test_page(view: View, page: TestPage, *, again: bool) -> Message:
    """What whoever may be paged on the day reads."""
    name, until = m.escape(view.directory.plan_name), m.date(view.flight.closes_at, "both")
    title = f"{view.directory.plan_name}: a test page"
    if page.answered_at:
        done = f":white_check_mark: You answered the test page of {name}, {m.date(page.answered_at, 'both')}."
        return Message(done, title=title)
    if not view.flight.is_open:
        over = f":hourglass: The test page of {name} is over, without an answer from you. Try whether pages reach you: "
        return Message(f"{over}`/plan test`", title=title)
    for_whom = f" You stand in for {view.directory.names_of(page.instead_of)}." if page.instead_of else ""
    head = "This is still open" if again else "This is a test page"
    text = (
        f":wave: {head}: {name} checks that everybody can be reached on the day.{for_whom} Nothing is wrong. "
        f"Please answer by {until}."
    )
    closes = (
        f"{view.flight.closes_at.astimezone(view.directory.calendar.zone):%Y-%m-%d %H:%M} ({view.directory.timezone})"
    )
    plain = (
        f"This is a test page: {view.directory.plan_name} checks that everybody can be reached on the day. Nothing is "
        f"wrong. Please answer by {closes}. In Slack: /plan preflight got. Or tell whoever coordinates the plan."
    )
    button = b.button("I got it", GOT, f"{page.number}:0", style="primary")
    return Message(text, [b.section(text), b.actions(button)], title=title, plain=plain)
