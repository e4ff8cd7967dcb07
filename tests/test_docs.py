"""What the documents say works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_group

from callboard.app import routes, sections
from callboard.board.charts import CHARTS
from callboard.board.figures.kpis import ABOUT
from callboard.cli.main import main
from callboard.planfile import json_schema as formats
from callboard.planfile.paths import ABSENT, find
from callboard.plans import service as plans

GUIDE = Path(__file__).parents[1] / "docs" / "plan-file.md"
DEVELOPMENT = GUIDE.with_name("development.md")


def test_the_examples_in_the_plan_authors_guide_of_the_docs_are_one_good_plan():
    blocks = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    checked = plans.check("".join(blocks), "guide.yml", sections())
    assert [p for p in checked.report() if "vacant: people.night" not in p] == []


def test_the_first_plan_in_the_docs_is_good_and_has_fifteen_lines_at_most():
    (first,) = re.findall(r"^```yml\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert [p for p in plans.check(first, "plan.yml", sections()).report() if "this plan ended" not in p] == []
    assert len(first.splitlines()) <= 15


def test_the_symptoms_in_the_docs_are_what_callboard_says():
    rows = [line for line in GUIDE.with_name("troubleshooting.md").read_text().splitlines() if line.startswith("| ")]
    seen = "\n".join(row.split(" | ")[0] for row in rows)
    said = [part for text in re.findall(r"«(.+?)»", seen) for part in text.split("…")]
    said += re.findall(r"`([a-z]+\.[a-z_]+)` in the log", seen)
    code = "".join(path.read_text() for path in (GUIDE.parents[1] / "src" / "callboard").rglob("*.py"))
    code = re.sub(r'"\n +f?"', "", code)
    assert len(said) > 30
    assert [part for part in said if part.strip(" .,;") and part.strip(" .") not in code] == []


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


SEEDS = GUIDE.with_name("seeds.md")
EXAMPLES = Path(formats.__file__).parents[1] / "examples"
SHOWN = re.compile(r"(?<!\|)`([^`]+)`")


def rows() -> list[list[str]]:
    """The cells of the tables of docs/seeds.md, without their heads."""
    lines = [line for line in SEEDS.read_text().splitlines() if re.match(r"\| [A-Z]\d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    """What the examples say, by their names."""
    files = EXAMPLES.glob("*.yml")
    return {file.stem: plans.check(file.read_bytes(), file.name, sections()).document.body for file in files}


def test_the_table_of_seeds_in_the_docs_names_63_rows_with_words_a_place_and_a_way_to_see_it():
    count = {"W": 16, "D": 15, "P": 17, "F": 11, "C": 4}
    assert [row[0] for row in rows()] == [f"{letter}{n}" for letter in count for n in range(1, count[letter] + 1)]
    assert [row[0] for row in rows() if len(row) != 4 or not all(row) or not SHOWN.search(row[3])] == []


def test_the_table_of_seeds_in_the_docs_names_what_the_examples_have(examples):
    places = [place for row in rows() for place in SHOWN.findall(row[2])]
    assert len(places) > 100
    assert [place for place in places if not _stands(examples, place)] == []
    assert not _stands(examples, "meschain: gates.lve")


def _stands(examples: dict[str, Any], place: str) -> bool:
    example, _, path = place.partition(": ")
    return find(examples[example], tuple(path.split("."))) not in (ABSENT, None)


def test_the_table_of_seeds_in_the_docs_names_commands_files_and_pages_that_there_are(examples):
    """A page is a file beside it; `/gate show live` is a verb of a command, and something that an example has."""
    told = [each for row in rows() for each in SHOWN.findall(row[3])]
    links = re.findall(r"\]\(([\w-]+\.md)\)", SEEDS.read_text())
    assert [link for link in links if not SEEDS.with_name(link).exists()] == []
    ids = {
        key for body in examples.values() for section in body.values() if isinstance(section, dict) for key in section
    }
    assert len(told) > 100
    assert [each for each in told if not _exists(each, ids)] == []
    assert not any(
        _exists(each, ids) for each in ("/gate sohw", "/gate show lve", "callboard exprot", "make bnch", "x.py")
    )


def _exists(told: str, ids: set[str]) -> bool:
    word, *rest = told.split()
    root = GUIDE.parents[1]
    if told.startswith("/api/"):
        return f'"{told}"' in (root / "src" / "callboard" / "web" / "api.py").read_text()
    if told.startswith("/"):
        return _is_typed(word.removeprefix("/"), rest, ids)
    if word == "callboard":
        command = get_group(main).commands.get(rest[0])
        return command is not None and all(any(option in one.opts for one in command.params) for option in rest[1:])
    if word == "make":
        return f"\n{rest[0]}:" in (root / "Makefile").read_text()
    return (root / told).is_file()


def _is_typed(word: str, rest: list[str], ids: set[str]) -> bool:
    command = routes().commands.get(word)
    if command is None or not rest:
        return command is not None
    verb = command.verb(rest[0])
    if verb is None:
        return command.otherwise is not None and rest[0].endswith(":")
    return verb.name not in ("show", "sign", "start", "drill") or all(thing in ids for thing in rest[1:])
