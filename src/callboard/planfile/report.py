"""How the problems of a plan file are told: to people, to programs, to code review."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from callboard.planfile.sections import Degree, Problem

SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Degree.ERROR: "error", Degree.WARNING: "warning", Degree.VACANT: "note"}
RULES = {
    Degree.ERROR: "What refuses a plan",
    Degree.WARNING: "What is probably not meant; the plan can be applied",
    Degree.VACANT: "A seat that nobody has yet; it holds a go",
}
WORDS = {
    Degree.ERROR: ("error", "errors"),
    Degree.VACANT: ("vacant seat", "vacant seats"),
    Degree.WARNING: ("warning", "warnings"),
}


def summary(file: str, problems: Sequence[Problem]) -> str:
    """All in one line: `harbor.yml: good, 1 vacant seat, 2 warnings`."""
    count = Counter(problem.degree for problem in problems)
    parts = [f"{count[degree]} {words[count[degree] > 1]}" for degree, words in WORDS.items() if count[degree]]
    return f"{file}: {', '.join(parts if count[Degree.ERROR] else ['good', *parts])}"


def as_json(file: str, problems: Sequence[Problem]) -> str:
    """A list of all problems, for programs."""
    return _dumped([
        {"file": file, "line": p.line, "degree": p.degree, "sentence": p.sentence, "path": list(p.path)}
        for p in problems
    ])  # fmt: skip


def as_sarif(file: str, problems: Sequence[Problem]) -> str:
    """All problems as SARIF 2.1.0, which tools for code review show next to the lines."""
    rules = [{"id": degree, "shortDescription": {"text": text}} for degree, text in RULES.items()]
    driver = {"name": "Callboard", "semanticVersion": version("callboard"), "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_result(file, problem) for problem in problems]}
    return _dumped({"$schema": SARIF, "version": "2.1.0", "runs": [run]})


def _result(file: str, problem: Problem) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": problem.line}}
    return {
        "ruleId": problem.degree,
        "ruleIndex": list(RULES).index(problem.degree),
        "level": LEVELS[problem.degree],
        "message": {"text": problem.sentence},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _dumped(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
