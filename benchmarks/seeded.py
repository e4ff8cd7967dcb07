"""A repository that a script makes: branches of three teams in the zones of the seeds, some of which collide.

What collides, and how badly, is known beforehand: `Truth`. Nothing else does, though much looks as if it might.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TEAMS = ("vscode", "cursor", "musti")
ZONES = {
    "vscode": "upload/system/library/meschain/core/c{}.php",
    "cursor": "upload/admin/view/template/extension/module/meschain/t{}.twig",
    "musti": "qa/automation/a{}.js",
}
JOINT = {
    ("vscode", "cursor"): "integration/api/spec{}.yml",
    ("cursor", "musti"): "integration/testing/protocol{}.md",
    ("vscode", "musti"): "integration/deployment/procedure{}.md",
}
HEADINGS = {"vscode": "Backend", "cursor": "Frontend", "musti": "Deployment"}
LINES = 40
README = "# MesChain\n\n" + "".join(f"## {name} notes\n\nold\n\n" for name in HEADINGS.values())
Pair = tuple[str, str]


@dataclass
class Truth:
    """What a look must find: pairs of branches with their degree, and the branches in another team's zone."""

    pairs: dict[Pair, str] = field(default_factory=dict)
    strays: set[str] = field(default_factory=set)

    @property
    def all(self) -> set[tuple[str, str, str]]:
        """The same as it is told: two branches, the second empty for a zone, and the degree."""
        return {(*pair, degree) for pair, degree in self.pairs.items()} | {
            (branch, "", "violation") for branch in self.strays
        }


@dataclass
class Seeding:
    """How much of each there is."""

    files: int = 5000
    branches: int = 30
    each: int = 4
    seed: int = 7


class Repository:
    """Makes the files of each branch, and writes them into a bare repository in one go."""

    def __init__(self, seeding: Seeding) -> None:
        self._chance = random.Random(seeding.seed)  # noqa: S311 - chance without secrets
        self._seeding = seeding
        self.truth = Truth()
        self.main: dict[str, str] = dict(self._first())
        self.later: dict[str, str] = {}
        self.branches: dict[str, dict[str, str | None]] = {
            f"{TEAMS[number % 3]}/b{number:02}": {} for number in range(seeding.branches)
        }
        self._free = 0
        for name in self.branches:
            self._works(name)
        self._collide()

    def write(self, bare: Path, at: int) -> None:
        """Make the repository; its commits are of this instant and the minutes before."""
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
        fast_import(bare, "\n".join(self._commits(at)).encode())

    def _first(self) -> Iterator[tuple[str, str]]:
        yield "README.md", README
        count = (self._seeding.files - 1) // 4
        for number in range(count):
            for team in TEAMS:
                yield ZONES[team].format(number), text(ZONES[team].format(number))
            yield f"shared/s{number}.txt", text(f"shared/s{number}.txt")
        for pattern in JOINT.values():
            for number in range(20):
                yield pattern.format(number), text(pattern.format(number))

    def _works(self, name: str) -> None:
        """What nobody minds: own files changed, added, deleted and renamed, an own section, a joint file alone."""
        team, files = name.partition("/")[0], self.branches[name]
        for _ in range(4):
            path = ZONES[team].format(self._next())
            files[path] = changed(path, self._chance.randrange(LINES), name)
        gone = ZONES[team].format(self._next())
        files[gone] = None
        files[ZONES[team].format(f"-{name[-2:]}-moved")] = text(gone)
        if self._chance.random() < 0.5:
            heading = f"## {HEADINGS[team]} notes\n\n"
            files["README.md"] = README.replace(f"{heading}old", f"{heading}{team} was here")
        if name.endswith(("00", "01", "02")):
            return
        path = f"shared/s{self._next()}.txt"
        files[path] = changed(path, 3, name)

    def _collide(self) -> None:
        names = sorted(self.branches)
        for round_ in range(self._seeding.each):
            self._touch_the_same(self._others(names))
            self._conflict(self._others(names), 1, "medium")
            self._conflict(self._others(names), 2, "complex")
            self._conflict_in_joint(names, round_)
            self._hit_main(names[(round_ * 5 + 2) % len(names)])
            self._stray(names[(round_ * 7 + 1) % len(names)], round_)
            self._conflict_within_team(names, round_)

    def _others(self, names: list[str]) -> Pair:
        """Two branches of different teams that nothing has been done to yet."""
        while True:
            one, other = sorted(self._chance.sample(names, 2))
            if one.partition("/")[0] != other.partition("/")[0] and (one, other) not in self.truth.pairs:
                return one, other

    def _touch_the_same(self, pair: Pair) -> None:
        path = f"shared/s{self._next()}.txt"
        for name, line in zip(pair, (2, LINES - 3), strict=True):
            self.branches[name][path] = changed(path, line, name)
        self.truth.pairs[pair] = "simple"

    def _conflict(self, pair: Pair, files: int, degree: str) -> None:
        for _ in range(files):
            path = f"shared/s{self._next()}.txt"
            for name in pair:
                self.branches[name][path] = changed(path, 9, name)
        self.truth.pairs[pair] = degree

    def _conflict_in_joint(self, names: list[str], round_: int) -> None:
        teams = list(JOINT)[round_ % len(JOINT)]
        found = [[name for name in names if name.startswith(f"{team}/")] for team in teams]
        pair = (found[0][round_], found[1][-1 - round_])
        one, other = sorted(pair)
        if (one, other) in self.truth.pairs:
            return
        path = JOINT[teams].format(round_)
        for name in pair:
            self.branches[name][path] = changed(path, 9, name)
        self.truth.pairs[one, other] = "complex"

    def _hit_main(self, name: str) -> None:
        path = ZONES[name.partition("/")[0]].format(self._next())
        self.branches[name][path] = changed(path, 9, name)
        self.later[path] = changed(path, 9, "main")
        self.truth.pairs[name, "main"] = "critical"

    def _stray(self, name: str, round_: int) -> None:
        """Into a file of another team, or, every other time, into its section."""
        own = name.partition("/")[0]
        other = next(team for team in TEAMS if team != own)
        if round_ % 2:
            heading = f"## {HEADINGS[other]} notes\n\n"
            taken = self.branches[name].get("README.md")
            if taken is None and all("README.md" not in files for files in self._of(other)):
                self.branches[name]["README.md"] = README.replace(f"{heading}old", f"{heading}{name} was here")
                self.truth.strays.add(name)
                return
        path = ZONES[other].format(self._next())
        self.branches[name][path] = changed(path, 5, name)
        self.truth.strays.add(name)

    def _of(self, team: str) -> list[dict[str, str | None]]:
        return [files for name, files in self.branches.items() if name.startswith(f"{team}/")]

    def _conflict_within_team(self, names: list[str], round_: int) -> None:
        """Which is for the team to see to: nobody is told."""
        team = TEAMS[round_ % len(TEAMS)]
        path = f"shared/s{self._next()}.txt"
        for name in [name for name in names if name.startswith(f"{team}/")][:2]:
            self.branches[name][path] = changed(path, 9, name)

    def _next(self) -> int:
        self._free += 1
        return self._free

    def _commits(self, at: int) -> Iterator[str]:
        yield from commit("main", ":1", "", "boss@example.com", at - 3600, self.main)
        yield from commit("main", ":2", ":1", "boss@example.com", at - 60, self.later or {"NEWS": "none\n"})
        for number, (name, files) in enumerate(self.branches.items()):
            mail = f"dev{number}@{name.partition('/')[0]}.example"
            yield from commit(name, f":{number + 3}", ":1", mail, at - number, files)


def commit(
    branch: str, mark: str, onto: str, mail: str, at: int, files: Mapping[str, str | None]
) -> Iterator[str]:  # fmt: skip
    """A commit as `git fast-import` reads it."""
    yield f"commit refs/heads/{branch}\nmark {mark}\nauthor Dev <{mail}> {at} +0000\ncommitter Dev <{mail}> {at} +0000"
    yield f"data {len(branch)}\n{branch}"
    if onto:
        yield f"from {onto}"
    for path, body in files.items():
        yield f"D {path}" if body is None else f"M 100644 inline {path}\ndata {len(body)}\n{body}"


def fast_import(bare: Path, stream: bytes) -> None:
    """Write commits into a repository."""
    subprocess.run(["git", "fast-import", "--quiet", "--force"], cwd=bare, input=stream, check=True)


def text(path: str) -> str:
    """A file as it is at first: like no other."""
    return "".join(f"line {number} of {path}\n" for number in range(LINES))


def changed(path: str, line: int, by: str) -> str:
    """The same with one line changed."""
    return text(path).replace(f"line {line} of", f"line {line} by {by} of")
