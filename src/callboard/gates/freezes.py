"""What must hold for freezes besides their form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callboard.core.errors import did_you_mean
from callboard.gates import signing
from callboard.gates.parts import FreezePart
from callboard.gates.signers import Work
from callboard.planfile.sections import Document, Path, Problem


def check(document: Document, freezes: Mapping[str, FreezePart]) -> Iterator[Problem]:
    """Freezes are of repositories there are, and their exceptions can be signed."""
    known = document.keys("repositories")
    for key, part in freezes.items():
        at: Path = ("freezes", key)
        for number, name in enumerate(part.repositories):
            if name not in known:
                path = (*at, "repositories", number)
                yield document.error(path, f"there is no repository `{name}`; {did_you_mean(name, known)}")
        if part.exceptions:
            here = (*at, "exceptions", "sign_off")
            yield from signing.check(document, here, part.exceptions.sign_off, Work(document))
