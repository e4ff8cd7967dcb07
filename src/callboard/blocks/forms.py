"""Forms, and what one fills in there."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from callboard import blocks as b
from callboard.blocks import Block, Option
from callboard.blocks.fit import fitted
from callboard.blocks.markup import TEXT, unescape

MODAL_BLOCKS, MODAL_TEXT = 100, 40_000
"""Of all texts together. Slack refuses modals from 250,000 bytes on."""
TITLE, LABEL, PRIVATE, BOXES, MOST_BOXES = 24, 2000, 3000, 10, 800
MORE_OF = "~"
"""Before a number at the end of a block id: this block goes on with the boxes of another one."""


def text_input(
    label: str, block_id: str, *, multiline: bool = False, initial: str = "", optional: bool = False,
    hint: str | None = None, placeholder: str | None = None, max_length: int | None = None,
) -> Block:  # fmt: skip
    """A text field; `initial` may be escaped, the person sees it as it was typed, and is told where it is cut."""
    longest, shown = min(max_length or TEXT, TEXT), unescape(initial)
    if len(shown) > longest:
        hint = f"{f'{hint} ' if hint else ''}Only the first {longest:,} of {len(shown):,} characters are here."
    element = b.element(
        "plain_text_input", "value", multiline=multiline, initial_value=shown[:longest] or None,
        max_length=max_length and longest, placeholder=b.plain(placeholder, b.PLACEHOLDER) if placeholder else None,
    )  # fmt: skip
    return _input(label, block_id, element, optional=optional, hint=hint)


def select_input(
    label: str, block_id: str, options: Sequence[Option], *, initial: str | None = None, optional: bool = False
) -> Block:
    return _input(label, block_id, b.select("value", options, placeholder="Choose", initial=initial), optional=optional)


def user_input(
    label: str,
    block_id: str,
    *,
    initial: str | Sequence[str] | None = None,
    multi: bool = False,
    optional: bool = False,
) -> Block:
    """A choice of one person (value: Slack id or None) or, with `multi`, of several (value: list of Slack ids)."""
    if multi:
        chosen = [initial] if isinstance(initial, str) else list(initial or ())
        element = b.element("multi_users_select", "value", initial_users=chosen or None)
    else:
        element = b.element("users_select", "value", initial_user=initial)
    return _input(label, block_id, element, optional=optional)


def checkboxes_input(
    label: str, block_id: str, options: Sequence[Option], *, initial: Iterable[str] = (), optional: bool = True,
    focus: bool = False,
) -> Block:  # fmt: skip
    """Up to 10 boxes to tick; the value is the list of the ticked options' values. `focus`: the form begins there."""
    return _boxes(label, block_id, b.choices(options[:BOXES]), set(initial), optional=optional, focus=focus)


def _boxes(
    label: str, block_id: str, offered: list[Block], ticked: Collection[str], *, optional: bool, focus: bool = False
) -> Block:
    chosen = [option for option in offered if option["value"] in ticked]
    element = b.element(
        "checkboxes", "value", options=offered, initial_options=chosen or None, focus_on_load=focus or None
    )
    return _input(label, block_id, element, optional=optional)


def boxes_inputs(
    label: str, block_id: str, options: Sequence[Option], *, initial: Iterable[str] = (), optional: bool = True
) -> list[Block]:
    """Up to 800 boxes to tick, ten a block; a form's value by `block_id` is what is ticked in all of them."""
    ticked, shown = set(initial), b.choices(options[:MOST_BOXES])
    tens = range(0, len(shown), BOXES)
    return [
        _boxes(
            label if len(shown) <= BOXES else f"{label}, {first + 1} to {min(first + BOXES, len(shown))}",
            f"{block_id}{MORE_OF}{first // BOXES}" if first else block_id, shown[first : first + BOXES],
            ticked, optional=optional,
        ) for first in tens
    ] + [b.context(f"and {len(options) - MOST_BOXES} more")] * (len(options) > MOST_BOXES)  # fmt: skip


def datetime_input(
    label: str, block_id: str, *, initial: datetime | None = None, optional: bool = False, hint: str | None = None
) -> Block:
    """A choice of an instant, in the person's own zone; the value is an aware UTC datetime or None."""
    element = b.element("datetimepicker", "value", initial_date_time=initial and int(initial.timestamp()))
    return _input(label, block_id, element, optional=optional, hint=hint)


def file_input(label: str, block_id: str, *, kinds: Sequence[str] = (), optional: bool = False) -> Block:
    """A place for one file; in a form only. `kinds` are its possible endings."""
    element = b.element("file_input", "value", filetypes=list(kinds) or None, max_files=1)
    return _input(label, block_id, element, optional=optional)


def modal(
    title: str, blocks: Sequence[Block], *, callback_id: str, submit: str | None = None, close: str = "Cancel",
    private: Mapping[str, Any] | None = None, notify_on_close: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A form; with an input it needs `submit`. ValueError when `private` is over 3000 characters as JSON."""
    kept = b.whole(json.dumps(private, separators=(",", ":"), ensure_ascii=False), PRIVATE) if private else None
    return b.block(
        "modal", title=b.plain(title, TITLE), blocks=fitted(blocks, MODAL_BLOCKS, MODAL_TEXT), callback_id=callback_id,
        submit=b.plain(submit, TITLE) if submit else None, close=b.plain(close, TITLE), private_metadata=kept,
        notify_on_close=notify_on_close or None,
    )  # fmt: skip


def _input(label: str, block_id: str, element: Block, *, optional: bool, hint: str | None = None) -> Block:
    shown = b.plain(hint, LABEL) if hint else None
    return b.block("input", block_id, label=b.plain(label, LABEL), element=element, optional=optional, hint=shown)
