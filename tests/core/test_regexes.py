"""Every regular expression of the house costs in proportion to its text, whatever the text is."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from callboard.core.regexes import Growth, growth

SRC = Path(__file__).parents[2] / "src" / "callboard"
SEARCHES = {"search", "sub", "subn", "split", "findall", "finditer"}
TRIES = {"match", "fullmatch"}


@pytest.mark.parametrize(
    ("pattern", "use", "expected"),
    [
        (r"^(a+)+$", "search", Growth.EXPONENTIAL),
        (r"(?:\s*,?\s*)*x", "match", Growth.EXPONENTIAL),
        (r"^(([a-z])+.)+[A-Z]([a-z])+$", "search", Growth.EXPONENTIAL),
        (r"(a{1,100}){1,100}$", "match", Growth.EXPONENTIAL),
        (r"(a?){30}a{30}", "search", Growth.EXPONENTIAL),
        (r"(?:ab|a|b)*x", "match", Growth.EXPONENTIAL),
        (r"\s+$", "search", Growth.POLYNOMIAL),
        (r"\s*\s*x", "match", Growth.POLYNOMIAL),
        (r"\s*\s*", "fullmatch", Growth.POLYNOMIAL),
        (r"a(?:\s*\s*x)?", "match", Growth.POLYNOMIAL),
        (r"<https?://([^|>]*)>", "search", Growth.POLYNOMIAL),
        (r"(?=.*x)", "search", Growth.POLYNOMIAL),
        (r"\s*+x", "search", Growth.POLYNOMIAL),
        (r"\s+$", "match", Growth.LINEAR),
        (r"\s*\s*", "match", Growth.LINEAR),
        (r"(?s:\s*.*)", "fullmatch", Growth.LINEAR),
        (r"\s*+\S*x", "match", Growth.LINEAR),
        (r"(?<!\s)\s+x", "search", Growth.LINEAR),
        (r"\s{0,9}x", "search", Growth.LINEAR),
        (r"\d+", "search", Growth.LINEAR),
        (r"[a-z]+(?:-[a-z]+)*", "search", Growth.LINEAR),
        (r"<@([A-Z0-9]+)>", "search", Growth.LINEAR),
        (r"^\s*foo\s*$", "search", Growth.LINEAR),
        (r"(?:\d{1,9}[smhdw]\s*)+", "fullmatch", Growth.LINEAR),
        (r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)*$", "search", Growth.LINEAR),
    ],
)
def test_regexes_show_how_their_work_grows(pattern, use, expected):
    assert growth(pattern, use=use) is expected


def test_regexes_of_the_house_take_work_that_grows_with_the_text():
    found = dict(patterns())
    grown = [
        f"{where}: {kind}: {pattern!r}" for (pattern, flags, kind), where in found.items()
        if growth(pattern, flags, kind) is not Growth.LINEAR
    ]  # fmt: skip
    assert len(found) > 150
    assert not grown, "\n".join(grown)


def patterns():
    """Each pattern, its flags, how it is used, and where: what is handed on counts as tried."""
    for file in sorted(SRC.rglob("*.py")):
        tree = ast.parse(file.read_text())
        name = ".".join(file.relative_to(SRC.parent).with_suffix("").parts).removesuffix(".__init__")
        if not any(isinstance(node, ast.Name) and node.id == "re" for node in ast.walk(tree)):
            continue
        methods = uses(tree)
        for attribute, value in vars(importlib.import_module(name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                flags = value.flags & ~re.UNICODE
                for kind in {kind_of(method) for method in methods.get(attribute, ())} - {None} or {"match"}:
                    yield (value.pattern, flags, kind), f"{name}.{attribute}"
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("re."):
                kind = kind_of(ast.unparse(call.func).removeprefix("re."))
                if kind and (pattern := written(call.args[0])) is not None:
                    yield (pattern, flags_of(call), kind), f"{name}:{call.lineno}"


def kind_of(method):
    return "search" if method in SEARCHES else method if method in TRIES else None


def uses(tree):
    """What is done with each name: `WORD.match(...)`."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def written(node):
    """The text of a pattern, with a letter for what is put into it; None where it is made elsewhere."""
    match node:
        case ast.Constant(value=str()):
            return node.value
        case ast.JoinedStr():
            parts = [str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values]
            return None if any(part.startswith(("]", "*", "+")) for part in parts) else "".join(parts)
    return None


def flags_of(call):
    text = ast.unparse(call)
    return sum(flag.value for flag in re.RegexFlag if f"re.{flag.name}" in text)
