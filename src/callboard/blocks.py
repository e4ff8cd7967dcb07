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

TEXT, FIELD, HEADER, BUTTON, VALUE, OPTION, OPTION_VALUE, TITLE = 3000, 2000, 150, 75, 2000, 75, 150, 24
LABEL, PLACEHOLDER, PRIVATE = 2000, 150, 3000
PARAGRAPH, MORE = 2800, 20
MESSAGE_BLOCKS, MODAL_BLOCKS, FIELDS, CONTEXT, ACTIONS, OVERFLOW, BOXES, OPTIONS = 50, 100, 10, 10, 25, 5, 10, 100
CONTEXT_TEXT, ACTION_ID, BLOCK_ID, CALLBACK_ID, URL, TYPED = 2000, 255, 255, 255, 3000, 3000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_WORD, EDIT_TEXT, GROUPS = 100, 300, 30, 4000, 100
MESSAGE_TEXT, MODAL_TEXT = 11_000, 40_000
"""Of all texts together. Slack refuses messages from some 11,300 on, and modals from 250,000 bytes on."""
WORTH_READING, NOTE, TAIL, MOST_BOXES = 600, 100, 4, 800
SHORTENED = "Too long for one Slack message: what ends in … is cut."
NOTHING = "–"
MORE_OF = "~"
"""Before a number at the end of a block id: this block goes on with the boxes of another one."""

_DATES = {"time": "{time}", "day": "{date_short_pretty}", "both": "{date_short_pretty} at {time}"}
_DATED = re.compile(r"<!date\^(\d+)\^([^|^<>]*)\|")
NEAR, NEXT_DAY = timedelta(hours=6), timedelta(days=2)
"""Nearer than this and on the same day a time alone is understood; and up to here Slack writes `tomorrow`."""
_EVERYBODY = re.compile(r"<!(channel|here|everyone)(?:\|[^<>]*)?>")
_GROUP = re.compile(r"<!subteam\^[A-Z0-9]+(?:\|@?([^<>]*))?>")
_AND_MORE = re.compile(r"and (\d+) more(.*)", re.DOTALL)
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
    return re.sub(r"&[a-z]{0,3}$", "", re.sub(r"&[a-z]{0,3}$", "", cut).rstrip().rstrip(",;:")) + "…"


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


def newest(lines: Sequence[str], most: int, before: int = 0, where: str = "") -> list[Block]:
    """The newest lines, which stand last, in up to `most` paragraphs; of those before them, how many and `where`."""
    texts: list[list[str]] = []
    for place in range(len(lines) - 1, -1, -1):
        line = clip(lines[place], PARAGRAPH)
        if not texts or len("\n".join([line, *texts[0]])) > PARAGRAPH:
            if len(texts) == most:
                before += place + 1
                break
            texts.insert(0, [])
        texts[0].insert(0, line)
    earlier = f"{before} earlier {'entry' if before == 1 else 'entries'}{where}"
    return [*([context(earlier)] if before else []), *(section("\n".join(text)) for text in texts)]


def size(shown: Any) -> int:
    """The characters of all texts, labels of buttons included."""
    if isinstance(shown, Mapping):
        own = shown["text"] if shown.get("type") in ("mrkdwn", "plain_text") else None
        return len(own) if isinstance(own, str) else sum(map(size, shown.values()))
    return sum(map(size, shown)) if isinstance(shown, list | tuple) else 0


def worded(text: str, shown: Sequence[Block] = ()) -> tuple[str, list[Block]]:
    """A message as Slack takes it, also as an edit: its text, and its blocks. A long text without blocks gets some."""
    if not shown and len(text) > EDIT_TEXT:
        shown = pieces(text)
    return clip(text, EDIT_TEXT) or NOTHING, fitted(shown)


def pieces(text: str) -> list[Block]:
    """All of a text, in as many paragraphs as it needs."""
    every = [part for line in text.splitlines() for part in _parts(line)]
    return paragraphs(every, len(every))


def _parts(line: str) -> Iterable[str]:
    while len(line) > PARAGRAPH:
        part = clip(line, PARAGRAPH).removesuffix("…") or line[:PARAGRAPH]
        yield part
        line = line[len(part) :].lstrip()
    yield line


def split(shown: Sequence[Block], room: int = MESSAGE_TEXT, most: int = MESSAGE_BLOCKS) -> list[list[Block]]:
    """The same in as many messages as it needs; at least one."""
    messages: list[list[Block]] = [[]]
    for block in shown:
        if messages[-1] and (size([*messages[-1], block]) > room or len(messages[-1]) == most):
            messages.append([])
        messages[-1].append(block)
    return messages


def fitted(shown: Sequence[Block], most: int = MESSAGE_BLOCKS, room: int = MESSAGE_TEXT) -> list[Block]:
    """What Slack takes of some blocks: the longest texts are cut first, then the last paragraphs; and it says so.

    What one can do stays: inputs, and the buttons at the end.
    """
    every = list(shown)
    if len(every) <= most and size(every) <= room:
        return every
    ends = next((n for n, block in enumerate(reversed(every)) if block["type"] not in ("actions", "context")), 0)
    body, tail = every[: len(every) - min(ends, TAIL)], every[len(every) - min(ends, TAIL) :]
    left, tail = _left(tail)
    body = _shortened(body, room - size(tail) - 2 * NOTE)
    is_cut = body != every[: len(body)]
    while len(body) + len(tail) + 2 > most or size(body) + size(tail) + 2 * NOTE > room:
        droppable = [place for place, block in enumerate(body) if block["type"] not in ("input", "actions")]
        if not (droppable or body):
            break
        del body[droppable[-1] if droppable else -1]
        left = (left[0] + 1, left[1])
    notes = [f"and {left[0]} more{left[1]}"] * bool(left[0]) + [SHORTENED] * is_cut
    return [*body, *map(context, notes), *tail]


def _left(tail: list[Block]) -> tuple[tuple[int, str], list[Block]]:
    """How many more there are as the end says already, and the end without that."""
    for place, block in enumerate(tail):
        texts = [element.get("text", "") for element in block["elements"]] if block["type"] == "context" else []
        if len(texts) == 1 and (said := _AND_MORE.fullmatch(texts[0])):
            return (int(said[1]), said[2]), [*tail[:place], *tail[place + 1 :]]
    return (0, ""), tail


def _shortened(body: Sequence[Block], room: int) -> list[Block]:
    """The paragraphs with the longest ones cut to one length, but never below what is worth reading."""
    lengths = sorted(len(block["text"]["text"]) for block in body if block["type"] == "section" and "text" in block)
    over, longest = size(body) - room, TEXT
    for place, length in enumerate(lengths):
        longer = len(lengths) - place
        level = (sum(lengths[place:]) - over) // longer
        if over > 0 and level <= length:
            longest = max(level, WORTH_READING)
            break
    return [
        {**block, "text": {**block["text"], "text": clip(block["text"]["text"], longest)}}
        if block["type"] == "section" and "text" in block else block for block in body
    ]  # fmt: skip


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
    """Small print; more than ten texts share their last place."""
    fits = [*texts[: CONTEXT - 1], "\n".join(texts[CONTEXT - 1 :])] if len(texts) > CONTEXT else texts
    return _block("context", elements=[_mrkdwn(text, CONTEXT_TEXT) for text in fits])


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
    """A drop-down of options (text, value), by the hundred; `initial` is the value that is chosen at first.

    Slack keeps 150 characters of a value: read a longer one with `option_text`.
    """
    offered = _options(options)
    wanted = None if initial is None else option_value(initial)
    chosen = next((option for option in offered if option["value"] == wanted), None)
    shown, hundreds = _plain(placeholder, PLACEHOLDER), range(0, min(len(offered), OPTIONS * GROUPS), OPTIONS)
    groups = [
        {"label": _plain(f"{first + 1} to {min(first + OPTIONS, len(offered))}", BUTTON),
         "options": offered[first : first + OPTIONS]} for first in hundreds
    ]  # fmt: skip
    listed: dict[str, Any] = {"option_groups": groups} if len(groups) > 1 else {"options": offered}
    return _element("static_select", action_id, **listed, placeholder=shown, initial_option=chosen)


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


def boxes_inputs(
    label: str, block_id: str, options: Sequence[Option], *, initial: Iterable[str] = (), optional: bool = True
) -> list[Block]:
    """Up to 800 boxes to tick, ten a block; a form's value by `block_id` is what is ticked in all of them."""
    ticked, shown = set(initial), options[:MOST_BOXES]
    tens = range(0, len(shown), BOXES)
    return [
        checkboxes_input(
            label if len(shown) <= BOXES else f"{label}, {first + 1} to {min(first + BOXES, len(shown))}",
            f"{block_id}{MORE_OF}{first // BOXES}" if first else block_id, shown[first : first + BOXES],
            initial=ticked, optional=optional,
        ) for first in tens
    ] + [context(f"and {len(options) - MOST_BOXES} more")] * (len(options) > MOST_BOXES)  # fmt: skip


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
    kept = _whole(json.dumps(private, separators=(",", ":"), ensure_ascii=False), PRIVATE) if private else None
    return _block(
        "modal", title=_plain(title, TITLE), blocks=fitted(blocks, MODAL_BLOCKS, MODAL_TEXT), callback_id=callback_id,
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
    title, confirm = _plain("Are you sure?", CONFIRM_TITLE), _plain(yes, CONFIRM_WORD)
    deny = _plain("Cancel", CONFIRM_WORD)
    return {"title": title, "text": _mrkdwn(question, CONFIRM_TEXT), "confirm": confirm, "deny": deny}


def _options(options: Iterable[Option]) -> list[Block]:
    return [{"text": _plain(text, OPTION), "value": option_value(value)} for text, value in options]


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
