"""What the documents say works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from callboard.app import sections
from callboard.board.charts import CHARTS
from callboard.board.figures.kpis import ABOUT
from callboard.planfile import json_schema as formats
from callboard.plans import service as plans

GUIDE = Path(__file__).parents[1] / "docs" / "plan-file.md"
DEVELOPMENT = GUIDE.with_name("development.md")


def test_the_examples_in_the_plan_authors_guide_of_the_docs_are_one_good_plan():
    blocks = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    checked = plans.check("".join(blocks), "guide.yml", sections())
    assert [p for p in checked.report() if "vacant: people.night" not in p] == []


def test_the_plan_authors_guide_in_the_docs_names_every_key_of_plan_files():
    words = set(re.findall(r"[a-z_]+", GUIDE.read_text()))
    assert sorted(set(_keys(formats.schema(sections()))) - words) == []


def _keys(schema: Any) -> Iterator[str]:
    """Every key of every mapping in a JSON Schema."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for value in schema.values():
            yield from _keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _keys(value)


def test_the_developers_guide_in_the_docs_names_files_that_exist():
    root, code = GUIDE.parents[1], GUIDE.parents[1] / "src" / "callboard"
    named = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.(?:py|yml|toml|md)|(?:[a-z_]+/)+)`", DEVELOPMENT.read_text()))
    own = {"plan.py", "__init__.py"}
    assert [name for name in sorted(named - own) if not ((root / name).exists() or (code / name).exists())] == []


def test_the_threat_model_in_the_docs_names_tests_that_exist():
    root = GUIDE.parents[1]
    lines = [line for line in (root / "docs" / "security.md").read_text().splitlines() if line.startswith("| ")]
    named = [re.search(r"`(tests/[\w/]+\.py)::(\w+)` \|$", line) for line in lines if not line.startswith("| threat")]
    assert len(named) > 10
    assert all(named), "each line ends with its test"
    missing = [found[0] for found in named if found and f"def {found[2]}(" not in (root / found[1]).read_text()]
    assert missing == []


def test_the_figures_in_the_docs_are_those_that_there_are():
    text = GUIDE.with_name("kpis.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.*?) \| (?:`measures`|`velocity`)", text, re.MULTILINE))
    assert rows == {key: f"{about.name} | {about.definition} | {about.source}" for key, about in ABOUT.items()}
    charts = re.findall(r"^\| `([a-z]+)` \| [^|]+ \|$", text.partition("## The charts")[2], re.MULTILINE)
    assert charts == list(CHARTS)
