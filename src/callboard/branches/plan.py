"""The `repositories` section of the plan file, and the mirrors that follow it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from callboard.branches import store
from callboard.branches.models import Mirror
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.types import Many, Part, Span, shorthand

if TYPE_CHECKING:
    from callboard.core.db import Tx

SHORTEST = timedelta(seconds=10)
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
SECRET = re.compile(r"://[^/@\s:]*:[^/@\s]+@")
NO_BRANCH = re.compile(r"\s|\.\.|[~^:\\]|//|^-|^/|/$|\.lock$")


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("a repository is not fetched that often: write 10s or more, such as 5m")
    return span


class RepositoryPart(Part):
    """A repository that is mirrored: where it is cloned from, its main branch, and those that are protected too."""

    clone: str = Field(min_length=1, examples=["https://git.example.com/harbor.git"])
    name: str = ""
    about: str = ""
    main: str = Field("main", min_length=1)
    protected: Many = ()
    scan_every: Annotated[Span, AfterValidator(_often)] = timedelta(minutes=5)


Repository = Annotated[RepositoryPart, shorthand("clone")]


def check(document: Document, repositories: Mapping[str, RepositoryPart]) -> Iterator[Problem]:
    """Repositories are cloned without a password in the file, each once, and their branches can be branches."""
    first: dict[str, str] = {}
    for key, part in repositories.items():
        at: Path = ("repositories", key)
        if not KEY.fullmatch(key):
            yield document.error(at, "a repository is called by letters, digits, dots and dashes: harbor-web")
        yield from _check_clone(document, at, part.clone)
        other = first.setdefault(part.clone, key)
        if other != key:
            yield document.warning((*at, "clone"), f"`{other}` is cloned from there too: name each repository once")
        named = [((*at, "main"), part.main)]
        named += [((*at, "protected", number), branch) for number, branch in enumerate(part.protected)]
        for path, branch in named:
            if NO_BRANCH.search(branch) or not branch:
                yield document.error(path, f"`{branch}` cannot be a branch: write a name such as main, or release/*")


def _check_clone(document: Document, at: Path, clone: str) -> Iterator[Problem]:
    if SECRET.search(clone):
        sentence = "a password stands in this address: write env:NAME of a variable that holds the whole of it"
        yield document.error((*at, "clone"), sentence)
    elif " " in clone or clone.startswith("-"):
        sentence = f"`{clone}` cannot be cloned: write an address such as https://git.example.com/harbor.git"
        yield document.error((*at, "clone"), sentence)


def follow(tx: Tx, plan_id: int, document: Document) -> None:
    """Mirror the repositories that the plan names, and no others."""
    parts: dict[str, RepositoryPart] = document.values.get("repositories") or {}
    there = {one.repository: one for one in store.mirrors(tx, plan_id)}
    for key, part in parts.items():
        found = there.get(key) or Mirror(plan_id=plan_id, repository=key, clone="")
        if found.clone != part.clone or found.next_at is None:
            found.clone, found.next_at, found.failures = part.clone, tx.now, 0
        tx.session.add(found)
    for key in there.keys() - parts.keys():
        there[key].next_at = None
        tx.session.add(there[key])
        for branch in store.of_mirror(tx, there[key].number):
            branch.gone_at = branch.gone_at or tx.now
            tx.session.add(branch)
    tx.session.flush()


REPOSITORIES: Section[Mapping[str, RepositoryPart]] = Section(
    name="repositories", one="repository", model=dict[str, Repository], check=check, apply=follow
)
