"""The report of what the check of a plan found: for people, for programs, for code review."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import PurePath

from callboard.core.words import complete, counted, joined, visible
from callboard.planfile.sections import Degree, Document, Problem, place

FEW, SHOWN = 2, 12
"""Beside how few others like it a problem is said again; how many lines are named."""


@dataclass(frozen=True)
class Checked:
    """A plan file that was read, and everything that is wrong with it, in the order of its lines."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """What refuses the plan."""
        return [problem for problem in self.problems if problem.degree is Degree.ERROR]

    def report(self) -> list[str]:
        """Every problem as `file:line: sentence`."""
        return [visible(f"{problem.at(self.document.file)}{more}") for problem, more in folded(self.problems)]


def folded(problems: Iterable[Problem]) -> list[tuple[Problem, str]]:
    """Problems, each with what is said behind it: what is wrong in many places is said once, with all lines."""
    alike: dict[tuple[Degree, str], list[Problem]] = {}
    for problem in problems:
        said = problem.sentence.removeprefix(place(problem.path)) if problem.path else str(problem)
        alike.setdefault((problem.degree, said), []).append(problem)
    told = []
    for first, *others in alike.values():
        lines = list(dict.fromkeys(each.line for each in others))
        if len(others) < FEW:
            told += [(each, "") for each in (first, *others)]
        else:
            told.append((first, f" (also in line{'s' * (len(lines) > 1)} {joined(map(str, lines), SHOWN)})"))
    return sorted(told)


SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
TOLD = complete(Degree, {
    Degree.ERROR: ("error", "error", "What refuses a plan"),
    Degree.VACANT: ("vacant seat", "note", "A seat that nobody has yet; it holds a go"),
    Degree.WARNING: ("warning", "warning", "What is probably not meant; the plan can be applied"),
})  # fmt: skip
"""What a problem is called, its level in SARIF, and what that means."""


def summary(file: str, problems: Sequence[Problem]) -> str:
    """All in one line: `harbor.yml: good, 1 vacant seat, 2 warnings`."""
    count = Counter(problem.degree for problem in problems)
    parts = [counted(count[degree], word) for degree, (word, _, _) in TOLD.items() if count[degree]]
    return f"{file}: {', '.join(parts if count[Degree.ERROR] else ['good', *parts])}"


def as_json(file: str, problems: Sequence[Problem]) -> str:
    """A list of all problems, for programs."""
    plain = [
        {"file": file, "line": p.line, "degree": p.degree, "sentence": p.sentence, "path": list(p.path)}
        for p in problems
    ]
    return json.dumps(plain, indent=2, ensure_ascii=False)


def as_sarif(file: str, problems: Sequence[Problem]) -> str:
    """All problems as SARIF 2.1.0, which tools for code review show next to the lines."""
    rules = [{"id": degree, "shortDescription": {"text": text}} for degree, (_, _, text) in TOLD.items()]
    driver = {"name": "Callboard", "semanticVersion": version("callboard"), "rules": rules}
    path = PurePath(file)
    absolute = path if path.is_absolute() else PurePath("/", path)
    artifact = {"uri": absolute.as_uri().removeprefix("" if path.is_absolute() else "file:///")}
    results = [
        {
            "ruleId": p.degree, "ruleIndex": list(TOLD).index(p.degree), "level": TOLD[p.degree][1],
            "message": {"text": p.sentence},
            "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": p.line}}}],
        } for p in problems
    ]  # fmt: skip
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)
