"""Whether those to whom something is announced can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from callboard.planfile.sections import Document, Path, Problem
from callboard.teams.plan.directory import check_who


def check_mail(document: Document, path: Path, addresses: Iterable[str]) -> Iterator[Problem]:
    """Refuse what is neither an address of mail nor somebody of the plan. `path` is that of the list."""
    for number, address in enumerate(addresses):
        name, sign, host = address.partition("@")
        if sign and (not name or "." not in host or "@" in host or " " in address):
            yield document.error((*path, number), f"`{address}` is no mail address: write it like someone@example.com")
        elif address.startswith("#"):
            yield document.error((*path, number), f"`{address}` is a channel, and no mail goes there: write it in `to`")
        elif not sign:
            for problem in check_who(document, path, (address,)):
                yield replace(problem, line=document.line((*path, number)), path=(*path, number))
