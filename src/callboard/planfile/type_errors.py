"""What pydantic finds wrong, as far as it concerns the form that was meant, in the words of an author."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from callboard.core.errors import did_you_mean
from callboard.core.words import joined
from callboard.planfile.sections import Path, Sections, owned

Step = tuple[str | int, bool]
"""One step of pydantic's to an error, and whether it is one in the file; else it names a form that was tried."""
Homes = Mapping[str, Sequence[str]]
"""Below which top-level keys each key is valid."""
SHAPELESS = ("dict_type", "model_type", "model_attributes_type")
SHAPE = ("missing", "extra_forbidden")
SLIP = 0.8
"""How alike two words are of which one is mistyped."""
A_KEY, LONGER = 0.65, 2
"""How alike a key must be to one that is meant, and how much longer or shorter: many share some letters."""
MOST_HOMES = 3
SHORT = 5
AROUND = re.compile(r"[\s<>()|;,:/]")
KEY = re.compile(r"`(\w+)`")
OTHER_WORDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("deadline", "due_date", "duedate", "by", "until"), ("due", "to")),
    **dict.fromkeys(("end", "ends", "finish", "end_date"), ("to", "due")),
    **dict.fromkeys(("start", "starts", "begin", "begins", "start_date"), ("from", "start", "at")),
    **dict.fromkeys(("owner", "assigned_to", "responsible", "who"), ("assignee", "lead", "owner", "who")),
    **dict.fromkeys(("depends_on", "depends", "dependencies", "after", "requires", "blocked_by"), ("needs",)),
    **dict.fromkeys(("title", "label"), ("name", "title")), **dict.fromkeys(("name", "summary"), ("title", "name")),
    **dict.fromkeys(("duration", "length"), ("lasts", "takes", "estimate")),
    **dict.fromkeys(("time", "when"), ("at", "due")), **dict.fromkeys(("mail", "e-mail"), ("email", "mail")),
    "description": ("about", "note", "goal", "brief"), "attendees": ("who",), "participants": ("who",),
    "leader": ("lead",), "approvers": ("sign_off",), "approval": ("sign_off",), "tz": ("timezone",),
}  # fmt: skip
"""Words of other programs, and the keys that mean the same here."""
OTHER_SECTIONS: Mapping[str, str] = {
    **dict.fromkeys(("milestones", "approvals", "signoffs", "sign_offs", "checks"), "gates"),
    **dict.fromkeys(("issues", "tickets", "stories", "todos", "todo", "work_items", "backlog", "features"), "tasks"),
    **dict.fromkeys(("sprints", "stages", "iterations", "waves"), "phases"),
    **dict.fromkeys(("members", "users", "staff", "persons", "humans", "contributors", "participants"), "people"),
    **dict.fromkeys(("squads", "groups"), "teams"), **dict.fromkeys(("incidents", "outages"), "emergencies"),
    **dict.fromkeys(("ceremonies", "events", "appointments"), "meetings"), "dailies": "standups",
    **dict.fromkeys(("procedures", "playbooks"), "runbooks"), **dict.fromkeys(("metrics", "kpis"), "measures"),
    **dict.fromkeys(("ownership", "codeowners", "owners"), "zones"), "policies": "escalation", "deadlines": "dates",
    **dict.fromkeys(("rota", "rotations", "rotation"), "on_call"), "components": "areas", "repos": "repositories",
}  # fmt: skip
"""What other programs call a section, and what it is called here."""
TYPESET: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys("–—\u2212", ("long dash", "a short one, -")), "\u00a0": ("no-break space", "a plain one"),
    **dict.fromkeys("“”„‘’", ("curly quote", "a straight one")),  # noqa: RUF001 - what word processors make of quotes
    "\uff1a": ("wide colon", "a plain one, :"), "\uff0c": ("wide comma", "a plain one"),
}  # fmt: skip
MEANT = {
    **dict.fromkeys(("bool_parsing", "bool_type"), "write true or false"),
    **dict.fromkeys(("int_parsing", "int_type"), "write a whole number"),
    **dict.fromkeys(("float_parsing", "float_type"), "write a number"),
    **dict.fromkeys(SHAPELESS, "keys and values are meant here: `key: value`"),
    "too_short": "at least one is needed",
    "string_too_short": "this is empty: write something",
}


BOUNDS = {
    "greater_than_equal": "write {} or more", "less_than_equal": "write {} or less",
    "greater_than": "write more than {}", "less_than": "write less than {}",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """An error, the steps pydantic took to it, and where it is in the file."""

    error: ErrorDetails
    steps: tuple[Step, ...]
    base: Path

    @property
    def path(self) -> Path:
        """Its place, without the steps that exist for pydantic only."""
        return (*self.base, *(step for step, real in self.steps if real))


def likely(errors: Iterable[ErrorDetails], base: Path, lines: Container[Path]) -> list[Fault]:
    """The faults of the forms that come nearest to what was written."""
    return _nearest([Fault(error, _steps(error, base, lines), base) for error in errors], 0)


def _steps(error: ErrorDetails, base: Path, lines: Container[Path]) -> tuple[Step, ...]:
    path, steps = base, list[Step]()
    for number, step in enumerate(error["loc"], 1):
        real = (*path, step) in lines or (number == len(error["loc"]) and error["type"] == "missing")
        path = (*path, step) if real else path
        steps.append((step, real))
    return tuple(steps)


def _nearest(faults: list[Fault], depth: int) -> list[Fault]:
    here = [fault for fault in faults if len(fault.steps) <= depth]
    groups: dict[Step, list[Fault]] = {}
    for fault in faults:
        if len(fault.steps) > depth:
            groups.setdefault(fault.steps[depth], []).append(fault)
    forms = []
    for (_, real), group in groups.items():
        nearest = _nearest(group, depth + 1)
        if real:
            here += nearest
        else:
            forms.append(nearest)
    return [*here, *min(forms, key=lambda form: _distance(form, depth + 1), default=[])]


def _distance(form: list[Fault], depth: int) -> tuple[bool, int, int]:
    """How far a form is from what was written: of another kind altogether, wrong keys, wrong values."""
    whole = [fault.error for fault in form if len(fault.steps) == depth]
    other = any(
        error["type"].endswith("_type") or isinstance(error["input"], Mapping | list | tuple) for error in whole
    )
    return other, sum(fault.error["type"] in SHAPE for fault in form), len(form)


def sentence(error: ErrorDetails, path: Path, part: type[BaseModel] | None, homes: Homes) -> str:
    """Say what is wrong at `path`; `part` is the model whose key it is, where there is one.

    `homes` are the sections below which each key is valid.
    """
    kind, key = error["type"], str(path[-1]) if path else ""
    if kind == "missing":
        return f"`{key}` is missing{_example(part, key, ': write `{}`')}"
    if kind == "extra_forbidden":
        known = [field.alias or name for name, field in part.model_fields.items()] if part else []
        return f"there is no such key here; {instead(key, known, homes, str(path[0]))}"
    if kind in ("list_type", "tuple_type"):
        return _list_meant(error["input"])
    if kind == "string_type":
        return _text_meant(error["input"], key, part)
    if kind in ("value_error", "string_pattern_mismatch", "literal_error"):
        return f"{_value_meant(error, _example(part, key, ': write it like `{}`'))}{_typeset(error['input'])}"
    return _shape_meant(error) or MEANT.get(kind, f"`{_short(error['input'])}` is not possible: {error['msg'].lower()}")


def _shape_meant(error: ErrorDetails) -> str:
    """Say within which bounds a number is, or that a list stands where keys and values do; else nothing."""
    if error["type"] in SHAPELESS and isinstance(error["input"], list):
        return "no list is meant here, but keys and values: `key: value`, each without `- ` before it"
    bounds = (str(value).removesuffix(".0") for value in error.get("ctx", {}).values())
    bound = BOUNDS.get(error["type"], "").format(*bounds)
    return f"`{_short(error['input'])}` is not possible: {bound}" if bound else ""


def _value_meant(error: ErrorDetails, like: str) -> str:
    """Say what a value is not, and how it is written."""
    if error["type"] == "value_error":
        return _short(error["msg"].removeprefix("Value error, "), 300)
    written = f"`{_short(error['input'])}` is not"
    if error["type"] == "string_pattern_mismatch":
        inner = _within(str(error["input"]), error["ctx"]["pattern"])
        return f"{written} written as it must be: {f'write `{inner}`' if inner else like.removeprefix(': ')}"
    expected = error.get("ctx", {}).get("expected", "another")
    return f"{written} possible: write {expected}{', without quotes' if str(error['input']) == expected else ''}"


def _within(written: str, pattern: str) -> str:
    """What is written as it must be within other text, `U0OLGA` in `<@U0OLGA>`; empty where nothing is."""
    words = ["".join(written.split()), *(word.lstrip("@") for word in AROUND.split(written) if len(word) > SHORT)]
    return next((word for word in words if word != written and re.fullmatch(pattern, word)), "")


def _text_meant(written: Any, key: str, part: type[BaseModel] | None) -> str:
    """Say that one text is meant, and how what was written becomes one."""
    if sentence := split_by_colon(written):
        return sentence
    if isinstance(written, list):
        others = [field.alias or name for name, field in part.model_fields.items()] if part else ()
        return f"one text is meant here, not a list{f'; several go under `{key}s`' if f'{key}s' in others else ''}"
    return "one text is meant here; put it in quotes if it looks like something else"


def split_by_colon(written: Any) -> str:
    """Say that a colon made a key and a value of a sentence; empty where it is a mapping that was meant."""
    (key, value), *more = written.items() if isinstance(written, Mapping) and written else (("", None),)
    if more or isinstance(value, Mapping | list) or not (" " in key or key[:1].isupper()):
        return ""
    return f'`: ` makes a key of what is before it: put the text in quotes, "{_short(f"{key}: {value}")}"'


def keys_meant(sentence: str) -> list[str]:
    """The keys that a sentence about an unknown one offers instead."""
    return KEY.findall(sentence.partition("did you mean")[2])


def _list_meant(written: Any) -> str:
    """Say how the one value that was written makes a list."""
    if isinstance(written, Mapping):
        return "a list is meant here: begin each entry with `- `"
    return f"a list is meant here: [{'a, b' if isinstance(written, bool) else _short(written)}]"


def instead(key: str, known: Iterable[str], homes: Homes, section: str = "") -> str:
    """What was meant by a key that is not valid where it stands: one of those that are, or the same key elsewhere."""
    here = list(known)
    elsewhere = [home for home in homes.get(key, ()) if home != section]
    possible = f"; here {did_you_mean('', here)}" if section and here else ""
    if (other := next((word for word in OTHER_WORDS.get(key.lower(), ()) if word in here), "")) and section:
        return f"did you mean `{other}`?"
    if key in elsewhere and not is_near(key, here):
        return f"`{key}` is a section of its own: it begins at the left margin{possible}"
    if 0 < len(elsewhere) <= MOST_HOMES and not is_near(key, here):
        return f"`{key}` belongs under {joined((f'`{home}`' for home in elsewhere), word='or')}{possible}"
    if not section and key in OTHER_SECTIONS:
        return f"did you mean `{OTHER_SECTIONS[key]}`?"
    hint = did_you_mean(key, [word for word in here if abs(len(word) - len(key)) <= LONGER], A_KEY)
    return hint if hint.startswith("did you mean") else did_you_mean(key, here, 1)


def is_near(word: str, known: Iterable[str]) -> bool:
    """Whether a word is a slip of the pen of one that is known: a letter more, less, or another."""
    return bool(difflib.get_close_matches(word.lower(), [each.lower() for each in known], 1, SLIP))


def homes(sections: Sections) -> Homes:
    """The top-level keys below which each key of the format is valid; one of its own where it is itself top-level."""
    found: dict[str, list[str]] = {}
    for section in sections:
        for top in owned(section):
            found.setdefault(top, []).append(top)
            field = next((f for name, f in _fields(section.model) if name == top), None) if section.spread else None
            for key in _keys(field.annotation if field else section.model if not section.spread else None, set()):
                if top not in found.setdefault(key, []):
                    found[key].append(top)
    return found


def _keys(kind: Any, known: set[Any]) -> Iterator[str]:
    """Every key that a value of a type may have, at any depth."""
    for form in _forms(kind):
        if isinstance(form, type) and issubclass(form, BaseModel):
            for name, field in () if form in known else _fields(form):
                yield name
                yield from _keys(field.annotation, known | {form})
        else:
            for inner in get_args(form):
                yield from _keys(inner, known)


def _fields(model: Any) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()]


def inside(kind: Any, steps: Iterable[Step]) -> type[BaseModel] | None:
    """The model that stands where these steps lead within a value of type `kind`; None where there is none."""
    forms = _forms(kind)
    for step, real in steps:
        if real:
            forms = [form for each in forms for form in _forms(_step(each, step))]
        elif isinstance(step, int):
            forms = [form for each in forms for form in _forms(_step(each, step) or each)]
        else:
            forms = [form for form in forms if getattr(form, "__name__", "?") in str(step)] or forms
    models = [form for form in forms if isinstance(form, type) and issubclass(form, BaseModel)]
    return models[0] if models else None


def _step(kind: Any, step: str | int) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return args[1]
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return args[0]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
        return fields.get(str(step))
    return None


def _forms(kind: Any) -> list[Any]:
    """The types that a type may be, without what is annotated to them."""
    if get_origin(kind) is Annotated:
        return _forms(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [form for each in get_args(kind) for form in _forms(each)]
    return [kind]


def _example(part: type[BaseModel] | None, key: str, frame: str) -> str:
    for name, field in part.model_fields.items() if part else ():
        if key == (field.alias or name) and field.examples:
            return frame.format(f"{key}: {field.examples[0]}")
    return ""


def _typeset(written: Any) -> str:
    """Name the first character that a word processor has put where a plain one is meant."""
    odd = next((letter for letter in written if letter in TYPESET), "") if isinstance(written, str) else ""
    return f"; there is a {TYPESET[odd][0]} in it: type {TYPESET[odd][1]}" if odd else ""


def _short(written: Any, limit: int = 60) -> str:
    text = {True: "true", False: "false"}[written] if isinstance(written, bool) else str(written)
    return text if len(text) <= limit else f"{text[:limit]}…"
