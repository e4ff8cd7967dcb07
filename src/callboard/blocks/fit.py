"""What Slack takes of long texts and many blocks: what does not fit is counted or cut, and the message says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from callboard.blocks import Block, context, section
from callboard.blocks.markup import AND_MORE, NOTHING, TEXT, clip, clip_lines

PARAGRAPH, MORE = 2800, 20
MESSAGE_BLOCKS, EDIT_TEXT = 50, 4000
MESSAGE_TEXT = 11_000
"""Of all texts together. Slack refuses messages from some 11,300 on."""
WORTH_READING, NOTE, TAIL = 600, 100, 4
SHORTENED = "Too long for one Slack message: what ends in … is cut."


def fitting(
    lines: Collection[str], limit: int = TEXT, rest: str = "", between: str = "\n", more: int = 0
) -> str:  # fmt: skip
    """The lines that fit as a whole, and how many more there are beside `more`; `rest` says where they are."""
    fits: list[str] = []
    room = limit - MORE - len(rest)
    for line in lines:
        shown = clip(line, max(limit // 2, 2))
        if len(between.join([*fits, shown])) > room:
            break
        fits.append(shown)
    left = len(lines) - len(fits) + more
    return between.join([*fits, *([f"and {left} more{rest}"] if left else [])])


def paragraphs(lines: Iterable[str], most: int | None = None, rest: str = "") -> list[Block]:
    """The lines in up to `most` paragraphs, or all; what is over is counted, and `rest` says where it is."""
    texts: list[list[str]] = [[]]
    for line in (clip(line, PARAGRAPH) for line in lines):
        if len("\n".join([*texts[-1], line])) > PARAGRAPH:
            texts.append([])
        texts[-1].append(line)
    left = sum(map(len, texts[most:])) if most else 0
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
    return paragraphs(part for line in text.splitlines() for part in _parts(line))


def _parts(line: str) -> Iterable[str]:
    while len(line) > PARAGRAPH:
        part = clip(line, PARAGRAPH).removesuffix("…") or line[:PARAGRAPH]
        yield part
        line = line[len(part) :].lstrip()
    yield line


def split(shown: Sequence[Block], room: int = MESSAGE_TEXT, most: int = MESSAGE_BLOCKS) -> list[list[Block]]:
    """The same in as many messages as it needs; at least one. Buttons stay below what they are about."""
    messages: list[list[Block]] = [[]]
    for block in shown:
        if messages[-1] and (size([*messages[-1], block]) > room or len(messages[-1]) == most):
            messages.append([messages[-1].pop()] if block["type"] == "actions" and messages[-1][1:] else [])
        messages[-1].append(block)
    return messages


def fitted(
    shown: Sequence[Block], most: int = MESSAGE_BLOCKS, room: int = MESSAGE_TEXT, rest: str = ""
) -> list[Block]:  # fmt: skip
    """What Slack takes of some blocks: the longest texts are cut first, then the last paragraphs; and it says so.

    What one can do stays: inputs, and the buttons at the end. `rest` says where is what was left out.
    """
    every = list(shown)
    if len(every) <= most and size(every) <= room:
        return every
    ends = next((n for n, block in enumerate(reversed(every)) if block["type"] not in ("actions", "context")), 0)
    body, tail = every[: len(every) - min(ends, TAIL)], every[len(every) - min(ends, TAIL) :]
    left, tail = _left(tail)
    body = _shortened(body, room - size(tail) - 2 * NOTE, rest)
    is_cut = any(map(_cuts_a_line, every, body))
    while len(body) + len(tail) + 2 > most or size(body) + size(tail) + 2 * NOTE > room:
        droppable = [place for place, block in enumerate(body) if block["type"] not in ("input", "actions")]
        if not (droppable or body):
            break
        del body[droppable[-1] if droppable else -1]
        left = (left[0] + 1, left[1])
    notes = [f"and {left[0]} more{left[1] or rest}"] * bool(left[0]) + [SHORTENED] * is_cut
    return [*body, *map(context, notes), *tail]


def _cuts_a_line(before: Block, after: Block) -> bool:
    """Whether a line ends earlier; lines that are left out are counted where they were."""
    if before == after:
        return False
    whole = set(before["text"]["text"].split("\n"))
    return any(line.endswith("…") and line not in whole for line in after["text"]["text"].split("\n"))


def _left(tail: list[Block]) -> tuple[tuple[int, str], list[Block]]:
    """How many more there are as the end says already, and the end without that."""
    for place, block in enumerate(tail):
        texts = [element.get("text", "") for element in block["elements"]] if block["type"] == "context" else []
        if len(texts) == 1 and (said := AND_MORE.fullmatch(texts[0])):
            return (int(said[1]), said[2]), [*tail[:place], *tail[place + 1 :]]
    return (0, ""), tail


def _shortened(body: Sequence[Block], room: int, rest: str) -> list[Block]:
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
        {**block, "text": {**block["text"], "text": clip_lines(block["text"]["text"], longest, rest)}}
        if block["type"] == "section" and "text" in block else block for block in body
    ]  # fmt: skip
