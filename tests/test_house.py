"""The house: in each capability the same few roles, the rest named by nouns that its `__init__` explains."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
from fnmatch import fnmatch
from pathlib import Path

import pytest

from callboard.app import CAPABILITIES
from callboard.core.notices import Notice

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "callboard"
TOP = {".dockerignore", ".gitignore", "Dockerfile", "Makefile", "README.md", "manifest.yml", "pyproject.toml"}
ROLES = {
    "models": "rows, states and pure transitions",
    "store": "every SELECT",
    "rights": "who may do what, with the sentence for whoever may not",
    "service": "the verbs",
    "events": "what it publishes",
    "subscriptions": "what it does when others publish",
    "due": "what comes due and what then happens",
    "plan": "its sections of the plan file: types, checks, what becomes of them at apply, their calendar",
    "messages": "what is read: views, words, blocks",
    "notices": "one declaration per kind of message: when, to whom, where, by which renderer",
    "slack": "commands, buttons, forms",
    "web": "HTTP routes",
}
GERUNDS = {"planning"}
ONE_FILE, MOST_NAMES = 300, 16


def names(folder: Path) -> list[str]:
    """What a folder shows: modules and folders that hold modules."""
    modules = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    return sorted(modules + [path.name for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))])


def explained(folder: Path) -> dict[str, str]:
    """The ideas that the docstring of a package explains, `quorum: how many of whom have signed`, a line each."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return dict(re.findall(r"^([a-z_]+): (.+)$", text, flags=re.MULTILINE))


def lines(role: Path) -> int:
    return sum(len(path.read_text().splitlines()) for path in role.glob("*.py"))


def complaints(house: Path, capabilities: list[str]) -> list[str]:
    """A sentence for everything that is not in its room."""
    found = [
        f"{path.relative_to(house)}: `{path.stem}` names what somebody does. Name the thing: a role or a noun."
        for path in sorted(house.rglob("*.py")) if path.stem.endswith("ing") and path.stem not in GERUNDS
    ]  # fmt: skip
    for capability in capabilities:
        found += _capability(house / capability)
    return found


def _capability(folder: Path) -> list[str]:
    ideas, shown = explained(folder), names(folder)
    roles = "; ".join(f"{role}: {what}" for role, what in ROLES.items())
    found = [
        f"{folder.name}/{name}.py is no role. Such code lives in one of these: {roles}. An idea of the capability's "
        f"own is a noun, with a line in {folder.name}/__init__.py: `{name}: what it is`."
        for name in shown if name not in ROLES and name not in ideas
    ]  # fmt: skip
    found += [
        f"{folder.name}/__init__.py explains {idea}, and nothing has that name" for idea in ideas if idea not in shown
    ]
    if len(shown) > MOST_NAMES:
        found.append(f"{folder.name}/ shows {len(shown)} names; {MOST_NAMES} are what a reader takes in")
    for role in (path for path in folder.iterdir() if path.is_dir() and path.name in ROLES and any(path.glob("*.py"))):
        if lines(role) <= ONE_FILE:
            found.append(f"{folder.name}/{role.name}/ has {lines(role)} lines: make it {role.name}.py")
    return found


NAMES = [capability.name for capability in CAPABILITIES]


@pytest.mark.parametrize("capability", NAMES)
def test_every_file_of_a_capability_has_a_role_or_is_explained(capability):
    assert complaints(SRC, [capability]) == []


def test_a_file_of_a_capability_without_a_role_is_told_where_it_belongs(tmp_path):
    house = tmp_path / "callboard"
    shutil.copytree(SRC, house, ignore=shutil.ignore_patterns("__pycache__"))
    (house / "tasks" / "following.py").write_text('"""What follows."""\n')
    gerund, role = complaints(house, ["tasks"])
    assert gerund.startswith("tasks/following.py: `following` names what somebody does")
    assert "tasks/following.py is no role. Such code lives in one of these: models:" in role
    assert "with a line in tasks/__init__.py" in role


def test_an_idea_that_a_package_explains_and_does_not_have_is_noticed(tmp_path):
    house = tmp_path / "callboard"
    shutil.copytree(SRC / "risks", house / "risks", ignore=shutil.ignore_patterns("__pycache__"))
    (house / "risks" / "__init__.py").write_text('"""Risks.\n\nweather: what is ahead\n"""\n')
    assert "risks/__init__.py explains weather, and nothing has that name" in complaints(house, ["risks"])


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda capability: capability.name)
def test_every_notice_that_a_capability_has_is_handed_in(capability):
    """Otherwise nobody would know how to write it when it is to be sent."""
    module = importlib.util.find_spec(f"callboard.{capability.name}.notices")
    declared = vars(importlib.import_module(module.name)) if module else {}
    assert {one.kind for one in declared.values() if isinstance(one, Notice)} <= {
        one.kind for one in capability.notices
    }


def test_the_house_has_no_file_at_its_top_but_those_that_belong_there():
    ignored = [*(ROOT / ".gitignore").read_text().split(), ".git"]
    files = {path.name for path in ROOT.iterdir() if path.is_file()}
    assert {name for name in files if not any(fnmatch(name, each) for each in ignored)} == TOP
