"""Cursors: long lists are given out page by page."""

from typing import Any

from slack_standin.methods import Arguments
from slack_standin.state import refuse_if


def page_of(
    items: list[Any], arguments: Arguments, most: int = 1000, default: int = 100, refusal: str = "invalid_arguments"
) -> tuple[list[Any], str]:
    """One page of a list and the cursor of the next, empty at the end; `refusal` is for a limit out of bounds."""
    limit = arguments.number("limit", default)
    refuse_if(not 0 < limit <= most, refusal)
    cursor = arguments.text("cursor")
    refuse_if(cursor and not (cursor.startswith("next:") and cursor[5:].isdigit()), "invalid_cursor")
    start = int(cursor[5:]) if cursor else 0
    rest = start + limit
    return items[start:rest], f"next:{rest}" if rest < len(items) else ""
