"""The `repositories` section of the plan file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from callboard.branches import service
from callboard.branches.parts import Repository, RepositoryPart
from callboard.planfile.sections import Document, Path, Problem, Section

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
SECRET = re.compile(r"://[^/@\s:]*:[^/@\s]+@")
NO_BRANCH = re.compile(r"\s|\.\.|[~^:\\]|//|^-|^/|/$|\.lock$")


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


REPOSITORIES: Section[Mapping[str, RepositoryPart]] = Section(
    name="repositories", model=dict[str, Repository], check=check, apply=service.follow
)
