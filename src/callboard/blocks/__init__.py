"""Slack's Block Kit as plain dicts that keep Slack's limits: texts and lists that are too long are clipped to fit.

markdown: what people write, escaped, where a report is a file
markup: what is escaped, rung, cut and dated inside a text
fit: what Slack takes of long texts and many blocks
forms: forms, and what one fills in there
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from callboard.blocks.markup import NOTHING, TEXT, UNSEEN, clip, clip_lines, safe, unescape

Block = dict[str, Any]
Option = tuple[str, str]

FIELD, HEADER, BUTTON, VALUE, OPTION, OPTION_VALUE, PLACEHOLDER = 2000, 150, 75, 2000, 75, 150, 150
FIELDS, CONTEXT, ACTIONS, OVERFLOW, OPTIONS, GROUPS = 10, 10, 25, 5, 100, 100
BEGINNING = 25
"""How much is shown of the beginning of options that begin alike."""
CONTEXT_TEXT, CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_WORD = 2000, 100, 300, 30


def section(
    text: str, *, fields: Sequence[str] = (), accessory: Block | None = None, block_id: str | None = None
) -> Block:
    """A paragraph, with up to 10 fields in two columns below it."""
    shown = {"fields": [_mrkdwn(field, FIELD) for field in fields[:FIELDS]]} if fields else {}
    return block("section", block_id, text=_mrkdwn(text, TEXT), accessory=accessory, **shown)


def header(text: str) -> Block:
    return block("header", text=plain(text, HEADER))


def context(*texts: str) -> Block:
    """Small print; more than ten texts share their last place."""
    fits = [*texts[: CONTEXT - 1], "\n".join(texts[CONTEXT - 1 :])] if len(texts) > CONTEXT else texts
    return block("context", elements=[_mrkdwn(text, CONTEXT_TEXT) for text in fits])


def picture(file: str, title: str, alt: str) -> Block:
    """A picture that was uploaded to Slack; `file` is its id there."""
    return block("image", slack_file={"id": file}, title=plain(title, FIELD), alt_text=clip(alt, FIELD))


def divider() -> Block:
    return block("divider")


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """A row of up to 25 buttons and menus."""
    return block("actions", block_id, elements=list(elements[:ACTIONS]))


def button(
    text: str, action_id: str, value: str, *, style: Literal["primary", "danger"] | None = None,
    confirm: tuple[str, str] | None = None,
) -> Block:  # fmt: skip
    """A button; `confirm` is a question and the word of its yes. ValueError when `value` is over 2000 characters."""
    question = _confirm(*confirm) if confirm else None
    return element(
        "button", action_id, text=plain(text, BUTTON), value=whole(value, VALUE), style=style, confirm=question
    )


def link(text: str, action_id: str, url: str) -> Block:
    """A button that opens an address in a browser."""
    return element("button", action_id, text=plain(text, BUTTON), url=url)


def option_value(text: str) -> str:
    """What an option for a text of any length carries; a long one is told from others by a digest."""
    if len(text) <= OPTION_VALUE:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{text[: OPTION_VALUE - len(digest) - 1]}~{digest}"


def option_text(value: str | None, texts: Iterable[str]) -> str | None:
    """The one of some texts whose option was chosen; the value itself where it is none of them."""
    return next((text for text in texts if option_value(text) == value), value)


def overflow(action_id: str, options: Sequence[Option]) -> Block:
    """A menu behind three dots, of 1 to 5 options (text, value)."""
    return element("overflow", action_id, options=choices(options[:OVERFLOW]))


def select(action_id: str, options: Sequence[Option], *, placeholder: str, initial: str | None = None) -> Block:
    """A drop-down of options (text, value), by the hundred; `initial` is the value that is chosen at first.

    Slack keeps 150 characters of a value: read a longer one with `option_text`.
    """
    offered = choices(options)
    wanted = None if initial is None else option_value(initial)
    chosen = next((option for option in offered if option["value"] == wanted), None)
    shown, hundreds = plain(placeholder, PLACEHOLDER), range(0, min(len(offered), OPTIONS * GROUPS), OPTIONS)
    groups = [
        {"label": plain(f"{first + 1} to {min(first + OPTIONS, len(offered))}", BUTTON),
         "options": offered[first : first + OPTIONS]} for first in hundreds
    ]  # fmt: skip
    listed: dict[str, Any] = {"option_groups": groups} if len(groups) > 1 else {"options": offered}
    return element("static_select", action_id, **listed, placeholder=shown, initial_option=chosen)


def block(kind: str, block_id: str | None = None, **fields: Any) -> Block:
    """What has a type; a field that is None is left out."""
    return {
        "type": kind,
        **{name: value for name, value in (("block_id", block_id), *fields.items()) if value is not None},
    }


def element(kind: str, action_id: str, **fields: Any) -> Block:
    return block(kind, action_id=action_id, **fields)


def _confirm(question: str, yes: str) -> Block:
    title, confirm = plain("Are you sure?", CONFIRM_TITLE), plain(yes, CONFIRM_WORD)
    deny = plain("Cancel", CONFIRM_WORD)
    return {"title": title, "text": _mrkdwn(question, CONFIRM_TEXT), "confirm": confirm, "deny": deny}


def choices(options: Iterable[Option]) -> list[Block]:
    """The options of one menu; where several texts begin alike, each shows what is different in it."""
    texts = [(_seen(text), value) for text, value in options]
    shown = _apart({text for text, _ in texts})
    return [{"text": _plain(shown[text], OPTION), "value": option_value(value)} for text, value in texts]


def _apart(texts: set[str], start: int = 0) -> dict[str, str]:
    """Texts as they are shown: whole, or how they begin and how they go on at a place."""
    shown = {text: clip(f"{text[:BEGINNING].rstrip()}…{text[start:]}" if start else text, OPTION) for text in texts}
    alike: dict[str, set[str]] = {}
    for text, window in shown.items():
        alike.setdefault(window, set()).add(text)
    for same in alike.values():
        first, last = min(same), max(same)
        different = next(
            (at for at, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first)
        )
        words = " ".join(first[:different].split(" ")[-2:])
        if len(same) > 1 and different > start:
            shown |= _apart(same, max(different - min(len(words), BEGINNING), start + 1))
    return shown


def _mrkdwn(text: str, limit: int) -> Block:
    shown = safe(text)
    return {"type": "mrkdwn", "text": clip_lines(shown, limit) if shown.strip() else NOTHING}


def plain(text: str, limit: int) -> Block:
    return _plain(_seen(text), limit)


def _seen(text: str) -> str:
    return UNSEEN.sub("", unescape(text))


def _plain(shown: str, limit: int) -> Block:
    return {"type": "plain_text", "text": clip(shown, limit) if shown.strip() else NOTHING, "emoji": True}


def whole(value: str, limit: int) -> str:
    if len(value) > limit:
        sentence = f"{len(value)} characters where Slack carries {limit}: {value[:40]}"
        raise ValueError(sentence)
    return value
