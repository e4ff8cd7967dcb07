"""One gate for each of many items: `enhancement/KEP-1001`, and the gate that passes with the last of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callboard.core.errors import did_you_mean
from callboard.core.words import few, has_have
from callboard.gates.models import BETWEEN
from callboard.gates.plan.each import EACH, EachPart, read_items
from callboard.gates.plan.types import GatePart, ItemsPart, OwnerSignOff, PointsPart, SignOff
from callboard.planfile import task_sets
from callboard.planfile.sections import Document, Path, Problem
from callboard.tasks.plan import TASKS
from callboard.teams.plan import directory as teams

KEPT, FEW = "_gates_with_items", 5


def group_of(key: str) -> str:
    """The gate in the plan file that a gate comes from: `enhancement`; others are their own."""
    return key.partition(BETWEEN)[0]


def item_of(key: str) -> str:
    """The item of a gate: `KEP-1001`; empty for a gate that is for no item."""
    return key.partition(BETWEEN)[2]


def items_in(written: Mapping[str, Any]) -> tuple[str, ...]:
    """The items of a gate as it is written; none where that is not valid, which is said there."""
    each = written.get("each")
    try:
        return read_items(each.get("items", ())) if isinstance(each, Mapping) else ()
    except ValueError:
        return ()


def gates_of(document: Document) -> Mapping[str, GatePart]:
    """Every gate of a plan: those of the file, each with the gates of its items behind it."""
    written: Mapping[str, GatePart] = document.values.get("gates") or {}
    kept: tuple[object, Mapping[str, GatePart]] | None = vars(document).get(KEPT)
    if kept is None or kept[0] is not written:
        kept = vars(document)[KEPT] = (
            written,
            {each: part for key in written for each, part in _spread(key, written[key])},
        )
    return kept[1]


def _spread(key: str, part: GatePart) -> Iterator[tuple[str, GatePart]]:
    """A gate with the gates of its items. Together they are due, missed and announced; each is met and signed alone."""
    if part.each is None:
        yield key, part
        return
    keys = [f"{key}{BETWEEN}{item}" for item in part.each.items]
    yield (
        key,
        part.model_copy(update={"criteria": (ItemsPart(key="items", items=tuple(keys)),), "sign_off": (), "needs": ()}),
    )
    alone = part.model_copy(update={"each": None, "remind": (), "if_missed": None, "announce": None, "wants": ()})
    for item_key, item in zip(keys, part.each.items, strict=True):
        signs = _signed(part, owner_of(part.each, item))
        yield item_key, alone.model_copy(update={"name": f"{part.name}: {item}", "sign_off": signs})


def sign_offs(part: GatePart) -> list[tuple[SignOff, ...]]:
    """The sign-offs of a gate as they are asked for; where items have owners, once for each owner."""
    if part.each is None:
        return [part.sign_off]
    return [_signed(part, owner) for owner in dict.fromkeys(owner_of(part.each, item) for item in part.each.items)]


def _signed(part: GatePart, owner: str) -> tuple[SignOff, ...]:
    """Who signs for an item of this owner; where it has none, nobody signs as its owner."""
    asked = (each for each in part.sign_off if owner or not _is_owners(each))
    return tuple(each.model_copy(update={"owner": owner}) if _is_owners(each) else each for each in asked)


def _is_owners(sign_off: SignOff) -> bool:
    return isinstance(sign_off, OwnerSignOff) and sign_off.owner == EACH


def check_each(document: Document, at: Path, part: GatePart) -> Iterator[Problem]:
    """Items and their owners belong together, and a decision is one."""
    asked = [number for number, each in enumerate(part.sign_off) if _is_owners(each)]
    if part.each is None:
        for number in asked:
            yield document.error(
                (*at, "sign_off", number), "whose owner? Write `each:` with the items, or name somebody"
            )
        return
    here: Path = (*at, "each")
    if part.decision:
        yield document.error(here, "a decision is about the whole: leave out `each`, or `decision`")
    for item, owner in part.each.owner.items():
        if item not in ("*", *part.each.items):
            yield document.error(
                (*here, "owner", item), f"there is no item `{item}`; {did_you_mean(item, part.each.items)}"
            )
        yield from teams.check_who(document, (*here, "owner", item), (owner,))
    lacking = [item for item in part.each.items if not owner_of(part.each, item)]
    if asked and lacking:
        names = f"{few(lacking, FEW)} {has_have(lacking)}"
        sentence = f"{names} no owner, so nobody signs as the owner: write who it is in `owner:`"
        yield document.warning(here, sentence)


def check_points(document: Document, at: Path, part: PointsPart) -> Iterator[Problem]:
    """Points are asked of tasks that have some."""
    for number, sentence in task_sets.strangers(document, part.points):
        yield document.error((*at, "points", number), sentence)
    tasks = document.of(TASKS) or {}
    keys = [key for key in task_sets.members(document, part.points) if key in tasks]
    if keys and not any(tasks[key].points for key in keys):
        sentence = f"{few(keys, FEW)} {has_have(keys)} no `points:` at which teams meet: write them there"
        yield document.error((*at, "points"), sentence)


def owner_of(each: EachPart, item: str) -> str:
    """Who owns an item; empty for nobody."""
    return each.owner.get(item) or each.owner.get("*", "")


def asked(document: Document, key: str) -> list[Any]:
    """What a gate asks for, and whose signatures: whoever has signed signs again where this is different."""
    body = (document.body.get("gates") or {}).get(group_of(key)) or {}
    part, item = (document.values.get("gates") or {}).get(group_of(key)), item_of(key)
    owner = [owner_of(part.each, item)] if item and part and part.each else []
    classes = (document.body.get("blockers") or {}).get("classes") or {}
    own = {name: each for name, each in classes.items() if each.get("gate") == group_of(key)}
    written = [*(body.get(word) for word in ("criteria", "sign_off", "needs", "decision")), *owner]
    return [*written, own] if own else written
