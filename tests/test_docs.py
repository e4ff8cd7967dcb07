"""What the documents say works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_group

from callboard.app import routes, scopes, sections
from callboard.board.charts import CHARTS
from callboard.board.figures.kpis import ABOUT
from callboard.cli.main import main
from callboard.planfile import json_schema as formats
from callboard.planfile.paths import ABSENT, find
from callboard.plans import service as plans
from callboard.rehearsal.findings import find as find_out
from callboard.settings import Settings

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "plan-file.md"
DEVELOPMENT = GUIDE.with_name("development.md")
PAGES = {page: page.read_text() for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
COMMAND = re.compile(r"(?:^|[`(]|exec )(?:as-)?callboard ([a-z]+(?: [a-z]+)?)([^`\n|#>]*)", re.MULTILINE)
FINDING = re.compile(r"^(\w+\.yml):(\d+): (?:fault|risk|note): (.*)$", re.MULTILINE)


def test_links_of_the_docs_lead_to_pages_headings_and_pictures_and_every_picture_is_shown():
    shown, astray = set(), []
    for page, text in PAGES.items():
        for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", _prose(text)):
            path, _, heading = "".join(target).partition("#")
            if path.startswith("https:"):
                continue
            to = (page.parent / path).resolve() if path else page
            shown.add(to)
            if not to.exists() or (heading and heading not in _headings(to)):
                astray.append(f"{page.name}: {''.join(target)}")
    assert astray == []
    assert {picture for picture in (ROOT / "docs" / "images").resolve().iterdir() if picture not in shown} == set()
    assert {page.resolve() for page in PAGES} - shown == set()


def _prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def _headings(page: Path) -> set[str]:
    """The names under which a page's headings are linked."""
    heads = re.findall(r"^#+ (.*)$", _prose(page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def _named(page: str, begins: str) -> set[str]:
    """What the first column of a table has between backticks."""
    table = PAGES[ROOT / "docs" / page].partition(begins)[2].partition("\n\n#")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([\w:]+)`", cell)}


def test_the_settings_in_the_docs_are_those_that_there_are():
    assert _named("operating.md", "## Settings") == {field.alias for field in Settings.model_fields.values()}


def test_the_commands_in_the_docs_are_those_that_there_are_with_options_that_they_take():
    there, told, wrong = dict(_commands(get_group(main))), set(), []
    groups = {name.split()[0] for name in there} - set(there)
    for page, text in PAGES.items():
        for words, rest in COMMAND.findall(text.replace("callboard callboard", "callboard")):
            name = words if words in there else words.split()[0]
            told.add(name)
            options = re.findall(r"(?<!\S)--[a-z-]+", rest) if name in there else []
            wrong += [f"{page.name}: {name} {option}" for option in options if option not in there[name]]
    assert wrong == []
    assert told - groups == set(there) - {"demo"}, "`make demo` is how people meet it"
    text = "".join(PAGES.values())
    assert {option for options in there.values() for option in options if option not in text} == {"--check"}


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every command of the command line, `token create`, with its options."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{name} ")
        else:
            yield before + name, [opt for one in command.params for opt in one.opts if opt.startswith("--")]


def test_the_scopes_of_tokens_in_the_docs_are_those_that_there_are():
    table = PAGES[ROOT / "docs" / "api.md"].partition("| `--scope` |")[2].partition("\n\n")[0]
    told = {
        name for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for name in re.findall(r"`([\w:]+)`", row)
    }
    assert told == {*scopes(), *(scope.partition(":")[0] for scope in scopes())}


def test_findings_in_the_docs_that_an_example_has_stand_where_they_say():
    told = FINDING.findall(PAGES[ROOT / "docs" / "findings.md"])
    held = 0
    for file in {file for file, _, _ in told if (EXAMPLES / file).exists()}:
        found = {
            each.what: each.line for each in find_out(plans.check((EXAMPLES / file).read_bytes(), file, sections()))
        }
        for line, what in ((int(line), what) for name, line, what in told if name == file):
            assert found.get(what, line) == line, what
            held += what in found
    assert held > 3


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


def test_the_map_of_the_developers_guide_in_the_docs_has_every_folder_of_the_house():
    drawn = set(re.findall(r"`([a-z]+)/`", DEVELOPMENT.read_text().partition("## The map")[2].partition("\n## ")[0]))
    house = {folder.name for folder in (ROOT / "src" / "callboard").iterdir() if (folder / "__init__.py").exists()}
    assert {*house, "examples"} - drawn == set()


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
