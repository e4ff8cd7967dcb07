"""The ids that Slack gives blocks and elements that come without."""

import secrets

from slack_standin.state import Json


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks, each with a block_id, and each interactive element with an action_id."""
    named = []
    for block in blocks:
        copy = {"block_id": secrets.token_hex(3), **block}
        for key in ("accessory", "element"):
            if isinstance(copy.get(key), dict):
                copy[key] = _with_action_id(copy[key])
        if copy["type"] == "actions":
            copy["elements"] = [_with_action_id(element) for element in copy["elements"]]
        named.append(copy)
    return named


def _with_action_id(element: Json) -> Json:
    return element if element.get("type") == "image" else {"action_id": secrets.token_hex(3), **element}
