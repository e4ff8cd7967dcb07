"""Every number of a board opens to what it counts; the page keeps its words, and stays small however large the plan."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

from callboard.board import page
from callboard.board.picture.counts import Count, Row, Tally
from callboard.board.picture.parts import (
    Blocker,
    Colour,
    Conflict,
    Emergency,
    Gate,
    Happened,
    Light,
    Lock,
    Pair,
    Phase,
    PhaseState,
    Picture,
    Reason,
    Run,
    Step,
)

AT = datetime(2025, 11, 14, 14, 2, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
NASTY = '<script>alert(1)</script> & "it" {{ 7 * 7 }}'


def counted(number, name="Schema validated", kind="task"):
    rows = (Row(kind=kind, key=f"A-{n}", name=f"{name} {n}", state="in progress", team="Omega", at=AT)
            for n in range(number))  # fmt: skip
    return Count(tuple(rows))


def tally(number, name="Schema validated"):
    return Tally(total=counted(number, name), completed=counted(number // 2), late=counted(1), percent=50)


def pictured(teams=3, gates=4, tasks=20, name="Release"):
    """A picture with some of everything."""
    lights = tuple(
        Light(team=f"t{n}", name=f"{name} {n}", colour=tuple(Colour)[n % 4], tasks=tally(tasks // teams),
              reasons=(Reason(colour=Colour.RED, words="2 late tasks", rows=counted(2)),), blockers=counted(1))
        for n in range(teams)
    )  # fmt: skip
    line = tuple(
        Gate(key=f"g{n}", name=f"{name} {n}", state=("passed", "pending", "ready", "failed")[n % 4],
             criteria=counted(4), met=counted(2), sign_offs=counted(1), missing=counted(2),
             due=AT + timedelta(hours=n), late=n == 1)
        for n in range(gates)
    )  # fmt: skip
    step = {"key": "s", "name": name, "begins": AT, "ends": LATER, "planned": AT, "planned_end": LATER}
    return Picture(
        plan="release", name=name, zone="Europe/Berlin", version=3, revision=412, at=AT, begins=AT - timedelta(days=1),
        ends=AT + timedelta(days=1), tasks=tally(tasks, name), gates=line, lights=lights, opened=counted(teams),
        phases=(Phase(key="p", name=name, state=PhaseState.HELD, held_by=(name,), tasks=tally(tasks)),),
        pairs=(Pair(teams=("a", "b"), names=(name, "B"), state="in progress", points=counted(3), done=counted(1)),),
        blockers=tuple(Blocker(number=n, what=name, severity="critical", state="open", opened=AT, next_at=LATER,
                               next_why=name, resolve_by=LATER) for n in range(1, teams)),
        locks=(Lock(number=1, state="held", paths=(name,), holder=name, since=AT, waiting=counted(1)),),
        conflicts=(Conflict(number=1, one=name, degree="simple", since=AT, files=counted(2)),),
        runs=(Run(number=1, key="go", name=name, kind="runbook", state="running", zero=AT, begun=True, promised=LATER,
                  steps=counted(7), done=counted(3), now=(Step(place=1, state="running", **step),)),),
        emergencies=(Emergency(number=1, level="1", name="Critical", what=name, state="open", declared=AT),),
        latest=(Happened(id=412, at=AT, actor=name, text=name, said=name, kind="gate", key="g0"),),
    )  # fmt: skip


def opens(html):
    """What the numbers of a page ask for, with what they say."""
    found = re.findall(r'<a class="n" href="([^"]+)" aria-label="([^"]+)"', html)
    return {parse_qs(urlsplit(unescape(href)).query)["of"][0]: unescape(label) for href, label in found}


def test_numbers_of_the_page_open_to_as_many_rows_as_they_say():
    drawing = page.draw(pictured(), acts=True)
    asked = opens(drawing.html)
    assert len(asked) > 40
    for of, label in asked.items():
        found, shown = drawing.numbers.find(of), page.rows(drawing, of)
        words, _, name = label.partition(" – ")
        assert found, of
        assert shown, of
        assert (int(words.split()[0]), name) == (found.counts.number, found.name)
        assert shown.count("<tr>") == found.counts.number + 1
        assert all(row.name in shown for row in found.counts.rows)
    assert page.rows(drawing, "nothing.of.the.kind") is None


def test_numbers_of_a_board_of_then_open_to_what_was_then():
    html = page.draw(pictured(), acts=False, past=True).html
    assert "at=2025-11-14T14%3A02%3A00Z" in html
    assert "/blocker ack" not in html


def test_the_page_keeps_names_from_being_markup():
    drawing = page.draw(pictured(name=NASTY), acts=True)
    rows = [page.rows(drawing, number.of) or "" for number in drawing.numbers]
    for html in (drawing.html, *rows, page.sheet(NASTY, (NASTY,))):
        assert "<script>alert" not in html
    assert not re.search(r' style="| on[a-z]+="|<style|javascript:', drawing.html)


def test_the_page_of_a_plan_with_nothing_in_it_says_so():
    empty = Picture(plan="release", name="Release", zone="UTC", version=1, revision=1, at=AT, begins=AT, ends=AT,
                    tasks=Tally())  # fmt: skip
    html = page.draw(empty, acts=True).html
    for words in ("Nothing is blocked.", "No run-book runs.", "This plan has no gates.", "This plan has no teams."):
        assert words in html
    assert not opens(html)


def test_the_page_foresees_only_gates_that_are_not_decided():
    picture = pictured()
    passed, pending, ready, failed = (replace(gate, chance=0.5, often=LATER) for gate in picture.gates)
    for gates, forecasts in (((passed, failed), 0), ((passed, pending, ready, failed), 2)):
        html = page.draw(replace(picture, gates=gates), acts=True).parts["gates"]
        assert (html.count("in time"), ">Forecast<" in html) == (forecasts, forecasts > 0)


def test_the_page_of_a_plan_that_has_ended_says_that_it_is_over():
    running = pictured()
    over = replace(running, at=running.ends)
    assert ["<strong>over</strong>" in page.draw(each, acts=True).html for each in (running, over)] == [False, True]


def test_the_page_of_a_large_plan_is_small():
    drawing = page.draw(pictured(teams=50, gates=200, tasks=2_000), acts=True)
    assert len(drawing.packed) < 25_000


def test_the_page_sends_only_the_parts_that_are_others():
    before, after = page.draw(pictured(), acts=True), page.draw(pictured(gates=5), acts=True)
    assert before.since(before.digests) == {}
    assert set(after.since(before.digests)) == {"gates", "summary"}
    assert set(before.since({})) == set(page.PARTS)
