"""What somebody meant by what they typed after a slash word: a verb, free text, a question for help or a slip."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from callboard.slack import help as helping
from callboard.slack import small_words
from callboard.slack.arguments import Numbering
from callboard.slack.grammar import Argument, Arguments, Command, Handler, Number, Text, Verb, Word, read
from callboard.slack.number_lists import WORDS

_PLAN = re.compile(r"([a-z0-9][a-z0-9_-]*):(?:\s+|$)", re.IGNORECASE)
POINTERS = {
    *("all", "both", "each", "everything", "it", "that", "this", "these", "those", "them", "mine", "ours"),
    *("last", "latest", "now", "please", "again"), *WORDS,
}  # fmt: skip
"""What follows a verb that is meant as one, and seldom a word that begins a sentence."""
OURSELVES = {"me", "us"}
A_FEW = 2
WORK = {"work", "works", "use"}
NUMBERED = re.compile(r"#?\d++(?![\d.:]*\d|%|\w)")
"""A number, and no version, time or percentage."""
GLUED = re.compile(r"([^\W\d_]+)[#:=,.\-–]*(#?\d.*)", re.DOTALL)
TWO_THINGS = re.compile(r"(?:(?=[^\s\d]*\d)|<?@)\S++\s++(?:[^\s\d]*+\d|<?@\S)")
TURNED = re.compile(
    r"(?:(?:the|blockers?|locks?|task)\s+)?((?=[^\s\d]*\d)\S+)\s+(?:(?:is|are|was|has been)\s+)?([^\W\d_]+)\b"
    r"[\s,:;.]*(.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Call:
    run: Handler
    arguments: Arguments
    reads: bool = False
    verb: str = ""
    together: str = ""
    free: bool = False
    """Whether it is free text, and not a verb that was named."""
    numbered: Numbering | None = None
    """What its numbers are of."""


@dataclass(frozen=True)
class Help:
    verb: Verb | None = None


@dataclass(frozen=True)
class Usage:
    """The verb is clear, the rest does not fit it."""

    verb: Verb
    rest: str = ""


@dataclass(frozen=True)
class Guess:
    """Probably mistyped: `text` is what may have been meant."""

    text: str


@dataclass(frozen=True)
class Unknown:
    """Nothing fits; `word` is what stood where a verb was expected."""

    word: str


Understood = Call | Help | Usage | Guess | Unknown


def plan_and_rest(text: str) -> tuple[str, str]:
    """Split `harbor: mongo is down` into what may be a plan's key, in lower case, and the rest; no key is empty."""
    found = _PLAN.match(text)
    return (found[1].lower(), text[found.end() :]) if found else ("", text)


def understand(command: Command, text: str, *, literally: bool = False) -> Understood:
    """Read what was typed after the slash word. `literally` takes it for free text, whatever it looks like."""
    text = text.strip()
    if literally:
        return _free(command, text)
    if not text:
        return Call(command.alone, {}, command.alone_reads) if command.alone else Help()
    found = _read(command, text)
    if _is_clear(found):
        curt = found if command.ask else _read(command, small_words.without_thanks(text))
        return curt if _is_clear(curt) else found
    plain = small_words.bare(text)
    order = small_words.without_now(plain, today=command.ask is None)
    meant = _read(command, plain) if plain and plain != text else found
    if not _is_clear(meant) and order != plain and _is_clear(_read(command, order)):
        plain, meant = order, _read(command, order)
    if _is_clear(meant):
        asks = "?" in text and not (isinstance(meant, Call) and meant.reads)
        return Guess(plain) if isinstance(meant, Call) and asks else meant
    if isinstance(found, Guess) and not GLUED.fullmatch(text):
        return found
    ways = _other_ways(command, plain, clear=isinstance(found, Usage))
    other = next((way for way in ways if way and _is_clear(_read(command, way))), None)
    return Guess(other) if other else meant if isinstance(meant, Guess) else found


def _is_clear(found: Understood) -> bool:
    return isinstance(found, Help) or (isinstance(found, Call) and not found.free)


def _read(command: Command, text: str) -> Understood:
    word, rest = (*text.split(maxsplit=1), "")[:2]
    verbs = command.named(word)
    found = _named(verbs, rest, command) if verbs else _help(command, word, rest) or _guess(command, word, rest)
    return found or _free(command, text)


def _other_ways(command: Command, text: str, *, clear: bool) -> Iterator[str]:
    """What may have been meant: `resolve#6`, `6 done`, `can you ack 6`, `/blocker list`, `hrbor: ack 6`, `who has 6`.

    `clear` where the verb was, and only the rest does not fit.
    """
    yield from _with_its_verb(command, text)
    for pattern in (rf"/?[\w-]*?{command.word}[:,]?\s+(.+)", r"[\w-]+:\s*(.+)"):
        if found := re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL):
            yield found[1]
    if text.lower().startswith(("how", "what")) and small_words.says_nothing(text, {*command.small, *WORK}):
        yield "help"
    if len(text.split()) < A_FEW:
        return
    things = [] if clear else _things(command, text)
    if len(things) == 1 and re.search(r"\d", things[0]):
        yield f"show {things[0]}"
    if (command.ask or not clear) and small_words.says_nothing(text, command.small):
        yield from (name for name in reversed(small_words.words(text)) if command.verb(name))


def _with_its_verb(command: Command, text: str) -> Iterator[str]:
    """The verb where it belongs: of `can you ack 6`, `resolving 6`, `ack ack 6`, `ack6`, `6 is done`."""
    if text != (order := small_words.unasked(text)):
        yield order
    first, rest = (*text.split(maxsplit=1), "", "")[:2]
    for stem in small_words.stems(first):
        if any(not isinstance(argument, Text) for verb in command.named(stem) for argument in verb.arguments[:1]):
            yield f"{stem} {rest}"
    if command.named(first):
        yield rest
        yield from filter(None, (_swapped(verb, rest, command) for verb in command.named(first)))
    if command.ask is None and first.endswith(":") and command.named(first[:-1]):
        yield f"{first[:-1]} {rest}"
    if (glued := GLUED.fullmatch(text)) and command.named(glued[1]):
        yield f"{glued[1]} {glued[2]}"
    if (turned := TURNED.fullmatch(text)) and command.named(turned[2]):
        yield f"{turned[2]} {turned[1].strip('#:,')} {turned[3]}".strip()
    if command.ask is None and (meant := _fitting(command, text)):
        yield f"{meant} {text}"
    if command.otherwise is None:
        yield from _verb_behind(command, text.split())


def _verb_behind(command: Command, typed: Sequence[str]) -> Iterator[str]:
    """The verb in front that stands last, or second: `tested approve`, `tested tick 1`."""
    for place in dict.fromkeys((len(typed) - 1, 1)):
        if 0 < place < len(typed) and command.named(typed[place]):
            yield " ".join([typed[place], *typed[:place], *typed[place + 1 :]])


def _swapped(verb: Verb, rest: str, command: Command) -> str:
    """The verb with its first two arguments in their order: `hand 6 @pa` for `hand @pa 6`; empty where that is none."""
    if len(verb.arguments) < A_FEW or any(isinstance(each, Text | Word) for each in verb.arguments[:A_FEW]):
        return ""
    first, second = verb.arguments[:A_FEW]
    if first.take(rest) or (command.ask and not TWO_THINGS.match(rest)):
        return ""
    _, behind = second.take(rest) or (None, "")
    _, left = first.take(behind.lstrip()) or (None, "")
    if not behind.strip() or left == behind:
        return ""
    one, two = rest.removesuffix(behind).strip(), behind.removesuffix(left).strip()
    return f"{verb.name} {two} {one} {left.strip()}".strip() if two else ""


def _fitting(command: Command, text: str) -> str:
    """The only verb of which a text is all arguments, where it begins with two that are no words: `A-1 50%`."""
    if not TWO_THINGS.match(text):
        return ""
    able = (verb for verb in command.verbs if sum(not isinstance(each, Text | Word) for each in verb.arguments) > 1)
    fitting = [verb.name for verb in able if read(verb.arguments, text) is not None]
    return fitting[0] if len(fitting) == 1 else ""


def _things(command: Command, text: str) -> list[str]:
    """The words that are not small, and the numbers."""
    bare = [word.strip("?!.,;:()#") for word in text.split()]
    return [word for word in bare if word.isdecimal() or not small_words.says_nothing(word, command.names)]


def _named(verbs: Sequence[Verb], rest: str, command: Command) -> Understood | None:
    if call := next(filter(None, (_called(verb, rest) for verb in verbs)), None):
        return call
    verb = next((verb for verb in verbs if _is_typed_for(verb.arguments, rest)), verbs[0])
    typed = _is_typed_for(verb.arguments, rest) or _points(rest)
    empty = command.ask is not None and small_words.says_nothing(rest, command.small)
    sentence = not typed and not empty
    return None if sentence and command.otherwise is not None and command.sentences else Usage(verb, rest)


def _help(command: Command, word: str, rest: str) -> Help | Guess | None:
    if word.lower() not in small_words.HELP:
        return None
    rest = re.sub(rf"^/?[\w-]*?{command.word}\s+", "", rest)
    verb = command.verb(rest) if rest else None
    if verb or not rest:
        return Help(verb)
    if near := command.near(rest):
        return Guess(f"help {near[0][1].name}")
    if command.otherwise is None:
        return Help()
    return Guess("help") if all(word in OURSELVES or _points(word) for word in rest.lower().split()) else None


def _guess(command: Command, word: str, rest: str) -> Understood | None:
    """A verb that is nearly this word, where the rest says that a verb is meant; a number alone is to be shown."""
    if not rest and helping.is_nearly_help(word):
        return Guess("help")
    shown = f"{word} {rest}".strip()
    if any(isinstance(argument, Number) and read([argument], shown)
           for verb in command.named("show") for argument in verb.arguments):  # fmt: skip
        return Guess(f"show {shown.replace('#', '')}")
    sentence = command.otherwise is not None and not small_words.says_nothing(rest)
    if sentence and small_words.is_ordinary(word.lower(), command.names):
        return None
    orders = command.ask is not None and rest.lower().partition(" ")[0] in small_words.COMMANDING
    points = _points(rest) or orders
    likely = [
        verb for _, verb in command.near(word)
        if command.otherwise is None or points or _is_typed_for(verb.arguments, rest)
    ]  # fmt: skip
    fitting = next((verb.name for verb in likely if read(verb.arguments, rest) is not None), "")
    if fitting:
        return Guess(f"{fitting} {rest}".strip())
    return Usage(likely[0], rest) if likely and command.otherwise is not None else None


def _points(rest: str) -> bool:
    """Whether it begins with a number, somebody, or a word that stands for one."""
    first = rest.split(maxsplit=1)[0].lower().strip(".,:;!?") if rest else ""
    return first in POINTERS or first.startswith(("<@", "@")) or bool(NUMBERED.match(first))


def _is_typed_for(arguments: Sequence[Argument], rest: str) -> bool:
    """Whether the rest belongs to this verb and is no sentence: it is empty or begins with a typed argument."""
    return not rest or any(not isinstance(first, Text | Word) and first.take(rest) for first in arguments[:1])


def _free(command: Command, text: str) -> Understood:
    if command.otherwise is None:
        return Unknown(text.split(maxsplit=1)[0] if text else "")
    if call := _called(command.otherwise, text):
        return replace(call, free=True)
    return Unknown(text.split(maxsplit=1)[0]) if text else Usage(command.otherwise)


def _called(verb: Verb, rest: str) -> Call | None:
    fitting = read(verb.arguments, rest)
    return None if fitting is None else Call(
        verb.run, fitting, verb.reads, verb.name, verb.together, numbered=_numbered(verb.arguments)
    )  # fmt: skip


def _numbered(arguments: Sequence[Argument]) -> Numbering | None:
    return next((each for each in arguments if isinstance(each, Numbering) and each.find), None)
