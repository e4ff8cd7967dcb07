"""Slack's markup: what is escaped, what rings whom, where a text is cut, and instants in each reader's own zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from callboard.core.errors import Unfit
from callboard.core.words import folded

TEXT = 3000
"""The characters of one text in Slack."""
LONGEST_NAME = 300
AND_MORE = re.compile(r"and (\d{1,9}) more(.*)", re.DOTALL)
AND_MORE_LINES = 120
"""Room for how many lines are left and where they are."""
T = TypeVar("T")
NOTHING = "–"

_DATES = {"time": "{time}", "day": "{date_short_pretty}", "both": "{date_short_pretty} at {time}"}
_DATED = re.compile(r"<!date\^(\d+)\^([^|^<>]*)\|")
NEAR, NEXT_DAY = timedelta(hours=6), timedelta(days=2)
"""Nearer than this and on the same day a time alone is understood; and up to here Slack writes `tomorrow`."""
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
"""Somebody, by their id."""
_NO_WORD = re.compile(r"<[@!][^<>]*>|(?<!\w)@[\w.-]+|&(?:amp|lt|gt);|\W")
_EVERYBODY = re.compile(r"<!(channel|here|everyone)(?:\|[^<>]*)?>")
GROUP = re.compile(r"<!subteam\^[A-Z0-9]+(?:\|@?([^<>]*))?>")
"""A user group of Slack, by its id and perhaps its handle."""
_PASSWORD = re.compile(r"(?<=://)[^\s/@]{1,300}@")
_TAG = re.compile(r"<[^<>\n]*>|<")
_OWN = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+(?:\|[^<>|]*)?|!date\^\d+\^[^<>|^]*\|[^<>|]*|(?:https?://|mailto:|tel:)[^<>|\s]+)>"
)
_LINK = re.compile(r"<((?:https?://|mailto:|tel:)[^<>|\s]+)\|([^<>]*)>")
_LINKED = re.compile(r"<(?:https?|mailto):[^|<>]*\|([^<>]*)>")
_BARE = re.compile(r"<(?:http://([^|<>/]*)|(https?://[^|<>]*))>")
"""A file name that Slack took for the name of a server; or an address."""
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)")
_UNLINKABLE = re.compile(r"[<>| \t\n`]")
_BOLD = re.compile(r"`[^`\n]*`|(?<![\w*/])\*(?![\s*./])([^*\n]*[^*\s])\*(?![\w*/])")
"""Code, whose stars are its own; or a bold text: its stars hug it, as those of patterns and sums do not."""
_AFTER_A_NAME = re.compile(r"(?=[\s:,]|$)")
_SECOND_STOP = re.compile(r"(?:(?<=[?!])|(?<=[a-z]\.))([*_”’)]{0,3})\.(?=\s|$)")
_LONE = re.compile(r"&(?!(?:amp|lt|gt);)")
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001]"
)
"""Letters that nobody sees, and that turn the direction of what stands behind them."""
ALIKE = str.maketrans(dict.fromkeys("\u2010\u2011", "-") | dict.fromkeys("\xa0\u2007\u202f\u3000", " "))
"""Hyphens and blanks that only look like those that people mean."""


def escape(plain: str) -> str:
    """Make plain text safe inside Slack's markup."""
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def says_something(text: str) -> bool:
    """Whether there is a word in it, besides names of people."""
    return bool(_NO_WORD.sub("", text))


def needed(text: str, ask: str) -> str:
    """What somebody must write, without blanks around it. Raises Unfit, which asks for it, where no word is in it."""
    if not says_something(text):
        raise Unfit(ask, text)
    return text.strip()


def unescape(text: str) -> str:
    """Undo `escape`, for the places where Slack takes text as it is."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def as_typed(name: str) -> str:
    """A name that somebody typed, as names are compared; a user group goes by its handle."""
    plain = unescape(name)
    group = GROUP.fullmatch(plain.strip())
    return folded(group[1] or "" if group else plain)


def means(typed: str, *names: str) -> bool:
    """Whether what somebody typed is one of these names, as names are compared."""
    wanted = as_typed(typed)
    return wanted != "" and wanted in map(folded, names)


def beginnings(typed: str) -> dict[str, int]:
    """Each beginning of a text that may be a name, as names are compared, and where it ends."""
    ends = (found.start() for found in _AFTER_A_NAME.finditer(typed[:LONGEST_NAME]))
    return {name: end for end in ends if (name := as_typed(typed[:end]))}


def meant(typed: str, called: Iterable[tuple[str, T]]) -> tuple[list[T], str]:
    """All that are called by the longest of the names that a text begins with, each once, and the rest of the text."""
    ends, longest, found = beginnings(typed), 0, list[T]()
    for name, thing in called:
        end = ends.get(folded(name), 0)
        if end > longest:
            longest, found = end, []
        if end == longest > 0 and thing not in found:
            found.append(thing)
    return found, typed[longest:].lstrip(" :,").strip()


def unlinked(text: str) -> str:
    """What was typed, before Slack made links of file names and escaped the rest."""
    return unescape(_BARE.sub(r"\1\2", _LINKED.sub(r"\1", text)))


def legible(text: str) -> str:
    """What somebody wrote, without letters that nobody sees, and with the usual hyphens and blanks."""
    return UNSEEN.sub("", text).translate(ALIKE)


def heard(text: str) -> str:
    """The same with plain words in place of what would ring everybody."""
    return quiet(legible(text))


def quiet(text: str) -> str:
    """Turn what would ring everybody into plain words, so that a quoted text never does."""
    return GROUP.sub(lambda group: group[1] or "group", _EVERYBODY.sub(r"\1", text))


def safe(text: str) -> str:
    """What may go to Slack, whatever names it was made of: all markup that Callboard itself does not write is words.

    Nobody is rung but single people, and an address is always seen: a link with another text shows both. A sentence
    that ends with a name such as "Go?" or "Acme Inc." has no second stop.
    """
    text = UNSEEN.sub("", text)
    if any(sign in text for sign in ("?", "!", "..", ".*.")):
        text = _SECOND_STOP.sub(r"\1", text)
    if "<" in text:
        text = _TAG.sub(_safe_tag, text)
    return _LONE.sub("&amp;", text) if "&" in text else text


def _safe_tag(found: re.Match[str]) -> str:
    if _OWN.fullmatch(found[0]):
        return found[0]
    if somebody := MENTION.fullmatch(found[0]):
        return mention(somebody[1])
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
    return f"{escape(name)}: {bare(url)}"


def bare(url: str) -> str:
    """Where it leads, to be seen and clicked."""
    whole = _UNLINKABLE.sub(lambda found: f"%{ord(found[0]):02X}", url)
    return f"<{whole}>"


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


def clip_lines(text: str, limit: int, rest: str = "") -> str:
    """Cut to `limit` characters between two lines, and say how many more there are; a long line is cut itself.

    `rest` says where they are.
    """
    lines = text.split("\n")
    if len(text) <= limit or len(lines) == 1:
        return clip(text, limit)
    room, fits = limit - AND_MORE_LINES, list[str]()
    while len("\n".join([*fits, lines[len(fits)]])) <= room:
        fits.append(lines[len(fits)])
    if (used := len("\n".join(fits))) < room // 2:
        fits.append(clip(lines[len(fits)], max(room - used - 1, 1)))
    return "\n".join([*fits, *_and_more([line for line in lines[len(fits) :] if line.strip()], rest)])


def _and_more(lines: list[str], rest: str) -> list[str]:
    """How many lines are left, with those that the last of them counts; and where they are, if it says so."""
    if not lines:
        return []
    said = AND_MORE.fullmatch(lines[-1])
    count, where = (
        (f"{int(said[1]) + len(lines) - 1} more", said[2])
        if said
        else (f"{len(lines)} more line{'s' * (len(lines) > 1)}", rest)
    )
    return [f"and {count}{where if len(where) <= AND_MORE_LINES // 2 else ''}"]


def _whole_words(cut: str) -> str:
    """Without the word that was cut, unless that is most of it: an address, a path."""
    ends = max(cut.rfind(" "), cut.rfind("\n"))
    return cut[:ends] if ends >= len(cut) // 2 else cut


def sentence(text: str) -> str:
    """What somebody wrote, as the end of a sentence: with a full stop, unless it has a mark of its own."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def bold(text: str) -> str:
    """Bold, on one line, without stars of its own: they would end it early."""
    return f"*{' '.join(text.replace('*', '').split())}*"


def unbold(text: str) -> str:
    """Undo `bold`, for the places that show no bold words. All other stars stay."""
    return _BOLD.sub(lambda found: found[1] or found[0], text)


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
    if isinstance(shown, str):
        written = _DATED.sub(lambda found: _with_day(found, now), shown) if "<!date^" in shown else shown
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
