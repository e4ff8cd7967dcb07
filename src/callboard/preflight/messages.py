"""What is read of a preflight: the test page, the card, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callboard import blocks as b
from callboard.blocks import markup as m
from callboard.core.outbox import Medium, Message
from callboard.core.words import few_lines, joined
from callboard.preflight.models import Preflight, TestPage
from callboard.teams.directory import Directory

GOT = "preflight.got"
MEDIA = {Medium.SLACK: "Slack", Medium.APPRISE: "mail or telephone"}
MOST = 60


@dataclass(frozen=True, kw_only=True)
class View:
    """A preflight as it stands. `refused` are the ways that did not take somebody's page, by person."""

    flight: Preflight
    pages: Sequence[TestPage]
    directory: Directory
    refused: Mapping[str, Sequence[str]]

    @property
    def waiting(self) -> list[TestPage]:
        return [page for page in self.pages if page.answered_at is None]

    @property
    def head(self) -> str:
        """`Reached 11 of 12: not @x`."""
        whole, silent = len(self.pages) + len(self.flight.missing), self.waiting
        names = [self.directory.called(page.person) for page in silent] + [m.escape(why) for why in self.flight.missing]
        word = "still waiting for" if self.flight.is_open else "not"
        missing = f": {word} {joined(names, MOST)}" if names else ""
        return f"Reached {len(self.pages) - len(silent)} of {whole}{missing}"


def card(view: View) -> Message:
    """What coordinators see, as it stands."""
    flight, name = view.flight, m.escape(view.directory.plan_name)
    mark = ":white_check_mark:" if flight.reached_at else ":hourglass_flowing_sand:" if flight.is_open else ":warning:"
    when = f"Asked {m.date(flight.begun_at, 'both')}, answers until {m.date(flight.closes_at, 'both')}."
    over = f" Over since {m.date(flight.ended_at, 'both')}." if flight.ended_at else ""
    lines = [f"{mark} {m.bold(f'Preflight of {name}')}", f"{view.head}.", f"{when}{over}"]
    people = b.section("\n".join(few_lines(list(_people(view)), MOST))) if view.pages or flight.missing else None
    hints = [b.context(HINT)] if view.waiting else []
    return Message(
        f"Preflight: {view.head}", [b.section("\n".join(lines)), *([people] if people else []), *hints],
        title=f"Preflight of {view.directory.plan_name}",
    )  # fmt: skip


HINT = "Heard from somebody in another way? `/plan preflight reached @somebody`"


def _people(view: View) -> Iterator[str]:
    for page in view.waiting:
        ways = joined(MEDIA[Medium(medium)] for medium in page.media)
        refused = view.refused.get(page.person, ())
        failed = f"; {joined(refused)} did not take it" if refused else ""
        who = f"{view.directory.called(page.person)}{_instead(view, page)}"
        yield f":hourglass_flowing_sand: {who}: asked by {ways}{failed}"
    for why in view.flight.missing:
        yield f":no_entry: {m.escape(why)}"
    for page in view.pages:
        if page.answered_at:
            who = f"{view.directory.called(page.person)}{_instead(view, page)}"
            by = "" if page.by == page.person else f", says {view.directory.called(page.by)}"
            yield f":white_check_mark: {who}: {m.date(page.answered_at)}{by}"


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
        return Message(f":hourglass: The test page of {name} is over. You can still answer: `/plan test`.", title=title)
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
