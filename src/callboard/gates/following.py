"""What must hold for what follows when a gate is missed, decided or announced."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.core.errors import did_you_mean
from callboard.gates.parts import AnnouncePart, GatePart, MissedPart, NoGoPart
from callboard.planfile.sections import Document, Path, Problem
from callboard.teams.plan import directory as teams


def check(document: Document, at: Path, gate: GatePart) -> Iterator[Problem]:
    """Whoever is told is there, and so is what is escalated, declared or shifted."""
    if gate.if_missed:
        yield from _check_missed(document, (*at, "if_missed"), gate.if_missed)
    if gate.if_no_go:
        yield from _check_no_go(document, (*at, "if_no_go"), gate.if_no_go)
        if not gate.decision:
            sentence = "only a decision can be a no-go: write `decision: true`, or `if_missed` for this"
            yield document.warning((*at, "if_no_go"), sentence)
    if gate.announce:
        yield from _check_announced(document, (*at, "announce"), gate.announce)


def _check_missed(document: Document, at: Path, part: MissedPart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "tell"), part.tell)
    for word, written, section, kind in (
        ("escalate", part.escalate, "escalation", "escalation policy"),
        ("emergency", part.emergency, "emergencies", "emergency"),
    ):
        known = document.keys(section)
        if written and written not in known:
            yield document.error((*at, word), f"there is no {kind} `{written}`; {did_you_mean(written, known)}")


def _check_no_go(document: Document, at: Path, part: NoGoPart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "tell"), part.tell)
    known = document.keys("dates")
    for number, name in enumerate(part.shift):
        if name not in known:
            sentence = f"the plan has no date `{name}`; {did_you_mean(name, known)}"
            yield document.error((*at, "shift", number), sentence)
    if part.shift and part.again is None:
        yield document.error((*at, "shift"), "nothing says by how much: write when it is tried again, `again: 1d`")


def _check_announced(document: Document, at: Path, part: AnnouncePart) -> Iterator[Problem]:
    yield from teams.check_who(document, (*at, "to"), part.to)
    for number, address in enumerate(part.mail):
        yield from _check_address(document, (*at, "mail", number), address)


def _check_address(document: Document, at: Path, address: str) -> Iterator[Problem]:
    name, sign, host = address.partition("@")
    if sign and (not name or "." not in host or " " in address or "@" in host):
        yield document.error(at, f"`{address}` is no mail address: write it like someone@example.com")
    elif not sign and any(True for _ in teams.check_who(document, at, [address])):
        yield document.error(at, f"`{address}` is neither a mail address nor somebody of this plan")
