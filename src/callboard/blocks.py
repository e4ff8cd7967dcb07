"""Slack's Block Kit as plain dicts that keep Slack's limits: texts and lists that are too long are clipped to fit."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Block = dict[str, Any]
Option = tuple[str, str]

TEXT, FIELD, HEADER, BUTTON, VALUE, OPTION_VALUE, TITLE = 3000, 2000, 150, 75, 2000, 150, 24
LABEL, PLACEHOLDER, PRIVATE = 2000, 150, 3000
PARAGRAPH, MORE = 2800, 20
MESSAGE_BLOCKS, MODAL_BLOCKS, FIELDS, CONTEXT, ACTIONS, OVERFLOW, BOXES, OPTIONS = 50, 100, 10, 10, 25, 5, 10, 100
NOTHING = "–"

_DATES = {"time": "{time}", "day": "{date_short_pretty}", "both": "{date_short_pretty} at {time}"}
_DATED = re.compile(r"<!date\^(\d+)\^([^|^<>]*)\|")
NEAR, NEXT_DAY = timedelta(hours=6), timedelta(days=2)
"""Nearer than this and on the same day a time alone is understood; and up to here Slack writes `tomorrow`."""
_EVERYBODY = re.compile(r"<!(channel|here|everyone)(?:\|[^<>]*)?>")
_GROUP = re.compile(r"<!subteam\^[A-Z0-9]+(?:\|@?([^<>]*))?>")
_PASSWORD = re.compile(r"(?<=://)[^\s/@]{1,300}@")
_TAG = re.compile(r"<[^<>\n]*>|<")
_OWN = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+(?:\|[^<>|]*)?|!date\^\d+\^[^<>|^]*\|[^<>|]*|(?:https?://|mailto:|tel:)[^<>|\s]+)>"
)
_LINK = re.compile(r"<((?:https?://|mailto:|tel:)[^<>|\s]+)\|([^<>]*)>")
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)")
_UNLINKABLE = re.compile(r"[<>| \t\n`]")
_LONE = re.compile(r"&(?!(?:amp|lt|gt);)")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001]"
)
"""Letters that nobody sees, and that turn the direction of what stands behind them."""


def escape(plain: str) -> str:
    """Make plain text safe inside Slack's markup."""
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Undo `escape`, for the places where Slack takes text as it is."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def quiet(text: str) -> str:
    """Turn what would ring everybody into plain words, so that a quoted text never does."""
    return _GROUP.sub(lambda group: group[1] or "group", _EVERYBODY.sub(r"\1", text))


def safe(text: str) -> str:
    """What may go to Slack, whatever names it was made of: all markup that Callboard itself does not write is words.

    Nobody is rung but single people, and an address is always seen: a link with another text shows both.
    """
    text = _UNSEEN.sub("", text)
    if "<" in text:
        text = _TAG.sub(_safe_tag, text)
    return _LONE.sub("&amp;", text) if "&" in text else text


def _safe_tag(found: re.Match[str]) -> str:
    if _OWN.fullmatch(found[0]):
        return found[0]
    if link := _LINK.fullmatch(found[0]):
        label = link[2].strip()
        hidden = label.removesuffix("/") not in (link[1].removesuffix("/"), _SCHEME.sub("", link[1]).removesuffix("/"))
        return f"{label} (<{link[1]}>)" if hidden and label else f"<{link[1]}>" if hidden else found[0]
    return f"&lt;{found[0][1:-1]}&gt;" if found[0].endswith(">") else "&lt;"


def code(plain: str) -> str:
    """Plain text as code, on one line and without ticks of its own: they would end it early."""
    words = " ".join(escape(plain).replace("`", "'").split())
    return f"`{words or NOTHING}`"


def link(name: str, url: str) -> str:
    """A plain name and where it leads, both to be seen."""
    whole = _UNLINKABLE.sub(lambda found: f"%{ord(found[0]):02X}", url)
    return f"{escape(name)}: <{whole}>"


def clip(text: str, limit: int) -> str:
    """Cut to `limit` characters, the last one an ellipsis; never in the middle of a word, `&amp;` or `<@U1>`."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    opened = cut.rfind("<")
    if opened > cut.rfind(">"):
        cut = cut[:opened]
    elif not text[len(cut)].isspace():
        cut = _whole_words(cut)
    return re.sub(r"&[a-z]{0,3}$", "", cut).rstrip().rstrip(",:") + "…"


def _whole_words(cut: str) -> str:
    """Without the word that was cut, unless that is most of it: an address, a path."""
    ends = max(cut.rfind(" "), cut.rfind("\n"))
    return cut[:ends] if ends >= len(cut) // 2 else cut


def fitting(lines: Collection[str], limit: int = TEXT, rest: str = "", between: str = "\n") -> str:
    """The lines that fit as a whole, and how many more there are; `rest` says where they are."""
    fits: list[str] = []
    room = limit - MORE - len(rest)
    for line in lines:
        shown = clip(line, max(limit // 2, 2))
        if len(between.join([*fits, shown])) > room:
            break
        fits.append(shown)
    left = len(lines) - len(fits)
    return between.join([*fits, *([f"and {left} more{rest}"] if left else [])])


def paragraphs(lines: Iterable[str], most: int, rest: str = "") -> list[Block]:
    """The lines in up to `most` paragraphs; what is over is counted, and `rest` says where it is."""
    texts: list[list[str]] = [[]]
    for line in (clip(line, PARAGRAPH) for line in lines):
        if len("\n".join([*texts[-1], line])) > PARAGRAPH:
            texts.append([])
        texts[-1].append(line)
    left = sum(map(len, texts[most:]))
    shown = [section("\n".join(text)) for text in texts[:most] if text]
    return [*shown, *([context(f"and {left} more lines{rest}")] if left else [])]


def bold(text: str) -> str:
    """Bold, on one line, without stars of its own: they would end it early."""
    return f"*{' '.join(text.replace('*', '').split())}*"


def mention(slack_id: str) -> str:
    """A person's name that rings them."""
    return f"<@{slack_id}>"


def channel(slack_id: str) -> str:
    """A channel's name that leads there; an address that is still a name is shown as it is."""
    return slack_id if slack_id.startswith("#") else f"<#{slack_id}>"


def address(written: str) -> str:
    """Where a message goes: a channel, a person, or whatever it is, without the password in it."""
    if written.startswith(("C", "G")) and written.isalnum() and written.isupper():
        return channel(written)
    plain = _PASSWORD.sub("***@", written)
    return mention(written) if written.startswith(("U", "W")) and written.isalnum() else escape(plain)


def date(instant: datetime, style: Literal["time", "day", "both"] = "time") -> str:
    """An instant that each reader sees in their own zone; in UTC where Slack cannot show it."""
    utc = instant.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{_DATES[style]}|{utc:%Y-%m-%d %H:%M} UTC>"


def dated(shown: Any, now: datetime) -> Any:
    """The same with the day beside every time that is not near `now`, and the year beside days of another one."""
    if isinstance(shown, str) and "<!date^" in shown:
        written = _DATED.sub(lambda found: _with_day(found, now), shown)
        return written if len(written) <= TEXT else shown
    if isinstance(shown, Mapping):
        return {key: dated(value, now) for key, value in shown.items()}
    return type(shown)(dated(value, now) for value in shown) if isinstance(shown, list | tuple) else shown


def _with_day(found: re.Match[str], now: datetime) -> str:
    at, written = datetime.fromtimestamp(int(found[1]), UTC), found[2]
    away, today = abs(at - now), now.astimezone(UTC).date()
    if written == _DATES["time"] and (away >= NEAR or at.date() != today):
        written = _DATES["both"]
    if at.year != today.year and away > NEXT_DAY:
        written = written.replace(_DATES["day"], "{date_num}")
    return f"<!date^{found[1]}^{written}|"


def section(
    text: str, *, fields: Sequence[str] = (), accessory: Block | None = None, block_id: str | None = None
) -> Block:
    """A paragraph, with up to 10 fields in two columns below it."""
    shown = {"fields": [_mrkdwn(field, FIELD) for field in fields[:FIELDS]]} if fields else {}
    return _block("section", block_id, text=_mrkdwn(text, TEXT), accessory=accessory, **shown)


def header(text: str) -> Block:
    return _block("header", text=_plain(text, HEADER))


def context(*texts: str) -> Block:
    return _block("context", elements=[_mrkdwn(text, TEXT) for text in texts[:CONTEXT]])


def divider() -> Block:
    return _block("divider")


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """A row of up to 25 buttons and menus."""
    return _block("actions", block_id, elements=list(elements[:ACTIONS]))


def button(
    text: str, action_id: str, value: str, *, style: Literal["primary", "danger"] | None = None,
    confirm: tuple[str, str] | None = None,
) -> Block:  # fmt: skip
    """A button; `confirm` is a question and the word of its yes. ValueError when `value` is over 2000 characters."""
    question = _confirm(*confirm) if confirm else None
    return _element(
        "button", action_id, text=_plain(text, BUTTON), value=_whole(value, VALUE), style=style, confirm=question
    )


def link_button(text: str, url: str, action_id: str = "link") -> Block:
    """A button that opens an address in the browser. Two in one row need different ids: `link:1`, `link:2`."""
    return _element("button", action_id, text=_plain(text, BUTTON), url=url)


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
    return _element("overflow", action_id, options=_options(options[:OVERFLOW]))


def select(action_id: str, options: Sequence[Option], *, placeholder: str, initial: str | None = None) -> Block:
    """A drop-down of 1 to 100 options (text, value); `initial` is the value that is chosen at first."""
    offered = _options(options[:OPTIONS])
    chosen = next((option for option in offered if option["value"] == initial), None)
    shown = _plain(placeholder, PLACEHOLDER)
    return _element("static_select", action_id, options=offered, placeholder=shown, initial_option=chosen)


def text_input(
    label: str, block_id: str, *, multiline: bool = False, initial: str = "", optional: bool = False,
    hint: str | None = None, placeholder: str | None = None, max_length: int | None = None,
) -> Block:  # fmt: skip
    """A text field; `initial` may be escaped, the person sees it as it was typed, and is told where it is cut."""
    longest, shown = min(max_length or TEXT, TEXT), unescape(initial)
    if len(shown) > longest:
        hint = f"{f'{hint} ' if hint else ''}Only the first {longest:,} of {len(shown):,} characters are here."
    element = _element(
        "plain_text_input", "value", multiline=multiline, initial_value=shown[:longest] or None,
        max_length=max_length and longest, placeholder=_plain(placeholder, PLACEHOLDER) if placeholder else None,
    )  # fmt: skip
    return _input(label, block_id, element, optional=optional, hint=hint)


def select_input(
    label: str, block_id: str, options: Sequence[Option], *, initial: str | None = None, optional: bool = False,
    placeholder: str = "Choose", hint: str | None = None,
) -> Block:  # fmt: skip
    element = select("value", options, placeholder=placeholder, initial=initial)
    return _input(label, block_id, element, optional=optional, hint=hint)


def user_input(
    label: str, block_id: str, *, initial: str | Sequence[str] | None = None, multi: bool = False,
    optional: bool = False, hint: str | None = None,
) -> Block:  # fmt: skip
    """A choice of one person (value: Slack id or None) or, with `multi`, of several (value: list of Slack ids)."""
    if multi:
        chosen = [initial] if isinstance(initial, str) else list(initial or ())
        element = _element("multi_users_select", "value", initial_users=chosen or None)
    else:
        element = _element("users_select", "value", initial_user=initial)
    return _input(label, block_id, element, optional=optional, hint=hint)


def checkboxes_input(
    label: str, block_id: str, options: Sequence[Option], *, initial: Iterable[str] = (), optional: bool = True,
    hint: str | None = None, focus: bool = False,
) -> Block:  # fmt: skip
    """Up to 10 boxes to tick; the value is the list of the ticked options' values. `focus`: the form begins there."""
    offered, ticked = _options(options[:BOXES]), set(initial)
    chosen = [option for option in offered if option["value"] in ticked]
    element = _element(
        "checkboxes", "value", options=offered, initial_options=chosen or None, focus_on_load=focus or None
    )
    return _input(label, block_id, element, optional=optional, hint=hint)


def datetime_input(
    label: str, block_id: str, *, initial: datetime | None = None, optional: bool = False, hint: str | None = None
) -> Block:
    """A choice of an instant, in the person's own zone; the value is an aware UTC datetime or None."""
    element = _element("datetimepicker", "value", initial_date_time=initial and int(initial.timestamp()))
    return _input(label, block_id, element, optional=optional, hint=hint)


def file_input(
    label: str, block_id: str, *, kinds: Sequence[str] = (), optional: bool = False, hint: str | None = None
) -> Block:
    """A place for one file; in a form only. `kinds` are its possible endings."""
    element = _element("file_input", "value", filetypes=list(kinds) or None, max_files=1)
    return _input(label, block_id, element, optional=optional, hint=hint)


def modal(
    title: str, blocks: Sequence[Block], *, callback_id: str, submit: str | None = None, close: str = "Cancel",
    private: Mapping[str, Any] | None = None, notify_on_close: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A form; with an input it needs `submit`. ValueError when `private` is over 3000 characters as JSON."""
    kept = _whole(json.dumps(private, separators=(",", ":")), PRIVATE) if private else None
    return _block(
        "modal", title=_plain(title, TITLE), blocks=list(blocks[:MODAL_BLOCKS]), callback_id=callback_id,
        submit=_plain(submit, TITLE) if submit else None, close=_plain(close, TITLE), private_metadata=kept,
        notify_on_close=notify_on_close or None,
    )  # fmt: skip


def _block(kind: str, block_id: str | None = None, **fields: Any) -> Block:
    return {
        "type": kind,
        **{name: value for name, value in (("block_id", block_id), *fields.items()) if value is not None},
    }


def _element(kind: str, action_id: str, **fields: Any) -> Block:
    return _block(kind, action_id=action_id, **fields)


def _input(label: str, block_id: str, element: Block, *, optional: bool, hint: str | None) -> Block:
    shown = _plain(hint, LABEL) if hint else None
    return _block("input", block_id, label=_plain(label, LABEL), element=element, optional=optional, hint=shown)


def _confirm(question: str, yes: str) -> Block:
    title, confirm, deny = _plain("Are you sure?", 100), _plain(yes, 30), _plain("Cancel", 30)
    return {"title": title, "text": _mrkdwn(question, 300), "confirm": confirm, "deny": deny}


def _options(options: Iterable[Option]) -> list[Block]:
    return [{"text": _plain(text, BUTTON), "value": _whole(value, OPTION_VALUE)} for text, value in options]


def _mrkdwn(text: str, limit: int) -> Block:
    shown = safe(text)
    return {"type": "mrkdwn", "text": clip(shown, limit) if shown.strip() else NOTHING}


def _plain(text: str, limit: int) -> Block:
    shown = _UNSEEN.sub("", unescape(text))
    return {"type": "plain_text", "text": clip(shown, limit) if shown.strip() else NOTHING, "emoji": True}


def _whole(value: str, limit: int) -> str:
    if len(value) > limit:
        sentence = f"{len(value)} characters where Slack carries {limit}: {value[:40]}"
        raise ValueError(sentence)
    return value
