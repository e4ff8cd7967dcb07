"""The `repositories` section of the plan file, and the mirrors that it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, Field

from callboard.branches import addresses, store
from callboard.branches.models import Mirror
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.hosts import is_inner
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.types import Many, Part, Span, is_own_variable, shorthand
from callboard.plans import service as plans
from callboard.plans.models import PlanChanging

USUAL = ("https", "ssh")
SHORTEST = timedelta(seconds=10)
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
SECRET = re.compile(r"://(?:[^/@\s:]*:[^/@\s]+|[^/@\s:]{26,})@")
BOTS = (
    "dependabot/**",
    "renovate/**",
    "greenkeeper/**",
    "depfu/**",
    "pyup-*",
    "pyup/**",
    "snyk-fix-*",
    "snyk-upgrade-*",
    "whitesource-remediate/**",
    "pre-commit-ci-*",
    "all-contributors/**",
    "imgbot",
    "copilot/**",
    "release-please--*",
    "changeset-release/**",
    "create-pull-request/**",
    "gh-readonly-queue/**",
    "mergify/**",
    "tmp-mergify/**",
    "trunk-merge/**",
    "gtmq_*",
    "graphite-base/**",
    "staging",
    "staging.tmp",
    "staging-squash-merge.tmp",
    "trying",
    "trying.tmp",
    "automation/bors/**",
    "gh-pages",
    "callboard/**",
)
"""Branches of bots and merge queues: updates, releases, GitHub, Mergify, Trunk, Graphite, bors; and our own."""
AGAIN = "!"
NO_BRANCH = re.compile(r"\s|\.\.|[~^:\\]|//|^-|^/|/$|\.lock$")


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("that is too often: write 10s or more, such as 5m")
    return span


class RepositoryPart(Part):
    """A repository to mirror: where it is cloned from, its main branch, other protected ones, and those to ignore.

    Only with `merge` Callboard pushes what it merges, to branches of its own.
    """

    clone: str = Field(min_length=1, examples=["https://git.example.com/harbor.git"])
    name: str = ""
    about: str = ""
    main: str = Field("main", min_length=1)
    protected: Many = ()
    ignore: Many | None = None
    merge: bool = False
    scan_every: Annotated[Span, AfterValidator(_often)] = timedelta(minutes=5)

    def protects(self, name: str) -> bool:
        return name == self.main or any(fnmatchcase(name, pattern) for pattern in self.protected)

    def ignores(self, name: str) -> bool:
        """Whether a branch is left out: the last pattern that matches says so, and `!` before it takes it in again."""
        if self.protects(name) or self.ignore == ():
            return False
        fitting = [each for each in (*BOTS, *(self.ignore or ())) if fnmatchcase(name, each.removeprefix(AGAIN))]
        return bool(fitting) and not fitting[-1].startswith(AGAIN)


Repository = Annotated[RepositoryPart, shorthand("clone")]


def check(document: Document, repositories: Mapping[str, RepositoryPart]) -> Iterator[Problem]:
    """Addresses can be cloned, hold no password and are named once; names of branches are possible."""
    first: dict[str, str] = {}
    for key, part in repositories.items():
        at: Path = ("repositories", key)
        if not KEY.fullmatch(key):
            yield document.error(at, "name a repository with letters, digits, dots and dashes: harbor-web")
        yield from check_clone(document, (*at, "clone"), part.clone)
        if (other := first.setdefault(part.clone, key)) != key:
            yield document.warning((*at, "clone"), f"`{other}` has this address too: name each repository once")
        named = [((*at, "main"), part.main)]
        named += [
            ((*at, word, number), branch)
            for word in ("protected", "ignore")
            for number, branch in enumerate(getattr(part, word) or ())
        ]
        for path, branch in named:
            name = branch.removeprefix(AGAIN) if "ignore" in path else branch
            if NO_BRANCH.search(name) or not name:
                yield document.error(path, f"`{branch}` cannot be a branch: write a name such as main, or release/*")


def check_clone(document: Document, at: Path, clone: str) -> Iterator[Problem]:
    """An address that git goes to is one, and holds no password."""
    if SECRET.search(clone):
        sentence = "this address holds a password: put it in a variable and write env:NAME"
        yield document.error(at, sentence)
        return
    if clone.startswith("env:"):
        if is_own_variable(name := clone.removeprefix("env:").strip()):
            yield document.error(at, f"{name} is a variable of Callboard's own: choose another name")
        return
    try:
        address = addresses.read(clone)
    except Refused as refused:
        yield document.error(at, f"`{clone}`: {refused.sentence}")
        return
    if address.scheme not in USUAL:
        yield document.warning(at, addresses.not_fetched(address.scheme, USUAL))
    elif is_inner(address.host):
        sentence = f"{address.host} is not public: Callboard connects to it only where `CALLBOARD_HOSTS` allows it"
        yield document.warning(at, sentence)


def follow(tx: Tx, plan_id: int, document: Document) -> None:
    """Mirror the repositories that the plan names, and no others."""
    parts = document.of(REPOSITORIES) or {}
    mirrors = {mirror.repository: mirror for mirror in store.mirrors(tx, plan_id)}
    for key, part in parts.items():
        mirror = mirrors.get(key) or Mirror(plan_id=plan_id, repository=key, clone="")
        if mirror.clone != part.clone or mirror.next_at is None:
            mirror.clone, mirror.next_at, mirror.failures, mirror.fetched_at = part.clone, tx.now, 0, None
        tx.session.add(mirror)
    for key in mirrors.keys() - parts.keys():
        mirrors[key].next_at = None
        tx.session.add(mirrors[key])
        for branch in store.standing(tx, mirrors[key]):
            branch.gone_at = tx.now
            tx.session.add(branch)
    tx.session.flush()


def look_anew(tx: Tx, changing: PlanChanging) -> None:
    """Where the plan takes in other branches than before, those that the next look finds were there before."""
    before, after = (
        {key: (part.main, part.protected, part.ignore) for key, part in (document.of(REPOSITORIES) or {}).items()}
        for document in (plans.live(tx, changing.plan_id), changing.document)
    )
    for mirror in store.mirrors(tx, changing.plan_id) if before != after else ():
        if before.get(mirror.repository) != after.get(mirror.repository):
            mirror.main_head, mirror.next_at = "", mirror.next_at and tx.now
            tx.session.add(mirror)


REPOSITORIES: Section[Mapping[str, RepositoryPart]] = Section(
    name="repositories", one="repository", model=dict[str, Repository], check=check, apply=follow
)
